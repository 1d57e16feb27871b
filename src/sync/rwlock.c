/* Reader-writer lock: one line for both, so that neither can starve the other.
 *
 * Whenever something is released, or a waiter leaves, the front of the line is let in as far as it
 * goes: readers up to the first writer, or one writer.  Newcomers go in directly only where
 * nobody waits.  Many readers are not let in in one step, for each is a cold stack: the first are,
 * and each of them lets in the next ones as it goes on. */
#include "sync/permit.h"

_Static_assert(offsetof(bide_rwlock, waiters_) == 0, "the line comes first");
_Static_assert(sizeof(bide_rwlock) == 6 * sizeof(void *), "its size is fixed for ever");

enum { LET_IN_AT_ONCE = 64 };

static bool undo(struct wait *w);
static const struct waitkind reading = { .what = "a lock to read", .undo = undo };
static const struct waitkind writing = { .what = "a lock to write", .undo = undo };

static struct waitlist *line_of(bide_rwlock *l)
{
    return (struct waitlist *)(void *)l;
}

static bool is_open(const bide_rwlock *l, enum permit_kind kind)
{
    return !l->writer_ && (kind == PERMIT_READ || !l->readers_);
}

static void let_in(bide_rwlock *l, enum permit_kind kind, task *who)
{
    if (kind == PERMIT_READ)
        l->readers_++;
    else
        l->writer_ = who;
    l->loop_ = who->loop;
}

static enum permit_kind wants(const struct wait *w)
{
    return w->kind == &reading ? PERMIT_READ : PERMIT_WRITE;
}

/* The front of the line, as far as it goes. */
static void admit(bide_rwlock *l)
{
    struct wait *w;
    for (int left = LET_IN_AT_ONCE; left && (w = l->waiters_) && is_open(l, wants(w)); left--) {
        let_in(l, wants(w), w->task);
        bide__settle_first(line_of(l), 0);
    }
}

/* It may have been a writer in front of readers. */
static bool undo(struct wait *w)
{
    bide__unlink(w);
    admit((bide_rwlock *)(void *)w->on);
    return true;
}

/* May the running task wait for those who are inside? */
static int check(const bide_rwlock *l)
{
    if (l->loop_ != bide__here)
        return bide_fail(BIDE_EPERM, "the lock is held by tasks of another loop");
    if (l->writer_ == bide__self())
        return bide_fail(BIDE_EDEADLK, "the lock is held, to write, by this very task, '%s'",
                         bide__self()->name);
    return 0;
}

/* 0: it is in; BIDE_EAGAIN, without a sentence: it has to wait. */
static int try_enter(bide_rwlock *l, enum permit_kind kind)
{
    if ((l->writer_ || l->readers_) && check(l) < 0)
        return bide_errcode();
    if (l->waiters_ || !is_open(l, kind))
        return BIDE_EAGAIN;
    let_in(l, kind, bide__self());
    return 0;
}

BIDE_WAITS static bide_permit *acquire(bide_rwlock *l, enum permit_kind kind)
{
    if (bide__enter() < 0)
        return NULL;
    int rc = try_enter(l, kind);
    if (rc == BIDE_EAGAIN) {
        struct wait w = { .kind = kind == PERMIT_READ ? &reading : &writing };
        rc = bide__wait(line_of(l), &w);
        if (rc == 0)
            admit(l);
    }
    return rc < 0 ? NULL : bide__permit_of(l, kind);
}

static bide_permit *acquire_nowait(bide_rwlock *l, enum permit_kind kind)
{
    int rc = bide__here ? try_enter(l, kind)
                        : bide_fail(BIDE_EPERM, "lock acquire: only a task can hold a lock");
    if (rc == BIDE_EAGAIN)
        bide_fail(rc, "other tasks hold the lock");
    return rc < 0 ? NULL : bide__permit_of(l, kind);
}

bide_permit *bide_rwlock_read(bide_rwlock *l)
{
    return acquire(l, PERMIT_READ);
}

bide_permit *bide_rwlock_read_nowait(bide_rwlock *l)
{
    return acquire_nowait(l, PERMIT_READ);
}

bide_permit *bide_rwlock_write(bide_rwlock *l)
{
    return acquire(l, PERMIT_WRITE);
}

bide_permit *bide_rwlock_write_nowait(bide_rwlock *l)
{
    return acquire_nowait(l, PERMIT_WRITE);
}

/* May the running task release that? */
static int check_held(const bide_rwlock *l, enum permit_kind kind)
{
    if (kind == PERMIT_READ ? !l->readers_ : !l->writer_)
        return bide_fail(BIDE_EINVAL, "lock: released, but nobody %s",
                         kind == PERMIT_READ ? "reads" : "writes");
    if (kind == PERMIT_WRITE && l->writer_ != bide__self())
        return bide_fail(BIDE_EPERM, "lock: released by a task that does not hold it");
    if (l->waiters_ && l->loop_ != bide__here)
        return bide__fail_other_loop();
    return 0;
}

int bide__rwlock_release(bide_rwlock *l, enum permit_kind kind)
{
    int rc = check_held(l, kind);
    if (rc < 0)
        return rc;
    if (kind == PERMIT_READ)
        l->readers_--;
    else
        l->writer_ = NULL;
    admit(l);
    return 0;
}
