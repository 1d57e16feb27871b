/* The table of names; the rules stand in cache.h. */
#include "net/cache.h"
#include "base/memory.h"
#include <string.h>

enum { PASSED_AT_ONCE = 16 };

static unsigned chain_of(const char *text)
{
    uint32_t hash = 2166136261u;        /* FNV-1a; the table is bounded, so nobody can flood it */
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 16777619u;
    return (hash ^ hash >> 16) % CHAINS;
}

static void link_newest(struct cache *c, struct name *n)
{
    n->older = c->newest;
    n->newer = NULL;
    if (c->newest)
        c->newest->newer = n;
    else
        c->oldest = n;
    c->newest = n;
}

static void unlink_use(struct cache *c, struct name *n)
{
    if (n->older)
        n->older->newer = n->newer;
    else
        c->oldest = n->newer;
    if (n->newer)
        n->newer->older = n->older;
    else
        c->newest = n->older;
}

static void remove_name(struct cache *c, struct name *n)
{
    struct name **link = &c->chains[chain_of(n->text)];
    while (*link != n)
        link = &(*link)->next;
    *link = n->next;
    unlink_use(c, n);
    c->count--;
    for (int i = 0; i < HALVES; i++)
        bide__half_forget(&n->half[i]);
    bide__free(n);
}

static bool is_asked(const struct name *n)
{
    return n->half[HALF_V4].asking || n->half[HALF_V6].asking;
}

static bool is_idle(const struct name *n)
{
    return !n->waiters.head && !is_asked(n);
}

static void forget_old(struct name *n)
{
    int64_t now = bide__clock_ns(bide__loop());
    if (is_asked(n))
        return;
    n->late = false;
    for (int i = 0; i < HALVES; i++)
        if (n->half[i].until_ns <= now)
            bide__half_forget(&n->half[i]);
}

static struct name *add(struct cache *c, const char *text)
{
    size_t size = strlen(text) + 1;
    struct name *n = bide__zalloc(sizeof *n + size);
    if (!n)
        return NULL;
    memcpy(n->text, text, size);
    struct name **link = &c->chains[chain_of(text)];
    n->next = *link;
    *link = n;
    link_newest(c, n);
    c->count++;
    return n;
}

struct name *bide__cache_find(struct cache *c, const char *text)
{
    struct name *n = c->chains[chain_of(text)];
    while (n && strcmp(n->text, text) != 0)
        n = n->next;
    if (!n)
        return add(c, text);
    unlink_use(c, n);
    link_newest(c, n);
    forget_old(n);
    return n;
}

/* Those that are asked just now are in use, so they become the newest; a few at a time, for they
 * may be all there are. */
static void make_room(struct cache *c)
{
    int left = PASSED_AT_ONCE;
    while (left > 0 && c->count > c->max) {
        struct name *n = c->oldest;
        if (is_idle(n)) {
            remove_name(c, n);
            continue;
        }
        unlink_use(c, n);
        link_newest(c, n);
        left--;
    }
}

void bide__cache_settle(struct cache *c, struct name *n)
{
    if (is_idle(n)) {
        forget_old(n);
        if (!n->half[HALF_V4].answered && !n->half[HALF_V6].answered)
            remove_name(c, n);
    }
    make_room(c);
}

void bide__cache_clear(struct cache *c)
{
    struct name *next;
    for (struct name *n = c->oldest; n; n = next) {
        next = n->newer;
        if (is_idle(n))
            remove_name(c, n);
    }
}

void bide__half_forget(struct half *h)
{
    bide__free(h->list);
    *h = (struct half){ .asking = h->asking };
}

void bide__half_answer(struct half *h, const struct bide_addresses *found, unsigned rank, int code,
                       const char *why, double seconds)
{
    size_t size = code < 0 ? 0 : (size_t)found->count * sizeof *found->list;
    bide__half_forget(h);
    if (size && (h->list = bide__alloc(size)))
        memcpy(h->list, found->list, size);
    else if (size)
        code = BIDE_ENOMEM;
    h->count = h->list ? found->count : 0;
    h->rank = rank;
    h->code = code;
    h->why = code == BIDE_ENOMEM ? "out of memory" : why;
    h->answered = true;
    h->until_ns = bide__deadline_ns(bide__loop(), code == BIDE_ENOMEM ? 0 : seconds);
}

unsigned bide__name_unknown(const struct name *n, unsigned halves)
{
    for (int i = 0; i < HALVES; i++)
        if (n->half[i].answered || n->half[i].asking)
            halves &= ~(1u << i);
    return halves;
}

static void append(struct bide_addresses *to, const struct half *h, int max)
{
    for (int i = 0; i < h->count && i < max && to->count < BIDE_ADDRESSES_MAX; i++)
        to->list[to->count++] = h->list[i];
}

/* The better half first; the other has its place in any case. */
static void merge(const struct name *n, unsigned halves, struct bide_addresses *to)
{
    static const struct half none;
    const struct half *first = halves & 1 << HALF_V6 ? &n->half[HALF_V6] : &none;
    const struct half *then = halves & 1 << HALF_V4 ? &n->half[HALF_V4] : &none;
    if (then->count && (!first->count || then->rank < first->rank)) {
        const struct half *better = then;
        then = first;
        first = better;
    }
    int place = then->count < BIDE_ADDRESSES_MAX / 2 ? then->count : BIDE_ADDRESSES_MAX / 2;
    to->count = 0;
    append(to, first, BIDE_ADDRESSES_MAX - place);
    append(to, then, BIDE_ADDRESSES_MAX);
}

/* Of two reasons the one that may pass: that there is no such name was said by somebody. */
static void choose_reason(const struct name *n, struct want *w)
{
    for (int i = 0; i < HALVES; i++) {
        const struct half *h = &n->half[i];
        bool worse = !w->code || h->until_ns < n->half[HALF_V4].until_ns || h->code == BIDE_ENOMEM;
        if (w->halves & 1u << i && worse) {
            w->code = h->code;
            w->why = h->why;
        }
    }
}

bool bide__name_take(const struct name *n, struct want *w)
{
    int answered = 0, wanted = 0, count = 0;
    for (int i = 0; i < HALVES; i++) {
        if (!(w->halves & 1u << i))
            continue;
        wanted++;
        answered += n->half[i].answered;
        count += n->half[i].count;
    }
    if (answered < wanted && !(n->late && count))
        return false;
    w->code = 0;
    if (count)
        merge(n, w->halves, w->found);
    else
        choose_reason(n, w);
    return true;
}

void bide__name_tell(struct name *n)
{
    struct wait *w = n->waiters.head;
    struct wait *last = w ? w->prev : NULL, *next;
    for (bool more = w; more; w = next) {
        more = w != last;
        next = w->next;
        if (!bide__name_take(n, (struct want *)(void *)w))
            continue;
        bide__unlink(w);
        bide__settle_wait(w, 0);
    }
}

void bide__name_stop(struct name *n)
{
    for (int i = 0; i < HALVES; i++) {
        struct question *q = n->half[i].asking;
        if (!q)
            continue;
        for (int j = i; j < HALVES; j++)
            if (n->half[j].asking == q)
                n->half[j].asking = NULL;
        q->name = NULL;
        q->stop(q);
    }
}
