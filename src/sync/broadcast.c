/* Broadcast: one ring of the last items, and a place in it for each subscriber.
 *
 * Item n lies in slot n modulo the capacity, and `sent` is the number of the next one.  A
 * subscriber's place is the number of the item that it gets next, so sending costs nothing for
 * those who are behind.  Who waits has got everything: the item goes straight into its memory.
 * Where senders wait for the slowest, each slot counts who has still to get what is in it, so
 * that nobody has to look for the slowest. */
#include "base/memory.h"
#include "core/park.h"
#include "sync/select.h"
#include <bide/select.h>
#include <string.h>

enum { ITEM_MAX = 65536 };

struct bide_broadcast {
    bide_subscriber *subscribers;       /* a ring, the longest subscribed first */
    size_t count;
    size_t waiting;             /* tasks, over all subscribers */
    struct waitlist senders;
    char *ring;
    size_t *unread;             /* per slot, BIDE_SLOW_WAIT; else NULL */
    size_t capacity, item_size;
    uint64_t sent;
    uint32_t inside;            /* who is on the way in to send */
    bool closed, freed;         /* freed: memory goes with the last subscriber and sender */
};

struct bide_subscriber {
    struct waitlist getters;    /* first */
    bide_subscriber *next, *prev;
    bide_broadcast *b;
    uint64_t at;                /* the number of its next item */
    size_t missed;              /* told of */
    uint32_t inside;            /* who is on the way in to get */
    bool closed;                /* the last of them frees it */
};

static int check_options(const struct bide_broadcast_opts *o)
{
    if (o->item_size == 0 || o->item_size > ITEM_MAX)
        return bide_fail(BIDE_EINVAL, "broadcast: items of %zu bytes; 1 to %d", o->item_size,
                         ITEM_MAX);
    if ((unsigned)o->slow > BIDE_SLOW_WAIT)
        return bide_fail(BIDE_EINVAL, "broadcast: there is no policy %d for the slow",
                         (int)o->slow);
    return 0;
}

static void free_memory(bide_broadcast *b)
{
    bide__free(b->ring);
    bide__free(b->unread);
    bide__free(b);
}

bide_broadcast *bide_broadcast_new_opts(const struct bide_broadcast_opts *o)
{
    size_t capacity = o->capacity ? o->capacity : 1;
    bool counts = o->slow == BIDE_SLOW_WAIT;
    if (check_options(o) < 0)
        return NULL;
    bide_broadcast *b = bide__zalloc(sizeof *b);
    if (b && capacity <= SIZE_MAX / 2 / o->item_size && capacity <= SIZE_MAX / 2 / sizeof(size_t)) {
        b->ring = bide__alloc(capacity * o->item_size);
        b->unread = counts ? bide__zalloc(capacity * sizeof *b->unread) : NULL;
    }
    if (!b || !b->ring || (counts && !b->unread)) {
        if (b)
            free_memory(b);
        bide_fail(BIDE_ENOMEM, "broadcast: no memory for %zu items", capacity);
        return NULL;
    }
    b->capacity = capacity;
    b->item_size = o->item_size;
    return b;
}

static int fail_closed(void)
{
    return bide_fail(BIDE_ECLOSED, "the broadcast is closed");
}

static int fail_size(const char *call, size_t size, size_t item_size)
{
    return bide_fail(BIDE_EINVAL, "%s: a pointer to %zu bytes; the items have %zu", call, size,
                     item_size);
}

/* A call on NULL is a cancel point too. */
BIDE_WAITS static int fail_missing(void)
{
    int rc = bide__enter();
    return rc < 0 ? rc : bide_errcode();
}

/* Sending. */

/* The first who waits for each subscriber has the item at once. */
static void hand_over(bide_broadcast *b, const void *item)
{
    bide_subscriber *s = b->subscribers;
    for (size_t i = b->count; i && b->waiting; i--, s = s->next) {
        struct wait *w = s->getters.head;
        if (!w)
            continue;
        memcpy(w->data, item, b->item_size);
        s->at++;
        b->waiting--;
        if (b->unread)
            b->unread[b->sent % b->capacity]--;
        bide__unlink(w);
        bide__settle_wait(w, 1);
    }
}

static bool is_full(const bide_broadcast *b)
{
    return b->unread && b->unread[b->sent % b->capacity] > 0;
}

