/* The switch for x86-64, System V.  A landing pad stands where the indirect jump arrives, for
 * processors that check (-fcf-protection=branch); no shadow stack is claimed, for there is
 * none per task. */
#ifndef CORE_ARCH_X86_64_H
#define CORE_ARCH_X86_64_H
#include "base/inline.h"
#include <stdint.h>

#if defined(__CET__) && (__CET__ & 1)
#define BIDE_LANDING "endbr64\n\t"
#else
#define BIDE_LANDING ""
#endif
#ifdef __AVX512F__
#define BIDE_WIDE_REGISTERS , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", \
    "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", \
    "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#else
#define BIDE_WIDE_REGISTERS
#endif
#ifdef __APX_F__
#define BIDE_MORE_REGISTERS , "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", \
    "r25", "r26", "r27", "r28", "r29", "r30", "r31"
#else
#define BIDE_MORE_REGISTERS
#endif

INLINE struct context *context_switch(struct context *from, struct context *to)
{
    __asm__ volatile(
        "leaq 1f(%%rip), %%rax\n\t"
        "movq %%rsp, 0(%0)\n\t"
        "movq %%rbp, 8(%0)\n\t"
        "movq %%rax, 16(%0)\n\t"
        "movq 0(%1), %%rsp\n\t"
        "movq 8(%1), %%rbp\n\t"
        "jmpq *16(%1)\n"
        "1:\t" BIDE_LANDING
        : "+D"(from), "+S"(to)
        :
        : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
          "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
          "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"
          BIDE_WIDE_REGISTERS BIDE_MORE_REGISTERS,
          "memory", "cc");
    return to;                  /* whoever came here had us in that register */
}

/* The first frame of a task.  Its caller is marked unknown, so unwinding ends here. */
#define CONTEXT_ENTRY(entry, function) \
    void entry(void); \
    __asm__(".text\n.p2align 4\n.globl " #entry "\n.hidden " #entry "\n" \
            ".type " #entry ", @function\n" #entry ":\n" \
            "\t.cfi_startproc\n\t.cfi_undefined rip\n\t" BIDE_LANDING \
            "xorl %ebp, %ebp\n\tcall " #function "\n\tud2\n\t.cfi_endproc\n" \
            ".size " #entry ", . - " #entry "\n")

static inline void context_start(struct context *c, void *top, void (*entry)(void))
{
    *c = (struct context){ .sp = (void *)((uintptr_t)top & ~(uintptr_t)15),
                           .ip = (void *)(uintptr_t)entry };
}

#endif
