/* Signals for the loops of the process: who owns which, and what has come.
 *
 * One table for the process: a signal belongs to one loop at a time.  A loop takes it over with
 * its first listener (or to stop on it) and gives the old disposition back with its last. */
#ifndef CORE_SIGNALS_H
#define CORE_SIGNALS_H
#include "core/loop.h"
#include <signal.h>

/* Wants to hear of a signal; number and came are set by whoever listens. */
struct signal_listener {
    struct signal_listener *next, **link;       /* link NULL: does not listen (any more) */
    int number;
    /* On the loop's thread, in the poller: must not wait.  sender 0: the kernel. */
    void (*came)(struct signal_listener *who, pid_t sender);
};

/* Listens for this thread's loop.  0; BIDE_EBUSY, BIDE_EINVAL with the error held. */
int bide__signal_listen(struct signal_listener *who);
/* Of a loop that has ended: nothing. */
void bide__signal_unlisten(struct signal_listener *who);

enum { SIGNAL_NAME = 24 };
/* "SIGHUP", or "signal 40"; its name. */
const char *bide__signal_name(int number, char name[SIGNAL_NAME]);

/* INT and TERM cancel the root: at the start of the loop. */
int bide__signal_take(struct loop *l);
/* At its end: all that it has. */
void bide__signal_give_back(struct loop *l);
/* The poller's: what has come is handed on. */
void bide__signal_look(struct loop *l);
bool bide__signal_pending(const struct loop *l);
/* In a child made by fork(2): no loop is left to own any, the old dispositions come back. */
void bide__signals_forked(void);

#endif
