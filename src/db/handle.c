/* Lent connections and transactions. */
#include "db/handle.h"

#include "base/memory.h"
#include "core/park.h"
#include "db/pool.h"

#include <stdio.h>
#include <string.h>

/* ---- whose turn it is ------------------------------------------------------------------------ */

/* Has somebody else the connection for himself? */
static int check_free(const struct db_connection *c, const struct db_statement *s)
{
    if (c->streamed && c->streamed != s)
        return bide_fail(BIDE_EBUSY,
                         "rows are still streamed on this connection: close them first");
    if (c->in_bulk)
        return bide_fail(BIDE_EBUSY,
                         "rows in bulk are on their way on this connection: close them first");
    return 0;
}

/* May a statement be given to db now? */
static int check_open(const bide_db *db)
{
    if (!db)
        return bide_errcode();
    if (db->over)
        return bide_fail(BIDE_ECLOSED, "the transaction is over");
    if (db->inner)
        return bide_fail(BIDE_EBUSY, "a transaction is open on this: give its statements to it");
    if (db->connection && db->pool->closed && db->pool->driver->state(db->connection) == DB_BROKEN)
        return bide_fail(BIDE_ECLOSED, "the pool is closed");
    return db->connection ? check_free(db->connection, NULL) : 0;
}

/* Others do not run before the user is counted: they might close it. */
struct db_connection *bide__db_enter(bide_db *db, bool shares)
{
    if (check_open(db) < 0)
        return NULL;
    if (!db->connection)
        return bide__db_pool_take(db->pool, shares);
    if (bide__enter_unyielding() < 0)
        return NULL;
    db->connection->users++;
    return db->connection;
}

int bide__db_going(struct db_connection *c, const struct db_statement *s)
{
    if (s->over && *s->over)
        return bide_fail(BIDE_ECLOSED, "the transaction was ended before this could run");
    if (check_free(c, s) < 0)
        return bide_errcode();
    if (s->went)
        *s->went = true;
    if (s->result == DB_STREAMED)
        c->streamed = s;
    return 0;
}

int bide__db_turn(struct db_connection *c, const struct db_statement *s, bide_permit **turn)
{
    *turn = NULL;
    if (c->pool->driver->pipelines)
        return 0;               /* its run() calls bide__db_going() */
    *turn = bide_semaphore_acquire(&c->turn);
    return *turn ? bide__db_going(c, s) : bide_errcode();
}

void bide__db_done(struct db_connection *c)
{
    if (--c->users == 0)
        bide__db_pool_give(c);
    else if (c->shared)
        bide__db_line_admit(c->pool);
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
    return check_driver(db, driver) < 0 ? NULL : bide__db_enter(db, false);
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
    struct db_connection *c = bide__db_enter(pool, false);
    if (!c)
        return NULL;
    bide_db *db = new_handle(DB_LENT, pool, c);
    if (db) {
        bide_ignore(bide__yield_if_due());      /* nothing had to be waited for, maybe */
        return db;
    }
    BIDE_KEEP_ERROR(why);
    bide__db_done(c);
    return NULL;
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
    db->inner = NULL;
    db->closed = true;
    if (!db->under_way)
        bide__free(db);
    bide__db_done(c);
}

void bide__db_hold(bide_db *db) { db->under_way++; }

void bide__db_let_go(bide_db *db)
{
    if (--db->under_way == 0 && db->closed)
        bide__free(db);
}

/* ---- transactions ---------------------------------------------------------------------------- */

enum { WORDS = 160 };           /* bytes of the longest statement about a transaction */

/* "commit", or of a savepoint "release savepoint bide_2". */
static void write_words(char words[WORDS], const bide_db *db, const char *whole, const char *part)
{
    if (db->depth > 1)
        snprintf(words, WORDS, "%s savepoint bide_%u", part, db->depth);
    else
        snprintf(words, WORDS, "%s", whole);
}

