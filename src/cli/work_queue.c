/* cli/work_queue.c -- a process at a shared list: how it joins and leaves, and what it does while
 * the server is away.
 *
 * Before it has joined, a server that cannot be reached is an error, for the URL may be wrong.
 * Afterwards it is waited for: what is asked may be asked again. */
#include "cli/work_queue.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Seconds until a silent server counts as gone, for one attempt and for a reply. */
#define CONNECT_SECONDS 5.0
#define REPLY_SECONDS 10.0
/* Seconds that giving back may take at the end. */
#define LEAVE_SECONDS 5.0
/* Seconds between attempts while it is away. */
#define PAUSE_MAX 2.0
/* Connections besides the shared one: for who waits for new items. */
#define CONNECTIONS_MAX 2

/* ---- life ---- */

static int make_keys(struct work_queue *q)
{
    static const char *const endings[WORK_KEYS] = { "", ":items", ":dead", ":counts" };
    for (size_t i = 0; i < WORK_KEYS; i++)
        if (asprintf(&q->keys[i], "%s%s", q->place.stream, endings[i]) < 0) {
            q->keys[i] = NULL;
            return bide_fail(BIDE_ENOMEM, "out of memory");
        }
    return 0;
}

/* As redis-cli has it: a password need not stand where everybody on the machine can read it. */
static const char *usual_password(const struct work_queue *q)
{
    const char *password = getenv("REDISCLI_AUTH");
    return password && *password && !strchr(q->place.server, '@') ? password : NULL;
}

static int connect_to(struct work_queue *q)
{
    q->redis = bide_redis_open(q->place.server, .name = "bide", .password = usual_password(q),
                               .size_max = CONNECTIONS_MAX, .connect_timeout = CONNECT_SECONDS,
                               .timeout = REPLY_SECONDS);
    return q->redis ? 0 : bide_errcode();
}

int work_queue_open(struct work_queue *q, const struct work_options *o, const char *command)
{
    *q = (struct work_queue){ .options = o, .command = command, .cursor = "0-0" };
    int rc = work_place_read(&q->place, o->url);
    if (rc == 0)
        rc = make_keys(q);
    if (rc < 0)
        return rc;
    return connect_to(q);
}

/* The sentence says which list, and where. */
static int within_place(const struct work_queue *q)
{
    return bide_within("list %s at %s", q->place.stream, q->place.shown);
}

int work_queue_make(struct work_queue *q)
{
    int rc = bide_redis_group_create(q->redis, q->keys[0], WORK_GROUP);
    if (rc == BIDE_EDB && strstr(bide_errmsg(), "WRONGTYPE"))
        rc = bide_fail(BIDE_EINVAL, "there is something else of that name, not a stream");
    return rc < 0 ? within_place(q) : 0;
}

static void name_worker(struct work_queue *q)
{
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    unsigned salt = (unsigned)(bide_now() * 1e6) ^ (unsigned)(uintptr_t)q >> 4;
    snprintf(q->worker, sizeof q->worker, "%s-%ld-%04x", host[0] ? host : "worker",
             (long)getpid(), salt & 0xffff);
}

int work_queue_join(struct work_queue *q, const char *scope, size_t ahead)
{
    const char *args[] = { scope, q->worker };
    q->ahead = ahead < WORK_BATCH ? ahead : WORK_BATCH;
    int rc = work_queue_make(q);
    if (rc < 0)
        return rc;
    name_worker(q);
    bide_auto(redis_reply) reply = work_queue_ask(q, work_script_join, args, 2);
    const char *found = bide_redis_text(reply);
    q->patient = found && strcmp(found, scope) == 0;
    if (q->patient)
        return 0;
    q->worker[0] = '\0';
    if (!reply)
        return bide_errcode();
    bide_fail(BIDE_EINVAL, "its work is '%.80s', not '%.80s'", found ? found : "", scope);
    return within_place(q);
}

void work_queue_close(struct work_queue *q)
{
    bide_redis_close(q->redis);
    q->redis = NULL;
}

BIDE_WAITS static int give_back(struct work_queue *q)
{
    const char *args[] = { q->worker };
    int rc = 0;
    BIDE_TIMEOUT(limit, LEAVE_SECONDS);
    for (int64_t count = 1; rc == 0 && count > 0;) {
        bide_auto(redis_reply) reply = work_queue_ask(q, work_script_leave, args, 1);
        count = bide_redis_int(reply, 0);
        rc = reply ? 0 : bide_errcode();
        q->returned += (uint64_t)count;
    }
    return rc;
}

struct leaving { struct work_queue *queue; bide_fn *last; void *arg; };

/* waits: in what is told last */
static int leave(void *leaving)
{
    const struct leaving *l = leaving;
    int rc = connect_to(l->queue);
    if (rc == 0 && l->last)
        bide_ignore(l->last(l->arg));
    if (rc == 0)
        rc = give_back(l->queue);
    work_queue_close(l->queue);
    return rc;
}

