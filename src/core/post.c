/* The inbox of a loop. */
#include "core/post.h"
#include "base/memory.h"
#include "base/sys.h"
#include <bide/error.h>
#include <sys/eventfd.h>
#include <unistd.h>

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

/* In the order in which they came. */
static struct post *turned(struct post *newest)
{
    struct post *first = NULL;
    while (newest) {
        struct post *older = newest->next;
        newest->next = first;
        first = newest;
        newest = older;
    }
    return first;
}

static void run_all(struct post *p)
{
    while (p) {
        struct post *next = p->next;
        p->run(p);
        p = next;
    }
}

void bide__inbox_run(struct inbox *in)
{
    if (bide__inbox_filled(in))
        run_all(turned(atomic_exchange_explicit(&in->newest, NULL, memory_order_acquire)));
}

bool bide__inbox_doze(struct inbox *in)
{
    atomic_store(&in->awake, false);
    return atomic_load(&in->newest) != NULL;
}

void bide__inbox_drain(const struct inbox *in)
{
    uint64_t count;
    ssize_t ignored = read(in->wake_fd, &count, sizeof count);
    (void)ignored;
}

/* What is still in it is run, so that nothing posted is lost. */
void bide__inbox_close(struct inbox *in)
{
    run_all(turned(atomic_exchange(&in->newest, &closed)));
    bide__inbox_drop(in);
}
