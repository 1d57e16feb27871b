/* The inbox of a loop. */
#include "core/post.h"
#include "base/memory.h"
#include "base/sys.h"
#include <bide/error.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { RUN_AT_ONCE = 256, TURNED_AT_ONCE = 4096 };
static struct post closed;      /* its address is the mark */

struct inbox *bide__inbox_open(void)
{
    struct inbox *in = bide__zalloc(sizeof *in);
    if (!in) {
        bide_fail(BIDE_ENOMEM, "out of memory");
        return NULL;
    }
    in->wake_fd = bide__sys.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (in->wake_fd < 0) {
        bide_fail(-errno, "eventfd: %s", bide_strerror(-errno));
        bide__free(in);
        return NULL;
    }
    atomic_init(&in->holders, 1);
    return in;
}

void bide__inbox_hold(struct inbox *in)
{
    atomic_fetch_add_explicit(&in->holders, 1, memory_order_relaxed);
}

void bide__inbox_drop(struct inbox *in)
{
    if (atomic_fetch_sub_explicit(&in->holders, 1, memory_order_acq_rel) > 1)
        return;
    bide__sys.close(in->wake_fd);
    bide__free(in);
}

void bide__inbox_wake(const struct inbox *in)
{
    uint64_t one = 1;
    ssize_t ignored = write(in->wake_fd, &one, sizeof one);
    (void)ignored;
}

static bool push(struct inbox *in, struct post *p)
{
    struct post *newest = atomic_load_explicit(&in->newest, memory_order_relaxed);
    do {
        if (newest == &closed)
            return false;
        p->next = newest;
    } while (!atomic_compare_exchange_weak(&in->newest, &newest, p));
    if (!newest && !atomic_load(&in->awake))
        bide__inbox_wake(in);
    return true;
}

/* Once it is in, the loop may run it and end, so the inbox is held until it has been woken. */
bool bide__inbox_post(struct inbox *in, struct post *p)
{
    bide__inbox_hold(in);
    bool taken = push(in, p);
    bide__inbox_drop(in);
    return taken;
}

/* Brings some of what was taken into the order in which it came. */
static void turn_some(struct inbox *in)
{
    for (int left = TURNED_AT_ONCE; left && in->taken; left--) {
        struct post *older = in->taken->next;
        in->taken->next = in->turned;
        in->turned = in->taken;
        in->taken = older;
    }
    if (!in->taken) {
        in->first = in->turned;
        in->turned = NULL;
    }
}

/* Runs up to so many of those that are in order. */
static void run_some(struct inbox *in, int most)
{
    struct post *p;
    while (most-- && (p = in->first)) {
        in->first = p->next;
        p->run(p);
    }
}

/* Whoever posts faster than the loop runs leaves a long line, and others must not wait for it. */
void bide__inbox_run(struct inbox *in)
{
    if (!bide__inbox_filled(in))
        return;
    if (!in->first && !in->taken)
        in->taken = atomic_exchange_explicit(&in->newest, NULL, memory_order_acquire);
    if (!in->first)
        turn_some(in);
    run_some(in, RUN_AT_ONCE);      /* others are to have their turn too */
}

bool bide__inbox_doze(struct inbox *in)
{
    atomic_store(&in->awake, false);
    return in->first || in->taken || atomic_load(&in->newest) != NULL;
}

void bide__inbox_drain(const struct inbox *in)
{
    uint64_t count;
    ssize_t ignored = read(in->wake_fd, &count, sizeof count);
    (void)ignored;
}

static void run_taken(struct inbox *in)
{
    while (in->first || in->taken) {
        if (!in->first)
            turn_some(in);
        run_some(in, RUN_AT_ONCE);
    }
}

/* What is still in it is run, so that nothing posted is lost. */
void bide__inbox_close(struct inbox *in)
{
    run_taken(in);
    in->taken = atomic_exchange(&in->newest, &closed);
    run_taken(in);
    bide__inbox_drop(in);
}
