/* bide/db.h -- databases: what PostgreSQL, SQLite and MariaDB have in common.
 *
 *     bide_auto(db) db = bide_pg_open("postgresql://user@localhost/shop", .size_max = 20);
 *     bide_auto(rows) rows = bide_db_query(db,
 *         "select id, name from users where id > $1 limit $2", bide_value(last), bide_value(9));
 *     int rc;
 *     while ((rc = bide_rows_next(rows)) > 0)
 *         printf("%lld %s\n", (long long)bide_rows_int(rows, "id"), bide_rows_text(rows, "name"));
 *     return rc;                          // < 0: the query failed, or a name or type was wrong
 *
 * One type, bide_db, is whatever a statement can be given to: a pool, one connection lent by it, or
 * a transaction on one.  So a function that takes a bide_db works within a transaction or without.
 *
 *     bide_auto(db) change = bide_db_begin(db);
 *     if (bide_db_execute(change, "update accounts set sum = sum - $1 where id = $2", ...) < 0 ||
 *         bide_db_execute(change, "update accounts set sum = sum + $1 where id = $2", ...) < 0)
 *         return bide_errcode();          // the guard rolls back, however the block is left
 *     return bide_db_commit(change);
 *
 * Pools          A pool connects when it is first used.  A statement given to a pool runs on a
 *                connection of its own; who finds none waits in line.
 * Connections    Several tasks may use one at once: their statements are sent without waiting for
 *                each other's answers where the server can do that (PostgreSQL's pipeline), and
 *                one after the other where it cannot.
 * Results        bide_db_query() takes in the whole result; bide_db_stream() lets the server run
 *                ahead by a few rows only, and needs the connection for itself until the rows are
 *                closed.
 * SQL            is each server's own, with its own placeholders: $1 (PostgreSQL), ?1 or $1
 *                (SQLite), ? (MariaDB).  Values are never pasted into it.
 * Cancelling     a task that waits for a statement cancels the statement at the server, and the
 *                connection is fit for the next, or is replaced.
 * Failing        BIDE_EDB is the server's refusal, of a statement or of who wants to come in:
 *                bide_db_failure() has its SQLSTATE, detail and place.  28000 or 28P01: not this
 *                user, or not with this password; 3D000: there is no such database, or file.  A
 *                server that is not there is -ECONNREFUSED, a certificate that is none BIDE_ETLS.
 *                A lost connection is -ECONNRESET and the like: whether the statement took
 *                effect is then not known, so nothing is ever run twice.
 *
 * All of it belongs to the loop that opened it.  This header is not in <bide.h>, for it is of a
 * library of its own, bide-db, which comes with each driver's: include <bide/sqlite.h>, say, and
 * link what `pkg-config --libs bide-sqlite` names. */
#ifndef BIDE_DB_H
#define BIDE_DB_H
#include <bide/error.h>
#include <bide/pair.h>
#include <bide/value.h>
BIDE_BEGIN_

typedef struct bide_db bide_db;
typedef struct bide_rows bide_rows;
typedef struct bide_bulk bide_bulk;
/* A kind of server: &bide_pg_driver, &bide_sqlite_driver, &bide_mysql_driver. */
typedef struct bide_db_driver bide_db_driver;

