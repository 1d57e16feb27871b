/* A suspended flow of control, and the switch from one to another.
 *
 * Saved are three words: stack pointer, frame pointer, and where to go on.  All other
 * registers are declared clobbered, so the compiler saves what lives, which is little in the
 * two functions that switch.  They are saved in memory, not pushed: the red zone stays intact
 * and call frame information is exact before and after, so debuggers and profilers walk out of
 * a suspended task from these three words alone.  Control goes on by an indirect jump, never
 * by a return: the return predictor then keeps matching calls (measured: 3 ns against 10).
 * Floating-point control words are not saved: +57 % for what almost no program changes per
 * task. */
#ifndef CORE_CONTEXT_H
#define CORE_CONTEXT_H

struct context { void *sp, *bp, *ip; };

/* context_switch(from, to) returns, when somebody switches back, `from`; on the fast ones by a
 * register, so that who goes on need not wait for its own stack to learn who it is. */
#if defined(BIDE_SWITCH_UCONTEXT)
#include "core/arch/ucontext.h"
#elif defined(__x86_64__)
#include "core/arch/x86_64.h"
#elif defined(__aarch64__)
#include "core/arch/aarch64.h"
#else
#include "core/arch/ucontext.h"
#endif

#endif
