/* Signals: a table of the process, a handler that only notes and wakes.
 *
 * A handler and not signalfd: for that a signal has to be blocked in every thread, also in those
 * that were started before, and what is blocked is inherited by the programs that are started.
 * The handler gives each signal that is not yet pending the next number in a row, so that the
 * loop hears of them in the order in which they came.  Who takes a signal's loop away waits
 * until no handler is inside of it: it may run in any thread.
 *
 * With the first INT or TERM that stops a loop the default action comes back, in the handler,
 * so that the second one ends a program that does not listen. */
#include "core/signals.h"
#include "core/scope.h"
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

enum { NUMBERS = 65 };

struct slot {
    _Atomic(struct loop *) owner;               /* changed under the lock */
    struct sigaction old;
    struct signal_listener *first, **last;      /* the owner's */
    atomic_bool stops;                          /* it cancels the root of its owner */
    atomic_bool heard;                          /* by listeners, and so stops nothing */
    _Atomic(struct inbox *) target;             /* whom the handler wakes; NULL: nobody */
    atomic_int inside;                          /* handlers */
    atomic_ullong order;                        /* when it came; 0: it has not */
    atomic_int sender;
};
static struct slot slots[NUMBERS];
static pthread_mutex_t owners = PTHREAD_MUTEX_INITIALIZER;
static atomic_ullong last_order;
static atomic_uint arrivals;
static atomic_bool spent;       /* who stops on signals was told: the next one ends the process */

static const int stopping[] = { SIGINT, SIGTERM };
enum { STOPPING = sizeof stopping / sizeof *stopping };

/* In the handler: from now on they do what they would do without us. */
static void leave_the_rest_to_the_system(void)
{
    atomic_store(&spent, true);
    for (int i = 0; i < STOPPING; i++)
        if (atomic_load(&slots[stopping[i]].stops) && !atomic_load(&slots[stopping[i]].heard))
            signal(stopping[i], SIG_DFL);
}

static void note(struct slot *slot, const siginfo_t *info, const struct inbox *target)
{
    bool by_process = info->si_code == SI_USER || info->si_code == SI_QUEUE ||
                      info->si_code == SI_TKILL;
    if (!atomic_load(&slot->order)) {
        atomic_store(&slot->sender, by_process ? info->si_pid : 0);
        atomic_store(&slot->order, atomic_fetch_add(&last_order, 1) + 1);
    }
    if (atomic_load(&slot->stops) && !atomic_load(&slot->heard))
        leave_the_rest_to_the_system();
    atomic_fetch_add(&arrivals, 1);
    bide__inbox_wake(target);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    struct slot *slot = &slots[number];
    (void)context;
    atomic_fetch_add(&slot->inside, 1);
    const struct inbox *target = atomic_load(&slot->target);
    if (target)
        note(slot, info, target);
    atomic_fetch_sub(&slot->inside, 1);
    errno = saved;
}

/* While one is handled the others wait, so that their order is what it is. */
static int install(int number, struct sigaction *old)
{
    struct sigaction ours = { .sa_sigaction = on_signal,
                              .sa_flags = SA_RESTART | SA_SIGINFO | SA_ONSTACK };
    sigfillset(&ours.sa_mask);
    return sigaction(number, &ours, old);
}

static int take_over(struct slot *slot, int number, struct loop *l)
{
    if (slot->owner)
        return slot->owner == l ? 0 : BIDE_EBUSY;
    slot->first = NULL;
    slot->last = &slot->first;
    atomic_store(&slot->order, 0);
    atomic_store(&slot->target, l->inbox);      /* before: none that the handler gets may be lost */
    if (install(number, &slot->old) < 0) {
        int rc = -errno;
        atomic_store(&slot->target, NULL);
        return rc;
    }
    slot->owner = l;
    l->signals++;
    return 0;
}

/* This thread's loop has it from here on. */
static int own(int number, struct loop *l)
{
    pthread_mutex_lock(&owners);
    int rc = take_over(&slots[number], number, l);
    pthread_mutex_unlock(&owners);
    return rc;
}

static void restore(struct slot *slot, int number)
{
    sigaction(number, &slot->old, NULL);
    atomic_store(&slot->target, NULL);
}

static void give_back(struct slot *slot, int number)
{
    struct loop *l = slot->owner;
    pthread_mutex_lock(&owners);
    restore(slot, number);
    while (atomic_load(&slot->inside))
        sched_yield();
    slot->owner = NULL;
    l->signals--;
    pthread_mutex_unlock(&owners);
}

