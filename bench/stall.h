/* What measures stalls: for how long at most nobody else has a turn while something large goes on.
 *
 * Whoever gets a turn takes the thread's processor time, and the longest distance between two such
 * moments is the stall: what a request that came meanwhile would have waited for one step alone.
 * Processor time, so that it is not the machine's other work that is measured. Interrupts are in it
 * all the same, each round elsewhere, and our own steps are at the same place each time: so each
 * step counts as the least that it took in three rounds, and the longest of these is told. */
#ifndef STALL_H
#define STALL_H
#include <bide.h>

#include "meter.h"

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

/* Spawns them, lets each begin, and looks on from there. */
static void spawn_all(bide_group *g, bide_fn *fn, void *arg)
{
    for (long i = 0; i < count; i++)
        bide_spawn(g, fn, arg);
    bide_ignore(bide_yield());
    bide_ignore(bide_yield());
}

/* One kind of work; COUNT of it, between begin() and end(). */
struct stall { const char *name; int (*measure)(void); };
struct stalls { const struct stall *kinds; size_t count; char **names; };

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

static int measure_kind(const struct stall *kind)
{
    for (size_t i = 0; i < room; i++)
        steps[i].least_ns = INT64_MAX;
    for (int i = 0; i < ROUNDS; i++)
        if (measure_one(kind->measure) < 0)
            return bide_errcode();
    tell(kind->name);
    return 0;
}

static int measure(void *arg)
{
    const struct stalls *s = arg;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < s->count; i++)
        if (is_asked(s->names, s->kinds[i].name))
            rc = measure_kind(&s->kinds[i]);
    return rc;
}

static int measure_stalls(const struct stall *kinds, size_t kind_count, int argc, char **argv)
{
    count = argc > 1 ? atol(argv[1]) : count;
    room = 8 * (size_t)count + 1000;
    steps = calloc(room, sizeof *steps);
    if (!steps) {
        fprintf(stderr, "no memory for %zu steps\n", room);
        return 1;
    }
    struct stalls all = { kinds, kind_count, argc > 2 ? argv + 2 : argv + argc };
    int rc = bide_run(measure, &all);
    free(steps);
    return rc < 0;
}

#endif
