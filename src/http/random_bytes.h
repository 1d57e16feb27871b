/* Bytes that nobody can foretell, a few at a time: masks, keys. */
#ifndef BIDE_HTTP_RANDOM_BYTES_H
#define BIDE_HTTP_RANDOM_BYTES_H

#include <stddef.h>

/* At most 64 of them. */
void bide__random_bytes(void *to, size_t size);

#endif
