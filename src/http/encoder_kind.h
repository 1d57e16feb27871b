/* What each library behind a content coding gives to encoder.c. */
#ifndef HTTP_ENCODER_KIND_H
#define HTTP_ENCODER_KIND_H

#include "http/coding_stage.h"
#include "http/encoder.h"

struct encoder_kind {
    void *(*open)(int level);   /* NULL: out of memory */
    /* Moves pieces on.  1: done, as `until` says; 0: call again; < 0: failed. */
    int (*run)(void *state, struct coding_pieces *pieces, enum encoder_until until);
    void (*close)(void *state);
};

/* encoder_zlib.c, encoder_zstd.c */
extern const struct encoder_kind bide__encoder_gzip, bide__encoder_deflate, bide__encoder_zstd;

#endif