/* Options of bide_pg_open() and its kin, and of bide_db_open(); 0 is the default of each. */
struct bide_db_opts {
    size_t abi_;
    const char *url;            /* as each driver's header tells */
    const bide_db_driver *const *drivers;       /* of bide_db_open() alone: ended by NULL */
    size_t size_min;            /* connections kept open once used; default 0 */
    size_t size_max;            /* connections at once; default 10 */
    size_t share;               /* statements that may be on their way at once on one connection,
                                   of those given to the pool: where none is free, one that only
                                   such statements use takes up to so many before they wait in
                                   line; default 1.  Not scripts, streamed rows or rows in bulk; of
                                   PostgreSQL alone, the others answer one after the other */
    double acquire_timeout;     /* seconds in line for a connection; default 30 */
    double connect_timeout;     /* seconds for connecting; default 10 */
    double timeout;             /* seconds for a statement, whoever gave it; of streamed rows and
                                   rows in bulk, for each call; default none */
    double idle;                /* seconds an unused connection beyond size_min is kept; default
                                   300 */
    double lifetime;            /* seconds after which a connection is replaced, when it is not in
                                   use; default 3600 */
    size_t statements_max;      /* prepared statements kept by a connection; default 100 */
    bool no_prepare;            /* none is: safe behind poolers that hand out another server
                                   connection for each transaction (pgbouncer) */
    size_t result_max;          /* bytes of a result taken in whole; default 256 MiB, else
                                   BIDE_ELIMIT */
    size_t stream_rows;         /* streamed rows that come at once, of PostgreSQL with libpq 17 or
                                   later (else 1); default as many as the server sends at once (8
                                   KiB), and 8 where a row may be of any length.  Where the
                                   statement fails, as many of the last may be missing */
    const struct bide_pair *settings;   /* of the server's session: "application_name", ... */
    /* Called with each new connection before its first use, and with each that was lent before it
     * goes to the next; both may run statements.  < 0: the connection is not used (again).  Before
     * .reset the driver has put the session's state back; where that drops settings (PostgreSQL,
     * MariaDB), .setup has been called again. */
    int (*setup)(bide_db *connection, void *arg);
    int (*reset)(bide_db *connection, void *arg);
    /* What a server says that is no result and no failure.  Must not wait.  Default: the log, at
     * BIDE_LOG_DEBUG. */
    void (*notice)(void *arg, const char *severity, const char *sentence);
    void *arg;                  /* of these three */
};
/* How many connections a pool has. */
struct bide_db_stats {
    size_t open;                /* lent, idle, and being made */
    size_t idle;
    size_t waiting;             /* tasks in line */
    uint64_t connected;         /* made so far */
    double locked;              /* seconds for which a statement has waited for a lock of others, in
                                   SQLite's files; 0: none does.  Servers do not tell */
};
/* What the server said of the statement that failed, or of the log-in; "" where it said nothing. */
struct bide_db_failure {
    const char *sqlstate;       /* five characters: "23505"; SQLite's and MariaDB's numbers are
                                   given as the nearest SQLSTATE */
    int number;                 /* the server's own code; 0: it has none */
    const char *severity;       /* "ERROR", "FATAL" */
    const char *message, *detail, *hint;
    const char *schema, *table, *column, *constraint;
    int position;               /* in the statement, in characters from 1; 0: not told */
    const char *context;        /* what the server was at, a line for each level: "COPY users, line
                                   3, column id" */
};
/* How a transaction runs. */
enum bide_isolation {
    BIDE_ISOLATION_DEFAULT,     /* the server's */
    BIDE_READ_UNCOMMITTED,
    BIDE_READ_COMMITTED,
    BIDE_REPEATABLE_READ,
    BIDE_SERIALIZABLE,
};
/* Options of bide_db_begin(). */
struct bide_begin_opts {
    size_t abi_;
    bide_db *db;
    int isolation;              /* enum bide_isolation; only of an outermost one */
    bool read_only;             /* changes are refused: "25006" */
    bool deferrable;            /* PostgreSQL's; with BIDE_SERIALIZABLE and read_only */
    bool immediate;             /* SQLite's: the lock for writing is taken at once */
};

/* ---- pools, connections, transactions -------------------------------------------------------- */

/* A pool for the URL, by the driver whose scheme it has:
 *     bide_db_open(url, .drivers = BIDE_DRIVERS(&bide_pg_driver, &bide_sqlite_driver))
 * NULL: BIDE_EURL (no driver has this scheme; the sentence names those that there are), or as the
 * driver's own _open. */
#define bide_db_open(...) bide_db_open_opts(BIDE_OPTS_(bide_db_opts, .url = __VA_ARGS__))
bide_db *bide_db_open_opts(const struct bide_db_opts *opts);
/* A list of drivers, as an argument. */
#define BIDE_DRIVERS(...) (const bide_db_driver *const[]){ __VA_ARGS__, NULL }
/* One connection for yourself, until it is closed; of a lent one or a transaction: EINVAL.  NULL:
 * BIDE_ETIMEDOUT (.acquire_timeout), BIDE_ECLOSED, or why it could not connect (BIDE_EDB: it
 * was not let in).  Counterpart: Pool.acquire(). */
BIDE_WAITS bide_db *bide_db_acquire(bide_db *pool);
/* A transaction: on a connection of its own if db is a pool; within a transaction a savepoint.
 * While it is open, statements go to it, not to what it was begun on (else BIDE_EBUSY).  Closing it
 * before bide_db_commit() rolls it back, without waiting.  NULL: as bide_db_acquire(), or the
 * server's refusal.  Counterpart: Connection.transaction(). */
#define bide_db_begin(...) bide_db_begin_opts(BIDE_OPTS_(bide_begin_opts, .db = __VA_ARGS__))
BIDE_WAITS bide_db *bide_db_begin_opts(const struct bide_begin_opts *opts);
/* Makes it last.  0, or < 0: it was rolled back; a lost connection: not known.  Once; then only
 * closing is left.  A savepoint lasts if the transaction around it does. */
BIDE_WAITS int bide_db_commit(bide_db *transaction);
/* Undoes it, and waits until that is done. */
BIDE_WAITS int bide_db_rollback(bide_db *transaction);
/* Ends a pool, a lent connection or a transaction; never waits.  A connection goes back to its
 * pool.  A pool hands out nothing more, closes its idle connections, and the others when they come
 * back; rows, connections and transactions must still be closed by who has them.  NULL: nothing. */
