/* Growth: tasks. As many as are wanted live through a day together.
 *
 *     bench_scale_tasks [COUNT]
 *
 *     spawn       into an open group, until each waits for the first time
 *     call        an event wakes all of them, and each goes to sleep, with a deadline of its own
 *     staggered   each wakes at its own moment, in an order that was shuffled
 *     storm       all wake at one moment
 *     lap, again  a number goes from neighbour to neighbour, round the ring of all: twice
 *     end         the queues of the ring are closed, and everybody is waited for
 *
 * Told besides are the memory of a sleeping task, that of a task in the ring with the queue before
 * it, the mappings, and how long the storm takes from the moment for which it was set to the last
 * one's first step. The clock is the real one; it jumps where instructions are counted. */
#include <bide.h>

#include "scale.h"

enum { STEP_NS = 2000 };        /* between two wakings */

/* What all tasks come to before the first one goes on with the next. */
enum phase { CALLED, WOKEN, RUNG, STORMED, ROUND, PHASES };

struct day {
    long count;                 /* tasks */
    long arrived[PHASES];
    bide_event all[PHASES];     /* have arrived */
    bide_event call, bell;
    double rest;                /* seconds in which all have surely gone to sleep */
    double dawn, noon;
    bide_queue **places;        /* of the ring: who stands there takes from it */
    double last_woken;
};

struct dweller {
    struct day *day;
    long place;
};

static void arrive(struct day *day, enum phase phase)
{
    if (++day->arrived[phase] == day->count)
        bide_event_set(&day->all[phase]);
}

static int sleep_until(double moment)
{
    double now = bide_now();
    return moment > now ? bide_sleep(moment - now) : bide_yield();
}

/* Takes from its place and puts into the next, until there is no ring any more. */
static int pass_on(struct day *day, long place)
{
    bide_queue *mine = day->places[place], *next = day->places[(place + 1) % day->count];
    long number;
    int rc;
    while ((rc = bide_queue_get(mine, &number)) > 0) {
        if (place == 0)
            bide_event_set(&day->all[ROUND]);
        else if ((rc = bide_queue_put(next, &number)) < 0)
            break;
    }
    return rc;
}

static int sleep_after(struct day *day, bide_event *told, enum phase phase, const double *moment,
                       double later)
{
    int rc = bide_event_wait(told);
    if (rc < 0)
        return rc;
    arrive(day, phase);
    return sleep_until(*moment + later);
}

static int live(void *arg)
{
    struct dweller *me = arg;
    struct day *day = me->day;
    double later = (double)me->place * STEP_NS / 1e9;
    if (sleep_after(day, &day->call, CALLED, &day->dawn, later) < 0)
        return bide_errcode();
    arrive(day, WOKEN);
    if (sleep_after(day, &day->bell, RUNG, &day->noon, 0) < 0)
        return bide_errcode();
    day->last_woken = bide_now();
    arrive(day, STORMED);
    return pass_on(day, me->place);
}

/* ---- the first task, which waits for all others ---- */

static int spawn_all(struct day *day, bide_group *group, struct dweller *dwellers)
{
    for (long i = 0; i < day->count; i++) {
        bide_spawn(group, live, &dwellers[i]);
        if (i % 1024 == 0 && bide_yield() < 0)
            return bide_errcode();
    }
    return bide_yield();
}

static void shuffle(struct dweller *dwellers, long count)
{
    for (long i = count - 1; i > 0; i--) {
        long other = (long)(scale_random() % (uint32_t)(i + 1)), place = dwellers[i].place;
        dwellers[i].place = dwellers[other].place;
        dwellers[other].place = place;
    }
}

/* A stretch from now until all have come so far, and have gone to wait for what is next. */
static int until_all(struct day *day, enum phase phase, const char *name, int64_t start)
{
    int rc = bide_event_wait(&day->all[phase]);
    if (rc == 0)
        rc = bide_yield();
    stretch_end(name, start, day->count);
    return rc;
}

/* All are asleep before the first is to wake. */
static int call_all(struct day *day)
{
    day->dawn = bide_now() + day->rest;
    int64_t start = stretch_begin();
    bide_event_set(&day->call);
    return until_all(day, CALLED, "call", start);
}

static int storm(struct day *day)
{
    day->noon = bide_now() + day->rest;
    bide_event_set(&day->bell);
    int rc = bide_event_wait(&day->all[RUNG]);
    if (rc < 0 || (rc = bide_yield()) < 0)
        return rc;
    rc = until_all(day, STORMED, "storm", stretch_begin());
    meter_print("storm_lasts", (day->last_woken - day->noon) * 1e3, "ms");
    return rc;
}

static int make_ring(struct day *day)
{
    for (long i = 0; i < day->count; i++)
        if (!(day->places[i] = bide_queue_new(long, 1)))
            return bide_errcode();
    return 0;
}

/* The task of place 0 says that the number has come round. */
static int go_round(struct day *day, const char *name)
{
    long number = 1;
    int64_t start = stretch_begin();
    bide_event_clear(&day->all[ROUND]);
    int rc = bide_queue_put(day->places[1 % day->count], &number);
    return rc < 0 ? rc : until_all(day, ROUND, name, start);
}

static int end_all(struct day *day, bide_group *group)
{
    int64_t start = stretch_begin();
    for (long i = 0; i < day->count; i++)
        bide_queue_close(day->places[i]);
    int rc = bide_group_wait(group);
    stretch_end("end", start, day->count);
    for (long i = 0; i < day->count; i++)
        bide_queue_free(day->places[i]);
    return rc;
}

static int spend(struct day *day, struct dweller *dwellers)
{
    int64_t before = meter_memory();
    BIDE_GROUP(group);
    int64_t start = stretch_begin();
    double begun = bide_now();
    int rc = spawn_all(day, group, dwellers);
    stretch_end("spawn", start, day->count);
    day->rest = (bide_now() - begun) / 2 + 0.05;
    if (rc < 0 || (rc = call_all(day)) < 0)
        return rc;
    meter_print_memory(before, day->count, day->count);
    if ((rc = make_ring(day)) < 0 ||
        (rc = until_all(day, WOKEN, "staggered", stretch_begin())) < 0 ||
        (rc = storm(day)) < 0 || (rc = go_round(day, "lap")) < 0 ||
        (rc = go_round(day, "again")) < 0)
        return rc;
    meter_print("memory_ring", (double)(meter_memory() - before) / (double)day->count, "bytes");
    return end_all(day, group);
}

static int measure(void *count)
{
    struct day day = { .count = *(long *)count };
    struct dweller *dwellers = calloc((size_t)day.count, sizeof *dwellers);
    BIDE_DEFER(tidy_dwellers, free, dwellers);
    day.places = calloc((size_t)day.count, sizeof(bide_queue *));
    BIDE_DEFER(tidy_places, free, day.places);
    for (long i = 0; i < day.count; i++)
        dwellers[i] = (struct dweller){ &day, i };
    shuffle(dwellers, day.count);
    return spend(&day, dwellers);
}

int main(int argc, char **argv)
{
    long count = scale_count(argc, argv, 1000000);
    if (bide_run(measure, &count, .jumping_clock = is_counted()) >= 0)
        return 0;
    fprintf(stderr, "scale_tasks: %s\n", bide_errmsg());
    return 1;
}
