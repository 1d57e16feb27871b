/* Stalls: for how long at most nobody else has a turn while something large goes on.
 *
 *     bench_stalls [COUNT [NAME...]]
 *
 * For each kind of work, COUNT (100,000) of it comes at once. Whoever gets a turn takes the
 * thread's processor time, and the longest distance between two such moments is the stall: what a
 * request that came meanwhile would have waited for one step alone. Processor time, so that it is
 * not the machine's other work that is measured. Interrupts are in it all the same, each round
 * elsewhere, and our own steps are at the same place each time: so each step counts as the least
 * that it took in three rounds, and the longest of these is told. */
#include <bide.h>

#include "meter.h"
#include <pthread.h>

enum { ROUNDS = 3 };

static int64_t last_ns;
static long count = 100000;

/* Steps by their place in the round: what they took in this one, and the least of all. What is
 * beyond the room counts as one. */
static struct step { int64_t now_ns, least_ns; } *steps;
static size_t room, at;

static int64_t now_ns(void)
{
    return meter_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* Somebody has a turn. */
static void turn(void)
{
    int64_t now = now_ns();
    if (now - last_ns > steps[at].now_ns)
        steps[at].now_ns = now - last_ns;
    at += at < room - 1;
    last_ns = now;
}

static void begin(void)
{
    for (size_t i = 0; i < room; i++)
        steps[i].now_ns = 0;
    at = 0;
    last_ns = now_ns();
}

static void end(void)
{
    turn();
    for (size_t i = 0; i < room; i++)
        if (steps[i].now_ns < steps[i].least_ns)
            steps[i].least_ns = steps[i].now_ns;
}

static void tell(const char *name)
{
    int64_t longest_ns = 0;
    char line[64];
    for (size_t i = 0; i < room; i++)
        if (steps[i].least_ns > longest_ns)
            longest_ns = steps[i].least_ns;
    snprintf(line, sizeof line, "stall_%s", name);
    meter_print(line, (double)longest_ns / 1e6, "ms");
}

/* One who would be served all the time. */
static int keep_turning(void *unused)
{
    (void)unused;
    while (bide_yield() == 0)
        turn();
    return 0;
}

static double due;

static int sleep_until_due(void *unused)
{
    (void)unused;
    turn();
    int rc = bide_sleep(due - bide_now());
    turn();
    return rc;
}

/* Spawns them, lets each begin, and looks on from there. */
static void spawn_all(bide_group *g, bide_fn *fn, void *arg)
{
    for (long i = 0; i < count; i++)
        bide_spawn(g, fn, arg);
    bide_ignore(bide_yield());
    bide_ignore(bide_yield());
}

static int spawning(void)
{
    BIDE_GROUP(g);
    due = bide_now();
    begin();
    for (long i = 0; i < count; i++) {
        bide_spawn(g, sleep_until_due, NULL);
        turn();
    }
    int rc = bide_group_wait(g);
    end();
    return rc;
}

/* The wait in between is a call that blocks, so that all are due in one look. */
static int timers(void)
{
    BIDE_GROUP(g);
    due = bide_now() + 1 + (double)count / 2e4;
    spawn_all(g, sleep_until_due, NULL);
    while (bide_now() < due)
        ;
    begin();
    int rc = bide_group_wait(g);
    end();
    return rc;
}

static int wait_until_due(void *unused)
{
    (void)unused;
    turn();
    BIDE_TIMEOUT(limit, due - bide_now());
    bide_ignore(bide_sleep(1000));
    turn();
    return 0;
}

static int timeouts(void)
{
    BIDE_GROUP(g);
    due = bide_now() + 1 + (double)count / 2e4;
    spawn_all(g, wait_until_due, NULL);
    while (bide_now() < due)
        ;
    begin();
    int rc = bide_group_wait(g);
    end();
    return rc;
}

static int is_posted(void *unused)
{
    (void)unused;
    turn();
    return 0;
}

static void *post_all(void *loop)
{
    for (long i = 0; i < count; i++)
        if (bide_loop_post(loop, is_posted, NULL) < 0)
            exit(1);
    return NULL;
}

static int posts(void)
{
    pthread_t thread;
    bide_auto(loop) loop = bide_loop_hold();
    pthread_create(&thread, NULL, post_all, loop);
    pthread_join(thread, NULL);
    begin();
    int rc = bide_sleep(0);
    while (rc == 0 && bide_group_count(bide_group_root()) > 1)
        rc = bide_yield();
    end();
    return rc;
}

static int sleep_for_ever(void *unused)
{
    (void)unused;
    int rc = bide_sleep(BIDE_FOREVER);
    turn();
    return rc;
}

static int cancelling(void)
{
    BIDE_GROUP(g);
    spawn_all(g, sleep_for_ever, NULL);
    begin();
    bide_group_cancel(g);
    turn();
    int rc = bide_group_wait(g);
    end();
    return rc;
}

static int wait_for_event(void *event)
{
    int rc = bide_event_wait(event);
    turn();
    return rc;
}

static int events(void)
{
    bide_event event = { 0 };
    BIDE_GROUP(g);
    spawn_all(g, wait_for_event, &event);
    begin();
    bide_event_set(&event);
    turn();
    int rc = bide_group_wait(g);
    end();
    return rc;
}

static int strings(void)
{
    char key[32];
    bide_auto(strset) set = bide_strset_new(.count_max = SIZE_MAX);
    begin();
    for (long i = 0; i < count; i++) {
        snprintf(key, sizeof key, "http://host/%ld", i);
        if (bide_strset_add(set, key) < 0)
            return bide_errcode();
        turn();
    }
    end();
    return 0;
}

static int queues(void)
{
    bide_auto(queue) queue = bide_queue_new(long, BIDE_UNLIMITED);
    begin();
    for (long i = 0; i < count; i++) {
        if (bide_queue_put_nowait(queue, &i) < 0)
            return bide_errcode();
        turn();
    }
    end();
    return 0;
}

/* Trimming the stacks of so many who have ended, and what else is put off until then. */
static int idling(void)
{
    {
        BIDE_GROUP(g);
        due = bide_now();
        spawn_all(g, sleep_until_due, NULL);
        if (bide_group_wait(g) < 0)
            return bide_errcode();
    }
    begin();
    for (int i = 0; i < 300; i++) {
        if (bide_sleep(0.01) < 0)
            return bide_errcode();
        turn();
    }
    end();
    return 0;
}

static const struct { const char *name; int (*measure)(void); } kinds[] = {
    { "spawn", spawning }, { "timers", timers }, { "timeouts", timeouts }, { "posts", posts },
    { "cancel", cancelling }, { "event", events }, { "strings", strings }, { "queue", queues },
    { "idle", idling },
};

static bool is_asked(char **names, const char *name)
{
    if (!*names)
        return true;
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names;
}

static int measure_one(int (*kind)(void))
{
    BIDE_GROUP(others);
    bide_spawn(others, keep_turning, NULL);
    int rc = kind();
    bide_group_cancel(others);
    return rc < 0 ? rc : bide_group_wait(others);
}

static int measure_kind(size_t kind)
{
    for (size_t i = 0; i < room; i++)
        steps[i].least_ns = INT64_MAX;
    for (int i = 0; i < ROUNDS; i++)
        if (measure_one(kinds[kind].measure) < 0)
            return bide_errcode();
    tell(kinds[kind].name);
    return 0;
}

static int measure(void *names)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof kinds / sizeof *kinds; i++)
        if (is_asked(names, kinds[i].name))
            rc = measure_kind(i);
    return rc;
}

int main(int argc, char **argv)
{
    count = argc > 1 ? atol(argv[1]) : count;
    room = 8 * (size_t)count + 1000;
    steps = calloc(room, sizeof *steps);
    if (!steps) {
        fprintf(stderr, "stalls: no memory for %zu steps\n", room);
        return 1;
    }
    int rc = bide_run(measure, argc > 2 ? argv + 2 : argv + argc);
    free(steps);
    return rc < 0;
}
