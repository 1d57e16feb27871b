/* The switch by <ucontext.h>, for processors without one of our own.  Slower: it also saves
 * the signal mask, with a system call.  The saved state lies on the suspended stack; `ip`
 * points to it. */
#ifndef CORE_ARCH_UCONTEXT_H
#define CORE_ARCH_UCONTEXT_H
#include "base/inline.h"
#include <stdint.h>
#include <ucontext.h>

INLINE struct context *context_switch(struct context *from, struct context *to)
{
    ucontext_t here;
    from->sp = __builtin_frame_address(0);
    from->ip = &here;
    swapcontext(&here, to->ip);
    return from;
}

/* The first frame of a task.  Its caller is marked unknown, so unwinding ends here. */
#if defined(__GCC_HAVE_DWARF2_CFI_ASM) && defined(__x86_64__)
#define CONTEXT_NO_CALLER __asm__ volatile(".cfi_undefined rip")
#elif defined(__GCC_HAVE_DWARF2_CFI_ASM) && defined(__aarch64__)
#define CONTEXT_NO_CALLER __asm__ volatile(".cfi_undefined x30")
#else
#define CONTEXT_NO_CALLER (void)0
#endif
#define CONTEXT_ENTRY(entry, function) \
    void entry(void); \
    void entry(void) \
    { \
        CONTEXT_NO_CALLER; \
        function(); \
        __builtin_trap(); \
    } \
    void entry(void)

static inline void context_start(struct context *c, void *top, void (*entry)(void))
{
    enum { FIRST_FRAMES = 16384 };
    ucontext_t *first = (ucontext_t *)(((uintptr_t)top - sizeof *first) & ~(uintptr_t)63);
    getcontext(first);
    first->uc_stack.ss_sp = (char *)first - FIRST_FRAMES;
    first->uc_stack.ss_size = FIRST_FRAMES;
    first->uc_link = NULL;
    makecontext(first, entry, 0);
    *c = (struct context){ .sp = first, .ip = first };
}

#endif
