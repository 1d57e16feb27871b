/* Map: workers that take one item after the other.
 *
 * A worker that has taken an item starts the next worker, unless one is waiting for its turn
 * already or the limit is reached; so there are never more than are needed, and taking, which
 * may wait, is done by one at a time.  Without `each`, a worker of an iterator has room for one
 * item of its own.  With it, items lie in a ring of twice the limit and leave it in order: whoever
 * finishes the first hands it on, and what has been finished behind it. */
#include "base/memory.h"
#include "core/group.h"
#include "core/park.h"
#include <bide/map.h>
#include <bide/sync.h>

struct slot {
    void *item;
    size_t index;
    int rc;
    bool done;
    struct bide_error error;
};
struct map {
    bide_fn *fn;
    const struct bide_map_opts *opts;
    bide_group *group;
    size_t limit, workers;
    size_t idle;                /* workers in line for their turn */
    size_t taken;               /* items */
    bool drained;               /* there are no more */
    bide_semaphore turn;        /* to take an item */
    struct slot *ring;          /* NULL: nobody wants them in order */
    size_t room;                /* in the ring */
    size_t handed;              /* items that have left it */
    bool handing;               /* somebody is at it */
    bide_event some_left;
};

static void start_worker(struct map *m);

/* 1: *s has an item; 0: there are none left. */
/* waits: next may */
BIDE_WAITS static int take_next(struct map *m, struct slot *s)
{
    const struct bide_map_opts *o = m->opts;
    if (m->drained)
        return 0;
    int rc = o->next ? o->next(o->arg, s->item) : m->taken < o->count;
    if (rc <= 0) {
        m->drained = true;
        return rc;
    }
    if (!o->next)
        s->item = (char *)o->items + m->taken * o->item_size;
    s->index = m->taken++;
    return 1;
}

/* The ring's slot for the next item, when it is free. */
BIDE_WAITS static int wait_for_slot(struct map *m, struct slot **s)
{
    int rc;
    while (m->taken - m->handed == m->room) {
        bide_event_clear(&m->some_left);
        if ((rc = bide_event_wait(&m->some_left)) < 0)
            return rc;
    }
    *s = &m->ring[m->taken % m->room];
    return 0;
}

BIDE_WAITS static int take(struct map *m, struct slot **s)
{
    m->idle++;
    bide_auto(permit) turn = bide_semaphore_acquire(&m->turn);
    m->idle--;
    if (!turn)
        return bide_errcode();
    int rc = m->ring ? wait_for_slot(m, s) : 0;
    if (rc < 0 || (rc = take_next(m, *s)) <= 0)
        return rc;
    bool more = m->opts->next || m->taken < m->opts->count;
    if (more && !m->idle && m->workers < m->limit)
        start_worker(m);
    return rc;
}

/* Whoever comes while another is at it leaves the item to that one. */
/* waits: each may */
BIDE_WAITS static int hand_on(struct map *m, struct slot *mine)
{
    mine->done = true;
    if (m->handing)
        return 1;
    m->handing = true;
    for (;;) {
        struct slot *s = &m->ring[m->handed % m->room];
        if (!s->done)
            break;
        if (s->rc < 0)
            bide_error_restore_(&s->error);
        int rc = m->opts->each(m->opts->arg, s->item, s->rc);
        if (rc < 0) {
            bide_group_cancel(m->group);
            return rc;
        }
        s->done = false;
        m->handed++;
        bide_event_set(&m->some_left);
    }
    m->handing = false;
    return 1;
}

/* 1: go on. */
/* waits: fn may */
BIDE_WAITS static int run(struct map *m, struct slot *s)
{
    task *me = bide__self();
    s->rc = m->fn(s->item);
    bide__error_fit(me, s->rc);
    if (m->opts->outcomes)
        m->opts->outcomes[s->index] = (struct bide_outcome){ s->rc, me->error };
    if (s->rc == BIDE_ECANCELED && bide_cancelled())
        return s->rc;
    if (s->rc < 0 && !m->opts->keep_going)
        return bide_within("item %zu", s->index);
    if (!m->ring)
        return 1;
    if (s->rc < 0)
        s->error = me->error;
    return hand_on(m, s);
}

static int work(void *arg)
{
    struct map *m = arg;
    bool own = m->opts->next && !m->ring;
    struct slot one = { .item = own ? bide__alloc(m->opts->item_size) : NULL };
    if (own && !one.item)
        return bide_fail(BIDE_ENOMEM, "no memory for an item of %zu bytes", m->opts->item_size);
    struct slot *s = &one;
    int rc;
    while ((rc = take(m, &s)) > 0)
        if ((rc = run(m, s)) < 0)
            break;
    if (own)
        bide__free(one.item);
    return rc;
}

/* If it cannot start, that is the group's failure. */
static void start_worker(struct map *m)
{
    const struct bide_map_opts *o = m->opts;
    struct bide_spawn_opts worker = {
        .abi_ = sizeof worker, .fn_name_ = o->fn_name_, .site_ = o->site_, .arg = m,
        .stack_size = o->stack_size,
    };
    m->workers++;
    bide_spawn_opts(m->group, work, &worker);
}

static int check(const struct bide_map_opts *o)
{
    if (!o->next && o->count && !o->items)
        return bide_fail(BIDE_EINVAL, "map %s: no array and no next", o->fn_name_);
    if (o->next && (o->count || o->outcomes))
        return bide_fail(BIDE_EINVAL, "map %s: outcomes are for arrays; use .each", o->fn_name_);
    return 0;
}

static void preset_outcomes(const struct bide_map_opts *o)
{
    for (size_t i = 0; o->outcomes && i < o->count; i++)
        o->outcomes[i] = (struct bide_outcome){ BIDE_ECANCELED, { BIDE_ECANCELED, "not begun" } };
}

static int make_ring(struct map *m)
{
    const struct bide_map_opts *o = m->opts;
    if (m->limit > SIZE_MAX / 4 / sizeof *m->ring / (o->item_size + 1))
        return bide_fail(BIDE_EINVAL, "map %s: .each needs a smaller .limit", o->fn_name_);
    m->room = 2 * m->limit;
    size_t head = m->room * sizeof *m->ring;
    m->ring = bide__zalloc(head + (o->next ? m->room * o->item_size : 0));
    if (!m->ring)
        return bide_fail(BIDE_ENOMEM, "map %s: no memory for %zu items", o->fn_name_, m->room);
    for (size_t i = 0; o->next && i < m->room; i++)
        m->ring[i].item = (char *)m->ring + head + i * o->item_size;
    return 0;
}

BIDE_WAITS static int map(struct map *m)
{
    BIDE_GROUP_(g, m->opts->keep_going ? GROUP_KEEP_GOING : GROUP_FAIL_FAST);
    m->group = g;
    start_worker(m);
    return bide_group_wait(g);
}

int bide_map_opts(bide_fn *fn, const struct bide_map_opts *o)
{
    struct map m = { .fn = fn, .opts = o, .limit = o->limit ? o->limit : BIDE_MAP_LIMIT };
    preset_outcomes(o);
    int rc = bide__enter();
    if (rc < 0 || (rc = check(o)) < 0)
        return rc;
    if (!o->next && !o->count)
        return 0;
    if (!o->next && m.limit > o->count)
        m.limit = o->count;
    if (o->each && (rc = make_ring(&m)) < 0)
        return rc;
    rc = map(&m);
    bide__free(m.ring);
    return rc;
}
