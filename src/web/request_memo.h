/* Requests that came before, and what they meant.
 *
 * A client that asks for the same again says the same, byte for byte.  Then nothing of it need be
 * read again: not the line, not the fields, not whose route it is.  Remembered are requests without
 * a body for paths without braces, so a stranger cannot fill the memory with paths that do not
 * exist.  http/head_memo.h is for those that ask for something else with the same fields. */
#ifndef BIDE_WEB_REQUEST_MEMO_H
#define BIDE_WEB_REQUEST_MEMO_H

#include "http/head.h"

struct bide_request;
struct known_request;

enum {
    KNOWN_SETS = 8,             /* a request belongs to one of these by its first bytes, */
    KNOWN_WAYS = 4,             /* and each has room for so many */
    KNOWN_SIZE = 640,           /* bytes of the largest head that is remembered */
    KNOWN_FIELDS = 24,          /* and how many fields it may have */
};

/* All zero is empty. */
struct request_memo {
    struct known_request *known;        /* KNOWN_SETS times KNOWN_WAYS; NULL: none yet */
    unsigned next;              /* which way goes next */
};

/* Do the `size` bytes at data begin with a request that is remembered?  The size of its head, and
 * *req is as if it had been read and its route found; else 0. */
size_t bide__request_recall(const struct request_memo *memo, struct bide_request *req,
                            const char *data, size_t size);
/* Remembers one that was read from data, if it is of that kind; then its route is found too. */
void bide__request_remember(struct request_memo *memo, struct bide_request *req, const char *data);
void bide__request_memo_end(struct request_memo *memo);

#endif
