/* bide/guest.h -- a loop that lives inside somebody else's: GTK's, libuv's, a game's.
 *
 * Instead of bide_run(), which keeps the thread, the host starts the main task, watches one
 * descriptor, and steps the loop when that is readable or a time has passed:
 *
 *     bide_guest_start(main_task, arg);
 *     do {
 *         struct pollfd p = { .fd = bide_guest_fd(), .events = POLLIN };
 *         running = bide_guest_step(&timeout_ms, &rc);
 *         if (running)
 *             poll(&p, 1, timeout_ms);         // the host's own way of waiting
 *     } while (running);
 *
 * Between steps the host's code stands outside of all tasks: it may spawn, set events, put
 * without waiting and cancel, and then steps once more; a call that waits fails with
 * BIDE_EPERM.  One guest a thread.  Counterpart: trio's guest mode. */
#ifndef BIDE_GUEST_H
#define BIDE_GUEST_H
#include <bide/run.h>
BIDE_BEGIN_

/* Starts fn as the main task of a new loop on this thread; the options are bide_run()'s.  Runs
 * nothing yet.  0; < 0: BIDE_EPERM, the thread has a loop already; BIDE_EINVAL, the poller
 * "poll", by .poller or BIDE_POLLER: it has no descriptor to watch; else as bide_run(). */
#define bide_guest_start(fn, ...) \
    bide_guest_start_opts(fn, BIDE_OPTS_(bide_run_opts, .arg = __VA_ARGS__))
int bide_guest_start_opts(bide_fn *fn, const struct bide_run_opts *opts);

/* Readable when the loop has something to do before the time that the last step named; for
 * poll(2), epoll, GLib or another loop to watch, level-triggered.  -1: no guest on this
 * thread. */
int bide_guest_fd(void);
/* Runs what is ready, for about a millisecond, and never waits.  True: still running;
 * *poll_ms is how long nothing will be to do, as poll(2) wants it (milliseconds, rounded up; 0:
 * step again at once; -1: until the descriptor is readable).  False: main and all that it
 * started have ended, the loop is taken down, and *rc is what main returned, its error held; or
 * there was no guest (BIDE_EPERM). */
BIDE_CHECK bool bide_guest_step(int *poll_ms, int *rc);
/* Cancels the guest's root scope, as Ctrl-C would; keep stepping until it has ended. */
void bide_guest_cancel(void);

BIDE_END_
#endif
