#include "base/sigpipe.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

static sigset_t broken(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

sigset_t bide__sigpipe_hold(void)
{
    sigset_t set = broken(), before;
    pthread_sigmask(SIG_BLOCK, &set, &before);
    return before;
}

void bide__sigpipe_let(const sigset_t *before, bool may_be_raised)
{
    static const struct timespec at_once;
    int problem = errno;
    sigset_t set = broken();
    if (may_be_raised && !sigismember(before, SIGPIPE))
        sigtimedwait(&set, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, before, NULL);
    errno = problem;
}