static void send_now(bide_broadcast *b, const void *item)
{
    size_t slot = b->sent % b->capacity;
    memcpy(b->ring + slot * b->item_size, item, b->item_size);
    if (b->unread)
        b->unread[slot] = b->count;
    hand_over(b, item);
    b->sent++;
}

/* Somebody has got an item, or gone: who waits to send may have room. */
static void let_senders_in(bide_broadcast *b)
{
    while (b->senders.head && !is_full(b)) {
        struct wait *w = b->senders.head;
        bide__unlink(w);
        send_now(b, w->data);
        bide__settle_wait(w, 0);
    }
}

/* 0: sent; BIDE_EAGAIN, without a sentence: the slowest has to be waited for. */
static int try_send(bide_broadcast *b, const void *item, size_t size)
{
    if (b->freed || b->closed)
        return fail_closed();
    if (size != b->item_size)
        return fail_size("broadcast send", size, b->item_size);
    if (is_full(b))
        return BIDE_EAGAIN;
    send_now(b, item);
    return 0;
}

static const struct waitkind sending = { .what = "the slowest subscriber", .undo = bide__undo };

static void leave(bide_broadcast *b)
{
    if (--b->inside == 0 && b->freed && !b->count)
        free_memory(b);
}

int bide_broadcast_send_(bide_broadcast *b, const void *item, size_t size)
{
    if (!b)
        return fail_missing();
    b->inside++;
    int rc = bide__enter();
    if (rc == 0)
        rc = try_send(b, item, size);
    if (rc == BIDE_EAGAIN && (rc = bide__same_loop(&b->senders)) == 0) {
        struct wait w = { .kind = &sending, .data = (void *)(uintptr_t)item };
        rc = bide__wait(&b->senders, &w);
    }
    leave(b);
    return rc;
}

int bide_broadcast_send_nowait_(bide_broadcast *b, const void *item, size_t size)
{
    if (!b)
        return bide_errcode();
    int rc = try_send(b, item, size);
    return rc == BIDE_EAGAIN ? bide_fail(rc, "a subscriber is %zu items behind", b->capacity) : rc;
}

size_t bide_broadcast_count(const bide_broadcast *b)
{
    return b ? b->count : 0;
}

void bide_broadcast_close(bide_broadcast *b)
{
    if (!b || b->closed)
        return;
    b->closed = true;
    while (b->senders.head) {
        bide__hold(b->senders.head->task, BIDE_ECLOSED, "the broadcast is closed");
        bide__settle_first(&b->senders, BIDE_ECLOSED);
    }
    bide_subscriber *s = b->subscribers;
    for (size_t i = b->count; i; i--, s = s->next)
        bide__settle_all(&s->getters, 0);
    b->waiting = 0;
}

void bide_broadcast_free(bide_broadcast *b)
{
    if (!b)
        return;
    bide_broadcast_close(b);
    b->freed = true;
    if (!b->inside && !b->count)
        free_memory(b);
}

/* Listening. */

bide_subscriber *bide_broadcast_subscribe(bide_broadcast *b)
{
    if (!b)
        return NULL;
    if (b->closed) {
        fail_closed();
        return NULL;
    }
    bide_subscriber *s = bide__zalloc(sizeof *s);
    if (!s) {
        bide_fail(BIDE_ENOMEM, "no memory for a subscriber");
        return NULL;
    }
    s->b = b;
    s->at = b->sent;
    if (b->count++ == 0) {
        b->subscribers = s->next = s->prev = s;
        return s;
    }
    s->next = b->subscribers;
    s->prev = b->subscribers->prev;
    s->prev->next = s->next->prev = s;
    return s;
}

/* How many items were overwritten before it came to them. */
static uint64_t overtaken(const bide_subscriber *s)
{
    uint64_t behind = s->b->sent - s->at;
    return behind > s->b->capacity ? behind - s->b->capacity : 0;
}

static int fail_missed(bide_subscriber *s)
{
    uint64_t missed = overtaken(s);
    s->at += missed;
    s->missed += (size_t)missed;
    return bide_fail(BIDE_ELIMIT, "missed %llu item%s", (unsigned long long)missed,
                     missed == 1 ? "" : "s");
}

