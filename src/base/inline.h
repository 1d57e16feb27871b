/* Where the compiler is told what to inline: on the paths whose nanoseconds are counted. */
#ifndef BASE_INLINE_H
#define BASE_INLINE_H

#define INLINE static inline __attribute__((always_inline))
#define COLD __attribute__((cold, noinline))

#endif
