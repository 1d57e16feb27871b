/* The guard at the low end of a stack; which kind is used, and why, stands in stack.h.
 *
 * BIDE_STACK_GUARD=madvise|mprotect|canary names the best kind to try first. */
#ifndef CORE_GUARD_H
#define CORE_GUARD_H
#include "core/task.h"

enum guard { GUARD_MADVISE, GUARD_MPROTECT, GUARD_CANARY };
size_t bide__guard_size(size_t stack_size);
/* Makes the lowest bytes of a stack unusable, by the best means there is. */
enum guard bide__guard_install(char *stack, size_t size);
/* Is the canary still alive? */
bool bide__guard_alive(const char *stack);
/* That many mprotect guards are gone. */
void bide__guard_forget(uint32_t count);

#endif
