/* A column of a result: what its values are. */
#ifndef MYSQL_COLUMN_H
#define MYSQL_COLUMN_H

#include "mysql/arena.h"

#include <mysql.h>

enum mysql_kind {
    KIND_TEXT,
    KIND_BYTES,
    KIND_NUMERIC,               /* digits */
    KIND_INT,
    KIND_UINT,
    KIND_BOOL,                  /* tinyint(1): 0 and 1 are bools, others integers */
    KIND_BITS,                  /* an unsigned number, the first byte is the highest */
    KIND_REAL,
    KIND_FLOAT,                 /* of 32 bits */
    KIND_DATE,
    KIND_TIME,                  /* a date and a time */
    KIND_CLOCK,                 /* hours, minutes and seconds: a text */
};
struct mysql_column {
    const char *name, *type;    /* the type as the server calls it: "int unsigned" */
    enum mysql_kind kind;
    unsigned digits;            /* of a second's fraction, in a clock */
};

/* The columns of these fields, in the arena; NULL: out of memory. */
struct mysql_column *bide__mysql_columns(struct mysql_arena *arena, const MYSQL_FIELD *fields,
                                         size_t count);

#endif