/* 1: got; 0: closed and nothing left; BIDE_EAGAIN, without a sentence: nothing yet. */
static int try_get(bide_subscriber *s, void *item, size_t size)
{
    bide_broadcast *b = s->b;
    if (size != b->item_size)
        return fail_size("subscriber get", size, b->item_size);
    if (s->at == b->sent)
        return b->closed ? 0 : BIDE_EAGAIN;
    if (overtaken(s))
        return fail_missed(s);
    size_t slot = s->at++ % b->capacity;
    memcpy(item, b->ring + slot * b->item_size, size);
    if (b->unread && --b->unread[slot] == 0)
        let_senders_in(b);
    return 1;
}

static bool undo_get(struct wait *w)
{
    bide_subscriber *s = (bide_subscriber *)(void *)w->on;
    s->b->waiting--;
    return bide__undo(w);
}

static const struct waitkind getting = { .what = "a subscriber's next item", .undo = undo_get };

static int fail_subscriber_closed(void)
{
    return bide_fail(BIDE_ECLOSED, "the subscriber is closed");
}

int bide_subscriber_get_(bide_subscriber *s, void *item, size_t size)
{
    if (!s)
        return fail_missing();
    s->inside++;
    int rc = bide__enter();
    if (rc == 0)
        rc = s->closed ? fail_subscriber_closed() : try_get(s, item, size);
    if (rc == BIDE_EAGAIN && (rc = bide__same_loop(&s->getters)) == 0) {
        struct wait w = { .kind = &getting, .data = item };
        s->b->waiting++;
        rc = bide__wait(&s->getters, &w);
    }
    if (--s->inside == 0 && s->closed)
        bide__free(s);
    return rc;
}

int bide_subscriber_get_nowait_(bide_subscriber *s, void *item, size_t size)
{
    if (!s)
        return bide_errcode();
    int rc = try_get(s, item, size);
    return rc == BIDE_EAGAIN ? bide_fail(rc, "the subscriber has got all items") : rc;
}

size_t bide_subscriber_missed(const bide_subscriber *s)
{
    return s ? s->missed + (size_t)overtaken(s) : 0;
}

/* What it has not got nobody waits for any more. */
static void give_up_items(bide_subscriber *s)
{
    bide_broadcast *b = s->b;
    if (!b->unread)
        return;
    while (s->at != b->sent)
        b->unread[s->at++ % b->capacity]--;
}

static void unsubscribe(bide_subscriber *s)
{
    bide_broadcast *b = s->b;
    s->next->prev = s->prev;
    s->prev->next = s->next;
    if (b->subscribers == s)
        b->subscribers = s->next;
    if (--b->count == 0)
        b->subscribers = NULL;
}

void bide_subscriber_close(bide_subscriber *s)
{
    if (!s)
        return;
    bide_broadcast *b = s->b;
    while (s->getters.head) {
        b->waiting--;
        bide__hold(s->getters.head->task, BIDE_ECLOSED, "the subscriber is closed");
        bide__settle_first(&s->getters, BIDE_ECLOSED);
    }
    give_up_items(s);
    unsubscribe(s);
    let_senders_in(b);
    if (b->freed && !b->inside && !b->count)
        free_memory(b);
    s->closed = true;
    if (!s->inside)
        bide__free(s);
}

/* select's view. */

static void hold(struct bide_case *c)
{
    bide_subscriber *s = c->on_;
    if (s)
        s->inside++;
}

static void let_go(struct bide_case *c)
{
    bide_subscriber *s = c->on_;
    if (s && --s->inside == 0 && s->closed)
        bide__free(s);
}

static int attempt(struct bide_case *c)
{
    bide_subscriber *s = c->on_;
    if (!s)
        return bide_errcode();
    int rc = s->closed ? fail_subscriber_closed() : try_get(s, c->item_, c->size_);
    if (rc == BIDE_EINVAL)
        return rc;
    if (rc == BIDE_EAGAIN)
        return 0;
    if (c->rc_)
        *c->rc_ = rc;
    return 1;
}

static int join(struct bide_case *c, struct wait *w)
{
    bide_subscriber *s = c->on_;
    int rc = bide__same_loop(&s->getters);
    if (rc < 0)
        return rc;
    w->kind = &getting;
    w->data = c->item_;
    s->b->waiting++;
    bide__line_up(&s->getters, w);
    return 0;
}

const struct selectable bide__select_subscriber = { .attempt = attempt, .join = join,
                                                    .hold = hold, .let_go = let_go };
