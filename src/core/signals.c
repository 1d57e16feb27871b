/* Signals for one loop of the process.  The handler only counts and wakes; with the first
 * signal the default action comes back, so that the second one ends a program that does not
 * listen. */
#include "core/signals.h"
#include "core/scope.h"
#include <signal.h>
#include <stdatomic.h>

static const int taken[] = { SIGINT, SIGTERM };
enum { TAKEN = sizeof taken / sizeof *taken };
static struct sigaction old[TAKEN];
static atomic_flag in_use = ATOMIC_FLAG_INIT;
static struct inbox *volatile target;
static volatile sig_atomic_t came;

static void on_signal(int number)
{
    int saved = errno;
    (void)number;
    came = 1;
    for (int i = 0; i < TAKEN; i++)
        signal(taken[i], SIG_DFL);
    const struct inbox *in = target;    /* looked at once: another thread's loop may be ending */
    if (in)
        bide__inbox_wake(in);
    errno = saved;
}

int bide__signal_take(struct loop *l)
{
    if (atomic_flag_test_and_set(&in_use))
        return bide_fail(BIDE_EBUSY, "stop_on_signal: another loop already has the signals");
    came = 0;
    target = l->inbox;
    l->stop_on_signal = true;
    for (int i = 0; i < TAKEN; i++) {
        struct sigaction ours = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
        sigemptyset(&ours.sa_mask);
        sigaction(taken[i], &ours, &old[i]);
    }
    return 0;
}

void bide__signal_give_back(struct loop *l)
{
    if (!l->stop_on_signal)
        return;
    l->stop_on_signal = false;
    for (int i = 0; i < TAKEN; i++)
        sigaction(taken[i], &old[i], NULL);
    target = NULL;
    atomic_flag_clear(&in_use);
}

bool bide__signal_pending(const struct loop *l)
{
    return l->stop_on_signal && came == 1;
}

void bide__signal_look(struct loop *l)
{
    if (!bide__signal_pending(l))
        return;
    came = 2;
    bide__scope_cancel(&l->root.scope);
}
