/* cli/queue_verbs.c -- what the verbs of `bide queue` do.
 *
 * All go through long lists in pieces, so that neither this process nor the server has much in hand
 * at a time. */
#include "cli/ndjson.h"
#include "cli/queue.h"
#include "cli/work_feed.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Items that are asked for at once. */
#define PIECE "100"

int queue_failed(const struct queue_run *run)
{
    if (bide_errcode() == BIDE_EDB && strcasestr(bide_errmsg(), "no such key"))
        return bide_fail(-ENOENT, "there is no list %s at %s", run->queue.place.stream,
                         run->queue.place.shown);
    return bide_errcode();
}

int queue_print_string(const char *text, size_t size)
{
    char *quoted = malloc(NDJSON_ROOM(size) + 1);
    if (!quoted)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    char *end = ndjson_string(quoted, text, size);
    fwrite(quoted, 1, (size_t)(end - quoted), stdout);
    free(quoted);
    return 0;
}

/* Was all written so far?  main() tells why not. */
static int check_output(void)
{
    return ferror(stdout) ? bide_fail(-EPIPE, "standard output: cannot be written") : 0;
}

/* ---- add ---- */

static void print_added(const struct queue_run *run, const struct work_feed *feed)
{
    printf(run->options->json ? "{\"added\":%llu,\"known\":%llu}\n"
                              : "%llu added, %llu were there already\n",
           (unsigned long long)feed->added, (unsigned long long)feed->known);
}

int queue_add(struct queue_run *run)
{
    struct input input;
    struct work_feed feed = { .queue = &run->queue, .input = &input };
    int rc = input_open(&input, run->words, run->count, run->options->file);
    if (rc == 0)
        rc = work_queue_make(&run->queue);
    run->queue.patient = rc == 0;
    if (rc == 0)
        rc = work_feed_run(&feed);
    input_close(&input);
    if (rc == 0 || feed.added > 0)
        print_added(run, &feed);
    if (rc == 0 && feed.refused > 0)
        return bide_fail(BIDE_EINVAL, "%llu of them could not be added",
                         (unsigned long long)feed.refused);
    return rc;
}

/* ---- results ---- */

/* A hash comes as a map or as pairs, both of which count twice.  Who told a line is behind it. */
static int print_lines(const bide_redis_reply *pairs)
{
    for (size_t i = 1; i < bide_redis_count(pairs); i += 2) {
        const char *line = bide_redis_text(bide_redis_at(pairs, i));
        if (!line || line[0] != '{')
            continue;           /* not done, or without a line */
        fwrite(line, 1, strcspn(line, "\n"), stdout);
        putchar('\n');
    }
    return check_output();
}

int queue_results(struct queue_run *run)
{
    char cursor[32] = "0";
    int rc = 0;
    do {
        bide_auto(redis_reply) reply = bide_redis_call(run->queue.redis, "HSCAN",
                                                       run->queue.keys[1], cursor, "COUNT", PIECE);
        if (!reply)
            return work_queue_within(&run->queue);
        const char *next = bide_redis_text(bide_redis_at(reply, 0));
        snprintf(cursor, sizeof cursor, "%s", next ? next : "0");
        rc = print_lines(bide_redis_at(reply, 1));
    } while (rc == 0 && strcmp(cursor, "0") != 0);
    return rc;
}

/* ---- dead ---- */

static int print_text(const bide_redis_reply *fields, const char *name)
{
    const bide_redis_reply *value = bide_redis_field(fields, name);
    const char *text = bide_redis_text(value);
    printf(",\"%s\":", name);
    return queue_print_string(text ? text : "", bide_redis_size(value));
}

/* Why is a sentence, or the line that the last attempt would have had. */
static int print_dead(const struct bide_redis_entry *entry)
{
    const bide_redis_reply *why = bide_redis_field(entry->fields, "why");
    const bide_redis_reply *tries = bide_redis_field(entry->fields, "tries");
    bool is_line = bide_redis_size(why) > 0 && bide_redis_text(why)[0] == '{';
    printf("{\"id\":\"%s\"", entry->id);
    int rc = print_text(entry->fields, "item");
    printf(",\"tries\":%llu",
           strtoull(bide_redis_text(tries) ? bide_redis_text(tries) : "0", NULL, 10));
    if (rc == 0 && !is_line)
        rc = print_text(entry->fields, "why");
    printf(is_line ? ",\"why\":%s}\n" : "}\n", is_line ? bide_redis_text(why) : "");
    return rc < 0 ? rc : check_output();
}

