/* The inbox of a loop. */
#include "core/post.h"
#include "base/memory.h"
#include "base/sys.h"
#include <bide/error.h>
#include <sys/eventfd.h>
#include <unistd.h>

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
    pthread_mutex_init(&in->lock, NULL);
    in->holders = 1;
    return in;
}

void bide__inbox_hold(struct inbox *in)
{
    pthread_mutex_lock(&in->lock);
    in->holders++;
    pthread_mutex_unlock(&in->lock);
}

void bide__inbox_drop(struct inbox *in)
{
    pthread_mutex_lock(&in->lock);
    bool last = --in->holders == 0;
    pthread_mutex_unlock(&in->lock);
    if (!last)
        return;
    bide__sys.close(in->wake_fd);
    pthread_mutex_destroy(&in->lock);
    bide__free(in);
}

void bide__inbox_wake(const struct inbox *in)
{
    uint64_t one = 1;
    ssize_t ignored = write(in->wake_fd, &one, sizeof one);
    (void)ignored;
}

bool bide__inbox_post(struct inbox *in, struct post *p)
{
    p->next = NULL;
    pthread_mutex_lock(&in->lock);
    bool open = !in->closed;
    if (open) {
        if (in->first)
            in->last->next = p;
        else
            in->first = p;
        in->last = p;
        if (!atomic_exchange(&in->filled, true))
            bide__inbox_wake(in);
    }
    pthread_mutex_unlock(&in->lock);
    return open;
}

static struct post *take_all(struct inbox *in)
{
    pthread_mutex_lock(&in->lock);
    struct post *first = in->first;
    in->first = in->last = NULL;
    atomic_store(&in->filled, false);
    pthread_mutex_unlock(&in->lock);
    return first;
}

void bide__inbox_run(struct inbox *in)
{
    if (!atomic_load_explicit(&in->filled, memory_order_relaxed))
        return;
    struct post *p = take_all(in);
    while (p) {
        struct post *next = p->next;
        p->run(p);
        p = next;
    }
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
    bide__inbox_run(in);
    pthread_mutex_lock(&in->lock);
    in->closed = true;
    pthread_mutex_unlock(&in->lock);
    bide__inbox_run(in);
    bide__inbox_drop(in);
}
