/* Streams and consumer groups: the commands that a work list is made of, and their entries. */
#include "redis/client.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER = 24, READ_ARGUMENTS = 12 };

struct bide_redis_entries {
    bide_redis_reply *reply;
    const bide_redis_reply *list;       /* in it; NULL: none */
    size_t next;
};

static const char *number_text(char text[NUMBER], uint64_t number)
{
    snprintf(text, NUMBER, "%llu", (unsigned long long)number);
    return text;
}

/* Milliseconds, 1 at least where it is not 0; a century is for ever. */
static uint64_t milliseconds(double seconds)
{
    return !(seconds > 0) ? 0 : seconds > 3e9 ? 3000000000000 : (uint64_t)ceil(seconds * 1000);
}

/* The number that was answered; < 0: it failed. */
static int64_t number_of(bide_redis_reply *reply)
{
    int64_t number = reply ? bide_redis_int(reply, 0) : bide_errcode();
    bide_redis_reply_free(reply);
    return number;
}

/* ---- adding ---------------------------------------------------------------------------------- */

bide_redis_reply *bide_redis_stream_add(bide_redis *redis, const char *stream,
                                        const struct bide_pair *fields, size_t max_count)
{
    size_t count = 0, at = 0;
    while (fields && fields[count].name)
        count++;
    char most[NUMBER];
    const char **argv = bide__alloc((6 + 2 * count) * sizeof *argv);
    if (!argv) {
        bide_fail(BIDE_ENOMEM, "redis: out of memory");
        return NULL;
    }
    argv[at++] = "XADD";
    argv[at++] = stream;
    if (max_count) {
        argv[at++] = "MAXLEN";
        argv[at++] = "~";
        argv[at++] = number_text(most, max_count);
    }
    argv[at++] = "*";
    for (size_t i = 0; i < count; i++) {
        argv[at++] = fields[i].name;
        argv[at++] = fields[i].value;
    }
    bide_redis_reply *reply = bide_redis_command(redis, argv, at);
    bide__free((void *)argv);
    return reply;
}

int bide_redis_group_create(bide_redis *redis, const char *stream, const char *group)
{
    bide_redis_reply *reply = bide_redis_call(redis, "XGROUP", "CREATE", stream, group, "0",
                                              "MKSTREAM");
    bool there = !reply && redis && bide_errcode() == BIDE_EDB &&
                 strncmp(bide_errmsg(), "redis: BUSYGROUP", 16) == 0;
    int rc = reply || there ? 0 : bide_errcode();
    bide_redis_reply_free(reply);
    return rc;
}

/* ---- entries --------------------------------------------------------------------------------- */

/* Takes the reply over. */
static bide_redis_entries *entries_of(bide_redis_reply *reply, const bide_redis_reply *list)
{
    bide_redis_entries *entries = bide__alloc(sizeof *entries);
    if (!entries) {
        bide_redis_reply_free(reply);
        bide_fail(BIDE_ENOMEM, "redis: out of memory");
        return NULL;
    }
    *entries = (bide_redis_entries){ reply, list, 0 };
    return entries;
}

/* The arguments before the stream's; `texts` are those of the numbers. */
static size_t read_arguments(const char **argv, size_t count, double seconds,
                             char texts[2][NUMBER])
{
    size_t at = 4;              /* XREADGROUP GROUP group consumer */
    argv[at++] = "COUNT";
    argv[at++] = number_text(texts[0], count);
    if (seconds > 0) {
        argv[at++] = "BLOCK";
        argv[at++] = number_text(texts[1], isinf(seconds) ? 0 : milliseconds(seconds));
    }
    argv[at++] = "STREAMS";
    return at;
}

bide_redis_entries *bide_redis_group_read(bide_redis *redis, const char *stream, const char *group,
                                          const char *consumer, size_t count, double seconds)
{
    char texts[2][NUMBER];
    const char *argv[READ_ARGUMENTS] = { "XREADGROUP", "GROUP", group, consumer };
    size_t at = read_arguments(argv, count, seconds, texts);
    argv[at++] = stream;
    argv[at++] = ">";
    bide_redis_reply *reply = bide_redis_command(redis, argv, at);
    if (!reply)
        return NULL;
    const bide_redis_reply *list = reply->type == BIDE_REDIS_MAP
        ? bide_redis_at(reply, 1) : bide_redis_at(bide_redis_at(reply, 0), 1);
    return entries_of(reply, list);
}

/* One look at the pending ones, beginning at `start`: the reply, and where the next begins. */
BIDE_WAITS static bide_redis_reply *claim_from(bide_redis *redis, const char *const named[3],
                                               const char *idle, const char *count,
                                               const char *start)
{
    return bide_redis_call(redis, "XAUTOCLAIM", named[0], named[1], named[2], idle, start, "COUNT",
                           count);
}

/* A look is short, and may end before anything old enough was found. */
bide_redis_entries *bide_redis_group_claim(bide_redis *redis, const char *stream, const char *group,
                                           const char *consumer, size_t count, double seconds)
{
    const char *named[3] = { stream, group, consumer };
    char idle[NUMBER], most[NUMBER], start[2 * NUMBER] = "0-0";
    number_text(idle, milliseconds(seconds));
    number_text(most, count);
    for (;;) {
        bide_redis_reply *reply = claim_from(redis, named, idle, most, start);
        if (!reply)
            return NULL;
        const char *next = bide_redis_text(bide_redis_at(reply, 0));
        snprintf(start, sizeof start, "%s", next ? next : "0-0");
        const bide_redis_reply *list = bide_redis_at(reply, 1);
        if (bide_redis_count(list) || strcmp(start, "0-0") == 0)
            return entries_of(reply, list);
        bide_redis_reply_free(reply);
    }
}

size_t bide_redis_entries_count(const bide_redis_entries *entries)
{
    return entries ? bide_redis_count(entries->list) : 0;
}

int bide_redis_entries_next(bide_redis_entries *entries, struct bide_redis_entry *entry)
{
    if (!entries)
        return bide_errcode();
    while (entries->next < bide_redis_count(entries->list)) {
        const bide_redis_reply *one = bide_redis_at(entries->list, entries->next++);
        entry->id = bide_redis_text(bide_redis_at(one, 0));
        entry->fields = bide_redis_at(one, 1);
        if (bide_redis_is_null(entry->fields))
            entry->fields = NULL;
        if (entry->id)          /* Redis 6.2 has a hole where a claimed one was deleted */
            return 1;
    }
    return 0;
}

void bide_redis_entries_free(bide_redis_entries *entries)
{
    if (!entries)
        return;
    bide_redis_reply_free(entries->reply);
    bide__free(entries);
}

/* ---- dealt with ------------------------------------------------------------------------------ */

int bide_redis_group_ack(bide_redis *redis, const char *stream, const char *group, const char *id)
{
    return (int)number_of(bide_redis_call(redis, "XACK", stream, group, id));
}

int64_t bide_redis_group_pending(bide_redis *redis, const char *stream, const char *group)
{
    bide_redis_reply *reply = bide_redis_call(redis, "XPENDING", stream, group);
    int64_t count = reply ? bide_redis_int(bide_redis_at(reply, 0), 0) : bide_errcode();
    bide_redis_reply_free(reply);
    return count;
}
