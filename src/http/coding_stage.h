/* What each library behind a content coding gives to coding.c: one decoder, fed piece by piece. */
#ifndef HTTP_CODING_STAGE_H
#define HTTP_CODING_STAGE_H

#include "http/chars.h"

/* What goes in and comes out; a stage moves all four on. */
struct coding_pieces {
    const char *in;
    size_t in_size;
    char *out;
    size_t room;
    bool last;                  /* nothing comes behind in */
    const char *why;            /* after a failure: a static sentence */
};

/* One coding.  run() is called with room, and with input or last; 1: the end, all input was taken;
 * 0: as far as input and room go; < 0: failed.  It says "cut short" only when it was called with
 * last and without input, and has nothing to give. */
struct coding_kind {
    void *(*open)(void);        /* NULL: out of memory */
    int (*run)(void *state, struct coding_pieces *pieces);
    void (*close)(void *state);
};

extern const struct coding_kind bide__coding_gzip, bide__coding_deflate;   /* coding_zlib.c */
extern const struct coding_kind bide__coding_brotli;                        /* coding_brotli.c */
extern const struct coding_kind bide__coding_zstd;                          /* coding_zstd.c */

/* The coding of that name; NULL: *why says whether it is unknown or not built in.  "identity" is
 * none of these. */
const struct coding_kind *bide__coding_kind(struct text name, const char **why);

#endif
