/* The guard at the low end of a stack; which kind is used, and why, stands in stack.h.
 *
 * BIDE_STACK_GUARD=madvise|mprotect|canary names the best kind to try first. */
#ifndef CORE_GUARD_H
#define CORE_GUARD_H
#include "core/task.h"

/* The last two do not stop anybody: somebody must look. */
enum guard { GUARD_MADVISE, GUARD_MPROTECT, GUARD_UNTOUCHED, GUARD_CANARY };
/* At least 16 KiB, so that no ordinary frame steps over it, and at least a page. */
size_t bide__guard_size(size_t stack_size);
/* Makes the lowest bytes of a stack unusable, by the best means there is. */
enum guard bide__guard_install(char *stack, size_t size);
/* Is a guard that must be looked at as it was installed? */
bool bide__guard_alive(enum guard guard, const char *stack, size_t size);
/* That many mprotect guards are gone. */
void bide__guard_forget(uint32_t count);
/* Of this machine; what is advised and protected goes by whole pages. */
size_t bide__guard_page(void);

#endif
