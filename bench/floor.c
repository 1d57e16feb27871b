/* The floor: what a switch, a spawn, a message, a stack and a timer cost on this machine when
 * nothing stands around them. No errors, no cancelling, no groups, no limits, no descriptors:
 * a run queue, stacks with guards, a heap, and nothing else. It is no library and never wants
 * to be one. What bide costs is told as a multiple of this, measured in the same run, because
 * nanoseconds of one machine say nothing about another, and little about the next minute.
 *
 * Two choices matter for the figures. The switch is a real call that saves the six registers
 * which the calling convention protects: any function may be the one that waits. And the send
 * and receive of a message are real calls too, because a library's are. Everything else is
 * inlined. The heap holds pointers and looks through them, as one writes it at first.
 *
 *     floor switch | spawn | message | memory COUNT | timers [COUNT] | gate | lock | broadcast
 *
 * x86-64 and Linux only; elsewhere it is not built, and the driver leaves its column empty. */
#include "meter.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#define INLINE static inline __attribute__((always_inline))

enum { STACK_SIZE = 65536, GUARD_SIZE = 4096, STACKS_PER_MAPPING = 16384 };
enum { SWITCHES = 10000000, SPAWNS = 1000000, MESSAGES = 2000000, SLEEPERS = 100000 };

struct fiber {
    void *sp;                   /* where it stopped; all it holds lies above */
    struct fiber *next;         /* in the ready queue or among the spare ones */
    void (*fn)(void *arg);
    void *arg;
    struct fiber *joiner;
    int64_t due;
    bool ended;
};

static struct fiber thread, *current = &thread;
static struct fiber *ready_head, *ready_tail, *spare;

/* ---- Switching ------------------------------------------------------------------------ */

/* Leaves by a jump instead of a return: the processor predicts a return by the last call, and
 * here the two never belong together. */
void floor_switch(void **save, void *to);
__asm__(".text\n"
        ".p2align 5\n"
        ".globl floor_switch\n"
        ".type floor_switch, @function\n"
        "floor_switch:\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    popq %rax\n"
        "    jmpq *%rax\n"
        ".size floor_switch, . - floor_switch\n");

static bool timers_look(void);

INLINE void make_ready(struct fiber *f)
{
    f->next = NULL;
    if (ready_head)
        ready_tail->next = f;
    else
        ready_head = f;
    ready_tail = f;
}

INLINE void run_next(void)
{
    struct fiber *from = current;
    while (!ready_head)
        if (!timers_look())
            abort();            /* all wait for each other: a mistake in this file */
    struct fiber *to = ready_head;
    ready_head = to->next;
    if (to == from)
        return;
    current = to;
    floor_switch(&from->sp, to->sp);
}

INLINE void yield(void)
{
    make_ready(current);
    run_next();
}

/* ---- Spawning ------------------------------------------------------------------------- */

/* A fiber that ends stays parked in this loop, so that its stack serves again without being
 * prepared again. */
static void fiber_main(void)
{
    for (;;) {
        struct fiber *self = current;
        self->fn(self->arg);
        self->ended = true;
        if (self->joiner)
            make_ready(self->joiner);
        self->next = spare;
        spare = self;
        run_next();
    }
}