/* The last one who listened has gone. */
static void fall_back(struct slot *slot, int number)
{
    atomic_store(&slot->heard, false);
    if (!atomic_load(&slot->stops))
        give_back(slot, number);
    else if (atomic_load(&spent))
        signal(number, SIG_DFL);
}

/* What a thread has done wrong is for no other to hear; and the two that nobody can catch. */
static bool can_be_had(int number)
{
    static const int never[] = { SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
                                 SIGSYS };
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (number == never[i])
            return false;
    return number > 0 && number < NUMBERS;
}

const char *bide__signal_name(int number, char name[SIGNAL_NAME])
{
    const char *known = number > 0 && number < NUMBERS ? sigabbrev_np(number) : NULL;
    if (known)
        snprintf(name, SIGNAL_NAME, "SIG%s", known);
    else
        snprintf(name, SIGNAL_NAME, "signal %d", number);
    return name;
}

static int refuse(int number, int rc)
{
    char name[SIGNAL_NAME];
    bide__signal_name(number, name);
    return bide_fail(rc, rc == BIDE_EBUSY ? "signals: another loop has %s"
                                          : "signals: nobody can wait for %s", name);
}

int bide__signal_listen(struct signal_listener *who)
{
    int rc = can_be_had(who->number) ? own(who->number, bide__loop()) : BIDE_EINVAL;
    if (rc < 0)
        return refuse(who->number, rc);
    struct slot *slot = &slots[who->number];
    if (!slot->first && atomic_load(&slot->stops))
        install(who->number, NULL);     /* it may have been left to the system */
    atomic_store(&slot->heard, true);
    who->next = NULL;
    who->link = slot->last;
    *slot->last = who;
    slot->last = &who->next;
    return 0;
}

void bide__signal_unlisten(struct signal_listener *who)
{
    if (!who->link)
        return;
    struct slot *slot = &slots[who->number];
    *who->link = who->next;
    if (who->next)
        who->next->link = who->link;
    else
        slot->last = who->link;
    who->link = NULL;
    if (!slot->first)
        fall_back(slot, who->number);
}

int bide__signal_take(struct loop *l)
{
    for (int i = 0; i < STOPPING; i++) {
        if (own(stopping[i], l) == 0)
            continue;
        while (i--)
            give_back(&slots[stopping[i]], stopping[i]);
        return bide_fail(BIDE_EBUSY, "stop_on_signal: another loop already has the signals");
    }
    atomic_store(&spent, false);
    for (int i = 0; i < STOPPING; i++)
        atomic_store(&slots[stopping[i]].stops, true);
    return 0;
}

void bide__signal_give_back(struct loop *l)
{
    for (int number = 1; number < NUMBERS && l->signals; number++) {
        struct slot *slot = &slots[number];
        if (slot->owner != l)
            continue;
        atomic_store(&slot->stops, false);
        if (!slot->first)
            give_back(slot, number);
        while (slot->owner == l && slot->first)
            bide__signal_unlisten(slot->first);
    }
}

bool bide__signal_pending(const struct loop *l)
{
    return l->signals && atomic_load(&arrivals) != l->signals_seen;
}

/* The one of this loop's that came first, and still waits to be told; 0: none. */
static int first_pending(const struct loop *l)
{
    unsigned long long least = 0;
    int first = 0;
    for (int number = 1; number < NUMBERS; number++) {
        if (!atomic_load_explicit(&slots[number].order, memory_order_relaxed))
            continue;
        unsigned long long order = atomic_load(&slots[number].order);
        if (slots[number].owner == l && order && (!least || order < least)) {
            least = order;
            first = number;
        }
    }
    return first;
}

static void tell(struct loop *l, int number)
{
    struct slot *slot = &slots[number];
    pid_t sender = atomic_load(&slot->sender);
    atomic_store(&slot->order, 0);
    for (struct signal_listener *who = slot->first; who; who = who->next)
        who->came(who, sender);
    if (!slot->first && atomic_load(&slot->stops))
        bide__scope_cancel(&l->root.scope);
}

void bide__signal_look(struct loop *l)
{
    if (!bide__signal_pending(l))
        return;
    l->signals_seen = atomic_load(&arrivals);
    for (int number; (number = first_pending(l));)
        tell(l, number);
}

void bide__signals_forked(void)
{
    for (int number = 1; number < NUMBERS; number++) {
        struct slot *slot = &slots[number];
        if (!slot->owner)
            continue;
        restore(slot, number);
        slot->owner = NULL;
        atomic_store(&slot->stops, false);
        atomic_store(&slot->heard, false);
        atomic_store(&slot->inside, 0);         /* in threads that did not come along */
    }
    pthread_mutex_init(&owners, NULL);
}