void bide_db_close(bide_db *db);
BIDE_AUTO_(db, bide_db_close)
/* Waits until everything a pool has lent is back, and its connections (of SQLite: its files) are
 * closed; it hands out nothing meanwhile, nor afterwards.  Cancelled: it goes on waiting for what
 * was lent without you.  Counterpart: Pool.close(). */
BIDE_WAITS int bide_db_drain(bide_db *pool);
/* Cuts all connections of a pool at once; whoever waits for one fails with BIDE_ECLOSED.
 * Counterpart: Pool.terminate(). */
void bide_db_abort(bide_db *pool);
/* Idle connections are closed, and those in use when they come back: after a fail-over, or a change
 * of the schema.  Not what is in memory only ("sqlite::memory:").  Counterpart:
 * Pool.expire_connections(). */
void bide_db_expire(bide_db *pool);
/* A pool's figures now. */
struct bide_db_stats bide_db_stats(const bide_db *pool);
/* "postgresql", "sqlite", "mysql": which SQL is spoken there. */
const char *bide_db_kind(const bide_db *db);
/* What was said of the last statement, or log-in, that failed in this loop with BIDE_EDB on db or
 * anything of the same pool; valid until the next failure there.  Never NULL. */
const struct bide_db_failure *bide_db_failure(const bide_db *db);

/* ---- statements ------------------------------------------------------------------------------ */

/* bide_db_query(db, sql) or bide_db_query(db, sql, bide_value(id), BIDE_NULL): runs one statement
 * with these values and takes in the whole result.  NULL: BIDE_EDB, BIDE_ELIMIT (.result_max), ...
 * The rows outlive db.  Counterpart: fetch(). */
#define bide_db_query(db, ...) BIDE_DB_CALL_(bide_db_query_values, db, __VA_ARGS__)
BIDE_WAITS bide_rows *bide_db_query_values(bide_db *db, const char *sql,
                                           const struct bide_value *values, size_t count);
/* The same, but rows are taken as they are asked for: memory is bounded however many there are.
 * Close the rows before db.  Counterpart: cursor(). */
#define bide_db_stream(db, ...) BIDE_DB_CALL_(bide_db_stream_values, db, __VA_ARGS__)
BIDE_WAITS bide_rows *bide_db_stream_values(bide_db *db, const char *sql,
                                            const struct bide_value *values, size_t count);
/* Runs a statement, or without values a script of several, and drops its rows.  How many rows were
 * changed, by the script's last statement; < 0: failed.  Counterpart: execute(). */
#define bide_db_execute(db, ...) BIDE_DB_CALL_(bide_db_execute_values, db, __VA_ARGS__)
BIDE_WAITS int64_t bide_db_execute_values(bide_db *db, const char *sql,
                                          const struct bide_value *values, size_t count);
/* Runs a statement once for each of `times` rows of `count` values, all or none of them, with one
 * answer awaited where the server can do that.  How many rows were changed.  Counterpart:
 * executemany(). */
BIDE_WAITS int64_t bide_db_execute_many(bide_db *db, const char *sql,
                                        const struct bide_value *values, size_t count,
                                        size_t times);
/* Runs a query once for each of `times` rows of `count` values and takes in all results: rows one
 * after the other, in the order of the values.  All of them or none; where the server can do that
 * they are sent together, and one answer is awaited (PostgreSQL, whose .result_max is then for all
 * of them; else for each).  NULL: as bide_db_query().  Counterpart: fetchmany(). */
BIDE_WAITS bide_rows *bide_db_query_many(bide_db *db, const char *sql,
                                         const struct bide_value *values, size_t count,
                                         size_t times);
/* The one row that must be there: rows that stand on it (bide_rows_next() is not called); NULL:
 * BIDE_EDB with "no row", or why it failed.  Further rows are dropped.  Counterpart: fetchrow(),
 * which has None where nothing was found. */
#define bide_db_row(db, ...) BIDE_DB_CALL_(bide_db_row_values, db, __VA_ARGS__)
BIDE_WAITS bide_rows *bide_db_row_values(bide_db *db, const char *sql,
                                         const struct bide_value *values, size_t count);
/* Behind the calls above: a hidden first value makes a list of none legal. */
#define BIDE_DB_CALL_(fn, db, ...) BIDE_DB_VALUES_(fn, db, __VA_ARGS__, BIDE_NULL)
#ifdef __cplusplus
#define BIDE_DB_VALUES_(fn, db, sql, ...) \
    fn(db, sql, bide_db_list_({ __VA_ARGS__ }).values, \
       BIDE_COUNT_(struct bide_value, __VA_ARGS__) - 1)
