/* The handler runs on an alternate stack, for the task's own is used up.  It writes with
 * write(2) only, then lets the fault happen again under the old disposition. */
#include "core/overflow.h"
#include "base/memory.h"
#include "core/loop.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { HANDLER_STACK = 65536 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int watchers;
static struct sigaction old_segv, old_bus;
static __thread stack_t old_stack;
static __thread void *handler_stack;

static void put(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    const task *t = bide__self();
    (void)context;
    if (t && bide__stack_left(t, info->si_addr)) {
        put("bide: error: stack overflow in task '");
        put(t->name ? t->name : "?");
        put("', spawned at ");
        put(t->site ? t->site : "?");
        put(": give it a larger .stack_size\n");
    }
    sigaction(number, number == SIGSEGV ? &old_segv : &old_bus, NULL);
    if (info->si_code <= 0)     /* somebody sent it; it would not happen again */
        raise(number);
}

void bide__overflow_watch(void)
{
    handler_stack = bide__alloc(HANDLER_STACK);
    if (!handler_stack)
        return;
    stack_t ours = { .ss_sp = handler_stack, .ss_size = HANDLER_STACK };
    sigaltstack(&ours, &old_stack);
    pthread_mutex_lock(&lock);
    if (watchers++ == 0) {
        struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
        sigemptyset(&action.sa_mask);
        sigaction(SIGSEGV, &action, &old_segv);
        sigaction(SIGBUS, &action, &old_bus);
    }
    pthread_mutex_unlock(&lock);
}

void bide__overflow_unwatch(void)
{
    if (!handler_stack)
        return;
    pthread_mutex_lock(&lock);
    if (--watchers == 0) {
        sigaction(SIGSEGV, &old_segv, NULL);
        sigaction(SIGBUS, &old_bus, NULL);
    }
    pthread_mutex_unlock(&lock);
    sigaltstack(&old_stack, NULL);
    bide__free(handler_stack);
    handler_stack = NULL;
}
