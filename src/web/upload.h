/* Reading a body part by part, from inside. */
#ifndef BIDE_WEB_UPLOAD_H
#define BIDE_WEB_UPLOAD_H

#include "http/multipart_read.h"
#include "web/body_forms.h"

enum { UPLOAD_PIECE = 16384 };  /* bytes of the body that are looked at at a time */

struct bide_upload {
    struct bide_request *req;
    struct multipart_reader reader;
    uint64_t part_max, size_max;
    uint64_t part_size, size;   /* so far */
    bool in_part;
    bool over;                  /* the last boundary has come */
    int code;                   /* < 0: it has failed for good */
    struct text data;           /* of the part, found and not yet taken */
    char *texts;                /* the part's name, file name and type */
    char *text;                 /* bide_upload_text() */
    size_t from, to;            /* of piece: not yet looked at */
    char piece[UPLOAD_PIECE];
};

/* Fills in a part from its headers: 0; BIDE_EINVAL: it cannot be read (400, 415); BIDE_ENOMEM. */
int bide__upload_describe(struct bide_upload *up, struct bide_upload_part *part);
/* The next bytes of the part, in place, until the next call; none: its end. */
BIDE_WAITS int bide__upload_peek(struct bide_upload *up, struct text *data);

#endif