#else
#define BIDE_DB_VALUES_(fn, db, sql, ...) \
    fn(db, sql, (const struct bide_value[]){ __VA_ARGS__ }, \
       BIDE_COUNT_(struct bide_value, __VA_ARGS__) - 1)
#endif

/* ---- rows ------------------------------------------------------------------------------------ */

/* Goes to the next row: 1; 0: there is none; < 0: the statement failed in the middle, or a name or
 * a type was wrong below.  Waits only for streamed rows; where it is cancelled while it waits, the
 * statement is too, and no more rows come (BIDE_ECLOSED).  On NULL: the error held. */
BIDE_WAITS int bide_rows_next(bide_rows *rows);
/* A column of this row by its name.  In the order of the columns the name is found without a
 * search.  A name that there is not, a NULL where no NULL can be told, or a type that cannot become
 * this one without loss make the rows bad: 0 or "" is returned, and the next bide_rows_next() or
 * bide_rows_end() fails and tells which (BIDE_EDB).  Texts are NUL-terminated and good until the
 * next row. */
int64_t bide_rows_int(bide_rows *rows, const char *column);     /* integers; reals that are whole */
double bide_rows_real(bide_rows *rows, const char *column);     /* all numbers */
bool bide_rows_bool(bide_rows *rows, const char *column);       /* bool; integers: not 0 */
const char *bide_rows_text(bide_rows *rows, const char *column);        /* all types but bytes;
                                                                           NULL: NULL */
/* Bytes of a text or of binary data, as they are; NULL: NULL, and *size 0. */
const void *bide_rows_bytes(bide_rows *rows, const char *column, size_t *size);
/* Microseconds since 1970-01-01 00:00 UTC, of a date or time-stamp, or of a text that is one as
 * ISO 8601 has it ("2000-02-29 01:02:03.5+01:00"; without a zone: UTC).  Infinity: INT64_MAX, and
 * its negative.  Counterpart: datetime. */
int64_t bide_rows_time(bide_rows *rows, const char *column);
/* Is it NULL? */
bool bide_rows_is_null(bide_rows *rows, const char *column);
/* The value as it is; texts are good until the next row.  An array's items lie in as.array, size is
 * their count. */
struct bide_value bide_rows_value(bide_rows *rows, const char *column);
/* The same by number from 0. */
struct bide_value bide_rows_at(bide_rows *rows, size_t column);
/* How many columns; the name of one of them, "" beyond; the server's name of its type. */
size_t bide_rows_width(const bide_rows *rows);
const char *bide_rows_name(const bide_rows *rows, size_t column);
const char *bide_rows_type(const bide_rows *rows, size_t column);
/* How many rows a whole result has; of a statement that returns none: how many it changed; of
 * streamed rows: how many were seen. */
int64_t bide_rows_count(const bide_rows *rows);
/* 0: everything asked for so far was there; else as bide_rows_next() would say.  For after
 * bide_db_row(). */
int bide_rows_end(bide_rows *rows);
/* Ends them; what a streamed query still has to say is dropped, without waiting.  NULL: nothing. */
void bide_rows_close(bide_rows *rows);
BIDE_AUTO_(rows, bide_rows_close)

/* ---- rows in bulk ---------------------------------------------------------------------------- */

/* Many rows into one table by the server's fastest way: PostgreSQL's COPY, prepared inserts of
 * SQLite and MariaDB.  All or none of them; columns ends with NULL, and NULL stands for all columns
 * of the table.  Names are quoted; a dot parts a schema from the table in PostgreSQL, a database in
 * MariaDB, and two dots are one of the name.  NULL: the server's refusal, ...  Counterpart:
 * copy_records_to_table(). */
BIDE_WAITS bide_bulk *bide_db_bulk(bide_db *db, const char *table, const char *const *columns);
/* Adds a row of `count` values, one for each column.  A refusal may come with a later one; after
 * a failure, nothing of it is put in, and only closing is left.  Until
 * it is closed, a connection or transaction takes no other statements: BIDE_EBUSY. */
BIDE_WAITS int bide_bulk_add(bide_bulk *bulk, const struct bide_value *values, size_t count);
/* Ends it: how many rows are in the table now; < 0: none. */
BIDE_WAITS int64_t bide_bulk_finish(bide_bulk *bulk);
/* Frees it; unfinished: nothing of it stays.  Never waits.  NULL: nothing. */
void bide_bulk_close(bide_bulk *bulk);
BIDE_AUTO_(bulk, bide_bulk_close)

BIDE_END_
#ifdef __cplusplus
#include <initializer_list>
/* Behind BIDE_DB_VALUES_. */
struct bide_db_list_ {
    const struct bide_value *values;
    /* The list lives as long as the call whose argument it is. */
    bide_db_list_(const std::initializer_list<struct bide_value> &list)
    {
        values = list.begin();
    }
};
#endif
#endif
