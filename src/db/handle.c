/* Lent connections and transactions. */
#include "db/handle.h"

#include "base/memory.h"
#include "core/park.h"
#include "db/pool.h"

#include <stdio.h>
#include <string.h>

/* ---- whose turn it is ------------------------------------------------------------------------ */

/* May a statement be given to db now? */
static int check_open(const bide_db *db)
{
    if (!db)
        return bide_errcode();
    if (db->over)
        return bide_fail(BIDE_ECLOSED, "the transaction is over");
    if (db->inner)
        return bide_fail(BIDE_EBUSY, "a transaction is open on this: give its statements to it");
    if (db->connection && db->connection->streamed)
        return bide_fail(BIDE_EBUSY,
                         "rows are still streamed on this connection: close them first");
    if (db->connection && db->connection->in_bulk)
        return bide_fail(BIDE_EBUSY,
                         "rows in bulk are on their way on this connection: close them first");
    if (db->connection && db->pool->closed && db->pool->driver->state(db->connection) == DB_BROKEN)
        return bide_fail(BIDE_ECLOSED, "the pool is closed");
    return 0;
}

struct db_connection *bide__db_enter(bide_db *db)
{
    if (check_open(db) < 0)
        return NULL;
    struct db_connection *c = db->connection;
    if (c && bide__enter() < 0)
        return NULL;
    if (!c)
        c = bide__db_pool_take(db->pool);
    if (c)
        c->users++;
    return c;
}

void bide__db_done(struct db_connection *c)
{
    if (--c->users == 0)
        bide__db_pool_give(c);
}

static int check_driver(const bide_db *db, const bide_db_driver *driver)
{
    if (!db)
        return bide_errcode();
    if (db->pool->driver != driver)
        return bide_fail(BIDE_EINVAL, "this is a %s database, not a %s one",
                         db->pool->driver->kind, driver->kind);
    return 0;
}

struct db_connection *bide__db_own(bide_db *db, const bide_db_driver *driver)
{
    if (check_driver(db, driver) < 0 || check_open(db) < 0)
        return NULL;
    if (!db->connection)
        bide_fail(BIDE_EINVAL, "this needs one connection (bide_db_acquire), not a pool");
    return db->connection;
}

struct db_connection *bide__db_take(bide_db *db, const bide_db_driver *driver)
{
    return check_driver(db, driver) < 0 ? NULL : bide__db_enter(db);
}

/* ---- making handles -------------------------------------------------------------------------- */

/* The user more that bide__db_enter() counted is the handle's. */
static bide_db *new_handle(enum db_kind kind, bide_db *outer, struct db_connection *c)
{
    bide_db *db = bide__zalloc(sizeof *db);
    if (!db) {
        bide_fail(BIDE_ENOMEM, "database: out of memory");
        return NULL;
    }
    *db = (bide_db){ .kind = kind, .pool = c->pool, .connection = c, .depth = 1 };
    c->lent = true;
    if (outer->connection) {
        db->outer = outer;
        outer->inner = db;
        db->depth += outer->kind == DB_TRANSACTION ? outer->depth : 0;
    }
    return db;
}

bide_db *bide_db_acquire(bide_db *pool)
{
    if (pool && pool->connection) {
        bide_fail(BIDE_EINVAL, "acquire: this is a connection already, not a pool");
        return NULL;
    }
    struct db_connection *c = bide__db_enter(pool);
    if (!c)
        return NULL;
    bide_db *db = new_handle(DB_LENT, pool, c);
    if (!db) {
        BIDE_KEEP_ERROR(why);
        bide__db_done(c);
    }
    return db;
}

/* What it was begun on takes statements again. */
static void leave_outer(bide_db *db)
{
    if (db->outer)
        db->outer->inner = NULL;
    db->outer = NULL;
}

static void free_handle(bide_db *db)
{
    struct db_connection *c = db->connection;
    leave_outer(db);
    if (db->inner)              /* closed in the wrong order */
        db->inner->outer = NULL;
    bide__free(db);
    bide__db_done(c);
}

/* ---- transactions ---------------------------------------------------------------------------- */

enum { WORDS = 160 };           /* bytes of the longest statement about a transaction */

BIDE_WAITS static int say(struct db_connection *c, const char *sql)
{
    struct db_statement statement = { .sql = sql, .result = DB_DROPPED, .result_max = 4096 };
    bide_rows *rows = bide__db_run(c, &statement);
    if (!rows)
        return bide_errcode();
    bide_rows_close(rows);
    return 0;
}

