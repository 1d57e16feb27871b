/* The chunked transfer coding (RFC 9112, section 7.1).
 *
 * The decoder is handed bytes as they come and points out the payload among them;
 * nothing of it is copied.  Chunk extensions are read, checked and thrown away, and so are trailers
 * unless somebody wants to keep them; what they may take in sum is limited, for otherwise a body of
 * one byte could cost its reader any amount of traffic. */
#ifndef BIDE_HTTP_CHUNKED_H
#define BIDE_HTTP_CHUNKED_H

#include "http/chars.h"

#include <sys/types.h>

enum {
    CHUNKED_EXTENSION_MAX = 4096,       /* all extensions of one body together */
    CHUNKED_TRAILER_MAX = 8192,         /* all trailers of one body together */
    CHUNKED_HEAD_SIZE = 18,             /* 16 hex digits, CR, LF */
};

struct chunked {
    uint8_t state;              /* enum in chunked.c; all-zero is ready to use */
    uint8_t digits;             /* of the size being read */
    bool done;                  /* the last byte of the body has been taken */
    bool keep_trailers;         /* set before the first byte */
    uint16_t extension, trailer;    /* bytes spent on them so far */
    uint16_t kept, room;        /* bytes at trailers */
    char *trailers;             /* lines as they came; NULL: none are kept */
    uint64_t left;              /* payload left in this chunk */
    const char *why;            /* after a refusal: a static sentence */
};

/* Takes bytes up to and including the next piece of payload: returns how many, and sets
 * *payload (size 0: there was none).  Call again while bytes are left and !done.
 * BIDE_EHTTP, BIDE_ELIMIT, BIDE_ENOMEM: refused, see ->why. */
ssize_t bide__chunked_take(struct chunked *chunked, const char *at, size_t size,
                           struct text *payload);
/* Frees the trailers. */
void bide__chunked_end(struct chunked *chunked);

/* Writes the line before a chunk of `size` bytes (not 0) and returns its length.  Behind
 * the payload comes CRLF; the whole body ends with CHUNKED_END. */
size_t bide__chunked_head(char out[CHUNKED_HEAD_SIZE], uint64_t size);
#define CHUNKED_END "0\r\n\r\n"

#endif
