/* The floor's gate, lock and broadcast: a list of fibers, and nothing else. Part of floor.c. */
#ifndef BENCH_FLOOR_SYNC_H
#define BENCH_FLOOR_SYNC_H

enum { GATE_TASKS = 100000, GATE_PERMITS = 10, LOCKS = 10000000, HAND_OFFS = 2000000 };
enum { SUBSCRIBERS = 1000, ITEMS = 1000 };

struct line { struct fiber *head, *tail; };

static void wait_in(struct line *line)
{
    current->next = NULL;
    if (line->head)
        line->tail->next = current;
    else
        line->head = current;
    line->tail = current;
    run_next();
}

static bool wake_first(struct line *line)
{
    struct fiber *f = line->head;
    if (!f)
        return false;
    line->head = f->next;
    make_ready(f);
    return true;
}

static struct line gate;
static int taken;

__attribute__((noinline)) static void gate_enter(int permits)
{
    if (taken < permits)
        taken++;
    else
        wait_in(&gate);
}

__attribute__((noinline)) static void gate_leave(void)
{
    if (!wake_first(&gate))
        taken--;
}

static void pass_gate(void *unused)
{
    (void)unused;
    gate_enter(GATE_PERMITS);
    yield();
    gate_leave();
    one_ended();
}

static void pass_all(void)
{
    alive = GATE_TASKS;
    for (int i = 0; i < GATE_TASKS; i++)
        if (!spawn(pass_gate, NULL))
            abort();
    wait_for_all();
}

static void measure_gate(void)
{
    pass_all();
    int64_t start = meter_cpu_ns();
    pass_all();
    meter_print_each("gate", start, GATE_TASKS);
}

static void take_turns(void *unused)
{
    (void)unused;
    for (int i = 0; i < HAND_OFFS / 2; i++) {
        gate_enter(1);
        yield();
        gate_leave();
    }
    one_ended();
}

static void measure_lock(void)
{
    int64_t start = meter_cpu_ns();
    for (int i = 0; i < LOCKS; i++) {
        gate_enter(1);
        gate_leave();
    }
    meter_print_each("lock", start, LOCKS);
    alive = 2;
    spawn(take_turns, NULL);
    spawn(take_turns, NULL);
    start = meter_cpu_ns();
    wait_for_all();
    meter_print_each("lock_handoff", start, HAND_OFFS);
}

static struct line listeners;
static int news;
static int64_t heard;

static void listen_to_all(void *unused)
{
    (void)unused;
    for (int i = 0; i < ITEMS; i++) {
        wait_in(&listeners);
        heard += news;
    }
    one_ended();
}

static void measure_broadcast(void)
{
    alive = SUBSCRIBERS;
    for (int i = 0; i < SUBSCRIBERS; i++)
        spawn(listen_to_all, NULL);
    yield();
    int64_t start = meter_cpu_ns();
    for (news = 0; news < ITEMS; news++) {
        while (wake_first(&listeners))
            ;
        yield();
    }
    wait_for_all();
    meter_print_each("broadcast", start, (int64_t)SUBSCRIBERS * ITEMS);
    if (heard != (int64_t)SUBSCRIBERS * ITEMS * (ITEMS - 1) / 2)
        abort();
}
#endif
