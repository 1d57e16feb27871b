/* bide/signal.h -- signals arrive in a task, in order, like items of a queue.
 *
 *     bide_auto(signals) s = bide_signals_open(SIGHUP, SIGTERM);
 *     int number;
 *     while ((number = bide_signals_wait(s)) == SIGHUP)
 *         read_settings();
 *
 * Opening takes the signals over for this loop, closing gives the old dispositions back.
 * Several may open the same signal in one loop, and each gets it; another loop of the process
 * gets BIDE_EBUSY.  Who opens SIGINT or SIGTERM gets it instead of .stop_on_signal, while it is
 * open.  What came and was not waited for yet is kept, once per number, as the kernel does.
 * A signal that all threads block never comes. */
#ifndef BIDE_SIGNAL_H
#define BIDE_SIGNAL_H
#include <bide/base.h>
#include <signal.h>
BIDE_BEGIN_

typedef struct bide_signals bide_signals;

/* bide_signals_open(SIGHUP, SIGUSR1): from now on these are kept for bide_signals_wait().
 * NULL: BIDE_EINVAL (no signal, or one that cannot be had: SIGKILL, SIGSTOP, or that tells of
 * the thread's own fault, as SIGSEGV), BIDE_EBUSY (another loop has it), BIDE_ENOMEM,
 * BIDE_EPERM outside a loop.  Counterpart: loop.add_signal_handler(). */
#define bide_signals_open(...) bide_signals_open_(__VA_ARGS__, 0)
/* Behind the macro: a list that ends with 0. */
bide_signals *bide_signals_open_(int first, ...);
/* The next signal's number, in the order in which they came.  0: closed meanwhile.  Each signal
 * goes to one of the tasks that wait here, the longest waiting first.  < 0: cancelled;
 * BIDE_EPERM in another loop. */
BIDE_WAITS int bide_signals_wait(bide_signals *s);
/* bide_signal_wait(SIGINT, SIGTERM): opens, waits for one, closes; its number.  Before it is
 * called nothing is kept. */
#define bide_signal_wait(...) bide_signal_wait_(__VA_ARGS__, 0)
/* Behind the macro: a list that ends with 0. */
BIDE_WAITS int bide_signal_wait_(int first, ...);
/* Who sent the signal that was handed out last; 0: the kernel or a terminal. */
pid_t bide_signals_sender(const bide_signals *s);
/* Gives them back, unless others have them open too, and frees; who waits gets 0.  NULL:
 * nothing. */
void bide_signals_close(bide_signals *s);
BIDE_AUTO_(signals, bide_signals_close)

BIDE_END_
#endif
