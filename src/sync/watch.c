/* Watch: a value, the number of its version, and a line of those who have seen it.
 *
 * Who is woken reads the value only when it runs, so it gets the newest of several that were
 * set at once.  The memory therefore stays while anybody is inside. */
#include "base/memory.h"
#include "core/release.h"
#include "sync/select.h"
#include <bide/select.h>
#include <string.h>

enum { VALUE_MAX = 65536 };

struct bide_watch {
    struct waitlist watchers;   /* data: where the version seen is kept */
    uint64_t version;
    size_t size;
    uint32_t inside;
    bool closed, freed;         /* freed: the last of them frees it */
    char value[] __attribute__((aligned(16)));
};

static const struct waitkind watching = { .what = "a watched value to change",
                                          .undo = bide__undo_unreleased };

bide_watch *bide_watch_new_(size_t type_size, const void *initial, size_t size)
{
    if (size == 0 || size > VALUE_MAX || size != type_size) {
        bide_fail(BIDE_EINVAL, "watch: an initial value of %zu bytes for a type of %zu; 1 to %d",
                  size, type_size, VALUE_MAX);
        return NULL;
    }
    bide_watch *w = bide__zalloc(sizeof *w + size);
    if (!w) {
        bide_fail(BIDE_ENOMEM, "no memory for a watch");
        return NULL;
    }
    w->version = 1;
    w->size = size;
    memcpy(w->value, initial, size);
    return w;
}

static int check(const bide_watch *w, size_t size, const char *call)
{
    if (!w)
        return bide_errcode();
    if (size == w->size)
        return 0;
    return bide_fail(BIDE_EINVAL, "watch %s: a pointer to %zu bytes; the value has %zu", call,
                     size, w->size);
}

static int fail_closed(void)
{
    return bide_fail(BIDE_ECLOSED, "the watch is closed");
}

static void tell_version(struct wait *w, const struct terms *terms)
{
    *(uint64_t *)w->data = terms->number;
    bide__settle_wait(w, 1);
}

int bide_watch_set_(bide_watch *w, const void *value, size_t size)
{
    int rc = check(w, size, "set");
    if (rc < 0)
        return rc;
    if (w->closed)
        return fail_closed();
    memcpy(w->value, value, size);
    w->version++;
    bide__release_on(&w->watchers, &(struct terms){ .settle = tell_version,
                                                    .number = w->version });
    return 0;
}

uint64_t bide_watch_get_(const bide_watch *w, void *value, size_t size)
{
    if (check(w, size, "get") < 0)
        return 0;
    memcpy(value, w->value, size);
    return w->version;
}

/* 1: another version; 0: closed; BIDE_EAGAIN, without a sentence: not yet. */
static int try_see(const bide_watch *w, uint64_t *seen)
{
    if (*seen == w->version)
        return w->closed ? 0 : BIDE_EAGAIN;
    *seen = w->version;
    return 1;
}

BIDE_WAITS static int wait_for_change(bide_watch *w, uint64_t *seen)
{
    if (w->freed)
        return fail_closed();
    int rc = try_see(w, seen);
    if (rc != BIDE_EAGAIN || (rc = bide__same_loop(&w->watchers)) < 0)
        return rc;
    struct wait wait = { .kind = &watching, .data = seen };
    return bide__wait_to_be_released(&w->watchers, &wait);
}

int bide_watch_changed_(bide_watch *w, uint64_t *seen, void *value, size_t size)
{
    int rc = w ? 0 : bide_errcode();
    if (w)
        w->inside++;
    int entered = bide__enter();
    if (!w)
        return entered < 0 ? entered : rc;
    rc = entered < 0 ? entered : check(w, size, "changed");
    if (rc == 0)
        rc = wait_for_change(w, seen);
    if (rc == 1) {
        memcpy(value, w->value, size);
        *seen = w->version;
    }
    if (--w->inside == 0 && w->freed)
        bide__free(w);
    return rc;
}

void bide_watch_close(bide_watch *w)
{
    if (!w)
        return;
    w->closed = true;
    bide__release_all(&w->watchers, 0);
}

void bide_watch_free(bide_watch *w)
{
    if (!w)
        return;
    bide__release_failed(&w->watchers, BIDE_ECLOSED, "the watch is closed");
    w->closed = w->freed = true;
    if (!w->inside)
        bide__free(w);
}

/* select's view: the version alone. */

static void hold(struct bide_case *c)
{
    bide_watch *w = c->on_;
    if (w)
        w->inside++;
}

static void let_go(struct bide_case *c)
{
    bide_watch *w = c->on_;
    if (w && --w->inside == 0 && w->freed)
        bide__free(w);
}

static int attempt(struct bide_case *c)
{
    const bide_watch *w = c->on_;
    if (!w)
        return bide_errcode();
    if (c->size_ != sizeof(uint64_t))
        return bide_fail(BIDE_EINVAL, "watch: seen is a uint64_t, not %zu bytes", c->size_);
    int rc = w->freed ? fail_closed() : try_see(w, c->item_);
    if (rc == BIDE_EAGAIN)
        return 0;
    if (c->rc_)
        *c->rc_ = rc;
    return 1;
}

static int join(struct bide_case *c, struct wait *w)
{
    bide_watch *watch = c->on_;
    int rc = bide__same_loop(&watch->watchers);
    if (rc < 0)
        return rc;
    w->kind = &watching;
    w->data = c->item_;
    bide__take_ticket(w);
    bide__line_up(&watch->watchers, w);
    return 0;
}

const struct selectable bide__select_watch = { .attempt = attempt, .join = join,
                                               .hold = hold, .let_go = let_go };
