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

/* What must hold, also in builds without assert(). */
#define MUST(condition) \
    ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), abort()))

#endif
