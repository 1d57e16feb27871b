/* Encoding a body by a content coding: gzip, deflate, zstd; the other side of http/coding.h,
 * with the same contract.  For bodies of requests and of responses.
 *
 * There is no br: libbrotlienc ends the process when there is no memory. */
#ifndef HTTP_ENCODER_H
#define HTTP_ENCODER_H

#include "http/chars.h"

struct encoder;

enum encoder_until {
    ENCODER_MORE,               /* more follows */
    ENCODER_FLUSH,              /* all that was taken can be decoded when this is done */
    ENCODER_END,                /* nothing follows */
};

/* An encoder by a coding's name ("gzip", "x-gzip", "deflate", "zstd").  level: as the library
 * counts (1 to 9 for gzip and deflate, 1 to 19 for zstd), held within what it knows; 0: its
 * default.  0; BIDE_EHTTP: unknown or not built in; BIDE_ENOMEM.  *why is then a static
 * sentence. */
int bide__encoder_open(struct encoder **encoder, struct text name, int level, const char **why);
/* Encodes a piece: *in and *in_size move on over what was taken, *out_size, on entry the room at
 * out, becomes what was made.  1: all was taken and, as `until` says, made; 0: call again, with
 * room, and with the same `until` if that is not MORE.  BIDE_ENOMEM. */
int bide__encoder_run(struct encoder *encoder, const char **in, size_t *in_size, char *out,
                      size_t *out_size, enum encoder_until until);
void bide__encoder_free(struct encoder *encoder);

#endif
