/* A multipart body from inside: a list of parts, each with its head as it will be sent. */
#ifndef BIDE_HTTP_MULTIPART_H
#define BIDE_HTTP_MULTIPART_H

#include "http/chars.h"

#include <bide/error.h>
#include <bide/multipart.h>
#include <bide/stream.h>

enum { BOUNDARY_MAX = 70 };     /* RFC 2046, 5.1.1 */

enum part_kind { PART_MEMORY, PART_FILE, PART_STREAM, PART_CALLBACK, PART_MULTIPART };

struct part {
    struct part *next;
    struct text head;           /* its headers, and the empty line behind them; ours */
    enum part_kind kind;
    struct text memory;         /* PART_MEMORY */
    char *copy;                 /* of a text or a file's name; NULL: there is none */
    bide_stream *stream;
    ssize_t (*fn)(void *arg, void *buf, size_t size);
    void *arg;
    bide_multipart *multipart;
    int64_t size;               /* of a stream or callback; < 0: not known */
    bool begun;                 /* a stream or callback was read from: it cannot be had again */
};

struct bide_multipart {
    struct part *first, **last;
    size_t count;
    bool is_form, drawn;        /* form-data; its boundary was drawn */
    bool sealed;                /* it is a part itself */
    unsigned senders;           /* of it, at this time */
    struct bide_error error;    /* of a part that could not be added; code 0: none */
    char *type;                 /* Content-Type */
    struct text boundary;       /* within type */
};

/* Makes the head of a part; at NULL: the error is held. */
struct text bide__part_head(const bide_multipart *m, const char *name,
                            const struct bide_part_opts *opts);

#endif
