/* bide/pg.h -- PostgreSQL (bide-pg, on libpq).
 *
 *     bide_auto(db) db = bide_pg_open("postgresql://user@localhost/shop", .size_max = 20);
 *     bide_auto(rows) rows = bide_db_query(db, "select name from users where id = $1",
 *                                          bide_value(7));
 *
 * Statements, rows, transactions and pools are those of bide/db.h.
 *
 * URLs           whatever libpq takes: "postgresql://user@host1,host2/shop?sslmode=verify-full", or
 *                by bide_pg_open() alone "host=/run/postgresql dbname=shop".  PG* variables, the
 *                password and service files, several hosts, target_session_attrs, TLS and SCRAM are
 *                libpq's.  Names of hosts are looked up by bide_resolve().  One of several hosts
 *                that is silent for `connect_timeout` of the URL, or else for its share of the
 *                pool's, is passed over.  Kerberos encryption is tried only if gssencmode asks for
 *                it.
 * Settings       .settings of the pool come before what the URL, a service file and PGOPTIONS say;
 *                of what these do not name, those say it.
 * Pipelining     Tasks that share one connection (bide_db_acquire(), a transaction) have their
 *                statements on their way at the same time; each stands alone, so that the
 *                failure of one does not touch the others.
 * Preparing      A statement is prepared when its text is first seen on a connection, and kept
 *                (.statements_max, longest unused goes first).  With .no_prepare everything goes in
 *                one message and comes as text: safe behind pgbouncer.
 * Parameters     integers within the range of the parameter's type; text for any type; bytes for
 *                bytea; times and dates for those, reals and numerics for numbers; arrays of these.
 *                What cannot fit is refused before it is sent (BIDE_EINVAL).
 * Values         bool: a bool; int2, int4, int8, oid: integers; float4, float8: reals; numeric: its
 *                digits; bytea: bytes; date: a date; timestamp and timestamptz: a time (timestamp
 *                as if it were UTC); arrays of these; all else (uuid, json, interval, enums) as
 *                PostgreSQL writes it.
 * Cancelling     A cancelled task's statement is cancelled at the server if no other task's
 *                statement is on its way behind it; else its result is dropped when it comes.
 * Scripts        bide_db_execute() without values takes several statements; they go in the simple
 *                protocol, when what is on its way has been answered.
 * Failing        BIDE_EDB with the server's SQLSTATE, message, detail, hint and position; of a
 *                log-in detail and hint only where libpq speaks English, and of several hosts
 *                those of the last that refused. */
#ifndef BIDE_PG_H
#define BIDE_PG_H
#include <bide/db.h>
#include <sys/types.h>
BIDE_BEGIN_

/* For bide_db_open(). */
extern const bide_db_driver bide_pg_driver;
/* bide_pg_open("postgresql://...", .size_max = 20): a pool; connects when it is first used.  "" is
 * libpq's defaults and variables.  NULL: BIDE_EURL, BIDE_EINVAL (an option), BIDE_ENOMEM,
 * BIDE_EPERM outside a loop.  Counterpart: asyncpg.create_pool(). */
#define bide_pg_open(...) bide_pg_open_opts(BIDE_OPTS_(bide_db_opts, .url = __VA_ARGS__))
bide_db *bide_pg_open_opts(const struct bide_db_opts *opts);
/* The process that serves this lent connection or transaction; < 0: BIDE_EINVAL for a pool,
 * BIDE_EBUSY while rows are streamed or copied there.
 * Counterpart: Connection.get_server_pid(). */
int bide_pg_pid(bide_db *db);

/* ---- COPY ------------------------------------------------------------------------------------ */

typedef struct bide_pg_copy bide_pg_copy;
/* Begins "copy ... from stdin" or "copy ... to stdout", of any format.  The connection is taken
 * until it is closed.  NULL: BIDE_EDB, BIDE_EINVAL (the statement is no such COPY), ...
 * Counterpart: copy_to_table(), copy_from_query(). */
BIDE_WAITS bide_pg_copy *bide_pg_copy_in(bide_db *db, const char *sql);
BIDE_WAITS bide_pg_copy *bide_pg_copy_out(bide_db *db, const char *sql);
/* Gives bytes to a COPY from stdin, cut anywhere; waits while the server has enough.  What the
 * server refuses is told by bide_pg_copy_finish(). */
BIDE_WAITS int bide_pg_copy_write(bide_pg_copy *copy, const void *bytes, size_t size);
/* The next piece (a row) of a COPY to stdout, good until the next call: its size; 0: that was all;
 * < 0: failed. */
BIDE_WAITS ssize_t bide_pg_copy_read(bide_pg_copy *copy, const void **bytes);
/* Ends it: how many rows were copied; < 0: none were put in.  What was not read is dropped. */
BIDE_WAITS int64_t bide_pg_copy_finish(bide_pg_copy *copy);
/* Frees it; unfinished: nothing was put in.  Never waits.  NULL: nothing. */
void bide_pg_copy_close(bide_pg_copy *copy);
BIDE_AUTO_(pg_copy, bide_pg_copy_close)

/* ---- NOTIFY ---------------------------------------------------------------------------------- */

/* What another session said; both texts are good until the connection's next call. */
struct bide_pg_notification {
    const char *channel, *payload;
    int pid;                    /* who said it */
};
/* Hears of a channel from now on, on this lent connection.  Its name is quoted.  A connection
 * that is given back hears nothing more.  0; < 0: BIDE_EDB, BIDE_EINVAL for a pool.  Counterpart:
 * Connection.add_listener(). */
BIDE_WAITS int bide_pg_listen(bide_db *connection, const char *channel);
/* Waits for the next notification on any channel that the connection hears: 0.  Other tasks may use
 * the connection meanwhile.  Of those that nobody takes, the newest 1,000 are kept.  < 0: the
 * connection is lost; BIDE_EBUSY: another task waits here already. */
BIDE_WAITS int bide_pg_notification(bide_db *connection, struct bide_pg_notification *n);

BIDE_END_
#endif