/* A savepoint must be known to be there or not: naming one that is not loses the transaction. */
BIDE_WAITS static int say(bide_db *db, struct db_statement statement)
{
    statement.result = DB_DROPPED;
    statement.result_max = 4096;
    statement.uncut = db->depth > 1;
    bide_rows *rows = bide__db_run(db->connection, &statement);
    if (!rows)
        return bide_errcode();
    bide_rows_close(rows);
    return 0;
}

/* *went: it may have begun, whatever is returned. */
BIDE_WAITS static int begin(bide_db *db, const struct bide_begin_opts *opts, bool *went)
{
    char words[WORDS];
    const bide_db_driver *driver = db->pool->driver;
    if (db->depth > 1)
        snprintf(words, sizeof words, "savepoint bide_%u", db->depth);
    else if (driver->begin_text(opts, words, sizeof words) < 0)
        return bide_errcode();
    return say(db, (struct db_statement){
        .sql = words, .begins = db->depth == 1 ? opts : NULL, .went = went });
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

/* Neither it nor what was begun within it takes anything more. */
static void end(bide_db *db)
{
    for (bide_db *within = db; within; within = within->inner)
        within->over = true;
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
    write_words(words, db, "", "release");
    if (db->depth > 1)
        tell(db, words);
}

/* Undoes what is open without waiting: what is sent later comes behind it. */
static void undo(bide_db *db)
{
    char words[WORDS];
    write_words(words, db, "rollback", "rollback to");
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
    struct db_connection *c = bide__db_enter(o.db, false);
    if (!c)
        return NULL;
    bide_db *db = new_handle(DB_TRANSACTION, o.db, c);
    if (!db) {
        BIDE_KEEP_ERROR(why);
        bide__db_done(c);
        return NULL;
    }
    bool went = false;
    if (begin(db, &o, &went) == 0)
        return db;
    BIDE_KEEP_ERROR(why);
    if (went && why.code != BIDE_EDB)   /* cancelled, it may have begun all the same */
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

static void give_up(bide_db *db, const char *verb)
{
    if (bide_errcode() != BIDE_ECANCELED)
        bide_within("%s", verb);
    BIDE_KEEP_ERROR(why);
    undo(db);
}

/* Says the words; what is given to it from now on would come behind them. */
BIDE_WAITS static int conclude(bide_db *db, const char *verb, const char *words)
{
    db->over = true;
    int rc = say(db, (struct db_statement){ .sql = words });
    if (rc < 0)
        give_up(db, verb);
    else
        end(db);
    return rc;
}

/* With both held, should another task close it meanwhile. */
BIDE_WAITS static int commit(bide_db *db, struct db_connection *c)
{
    char words[WORDS];
    write_words(words, db, "commit", "release");
    int rc = conclude(db, "commit", words);
    const bide_db_driver *driver = c->pool->driver;
    return rc == 0 && driver->committed ? driver->committed(c) : rc;
}

BIDE_WAITS static int roll_back(bide_db *db)
{
    char words[WORDS];
    write_words(words, db, "rollback", "rollback to");
    int rc = conclude(db, "rollback", words);
    if (rc == 0)
        forget_savepoint(db);
    return rc;
}

BIDE_WAITS static int end_by(bide_db *db, bool lasts)
{
    if (check_end(db, lasts ? "commit" : "rollback") < 0)
        return bide_errcode();
    struct db_connection *c = db->connection;
    c->users++;
    bide__db_hold(db);
    int rc = lasts ? commit(db, c) : roll_back(db);
    bide__db_let_go(db);
    bide__db_done(c);
    return rc;
}

int bide_db_commit(bide_db *db) { return end_by(db, true); }
int bide_db_rollback(bide_db *db) { return end_by(db, false); }

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
    if (db->kind == DB_TRANSACTION && !db->over)
        undo(db);
    free_handle(db);
}

const char *bide_db_kind(const bide_db *db) { return db ? db->pool->driver->kind : ""; }
