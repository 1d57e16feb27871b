/* A COPY that stands open on a connection, which it has for itself. */
#ifndef PG_COPY_H
#define PG_COPY_H

#include "pg/connection.h"

struct pg_copy {
    struct pg_connection *c;
    struct pg_request *request; /* NULL: it is over */
    char *piece;                /* of a COPY to stdout, libpq's */
    bool in;
};

/* Begins it.  0, or < 0. */
BIDE_WAITS int bide__pg_copy_begin(struct pg_copy *copy, struct pg_connection *c, const char *sql,
                                   bool in);
BIDE_WAITS int bide__pg_copy_put(struct pg_copy *copy, const void *bytes, size_t size);
BIDE_WAITS int64_t bide__pg_copy_end(struct pg_copy *copy);
/* Without waiting: what is not finished is undone. */
void bide__pg_copy_leave(struct pg_copy *copy);

#endif
