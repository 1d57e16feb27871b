/* cli/work_queue.c -- a process at a shared list: how it joins and leaves. */
#include "cli/work_queue.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Seconds until a silent server counts as gone, for one attempt and for a reply. */
#define CONNECT_SECONDS 5.0
#define REPLY_SECONDS 10.0
/* Seconds that giving back may take at the end. */
#define LEAVE_SECONDS 5.0
/* Bytes of a scope that are shown. */
#define SCOPE_SHOWN 80
/* Connections besides the shared one: for who waits for new items. */
#define CONNECTIONS_MAX 2

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

int work_queue_open(struct work_queue *q, const struct work_options *o, const char *command,
                    const char *kind)
{
    *q = (struct work_queue){ .options = o, .command = command, .kind = kind, .cursor = "0-0" };
    int rc = work_place_read(&q->place, o->url);
    if (rc == 0)
        rc = make_keys(q);
    if (rc < 0)
        return rc;
    return connect_to(q);
}

int work_queue_make(struct work_queue *q)
{
    int rc = bide_redis_group_create(q->redis, q->keys[0], WORK_GROUP);
    if (rc == BIDE_EDB && strstr(bide_errmsg(), "WRONGTYPE"))
        rc = bide_fail(BIDE_EINVAL, "there is something else of that name, not a stream");
    return rc < 0 ? work_queue_within(q) : 0;
}

/* Hosts and processes of containers may all have the same name and number. */
static int name_worker(struct work_queue *q)
{
    char host[64] = "";
    uint32_t salt;
    if (getrandom(&salt, sizeof salt, 0) != sizeof salt)
        return bide_fail(-errno, "random bytes: %s", strerror(errno));
    gethostname(host, sizeof host - 1);
    snprintf(q->worker, sizeof q->worker, "%s-%ld-%08x", host[0] ? host : "worker",
             (long)getpid(), (unsigned)salt);
    return 0;
}

/* Long ones are shown from where they differ. */
static int refuse_scope(const struct work_queue *q, const char *theirs, const char *ours)
{
    size_t from = 0;
    while (ours[from] && ours[from] == theirs[from])
        from++;
    from = from > SCOPE_SHOWN / 2 ? from - SCOPE_SHOWN / 2 : 0;
    const char *before = from > 0 ? "..." : "";
    bide_fail(BIDE_EINVAL, "its work is '%s%.*s', not '%s%.*s'", before, SCOPE_SHOWN,
              theirs + from, before, SCOPE_SHOWN, ours + from);
    return work_queue_within(q);
}

int work_queue_join(struct work_queue *q, const char *scope, size_t ahead)
{
    const char *args[] = { scope, q->worker };
    q->ahead = ahead < WORK_BATCH ? ahead : WORK_BATCH;
    int rc = work_queue_make(q);
    if (rc == 0)
        rc = name_worker(q);
    if (rc < 0)
        return rc;
    bide_auto(redis_reply) reply = work_queue_ask(q, work_script_join, args, 2);
    const char *found = bide_redis_text(reply);
    q->patient = found && strcmp(found, scope) == 0;
    if (q->patient)
        return 0;
    q->worker[0] = '\0';
    return reply ? refuse_scope(q, found ? found : "", scope) : bide_errcode();
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
    static const char put_aside[] = "put aside: handed out too often without an end "
                                    "(see bide queue dead)";
    const struct { uint64_t count; bool told; const char *what; } list[] = {
        { q->buried, true, put_aside },
        { q->returned, !quiet, "given back" },
        { q->repeats, !quiet, "done by others meanwhile" },
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        if (list[i].count > 0 && list[i].told)
            fprintf(stderr, "%s: %llu %s%s %s\n", q->command, (unsigned long long)list[i].count,
                    q->kind, list[i].count == 1 ? "" : "s", list[i].what);
}