BIDE_WAITS static int begin(struct db_connection *c, unsigned depth,
                            const struct bide_begin_opts *opts)
{
    char words[WORDS];
    if (depth > 1)
        snprintf(words, sizeof words, "savepoint bide_%u", depth);
    else if (c->pool->driver->begin_text(opts, words, sizeof words) < 0)
        return bide_errcode();
    return say(c, words);
}

static int check_begin(const struct bide_begin_opts *o)
{
    if (o->isolation < BIDE_ISOLATION_DEFAULT || o->isolation > BIDE_SERIALIZABLE)
        return bide_fail(BIDE_EINVAL, "begin: there is no isolation level %d", o->isolation);
    bool plain = !o->isolation && !o->read_only && !o->deferrable && !o->immediate;
    if (o->db && o->db->kind == DB_TRANSACTION && !plain)
        return bide_fail(BIDE_EINVAL, "begin: only an outermost transaction has options");
    return 0;
}

static void end(bide_db *db)
{
    db->over = true;
    leave_outer(db);
}

static void tell(bide_db *db, const char *sql)
{
    if (db->pool->driver->state(db->connection) != DB_BROKEN)
        db->pool->driver->tell(db->connection, sql);
}

/* Rolled back, a savepoint is still there: many of them would pile up in a long transaction. */
static void forget_savepoint(bide_db *db)
{
    char words[WORDS];
    snprintf(words, sizeof words, "release savepoint bide_%u", db->depth);
    if (db->depth > 1)
        tell(db, words);
}

/* Undoes what is open without waiting: what is sent later comes behind it. */
static void undo(bide_db *db)
{
    if (db->over)
        return;
    char words[WORDS] = "rollback";
    if (db->depth > 1)
        snprintf(words, sizeof words, "rollback to savepoint bide_%u", db->depth);
    tell(db, words);
    forget_savepoint(db);
    end(db);
}

bide_db *bide_db_begin_opts(const struct bide_begin_opts *opts)
{
    struct bide_begin_opts o = { 0 };
    memcpy(&o, opts, opts->abi_ < sizeof o ? opts->abi_ : sizeof o);
    if (check_begin(&o) < 0)
        return NULL;
    struct db_connection *c = bide__db_enter(o.db);
    if (!c)
        return NULL;
    bide_db *db = new_handle(DB_TRANSACTION, o.db, c);
    if (!db) {
        BIDE_KEEP_ERROR(why);
        bide__db_done(c);
        return NULL;
    }
    if (begin(c, db->depth, &o) == 0)
        return db;
    BIDE_KEEP_ERROR(why);
    if (why.code != BIDE_EDB)   /* cancelled, it may have begun all the same */
        undo(db);
    free_handle(db);
    return NULL;
}

static int check_end(const bide_db *db, const char *verb)
{
    if (db && db->kind != DB_TRANSACTION)
        return bide_fail(BIDE_EINVAL, "%s: this is no transaction", verb);
    return check_open(db);
}

int bide_db_commit(bide_db *db)
{
    if (check_end(db, "commit") < 0)
        return bide_errcode();
    char words[WORDS] = "commit";
    if (db->depth > 1)
        snprintf(words, sizeof words, "release savepoint bide_%u", db->depth);
    int rc = say(db->connection, words);
    if (rc < 0) {
        if (rc != BIDE_ECANCELED)
            bide_within("commit");
        BIDE_KEEP_ERROR(why);
        undo(db);
        return rc;
    }
    end(db);
    return db->pool->driver->committed ? db->pool->driver->committed(db->connection) : 0;
}

int bide_db_rollback(bide_db *db)
{
    if (check_end(db, "rollback") < 0)
        return bide_errcode();
    char words[WORDS] = "rollback";
    if (db->depth > 1)
        snprintf(words, sizeof words, "rollback to savepoint bide_%u", db->depth);
    int rc = say(db->connection, words);
    if (rc == 0) {
        forget_savepoint(db);
        end(db);
        return 0;
    }
    BIDE_KEEP_ERROR(why);
    undo(db);
    return rc;
}

/* ---- ending ---------------------------------------------------------------------------------- */

static void close_pool(struct db_pool *pool)
{
    bide__db_pool_close(pool);
    pool->dropped = true;
    bide_group_close(pool->group);      /* may free the pool */
}

void bide_db_close(bide_db *db)
{
    if (!db)
        return;
    if (db->kind == DB_POOL) {
        close_pool(db->pool);
        return;
    }
    if (db->kind == DB_TRANSACTION)
        undo(db);
    free_handle(db);
}

const char *bide_db_kind(const bide_db *db) { return db ? db->pool->driver->kind : ""; }
