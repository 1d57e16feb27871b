/* Masking a frame's payload (RFC 6455, section 5.3): each byte is combined with one of four, and
 * doing it again takes it back. */
#ifndef BIDE_HTTP_WS_MASK_H
#define BIDE_HTTP_WS_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Masks `size` bytes that stand at offset `at` of the payload; to may be from.  Is all of what it
 * has written ASCII?  The bytes are in hand anyhow, and most texts then need no other look. */
bool bide__ws_mask(char *to, const char *from, size_t size, const uint8_t mask[4], uint64_t at);

#endif
