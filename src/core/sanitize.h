/* What the sanitizers and Valgrind must be told about switching stacks.  Without them, nothing. */
#ifndef CORE_SANITIZE_H
#define CORE_SANITIZE_H
#include "base/inline.h"
#include "core/task.h"

#if defined(__SANITIZE_ADDRESS__)
#define BIDE_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define BIDE_TSAN 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BIDE_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define BIDE_TSAN 1
#endif
#endif

#ifdef BIDE_ASAN
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef BIDE_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#define BIDE_VALGRIND 1
#endif
#endif

/* A function that switches must not be instrumented: its entry and exit happen on different
 * stacks. */
#ifdef BIDE_TSAN
#define NOT_INSTRUMENTED __attribute__((no_sanitize("thread")))
#elif defined(BIDE_ASAN)
#define NOT_INSTRUMENTED __attribute__((no_sanitize("address")))
#else
#define NOT_INSTRUMENTED
#endif

static inline void sanitize_stack_made(task *t)
{
    (void)t;
#ifdef BIDE_TSAN
    t->fibre = __tsan_create_fiber(0);
#endif
#ifdef BIDE_VALGRIND
    if (RUNNING_ON_VALGRIND)
        t->fibre = (void *)(uintptr_t)(VALGRIND_STACK_REGISTER(t->stack, t) + 1);
#endif
}

static inline void sanitize_stack_gone(task *t)
{
    (void)t;
#ifdef BIDE_ASAN
    ASAN_UNPOISON_MEMORY_REGION(t->stack, t->stack_size);
#endif
#ifdef BIDE_TSAN
    __tsan_destroy_fiber(t->fibre);
#endif
#ifdef BIDE_VALGRIND
    if (t->fibre && RUNNING_ON_VALGRIND)
        VALGRIND_STACK_DEREGISTER((uintptr_t)t->fibre - 1);
#endif
}

/* The thread's own stack, on which the poller runs. */
static inline void sanitize_thread(task *poller)
{
    (void)poller;
#ifdef BIDE_ASAN
    pthread_attr_t attributes;
    void *low;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return;
    pthread_attr_getstack(&attributes, &low, &poller->stack_size);
    poller->stack = low;
    pthread_attr_destroy(&attributes);
#endif
#ifdef BIDE_TSAN
    poller->fibre = __tsan_get_current_fiber();
#endif
}

/* Right before the switch; the ended task's fake stack goes with it. */
INLINE void sanitize_leave(task *from, task *to)
{
    (void)from, (void)to;
#ifdef BIDE_ASAN
    __sanitizer_start_switch_fiber(from->flags & TASK_ENDED ? NULL : &from->fake_stack, to->stack,
                                   to->stack_size);
#endif
#ifdef BIDE_TSAN
    __tsan_switch_to_fiber(to->fibre, 0);
#endif
}

/* Right after it, on the new stack. */
INLINE void sanitize_arrive(task *now)
{
    (void)now;
#ifdef BIDE_ASAN
    __sanitizer_finish_switch_fiber(now->fake_stack, NULL, NULL);
    now->fake_stack = NULL;
#endif
}

#endif
