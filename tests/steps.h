/* tests/steps.h -- how many instructions something takes, counted and not timed: so that a test can
 * say that a search among ten thousand is no longer than one among ten, on a machine however busy.
 *
 *     long few = steps_of(look_up, &ten), many = steps_of(look_up, &ten_thousand);
 *     CHECK(many <= 2 * few || few < 0);
 *
 * fn(arg) runs here and now: once so, for what a first call does (symbols are bound, caches are
 * filled), and then with the processor's trap flag set, when each instruction, a repeated one each
 * time, ends in a signal that is counted. That is exact, and the same each time, but for what
 * chance (keys of hashes, addresses) does to fn, and takes some microseconds each. fn may wait, but
 * then others' steps count as well. -1: it cannot be counted here: another processor than x86-64,
 * a tool that runs the program on a processor of its own (Valgrind), or the thread sanitizer, which
 * keeps signals back. */
#ifndef STEPS_H
#define STEPS_H
#include "test.h"

#include <signal.h>

#if defined(__x86_64__) && !defined(TEST_UNDER_TSAN)
enum { STEPS_TRAP_FLAG = 0x100 };

static volatile sig_atomic_t steps_counted;

static void steps_count(int signal)
{
    (void)signal;
    steps_counted++;
}

__attribute__((unused, noinline)) static long steps_of(void (*fn)(void *arg), void *arg)
{
    struct sigaction before, counting = { .sa_handler = steps_count };
    fn(arg);
    sigaction(SIGTRAP, &counting, &before);
    steps_counted = 0;
    unsigned long long flags = __builtin_ia32_readeflags_u64();
    __builtin_ia32_writeeflags_u64(flags | STEPS_TRAP_FLAG);
    fn(arg);
    __builtin_ia32_writeeflags_u64(flags);
    sigaction(SIGTRAP, &before, NULL);
    return steps_counted > 0 ? steps_counted : -1;
}
#else
__attribute__((unused)) static long steps_of(void (*fn)(void *arg), void *arg)
{
    (void)fn;
    (void)arg;
    return -1;
}
#endif
#endif
