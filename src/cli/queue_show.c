/* cli/queue_show.c -- how a list is doing: what is left, what is done, and who works at it.
 *
 * All of it is of one moment, by one script. */
#include "cli/queue.h"
#include "cli/summary.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the script tells. */
struct state {
    int64_t length, pending, returned, dead;
    uint64_t added, done, repeats;
    const char *scope;          /* the reply's; "": nobody has worked at it */
    const bide_redis_reply *workers;
};

static uint64_t count_of(const bide_redis_reply *counts, const char *name)
{
    const char *text = bide_redis_text(bide_redis_field(counts, name));
    return text ? strtoull(text, NULL, 10) : 0;
}

static const char *name_of(const bide_redis_reply *worker)
{
    const char *name = bide_redis_text(bide_redis_at(worker, 0));
    return name ? name : "";
}

static int64_t pending_of(const bide_redis_reply *worker)
{
    return bide_redis_int(bide_redis_at(worker, 1), 0);
}

static double silence_of(const bide_redis_reply *worker)
{
    return (double)bide_redis_int(bide_redis_at(worker, 2), 0) / 1000;
}

static bool is_worker(const bide_redis_reply *worker)
{
    return strcmp(name_of(worker), WORK_RETURNED) != 0;
}

static void read_state(struct state *s, const bide_redis_reply *reply)
{
    const bide_redis_reply *counts = bide_redis_at(reply, 3);
    const char *scope = bide_redis_text(bide_redis_field(counts, "scope"));
    *s = (struct state){
        .length = bide_redis_int(bide_redis_at(reply, 0), 0),
        .pending = bide_redis_int(bide_redis_at(reply, 1), 0),
        .workers = bide_redis_at(reply, 2),
        .added = count_of(counts, "added"), .done = count_of(counts, "done"),
        .repeats = count_of(counts, "repeats"), .scope = scope ? scope : "",
        .dead = bide_redis_int(bide_redis_at(reply, 4), 0),
    };
    for (size_t i = 0; i < bide_redis_count(s->workers); i++)
        if (!is_worker(bide_redis_at(s->workers, i)))
            s->returned = pending_of(bide_redis_at(s->workers, i));
}

/* ---- for people ---- */

static void print_workers(const struct state *s)
{
    char text[32];
    printf("workers   %-40s in hand  last heard of\n", "");
    for (size_t i = 0; i < bide_redis_count(s->workers); i++) {
        const bide_redis_reply *one = bide_redis_at(s->workers, i);
        if (is_worker(one))
            printf("          %-40.40s %7lld  %s ago\n", name_of(one), (long long)pending_of(one),
                   summary_duration(text, silence_of(one)));
    }
}

static void print_text(const struct queue_run *run, const struct state *s)
{
    printf("list      %s at %s%s%s\n", run->queue.place.stream, run->queue.place.shown,
           *s->scope ? ", of bide " : "", s->scope);
    printf("left      %lld: %lld waiting, %lld given back, %lld in hand\n", (long long)s->length,
           (long long)(s->length - s->pending), (long long)s->returned,
           (long long)(s->pending - s->returned));
    printf("done      %llu, and %llu repeats\n", (unsigned long long)s->done,
           (unsigned long long)s->repeats);
    printf("dead      %lld%s\n", (long long)s->dead, s->dead ? " (see bide queue dead)" : "");
    size_t workers = bide_redis_count(s->workers);
    for (size_t i = 0; i < bide_redis_count(s->workers); i++)
        workers -= !is_worker(bide_redis_at(s->workers, i));
    if (workers > 0)
        print_workers(s);
    else
        printf("workers   none\n");
}

/* ---- for programs ---- */

static int print_json_workers(const struct state *s)
{
    const char *before = "";
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < bide_redis_count(s->workers); i++) {
        const bide_redis_reply *one = bide_redis_at(s->workers, i);
        if (!is_worker(one))
            continue;
        printf("%s{\"name\":", before);
        rc = queue_print_string(name_of(one), strlen(name_of(one)));
        printf(",\"in_hand\":%lld,\"silent\":%.3f}", (long long)pending_of(one), silence_of(one));
        before = ",";
    }
    return rc;
}

static int print_json(const struct queue_run *run, const struct state *s)
{
    printf("{\"list\":");
    int rc = queue_print_string(run->queue.place.stream, strlen(run->queue.place.stream));
    printf(",\"scope\":");
    if (rc == 0)
        rc = queue_print_string(s->scope, strlen(s->scope));
    printf(",\"left\":%lld,\"waiting\":%lld,\"returned\":%lld,\"in_hand\":%lld",
           (long long)s->length, (long long)(s->length - s->pending), (long long)s->returned,
           (long long)(s->pending - s->returned));
    printf(",\"added\":%llu,\"done\":%llu,\"repeats\":%llu,\"dead\":%lld,\"workers\":[",
           (unsigned long long)s->added, (unsigned long long)s->done,
           (unsigned long long)s->repeats, (long long)s->dead);
    if (rc == 0)
        rc = print_json_workers(s);
    printf("]}\n");
    return rc;
}

int queue_show(struct queue_run *run)
{
    struct state state;
    bide_auto(redis_reply) reply = work_queue_ask(&run->queue, work_script_show, NULL, 0);
    if (!reply)
        return queue_failed(run);
    read_state(&state, reply);
    if (run->options->json)
        return print_json(run, &state);
    print_text(run, &state);
    return 0;
}
