/* bide/channel.h -- one sender, many who listen: broadcast and watch.
 *
 * A broadcast hands every item to every subscriber, in order.  All share one ring of the last
 * items; a subscriber is a place in it, so a thousand of them cost a thousand places, not a
 * thousand queues.  What happens to one who is a whole ring behind is said when it is made:
 * by default it loses the oldest and is told so, once, by BIDE_ELIMIT; or the senders wait.
 *
 * A watch is one value that changes: who waits for a change gets the newest value, and those
 * in between are passed over.
 *
 * Items are copied in and out; they should own nothing, for each subscriber gets a copy. */
#ifndef BIDE_CHANNEL_H
#define BIDE_CHANNEL_H
#include <bide/base.h>
BIDE_BEGIN_

/* What is sent to many. */
typedef struct bide_broadcast bide_broadcast;
/* One who listens to it. */
typedef struct bide_subscriber bide_subscriber;
/* A value that is watched. */
typedef struct bide_watch bide_watch;

/* What becomes of a subscriber that is `capacity` items behind. */
enum bide_slow {
    BIDE_SLOW_DROP,             /* it misses the oldest */
    BIDE_SLOW_WAIT,             /* senders wait for it */
};
/* Options of bide_broadcast_new(). */
struct bide_broadcast_opts {
    size_t abi_;
    size_t item_size;           /* bytes of an item, 1 to 65536; the macro fills it in */
    size_t capacity;            /* items that a subscriber may be behind; default 1 */
    enum bide_slow slow;        /* default BIDE_SLOW_DROP */
};
/* bide_broadcast_new(struct news, 100) or (..., .slow = BIDE_SLOW_WAIT).  NULL: BIDE_EINVAL,
   BIDE_ENOMEM. */
#define bide_broadcast_new(type, ...) \
    bide_broadcast_new_opts(BIDE_OPTS_(bide_broadcast_opts, .item_size = sizeof(type), \
                                       .capacity = __VA_ARGS__))
bide_broadcast *bide_broadcast_new_opts(const struct bide_broadcast_opts *opts);

/* Sends a copy of *item to all who listen now: 0, also if nobody does.  Waits only under
 * BIDE_SLOW_WAIT, in line.  BIDE_ECLOSED once closed; BIDE_EINVAL if *item has another size
 * than the items. */
#define bide_broadcast_send(b, item) bide_broadcast_send_(b, item, sizeof *(item))
/* The same without waiting; BIDE_EAGAIN where it would have to. */
#define bide_broadcast_send_nowait(b, item) \
    bide_broadcast_send_nowait_(b, item, sizeof *(item))
/* Behind the macros above; size is the item's. */
BIDE_WAITS int bide_broadcast_send_(bide_broadcast *b, const void *item, size_t size);
BIDE_CHECK int bide_broadcast_send_nowait_(bide_broadcast *b, const void *item, size_t size);
/* A new listener, for what is sent from now on; the caller's to close.  NULL: BIDE_ENOMEM,
   BIDE_ECLOSED. */
bide_subscriber *bide_broadcast_subscribe(bide_broadcast *b);
/* How many listen. */
size_t bide_broadcast_count(const bide_broadcast *b);
/* From now on sends fail with BIDE_ECLOSED (also those that wait), and subscribers get what
   they have not got yet, and then 0. */
void bide_broadcast_close(bide_broadcast *b);
/* Closes it and frees it; its memory goes with the last subscriber.  NULL: nothing. */
void bide_broadcast_free(bide_broadcast *b);
BIDE_AUTO_(broadcast, bide_broadcast_free)

/* The next item, waiting for it: 1.  0: closed, and all was got.  BIDE_ELIMIT, once, where
 * some were missed: "missed 3 items"; the next call goes on behind them.  Several tasks may
 * share a subscriber: each item then goes to one of them. */
#define bide_subscriber_get(s, item) bide_subscriber_get_(s, item, sizeof *(item))
/* The same without waiting; BIDE_EAGAIN where it would have to. */
#define bide_subscriber_get_nowait(s, item) bide_subscriber_get_nowait_(s, item, sizeof *(item))
/* Behind the macros above; size is the item's. */
BIDE_WAITS int bide_subscriber_get_(bide_subscriber *s, void *item, size_t size);
BIDE_CHECK int bide_subscriber_get_nowait_(bide_subscriber *s, void *item, size_t size);
/* How many items it has missed since it subscribed, told of or not. */
size_t bide_subscriber_missed(const bide_subscriber *s);
/* Listens no more; who still waits for it fails with BIDE_ECLOSED.  NULL: nothing. */
void bide_subscriber_close(bide_subscriber *s);
BIDE_AUTO_(subscriber, bide_subscriber_close)

/* bide_watch_new(struct settings, &initial).  NULL: BIDE_EINVAL (more than 65536 bytes, or
   another type), BIDE_ENOMEM. */
#define bide_watch_new(type, initial) bide_watch_new_(sizeof(type), initial, sizeof *(initial))
/* Changes the value: 0.  All who wait go on.  BIDE_ECLOSED; BIDE_EINVAL: another size. */
#define bide_watch_set(w, value) bide_watch_set_(w, value, sizeof *(value))
/* Copies the value to *value and returns its version: 1 for the initial one, and one more with
   each change.  0: failure. */
#define bide_watch_get(w, value) bide_watch_get_(w, value, sizeof *(value))
/* Waits until the value is another than the one of version *seen, copies it to *value, and sets
 * *seen to its version: 1.  0: closed, and the last value was seen.  With *seen 0 the first call
 * returns at once.
 *
 *     for (uint64_t seen = 0; (rc = bide_watch_changed(w, &seen, &now)) == 1;) ... */
#define bide_watch_changed(w, seen, value) bide_watch_changed_(w, seen, value, sizeof *(value))
/* Behind the macros above; size is the value's. */
bide_watch *bide_watch_new_(size_t type_size, const void *initial, size_t size);
int bide_watch_set_(bide_watch *w, const void *value, size_t size);
uint64_t bide_watch_get_(const bide_watch *w, void *value, size_t size);
BIDE_WAITS int bide_watch_changed_(bide_watch *w, uint64_t *seen, void *value, size_t size);
/* The value changes no more; who waits gets 0. */
void bide_watch_close(bide_watch *w);
/* Frees it; whoever still waits fails with BIDE_ECLOSED.  NULL: nothing. */
void bide_watch_free(bide_watch *w);
BIDE_AUTO_(watch, bide_watch_free)

BIDE_END_
#endif