/* In a loop of its own, for Ctrl-C has ended all tasks of the first, its client's as well. */
void work_queue_leave(struct work_queue *q, bide_fn *last, void *arg)
{
    q->patient = false;
    if (q->worker[0])
        bide_ignore(bide_run(leave, &(struct leaving){ q, last, arg }));
    q->worker[0] = '\0';
    while (q->hand)
        work_item_end(q, q->hand);
    q->ready = NULL;
    for (size_t i = 0; i < WORK_KEYS; i++) {
        free(q->keys[i]);
        q->keys[i] = NULL;
    }
}

void work_queue_tell(const struct work_queue *q, bool quiet)
{
    static const char put_aside[] = "were put aside: no worker that had them came to an end "
                                    "(see bide queue dead)";
    const struct { uint64_t count; bool told; const char *what; } list[] = {
        { q->buried, true, put_aside },
        { q->returned, !quiet, "were given back" },
        { q->repeats, !quiet, "had been done by others meanwhile" },
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        if (list[i].count > 0 && list[i].told)
            fprintf(stderr, "%s: %llu URLs %s\n", q->command, (unsigned long long)list[i].count,
                    list[i].what);
}

/* ---- a server that is away ---- */

/* Does the failure tell of the server's state, which passes, and not of what was asked? */
static bool may_pass(void)
{
    static const char *const states[] = { "LOADING", "BUSY ", "MASTERDOWN", "READONLY",
                                          "max number of" };
    switch (bide_errcode()) {
    case BIDE_EDB:
        for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
            if (strstr(bide_errmsg(), states[i]))
                return true;
        return false;
    case BIDE_EINVAL:
    case BIDE_ELIMIT:
    case BIDE_ENOMEM:
    case BIDE_ECLOSED:
        return false;
    default:
        return !bide_cancelled();
    }
}

int work_queue_outlast(struct work_queue *q, double since)
{
    double waited = bide_now() - since;
    if (!q->patient || !may_pass())
        return within_place(q);
    if (waited >= q->options->patience)
        return bide_within("list %s at %s: given up after %.0f s", q->place.stream,
                           q->place.shown, waited);
    if (!q->away)
        fprintf(stderr, "%s: list %s at %s is away, waiting: %s\n", q->command, q->place.stream,
                q->place.shown, bide_errmsg());
    q->away = true;
    double pause = 0.1 + waited / 2;
    return bide_sleep(pause < PAUSE_MAX ? pause : PAUSE_MAX);
}

void work_queue_is_there(struct work_queue *q)
{
    if (q->away)
        fprintf(stderr, "%s: list %s at %s is there again\n", q->command, q->place.stream,
                q->place.shown);
    q->away = false;
}

bide_redis_reply *work_queue_ask(struct work_queue *q, const char *script,
                                 const char *const *args, size_t count)
{
    double since = 0;
    for (;;) {
        bide_redis_reply *reply = bide_redis_script(q->redis, script,
                                                    (const char *const *)q->keys, WORK_KEYS, args,
                                                    count);
        if (reply) {
            work_queue_is_there(q);
            return reply;
        }
        since = since > 0 ? since : bide_now();
        if (work_queue_outlast(q, since) < 0)
            return NULL;
    }
}

/* ---- items in hand ---- */

struct work_item *work_item_new(struct work_queue *q, const char *id, size_t tries,
                                const bide_redis_reply *fields)
{
    const bide_redis_reply *text = bide_redis_field(fields, "item");
    const bide_redis_reply *more = bide_redis_field(fields, "more");
    const bide_redis_reply *number = bide_redis_field(fields, "n");
    size_t size = bide_redis_size(text), more_size = bide_redis_size(more);
    struct work_item *item = malloc(sizeof *item + size + more_size + 2);
    if (!item) {
        bide_fail(BIDE_ENOMEM, "out of memory");
        return NULL;
    }
    *item = (struct work_item){ .next = q->hand, .tries = tries, .size = size };
    memcpy(item->text, size ? bide_redis_text(text) : "", size + 1);
    memcpy(item->text + size + 1, more_size ? bide_redis_text(more) : "", more_size + 1);
    item->more = item->text + size + 1;
    snprintf(item->id, sizeof item->id, "%s", id);
    /* Who added it without us has not counted; then the moment tells it from others. */
    item->number = strtoull(bide_redis_text(number) ? bide_redis_text(number) : id, NULL, 10);
    if (q->hand)
        q->hand->previous = item;
    q->hand = item;
    return item;
}

void work_item_end(struct work_queue *q, struct work_item *item)
{
    if (item->previous)
        item->previous->next = item->next;
    else
        q->hand = item->next;
    if (item->next)
        item->next->previous = item->previous;
    free(item);
}
