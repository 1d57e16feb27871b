/* fork(2) while a loop runs copies the loop, but shares its poller: the child would take the
 * parent's events out of the parent's epoll set, and the parent's signals would be written to
 * both.  So the child has no loop.  Calls that need one fail there with BIDE_EPERM, closing a
 * stream closes a descriptor and leaves the poller alone, signals have their old dispositions;
 * and it may start a loop of its own.  Children that this library starts never come here: they
 * share its memory until they run another program. */
#include "core/forked.h"
#include "core/loop.h"
#include "core/signals.h"
#include <pthread.h>

static void forget_loop(void)
{
    bide__here = NULL;
    bide__signals_forked();
}

static void watch(void)
{
    pthread_atfork(NULL, NULL, forget_loop);
}

void bide__forked_watch(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch);
}
