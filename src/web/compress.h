/* Answers made smaller on their way out.
 *
 * What is wanted is noted with the request; whether it is done is decided when the answer begins,
 * by its status, type and headers.  A whole answer is coded at once, one that comes piece by piece
 * by a coder that stays open until its end. */
#ifndef BIDE_WEB_COMPRESS_H
#define BIDE_WEB_COMPRESS_H

#include "http/encoder.h"

#include <bide/files.h>

enum { COMPRESS_MIN_SIZE = 1024 };

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
/* Before the head of an answer that comes piece by piece. */
int bide__compress_start(bide_request *req, int status);
/* A piece of it, and what the coder holds back: for an answer that has an encoder. */
BIDE_WAITS int bide__compress_write(bide_request *req, const void *data, size_t size);
BIDE_WAITS int bide__compress_flush(bide_request *req);
BIDE_WAITS int bide__compress_end(bide_request *req);
/* Frees what the request has of it. */
void bide__compressing_end(struct compressing *c);

#endif
