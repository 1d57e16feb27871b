/* Guards by madvise, by mprotect within a budget, by canary; chosen once per process, and
 * again per stack where the system refuses one (MADV_GUARD_INSTALL does so in locked memory).
 *
 * The canary is no word that an overflow could step over, but the guard's memory itself: as long
 * as nobody has written there, the system has not given it a page.  Asking costs 0.6 us at each
 * switch, and saves three pages a stack.  In locked memory, where all pages are there from the
 * start, the guard is filled with a pattern instead. */
#include "core/guard.h"
#include "base/sys.h"
#include "core/stack.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
enum { GUARD_MIN = 16384, GUARD_MAX = 65536, PAGE_MIN = 4096 };
static const uint64_t canary_word = UINT64_C(0x62696465ca9a57c5);

static pthread_once_t chosen = PTHREAD_ONCE_INIT;
static enum guard best;
static long budget;             /* mprotect guards allowed in all */
static atomic_long used;
static atomic_bool told;

static long mapping_budget(void)
{
    long most = 65530;
    FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
    if (f) {
        if (fscanf(f, "%ld", &most) != 1)
            most = 65530;
        fclose(f);
    }
    return most / 4;
}

/* An emulator may say yes to an advice that it does not know, so the guard is touched, by a call
 * that answers EFAULT instead of dying: not access(), which dies in Valgrind's wrapper, nor the C
 * library's getrandom(), which since 2.41 writes the bytes itself. */
static bool madvise_works(void)
{
    size_t page = bide__guard_page();
    void *at = bide__sys.mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                              -1, 0);
    if (at == MAP_FAILED)
        return false;
    bool works = bide__sys.madvise(at, page, MADV_GUARD_INSTALL) == 0 &&
                 syscall(SYS_getrandom, at, 1, GRND_NONBLOCK) < 0 && errno == EFAULT;
    bide__sys.munmap(at, page);
    return works;
}

static void choose(void)
{
    const char *asked = getenv("BIDE_STACK_GUARD");
    budget = mapping_budget();
    best = GUARD_MPROTECT;
    if (asked && strcmp(asked, "canary") == 0)
        best = GUARD_CANARY;
    else if (!(asked && strcmp(asked, "mprotect") == 0) && madvise_works())
        best = GUARD_MADVISE;
}

const char *bide_stack_guard_name(void)
{
    static const char *const names[] = { "madvise", "mprotect", "canary", "canary" };
    pthread_once(&chosen, choose);
    return names[best];
}

size_t bide__guard_page(void)
{
    static atomic_size_t known; /* sysconf() takes as long as the rest of making a stack */
    size_t page = atomic_load_explicit(&known, memory_order_relaxed);
    if (page == 0) {
        page = (size_t)sysconf(_SC_PAGESIZE);
        atomic_store_explicit(&known, page, memory_order_relaxed);
    }
    return page;
}

size_t bide__guard_size(size_t stack_size)
{
    size_t quarter = stack_size / 4, page = bide__guard_page();
    size_t size = quarter < GUARD_MIN ? GUARD_MIN : quarter < GUARD_MAX ? quarter : GUARD_MAX;
    return size > page ? size : page;
}

/* How many of the guard's pages there are; -1: the system does not say. */
static int pages_there(const char *guard, size_t size)
{
    unsigned char there[GUARD_MAX / PAGE_MIN];
    int count = 0;
    if (mincore((void *)(uintptr_t)guard, size, there) != 0)
        return -1;
    for (size_t i = 0; i < size / bide__guard_page(); i++)
        count += there[i] & 1;
    return count;
}

static void fill(char *guard, size_t size)
{
    uint64_t *words = (uint64_t *)(void *)guard;
    for (size_t i = 0; i < size / sizeof *words; i++)
        words[i] = canary_word;
}

static bool is_filled(const char *guard, size_t size)
{
    const uint64_t *words = (const uint64_t *)(const void *)guard;
    for (size_t i = 0; i < size / sizeof *words; i++)
        if (words[i] != canary_word)
            return false;
    return true;
}

static bool protects(char *stack, size_t size)
{
    if (atomic_fetch_add(&used, 1) < budget && bide__sys.mprotect(stack, size, PROT_NONE) == 0)
        return true;
    bide__guard_forget(1);
    return false;
}

static void tell(void)
{
    if (!atomic_exchange(&told, true))
        bide_log(BIDE_LOG_WARNING, "stacks from here on have no guard page, only a canary: raise "
                 "vm.max_map_count, or use Linux 6.13 or newer");
}

enum guard bide__guard_install(char *stack, size_t size)
{
    pthread_once(&chosen, choose);
    if (best == GUARD_MADVISE && bide__sys.madvise(stack, size, MADV_GUARD_INSTALL) == 0)
        return GUARD_MADVISE;
    if (best != GUARD_CANARY && protects(stack, size))
        return GUARD_MPROTECT;
    tell();
    if (pages_there(stack, size) == 0)
        return GUARD_UNTOUCHED;
    fill(stack, size);
    return GUARD_CANARY;
}

bool bide__guard_alive(enum guard guard, const char *stack, size_t size)
{
    if (guard == GUARD_UNTOUCHED)
        return pages_there(stack, size) <= 0;
    return guard != GUARD_CANARY || is_filled(stack, size);
}

void bide__guard_forget(uint32_t count)
{
    atomic_fetch_sub(&used, (long)count);
}
