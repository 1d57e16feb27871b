/* The switch for aarch64.  Return addresses signed by pointer authentication stay valid: each task
 * returns on the stack, and with the stack pointer, with which it was called. */
#ifndef CORE_ARCH_AARCH64_H
#define CORE_ARCH_AARCH64_H
#include "base/inline.h"
#include <stdint.h>

#ifdef __ARM_FEATURE_SVE
#define BIDE_PREDICATES , "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", \
    "p11", "p12", "p13", "p14", "p15"
#else
#define BIDE_PREDICATES
#endif

INLINE struct context *context_switch(struct context *from, struct context *to)
{
    register struct context *here __asm__("x0") = from;
    register struct context *there __asm__("x1") = to;
    __asm__ volatile(
        "adr x9, 1f\n\t"
        "mov x10, sp\n\t"
        "stp x10, x29, [%0]\n\t"
        "str x9, [%0, #16]\n\t"
        "ldp x10, x29, [%1]\n\t"
        "ldr x16, [%1, #16]\n\t"
        "mov sp, x10\n\t"
        "br x16\n"
        "1:\thint #36\n\t"              /* bti j */
        : "+r"(here), "+r"(there)
        :
        : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
          "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27",
          "x28", "x30", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10",
          "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22",
          "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31" BIDE_PREDICATES,
          "memory", "cc");
    return there;               /* whoever came here had us in that register */
}

/* The first frame of a task.  Its caller is marked unknown, so unwinding ends here. */
#define CONTEXT_ENTRY(entry, function) \
    void entry(void); \
    __asm__(".text\n.p2align 4\n.globl " #entry "\n.hidden " #entry "\n" \
            ".type " #entry ", %function\n" #entry ":\n" \
            "\t.cfi_startproc\n\t.cfi_undefined x30\n\thint #36\n" \
            "\tmov x29, xzr\n\tmov x30, xzr\n\tbl " #function "\n\tbrk #1\n\t.cfi_endproc\n" \
            ".size " #entry ", . - " #entry "\n")

static inline void context_start(struct context *c, void *top, void (*entry)(void))
{
    *c = (struct context){ .sp = (void *)((uintptr_t)top & ~(uintptr_t)15),
                           .ip = (void *)(uintptr_t)entry };
}

#endif
