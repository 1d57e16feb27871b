/* Decoding what a Content-Encoding header names (RFC 9110, section 8.4): gzip, deflate, br, zstd,
 * also several on top of each other.
 *
 * A decoder is handed the body piece by piece, with room for what comes out, so memory is bounded
 * whatever the body grows to.  Two limits stop bombs: how often the output may outnumber the
 * input, and the output's size.  What is not exactly right is refused with a sentence: data cut
 * short, wrong checksums, something behind the end.  An empty body is nothing decoded, whatever
 * its coding, for servers name one for replies without a body too.
 *
 * The memory of a coding is asked for with its first byte and given back behind its last.  A pure
 * codec: which libraries are there was decided when this was built. */
#ifndef HTTP_CODING_H
#define HTTP_CODING_H

#include "http/chars.h"

enum {
    CODING_DEPTH_MAX = 3,       /* codings on top of each other; two are unheard of already */
    /* Output per byte of input.  What people send shrinks 3 to 30 times, logs 100 times.  Deflate
     * cannot do more than 1032, so a limit of 1000 would hardly stop any bomb made by gzip. */
    CODING_RATIO_MAX = 256,
    CODING_RATIO_FREE = 8 << 20,    /* so much output is no bomb, whatever it came from */
    CODING_WINDOW_BITS = 23,    /* of zstd: 8 MiB, what RFC 9659 lets senders rely on */
};

struct coding;                  /* a decoder at work */

/* 0 in a field is its default. */
struct coding_limits {
    uint64_t size_max;          /* bytes of output; default: no limit */
    uint64_t ratio_max;         /* default: CODING_RATIO_MAX; BIDE_UNLIMITED: none */
};

/* The decoder for a header's value, "gzip" or "deflate, br".  0; *coding is NULL if there is
 * nothing to decode ("identity", ""), and can be used as such.  BIDE_EHTTP: an unknown coding, one
 * that is not built in, too many; BIDE_ENOMEM.  *why is then a static sentence that does not name
 * the value.  limits may be NULL. */
int bide__coding_open(struct coding **coding, struct text value,
                      const struct coding_limits *limits, const char **why);
/* Decodes a piece: *in and *in_size move on over what was taken, *out_size, on entry the room at
 * out, becomes what was made.  last: the body ends with this piece; say so again until the
 * end.  1: the end, all was taken and made; 0: call again, with room if the output is full,
 * else with more input.  BIDE_EHTTP: the data is wrong; BIDE_ELIMIT; BIDE_ENOMEM: see
 * bide__coding_why(), and every later call says the same.  On NULL it copies. */
int bide__coding_run(struct coding *coding, const char **in, size_t *in_size, char *out,
                     size_t *out_size, bool last);
/* Why it failed: a static sentence; NULL: it has not. */
const char *bide__coding_why(const struct coding *coding);
void bide__coding_free(struct coding *coding);

/* The value of Accept-Encoding for what is built in, "gzip, deflate, br, zstd"; NULL: nothing. */
const char *bide__coding_accept(void);

#endif
