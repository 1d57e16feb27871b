/* What a program holds: a pool, a lent connection, or a transaction. */
#ifndef DB_HANDLE_H
#define DB_HANDLE_H

#include "db/driver.h"

enum db_kind { DB_POOL, DB_LENT, DB_TRANSACTION };
struct bide_db {
    enum db_kind kind;
    struct db_pool *pool;
    struct db_connection *connection;   /* NULL: a pool */
    struct bide_db *outer;      /* a transaction's, NULL if it was begun on a pool */
    struct bide_db *inner;      /* the transaction open on it */
    unsigned depth;             /* of transactions: 1, a savepoint 2, ... */
    unsigned under_way;         /* statements given to it that are not answered yet */
    bool over;                  /* committed or rolled back, or about to be */
    bool closed;                /* by the program: the last statement frees it */
};

/* The connection that a statement given to db runs on, with a user more; see bide__db_done().  Of a
 * pool it may be one that others use as well, if the statement can share. */
BIDE_WAITS struct db_connection *bide__db_enter(bide_db *db, bool shares);
/* The handle stays while a statement given to it is under way, even if it is closed. */
void bide__db_hold(bide_db *db);
void bide__db_let_go(bide_db *db);
/* Waits until it is the statement's turn on a connection whose driver does not pipeline; 0, and a
 * permit to be released when it has run. */
BIDE_WAITS int bide__db_turn(struct db_connection *c, const struct db_statement *statement,
                             bide_permit **turn);
/* Adds rows to a bulk whose columns were named: values of row after row, which stay until it
 * returns.  0, or < 0 as bide_bulk_add(). */
BIDE_WAITS int bide__bulk_add_all(bide_bulk *bulk, const struct bide_value *values, size_t rows);
/* The driver's run(), in turn and in time.  NULL: why not. */
BIDE_WAITS bide_rows *bide__db_run(struct db_connection *c, const struct db_statement *statement);

#endif