int queue_dead(struct queue_run *run)
{
    char start[64] = "-";
    for (;;) {
        bide_auto(redis_reply) reply = bide_redis_call(run->queue.redis, "XRANGE",
                                                       run->queue.keys[2], start, "+", "COUNT",
                                                       PIECE);
        if (!reply)
            return work_queue_within(&run->queue);
        if (bide_redis_count(reply) == 0)
            return 0;
        for (size_t i = 0; i < bide_redis_count(reply); i++) {
            const bide_redis_reply *one = bide_redis_at(reply, i);
            struct bide_redis_entry entry = { bide_redis_text(bide_redis_at(one, 0)),
                                              bide_redis_at(one, 1) };
            int rc = print_dead(&entry);
            if (rc < 0)
                return rc;
            snprintf(start, sizeof start, "(%s", entry.id);
        }
    }
}

/* ---- retry, drain, drop ---- */

int queue_retry(struct queue_run *run)
{
    char start[64] = "-";
    uint64_t count = 0;
    const char **args = calloc(run->count + 2, sizeof *args);
    if (!args)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    args[0] = start;
    args[1] = PIECE;
    for (size_t i = 0; i < run->count; i++)
        args[2 + i] = run->words[i];
    int rc = work_queue_make(&run->queue);
    while (rc == 0 && start[0]) {
        bide_auto(redis_reply) reply = work_queue_ask(&run->queue, work_script_retry, args,
                                                      run->count + 2);
        const char *next = bide_redis_text(bide_redis_at(reply, 0));
        rc = reply ? 0 : bide_errcode();
        snprintf(start, sizeof start, "%s", next ? next : "");
        count += (uint64_t)bide_redis_int(bide_redis_at(reply, 1), 0);
    }
    free(args);
    if (rc == 0 || count > 0)
        printf(run->options->json ? "{\"retried\":%llu}\n" : "%llu put back\n",
               (unsigned long long)count);
    return rc;
}

/* What was taken out is nowhere else any more: what cannot be printed goes back. */
BIDE_WAITS static int print_drained(struct queue_run *run, const bide_redis_reply *items)
{
    size_t count = bide_redis_count(items) / 2;
    struct work_new back[WORK_BATCH];
    for (size_t i = 0; i < count && i < WORK_BATCH; i++) {
        back[i].text = bide_redis_text(bide_redis_at(items, 2 * i));
        back[i].more = bide_redis_text(bide_redis_at(items, 2 * i + 1));
        printf("%s\n", back[i].text);
    }
    if (fflush(stdout) == 0)
        return 0;
    int64_t rc = work_queue_add(&run->queue, back, count);
    return rc < 0 ? (int)rc : check_output();
}

int queue_drain(struct queue_run *run)
{
    const char *args[] = { PIECE };
    for (;;) {
        bide_auto(redis_reply) reply = work_queue_ask(&run->queue, work_script_drain, args, 1);
        if (!reply)
            return queue_failed(run);
        if (bide_redis_count(reply) == 0)
            return 0;
        int rc = print_drained(run, reply);
        if (rc < 0)
            return rc;
    }
}

int queue_drop(struct queue_run *run)
{
    char *const *keys = run->queue.keys;
    bide_auto(redis_reply) length = bide_redis_call(run->queue.redis, "XLEN", keys[0]);
    if (!length)
        return work_queue_within(&run->queue);
    bide_auto(redis_reply) reply = bide_redis_call(run->queue.redis, "UNLINK", keys[0], keys[1],
                                                   keys[2], keys[3]);
    if (!reply)
        return work_queue_within(&run->queue);
    printf(run->options->json ? "{\"dropped\":%s,\"left\":%lld}\n"
                              : "list %s dropped; it had %lld left to do\n",
           run->options->json ? (bide_redis_int(reply, 0) > 0 ? "true" : "false")
                              : run->queue.place.stream,
           (long long)bide_redis_int(length, 0));
    return 0;
}
