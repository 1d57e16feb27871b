/* fuzz/fuzz.h -- what every harness shares.
 *
 * A harness is one pure parser and the things that must hold for any bytes: libFuzzer calls
 * LLVMFuzzerTestOneInput; linked with standalone.c instead, the same harness reads files or
 * standard input, for AFL++ and for running a found input again. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

/* What must hold, also in builds without assert(). */
#define MUST(condition) \
    ((condition) ? (void)0 : must_fail(__FILE__, __LINE__, #condition))

#endif
