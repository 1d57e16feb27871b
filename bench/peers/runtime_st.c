/* The runtime measures with State Threads, the stackful C library that Debian carries.
 *
 *     runtime_st MEASURE [COUNT]
 *
 * It has no channel, so a condition and a flag stand in for one, and no yield, so a sleep of
 * zero does. Its stacks have no guards. Stacks of 64 KiB, as everybody here. It counts a sleep
 * from the clock of its last look, so its sleepers may wake early: see timers_early. */
#include "../meter.h"

#include <st.h>
#include <unistd.h>

enum { STACK_SIZE = 65536 };
enum { SWITCHES = 2000000, SPAWNS = 1000000, MESSAGES = 2000000 };
enum { SLEEPS = 50, BUSY_TASKS = 10, BUSY_NS = 100000, SLEEP_NS = 10000000 };

static long alive;
static st_cond_t all_ended;

static st_thread_t spawn(void *(*fn)(void *arg), void *arg, int joinable)
{
    return st_thread_create(fn, arg, joinable, STACK_SIZE);
}

static void one_ended(void)
{
    if (--alive == 0)
        st_cond_signal(all_ended);
}

static void wait_for_all(void)
{
    while (alive > 0)
        st_cond_wait(all_ended);
}

static void *yield_often(void *unused)
{
    for (int i = 0; i < SWITCHES / 2; i++)
        st_usleep(0);
    one_ended();
    return unused;
}

static void measure_switch(void)
{
    alive = 2;
    spawn(yield_often, NULL, 0);
    spawn(yield_often, NULL, 0);
    int64_t start = meter_cpu_ns();
    wait_for_all();
    meter_print_each("switch", start, SWITCHES);
}

static void *do_nothing(void *unused)
{
    return unused;
}

static void measure_spawn(void)
{
    int64_t start = meter_cpu_ns();
    for (int i = 0; i < SPAWNS; i++)
        st_thread_join(spawn(do_nothing, NULL, 1), NULL);
    meter_print_each("spawn", start, SPAWNS);
}

struct box {
    st_cond_t changed;
    bool full;
    int message;
};
static struct box there, back;

static void box_put(struct box *box, int message)
{
    while (box->full)
        st_cond_wait(box->changed);
    box->full = true;
    box->message = message;
    st_cond_signal(box->changed);
}

static int box_get(struct box *box)
{
    while (!box->full)
        st_cond_wait(box->changed);
    box->full = false;
    st_cond_signal(box->changed);
    return box->message;
}

static void *echo(void *unused)
{
    for (int i = 0; i < MESSAGES / 2; i++)
        box_put(&back, box_get(&there));
    return unused;
}

static void measure_message(void)
{
    there.changed = st_cond_new();
    back.changed = st_cond_new();
    spawn(echo, NULL, 0);
    int64_t start = meter_cpu_ns();
    for (int i = 0; i < MESSAGES / 2; i++) {
        box_put(&there, i);
        box_get(&back);
    }
    meter_print_each("message", start, MESSAGES);
}

static void *sleep_long(void *unused)
{
    st_sleep(1000);
    return unused;
}

static void measure_memory(long wanted)
{
    int64_t before = meter_memory();
    long count = 0;
    while (count < wanted && spawn(sleep_long, NULL, 0))
        if (++count % 1024 == 0)
            st_usleep(0);
    st_usleep(0);
    meter_print_memory(before, count, wanted);
}

static struct waking wakings;

static void *sleep_some(void *sleeper)
{
    sleeper_begin(sleeper);
    st_usleep((st_utime_t)(((struct sleeper *)sleeper)->delay_ns / 1000));
    waking_note(&wakings, sleeper);
    one_ended();
    return NULL;
}

static void measure_timers(long count)
{
    struct sleeper *sleepers = sleepers_new(count);
    int64_t start = meter_cpu_ns();
    alive = count;
    for (long i = 0; i < count; i++)
        spawn(sleep_some, &sleepers[i], 0);
    wait_for_all();
    waking_print(&wakings, meter_cpu_ns() - start);
}

static void *hog(void *busy_ns)
{
    for (;;) {
        int64_t start = meter_wall_ns();
        while (meter_wall_ns() - start < (intptr_t)busy_ns)
            ;
        st_usleep(0);
    }
    return NULL;
}

static void measure_lateness(const char *name, int tasks, intptr_t busy_ns)
{
    int64_t late = 0;
    for (int i = 0; i < tasks; i++)
        spawn(hog, (void *)busy_ns, 0);
    for (int i = 0; i < SLEEPS; i++) {
        int64_t due = meter_wall_ns() + SLEEP_NS;
        st_usleep(SLEEP_NS / 1000);
        late += meter_wall_ns() - due;
    }
    meter_print(name, (double)late / 1e6 / SLEEPS, "ms");
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    long count = argc > 2 ? atol(argv[2]) : 100000;
    st_set_eventsys(ST_EVENTSYS_ALT);
    if (st_init() < 0)
        return 1;
    all_ended = st_cond_new();
    if (!strcmp(what, "switch"))
        measure_switch();
    else if (!strcmp(what, "spawn"))
        measure_spawn();
    else if (!strcmp(what, "message"))
        measure_message();
    else if (!strcmp(what, "memory"))
        measure_memory(count);
    else if (!strcmp(what, "timers"))
        measure_timers(count);
    else if (!strcmp(what, "lateness"))
        measure_lateness("lateness", 1, 0);
    else if (!strcmp(what, "lateness_busy"))
        measure_lateness("lateness_busy", BUSY_TASKS, BUSY_NS);
    else
        return 2;
    fflush(stdout);
    _exit(0);
}
