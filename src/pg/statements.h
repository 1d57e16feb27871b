/* The prepared statements of a connection, found by their text; who was used longest ago goes
 * first. */
#ifndef PG_STATEMENTS_H
#define PG_STATEMENTS_H

#include "core/task.h"

#include <libpq-fe.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the name of one at the server. */
enum { PG_NAME_SIZE = 32 };
struct pg_statement {
    uint64_t used;
    uint64_t number;
    char name[PG_NAME_SIZE];    /* "bide_NUMBER" */
    uint32_t hash;
    bool ready;                 /* the server has described it */
    bool forgotten;             /* it is in no list any more */
    unsigned holders;           /* who needs it across a wait */
    bool binary;                /* all columns are of types that are read in binary */
    int portion;                /* rows of a stream of it that may come at once */
    int parameters;
    Oid *types;                 /* of the parameters */
    char *sql;
    struct waitlist waiters;    /* until it is ready, or gone */
};
struct pg_statements {
    struct pg_statement **list;
    size_t count, max;
    uint64_t uses, numbers;
};

struct pg_statement *bide__pg_find(struct pg_statements *s, const char *sql);
/* A place for one that is to be prepared; NULL: out of memory, or all of them are being prepared.
 * *dropped is the number of one that had to go, 0: none. */
struct pg_statement *bide__pg_keep(struct pg_statements *s, const char *sql, uint64_t *dropped);
/* What the server says of it, NULL: it could not be prepared.  Then it is gone; who waits looks
 * again. */
void bide__pg_describe(struct pg_statements *s, struct pg_statement *p,
                       const PGresult *description);
/* It is not at the server any more.  Not of one that is being prepared. */
void bide__pg_forget(struct pg_statements *s, struct pg_statement *p);
/* It is not freed before it is released, though it may be forgotten.  NULL: nothing. */
void bide__pg_hold(struct pg_statement *p);
void bide__pg_release(struct pg_statement *p);
/* All that are ready. */
void bide__pg_forget_all(struct pg_statements *s);
void bide__pg_statements_free(struct pg_statements *s);
/* The name of one. */
void bide__pg_name(uint64_t number, char name[PG_NAME_SIZE]);

#endif
