/* Answers made smaller on their way out.
 *
 * What is wanted is noted with the request; whether it is done is decided when the answer begins,
 * by its status, type and headers.  A whole answer is coded at once, one that comes piece by piece
 * by a coder that stays open until its end.
 *
 * A coder takes about a millisecond for 32 KiB of text, in which its loop does nothing else.  So a
 * longer answer that comes whole is kept back until its handler has returned, and coded by a
 * thread; what is written piece by piece is coded as it comes, a piece at a time. */
#ifndef BIDE_WEB_COMPRESS_H
#define BIDE_WEB_COMPRESS_H

#include "http/encoder.h"

#include <bide/files.h>

enum {
    COMPRESS_MIN_SIZE = 1024,
    COMPRESS_INLINE_MAX = 32768,    /* bytes that are coded on the loop in one go */
};

/* In the request; zeroed with it. */
struct compressing {
    bool wanted;
    size_t min_size;
    int level;
    bool (*is_wanted)(const char *type);
    const char *coding;         /* chosen; NULL: none, or not yet */
    struct encoder *encoder;    /* at work: the answer comes piece by piece */
    char *coded;                /* a whole answer's body, until the request ends */
};

struct answer;

/* For a whole answer: puts a coded body in place of its own, if that is to be so.  0, or < 0. */
int bide__compress_whole(bide_request *req, struct answer *answer);
/* Is that work for a thread? */
bool bide__compress_is_long(const bide_request *req, const struct answer *answer);
/* The same as bide__compress_whole(), by a thread. */
BIDE_WAITS int bide__compress_aside(bide_request *req, struct answer *answer);
/* Before the head of an answer that comes piece by piece. */
int bide__compress_start(bide_request *req, int status);
/* A piece of it, and what the coder holds back: for an answer that has an encoder. */
BIDE_WAITS int bide__compress_write(bide_request *req, const void *data, size_t size);
BIDE_WAITS int bide__compress_flush(bide_request *req);
BIDE_WAITS int bide__compress_end(bide_request *req);
/* Frees what the request has of it. */
void bide__compressing_end(struct compressing *c);

#endif