static char *stack_reserve(void)
{
    static char *free_start, *free_end;
    if (free_start == free_end) {
        size_t size = (size_t)STACK_SIZE * STACKS_PER_MAPPING;
        char *mapping = mmap(NULL, size, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
        if (mapping == MAP_FAILED)
            return NULL;
        madvise(mapping, size, MADV_NOHUGEPAGE);
        free_start = mapping;
        free_end = mapping + size;
    }
    char *stack = free_start;
    free_start += STACK_SIZE;
    return madvise(stack, GUARD_SIZE, MADV_GUARD_INSTALL) ? NULL : stack;
}

/* The block and the first frames share the topmost page: an idle fiber costs one page. */
static struct fiber *fiber_new(void)
{
    char *stack = stack_reserve();
    if (!stack) {
        fprintf(stderr, "floor: no guarded stack: %s\n", strerror(errno));
        return NULL;
    }
    uintptr_t top = (uintptr_t)stack + STACK_SIZE - sizeof(struct fiber);
    struct fiber *f = (struct fiber *)(top & ~(uintptr_t)63);
    uintptr_t *sp = (uintptr_t *)f;
    *--sp = 0;                  /* where a return address would lie: sp is 8 mod 16 at entry */
    *--sp = (uintptr_t)fiber_main;
    f->sp = sp - 6;             /* the six registers, all zero on fresh pages */
    return f;
}

static struct fiber *spawn(void (*fn)(void *arg), void *arg)
{
    struct fiber *f = spare;
    if (f)
        spare = f->next;
    else if (!(f = fiber_new()))
        return NULL;
    f->fn = fn;
    f->arg = arg;
    f->joiner = NULL;
    f->ended = false;
    make_ready(f);
    return f;
}

static void join(struct fiber *f)
{
    if (f->ended)
        return;
    f->joiner = current;
    run_next();
}

/* ---- Timers --------------------------------------------------------------------------- */

static struct fiber **heap;
static size_t heap_count, heap_room;

static void heap_add(struct fiber *f)
{
    if (heap_count == heap_room) {
        heap_room = heap_room ? heap_room * 2 : 1024;
        heap = realloc(heap, heap_room * sizeof(struct fiber *));
        if (!heap)
            abort();
    }
    size_t place = heap_count++;
    while (place > 0) {
        size_t parent = (place - 1) / 4;
        if (heap[parent]->due <= f->due)
            break;
        heap[place] = heap[parent];
        place = parent;
    }
    heap[place] = f;
}

static size_t heap_least_child(size_t place)
{
    size_t child = place * 4 + 1;
    size_t end = child + 4 < heap_count ? child + 4 : heap_count;
    size_t least = child;
    for (; child < end; child++)
        if (heap[child]->due < heap[least]->due)
            least = child;
    return least;
}

static struct fiber *heap_take(void)
{
    struct fiber *first = heap[0], *last = heap[--heap_count];
    size_t place = 0;
    while (place * 4 + 1 < heap_count) {
        size_t child = heap_least_child(place);
        if (last->due <= heap[child]->due)
            break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = last;
    return first;
}

/* Nothing is ready: waits for the first deadline. False if there is none. */
static bool timers_look(void)
{
    if (heap_count == 0)
        return false;
    int64_t now = meter_wall_ns();
    int64_t rest = heap[0]->due - now;
    if (rest > 0) {
        nanosleep(&(struct timespec){ rest / 1000000000, rest % 1000000000 }, NULL);
        now = meter_wall_ns();
    }
    while (heap_count > 0 && heap[0]->due <= now)
        make_ready(heap_take());
    return true;
}

static void sleep_until(int64_t due)
{
    current->due = due;
    heap_add(current);
    run_next();
}

/* ---- The measures ---------------------------------------------------------------------- */

static long alive;
static struct fiber *waiter;

static void one_ended(void)
{
    if (--alive == 0 && waiter)
        make_ready(waiter);
}

static void wait_for_all(void)
{
    if (alive == 0)
        return;
    waiter = current;
    run_next();
}

static void yield_often(void *unused)
{
    (void)unused;
    for (int i = 0; i < SWITCHES / 2; i++)
        yield();
    one_ended();
}

static void measure_switch(void)
{
    alive = 2;
    spawn(yield_often, NULL);
    spawn(yield_often, NULL);
    int64_t start = meter_cpu_ns();
    wait_for_all();
    meter_print_each("switch", start, SWITCHES);
}

static void do_nothing(void *unused)
{
    (void)unused;
}

static void measure_spawn(void)
{
    for (int i = 0; i < SPAWNS / 10; i++)
        join(spawn(do_nothing, NULL));
    int64_t start = meter_cpu_ns();
    for (int i = 0; i < SPAWNS; i++)
        join(spawn(do_nothing, NULL));
    meter_print_each("spawn", start, SPAWNS);
}

struct box {                    /* holds one message or none */
    struct fiber *reader, *writer;
    bool full;
    int message;
};
static struct box there, back;

__attribute__((noinline)) static void box_put(struct box *box, int message)
{
    while (box->full) {
        box->writer = current;
        run_next();
    }
    box->full = true;
    box->message = message;
    if (box->reader) {
        make_ready(box->reader);
        box->reader = NULL;
    }
}

__attribute__((noinline)) static int box_get(struct box *box)
{
    while (!box->full) {
        box->reader = current;
        run_next();
    }
    box->full = false;
    if (box->writer) {
        make_ready(box->writer);
        box->writer = NULL;
    }
    return box->message;
}

static void echo(void *unused)
{
    (void)unused;
    for (int i = 0; i < MESSAGES / 2; i++)
        box_put(&back, box_get(&there));
}

static void measure_message(void)
{
    int64_t sum = 0;
    spawn(echo, NULL);
    int64_t start = meter_cpu_ns();
    for (int i = 0; i < MESSAGES / 2; i++) {
        box_put(&there, i);
        sum += box_get(&back);
    }
    meter_print_each("message", start, MESSAGES);
    if (sum != (int64_t)(MESSAGES / 2) * (MESSAGES / 2 - 1) / 2)
        abort();
}

static void sleep_long(void *unused)
{
    (void)unused;
    sleep_until(meter_wall_ns() + INT64_C(1000000000000));
}

static void measure_memory(long wanted)
{
    int64_t before = meter_memory();
    long count = 0;
    while (count < wanted && spawn(sleep_long, NULL))
        if (++count % 1024 == 0)
            yield();
    yield();
    meter_print_memory(before, count, wanted);
}

static struct waking wakings;

static void sleep_some(void *sleeper)
{
    sleeper_begin(sleeper);
    sleep_until(((struct sleeper *)sleeper)->due_least);
    waking_note(&wakings, sleeper);
    one_ended();
}

/* Yields after each spawn, so that each sleep begins at once. */
static void measure_timers(long count)
{
    struct sleeper *sleepers = sleepers_new(count);
    int64_t start = meter_cpu_ns();
    alive = count;
    for (long i = 0; i < count; i++) {
        if (!spawn(sleep_some, &sleepers[i]))
            abort();
        yield();
        sleeper_has_begun(&sleepers[i]);
    }
    wait_for_all();
    waking_print(&wakings, meter_cpu_ns() - start);
}

#include "floor_sync.h"

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    long count = argc > 2 ? atol(argv[2]) : 0;
    if (!strcmp(what, "switch"))
        measure_switch();
    else if (!strcmp(what, "spawn"))
        measure_spawn();
    else if (!strcmp(what, "message"))
        measure_message();
    else if (!strcmp(what, "memory") && count > 0)
        measure_memory(count);
    else if (!strcmp(what, "timers"))
        measure_timers(count ? count : SLEEPERS);
    else if (!strcmp(what, "gate"))
        measure_gate();
    else if (!strcmp(what, "lock"))
        measure_lock();
    else if (!strcmp(what, "broadcast"))
        measure_broadcast();
    else
        return fputs("usage: floor switch|spawn|message|memory COUNT|timers [COUNT]|gate|lock|"
                     "broadcast\n", stderr), 2;
    fflush(stdout);
    _exit(0);                   /* the sleepers are left to the kernel */
}
