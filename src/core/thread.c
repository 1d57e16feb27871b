/* Starting a thread of the library's. */
#include "core/thread.h"
#include <signal.h>

static void block_signals(sigset_t *before)
{
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGTRAP);
    pthread_sigmask(SIG_SETMASK, &all, before);
}

int bide__thread_start(pthread_t *thread, void *(*fn)(void *), void *arg)
{
    sigset_t before;
    pthread_t detached;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (!thread)
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    block_signals(&before);
    int code = pthread_create(thread ? thread : &detached, &attributes, fn, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -code;
}
