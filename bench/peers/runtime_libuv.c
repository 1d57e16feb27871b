/* The runtime measures with libuv: runtime_libuv MEASURE [COUNT].
 *
 * What it has: timers, threads for jobs, processes, and calls into a loop from another thread. Here
 * a sleeper is a callback that is due, not a task that goes on where it slept. */
#include "../meter.h"

#include <uv.h>

enum { SLEEPS = 50, BUSY_TASKS = 10, BUSY_NS = 100000, SLEEP_MS = 10 };
enum { RUNS = 40, TRIPS = 3000, CROSSINGS = 50000, PROCESSES = 2000, AT_ONCE = 8 };

static uv_loop_t *loop;

static void print_wall(const char *name, int64_t start, int64_t count)
{
    meter_print(name, (double)(meter_wall_ns() - start) / (double)count, "ns");
}

/* ---- timers ---- */

struct sleeping {
    uv_timer_t timer;
    struct sleeper sleeper;
};
static struct waking wakings;

static void wake(uv_timer_t *timer)
{
    waking_note(&wakings, &((struct sleeping *)timer->data)->sleeper);
    uv_close((uv_handle_t *)timer, NULL);
}

/* The loop's clock stands still while it does not turn: it turns, as bide's tasks yield. */
static void measure_timers(long count)
{
    struct sleeping *all = calloc((size_t)count, sizeof *all);
    struct sleeper *sleepers = sleepers_new(count);
    int64_t start = meter_cpu_ns();
    for (long i = 0; i < count; i++) {
        struct sleeping *s = &all[i];
        s->sleeper = sleepers[i];
        s->timer.data = s;
        uv_timer_init(loop, &s->timer);
        uv_update_time(loop);
        sleeper_begin(&s->sleeper);
        uv_timer_start(&s->timer, wake, (uint64_t)(s->sleeper.delay_ns / 1000000), 0);
        sleeper_has_begun(&s->sleeper);
        if (i % 1024 == 0)
            uv_run(loop, UV_RUN_NOWAIT);
    }
    uv_run(loop, UV_RUN_DEFAULT);
    waking_print(&wakings, meter_cpu_ns() - start);
}

/* ---- lateness ---- */

static int64_t due, late, busy_ns;
static int slept;
static const char *late_name;

static void hog(uv_idle_t *unused)
{
    int64_t start = meter_wall_ns();
    (void)unused;
    while (meter_wall_ns() - start < busy_ns)
        ;
}

static void sleep_again(uv_timer_t *timer)
{
    late += due ? meter_wall_ns() - due : 0;
    if (due && ++slept == SLEEPS) {
        meter_print(late_name, (double)late / 1e6 / SLEEPS, "ms");
        exit(0);
    }
    uv_update_time(loop);
    due = meter_wall_ns() + SLEEP_MS * INT64_C(1000000);
    uv_timer_start(timer, sleep_again, SLEEP_MS, 0);
}

static void measure_lateness(const char *name, int tasks, int64_t busy)
{
    static uv_idle_t idle[BUSY_TASKS];
    static uv_timer_t timer;
    late_name = name;
    busy_ns = busy;
    for (int i = 0; i < tasks; i++) {
        uv_idle_init(loop, &idle[i]);
        uv_idle_start(&idle[i], hog);
    }
    uv_timer_init(loop, &timer);
    sleep_again(&timer);
    uv_run(loop, UV_RUN_DEFAULT);
}

/* ---- jobs on threads ---- */

static uv_work_t job;
static int64_t trips_left;

static void nothing(uv_work_t *unused)
{
    (void)unused;
}

static void send_again(uv_work_t *work, int status)
{
    if (status == 0 && --trips_left > 0)
        uv_queue_work(loop, work, nothing, send_again);
}

static void measure_threads(void)
{
    double best = 0, sum = 0;
    for (int run = 0; run < RUNS; run++) {
        int64_t start = meter_wall_ns();
        trips_left = TRIPS;
        uv_queue_work(loop, &job, nothing, send_again);
        uv_run(loop, UV_RUN_DEFAULT);
        double each = (double)(meter_wall_ns() - start) / TRIPS;
        best = run == 0 || each < best ? each : best;
        sum += each;
    }
    meter_print("to_thread_best", best, "ns");
    meter_print("to_thread", sum / RUNS, "ns");
}

/* ---- from loop to loop ---- */

static uv_loop_t other;
static uv_async_t there, back;
static int64_t crossings;

static void answer(uv_async_t *unused)
{
    (void)unused;
    uv_async_send(&back);
}

static void ask(uv_async_t *async)
{
    if (++crossings < CROSSINGS)
        uv_async_send(&there);
    else
        uv_close((uv_handle_t *)async, NULL);
}

static void serve(void *unused)
{
    (void)unused;
    uv_run(&other, UV_RUN_DEFAULT);
}

static void measure_cross(void)
{
    uv_thread_t thread;
    uv_loop_init(&other);
    uv_async_init(&other, &there, answer);
    uv_async_init(loop, &back, ask);
    uv_thread_create(&thread, serve, NULL);
    int64_t start = meter_wall_ns();
    uv_async_send(&there);
    uv_run(loop, UV_RUN_DEFAULT);
    print_wall("cross_loop", start, 2 * CROSSINGS);
}

/* ---- processes ---- */

static long started;

static void start_process(uv_handle_t *process);

static void ended(uv_process_t *process, int64_t status, int signal)
{
    if (status != 0 || signal != 0)
        exit(1);
    uv_close((uv_handle_t *)process, start_process);
}

static void start_process(uv_handle_t *process)
{
    static char path[] = "/bin/true";
    char *words[] = { path, NULL };
    uv_process_options_t options = { .file = path, .args = words, .exit_cb = ended };
    if (started++ < PROCESSES && uv_spawn(loop, (uv_process_t *)process, &options) < 0)
        exit(1);
}

static void measure_processes(void)
{
    static uv_process_t processes[AT_ONCE];
    int64_t start = meter_wall_ns();
    for (int i = 0; i < AT_ONCE; i++)
        start_process((uv_handle_t *)&processes[i]);
    uv_run(loop, UV_RUN_DEFAULT);
    print_wall("processes", start, PROCESSES);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    loop = uv_default_loop();
    if (!strcmp(what, "timers"))
        measure_timers(argc > 2 ? atol(argv[2]) : 100000);
    else if (!strcmp(what, "lateness"))
        measure_lateness("lateness", 1, 0);
    else if (!strcmp(what, "lateness_busy"))
        measure_lateness("lateness_busy", BUSY_TASKS, BUSY_NS);
    else if (!strcmp(what, "thread"))
        measure_threads();
    else if (!strcmp(what, "cross"))
        measure_cross();
    else if (!strcmp(what, "processes"))
        measure_processes();
    else
        return 2;
    return 0;
}
