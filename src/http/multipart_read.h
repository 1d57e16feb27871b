/* Reading a multipart body (RFC 2046, 5.1; RFC 7578), fed piece by piece: for responses, and for
 * what forms send to a server.
 *
 * Payload is pointed out where it lies, nothing is copied; only the headers of a part are gathered.
 * The reader is strict: lines end in CRLF, headers are as in HTTP and not folded, and what begins
 * with a boundary but goes on otherwise is an error, for other readers would see another body. */
#ifndef BIDE_HTTP_MULTIPART_READ_H
#define BIDE_HTTP_MULTIPART_READ_H

#include "http/chars.h"
#include "http/multipart.h"

#include <sys/types.h>

struct bide_pair;

/* The defaults of the limits. */
enum {
    MULTIPART_HEAD_MAX = 8192,  /* bytes of a part's headers */
    MULTIPART_COUNT_MAX = 32,   /* how many they are */
    MULTIPART_PARTS_MAX = 1000,
    MULTIPART_PREAMBLE_MAX = 8192,      /* bytes before the first boundary */
};

/* 0 in a field is its default. */
struct multipart_limits {
    size_t head, count, parts, preamble;
};

/* What was found. */
enum multipart_item {
    MULTIPART_NOTHING,          /* hand it more */
    MULTIPART_HEAD,             /* a part begins: its headers are in ->headers */
    MULTIPART_DATA,             /* some of its payload */
    MULTIPART_PART_END,
    MULTIPART_END,              /* of the whole; what comes behind is of no meaning */
};

struct multipart_reader {
    struct multipart_limits limits;
    uint8_t state;              /* enum in multipart_read.c */
    bool in_part;
    size_t matched;             /* bytes of the delimiter that have been seen, of which */
    size_t before;              /* so many belong to the line before */
    size_t padding;             /* blanks behind a boundary */
    size_t delimiter_size;
    char delimiter[4 + BOUNDARY_MAX + 1];       /* CR LF "--" boundary */
    char *head;                 /* of the part, as far as it has come */
    size_t head_size, head_room;
    struct bide_pair *headers;  /* ended by {NULL, NULL}; until the next part */
    size_t parts, preamble;     /* so many so far */
    const char *why;            /* after a refusal: a static sentence */
};

/* boundary: 1 to 70 bytes, else BIDE_EHTTP.  limits NULL: the defaults.  End it in any case. */
int bide__multipart_read_start(struct multipart_reader *r, struct text boundary,
                               const struct multipart_limits *limits);
/* Takes bytes up to and including the next item: returns how many, which may be none, and sets
 * *item.  *data is payload: within what was handed over, or (a piece of a boundary that was none)
 * within the reader, until the next call.  BIDE_EHTTP, BIDE_ELIMIT, BIDE_ENOMEM: see ->why. */
ssize_t bide__multipart_read_take(struct multipart_reader *r, const char *at, size_t size,
                                  enum multipart_item *item, struct text *data);
/* The body has ended: 0, or BIDE_EEOF: it was cut short. */
int bide__multipart_read_last(struct multipart_reader *r);
/* Frees what it holds. */
void bide__multipart_read_end(struct multipart_reader *r);

#endif
