/* Cutting a body into lines, fed piece by piece.
 *
 * A line ends in LF or CRLF; what is left at the end of the body is one as well.  A CR elsewhere is
 * a byte like any other. */
#ifndef BIDE_HTTP_LINES_H
#define BIDE_HTTP_LINES_H

#include "http/chars.h"

#include <sys/types.h>

enum { LINES_MAX = 65536 };     /* bytes of a line, without its end */

struct lines {
    size_t max;                 /* 0: LINES_MAX */
    char *at;                   /* the line as far as it has come; NULL: nothing yet */
    size_t size, room;
    bool given;                 /* at was handed out, and is forgotten next */
    const char *why;            /* after a refusal: a static sentence */
};

struct line {
    char *text;                 /* without its end and with a NUL behind it, until the next call;
                                   NULL: there is none */
    size_t size;                /* of text */
    size_t whole;               /* the same and what ended it */
};

/* Takes bytes up to and including the end of the next line: returns how many.  line->text is NULL
 * if it has not come yet: hand it more.  BIDE_ELIMIT, BIDE_ENOMEM: see ->why.  A struct of zeroes
 * is ready to use. */
ssize_t bide__lines_take(struct lines *l, const char *at, size_t size, struct line *line);
/* The body ends: the last line, if it had no end.  0 or BIDE_ELIMIT. */
int bide__lines_last(struct lines *l, struct line *line);
/* Frees what it holds; the struct is zero then. */
void bide__lines_end(struct lines *l);

#endif
