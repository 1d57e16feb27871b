/* bide/mysql.h -- MariaDB and MySQL (bide-mysql, on libmariadb).
 *
 *     bide_auto(db) db = bide_mysql_open("mysql://user:password@localhost/shop", .size_max = 20);
 *     bide_auto(rows) rows = bide_db_query(db, "select name from users where id = ?",
 *                                          bide_value(7));
 *
 * Statements, rows, transactions and pools are those of bide/db.h.
 *
 * URLs           "mysql://user:password@host:3306/shop", the same with mariadb:, parts coded as
 *                in any URL ("%40" is '@').  Without a host: localhost; without a user: who runs
 *                the program.  "localhost" is a name like others, and not the socket, which is
 *                "mysql://user@/shop?socket=/run/mysqld/mysqld.sock".  Option files and
 *                variables are not looked at.  Names are looked up by bide_resolve().
 * TLS            only with "?tls=verify": the certificate must be signed by one that the system
 *                trusts, or that the file tls-ca=FILE has, and be for the URL's host; the server
 *                must speak TLS.  tls-cert=FILE and tls-key=FILE are the client's.
 *                tls=unverified encrypts for whoever answers, and is refused only after the
 *                log-in where the server does not speak TLS.  libmariadb's handshake blocks, so
 *                it is done on one of the process's threads; a cancelled one is waited for, up
 *                to .connect_timeout.
 * Passwords      native, ed25519, SHA-256 (caching or not), parsec, GSSAPI; in clear only after
 *                tls=verify.  The server never gets at files of the client (LOAD DATA LOCAL is
 *                off).
 * Preparing      A statement with values is prepared when its text is first seen on a
 *                connection, and kept (.statements_max, longest unused goes first; .no_prepare:
 *                it is closed after each use).  One without values goes as a text, in one round
 *                trip.
 * Parameters     ? alone; $1 is PostgreSQL's, and MariaDB takes it for a column's name.  Times
 *                go as datetime in UTC; arrays, infinities and NaN are refused (BIDE_EINVAL).
 * Values         tinyint(1): a bool where it is 0 or 1; integers, bigint unsigned and bit as
 *                unsigned ones; float, double: reals (of a float without values, six digits: the
 *                server sends no more); decimal: its digits; date: a date; timestamp: a time,
 *                for the session's time_zone is +00:00; datetime: a time, as if it were UTC;
 *                "0000-00-00" and its like: a text; time: a text; binary, blob, geometry: bytes;
 *                all else (json, enum, uuid) as MariaDB writes it.  Texts are UTF-8 (utf8mb4).
 * Counting       An update counts the rows it has found, changed or not, as PostgreSQL and
 *                SQLite do (CLIENT_FOUND_ROWS).
 * Transactions   A statement that defines something (CREATE, ALTER, ...) commits what is open:
 *                that is MariaDB's.  After a deadlock, which rolls back all of it, a transaction
 *                takes no more statements; a lock that did not come free (55P03) costs the
 *                statement alone.  Tables that know no transactions (MyISAM) keep what was done.
 * Cancelling     A cancelled task's statement is killed at the server (KILL QUERY, by a second
 *                connection) and its answer dropped, within 10 seconds; else the connection is
 *                given up.  So is the rest of streamed rows that are closed early.
 * Sessions       One that was changed (SET, temporary tables, locks, USE) is put back before the
 *                next has it, by logging in anew on the same connection; by their words
 *                statements that may do so are told from others.  .settings are session
 *                variables.
 * Scripts        bide_db_execute() without values takes several statements; otherwise the server
 *                refuses a second one in a text.
 * Failing        BIDE_EDB with the nearest SQLSTATE ("23505" for a unique key; MariaDB says
 *                23000 to that and to more), .number is the server's, .constraint the key's
 *                name.  The server says nothing by the way: .notice is not called; "show
 *                warnings" has the warnings. */
#ifndef BIDE_MYSQL_H
#define BIDE_MYSQL_H
#include <bide/db.h>
BIDE_BEGIN_

/* For bide_db_open(). */
extern const bide_db_driver bide_mysql_driver;
/* bide_mysql_open("mysql://...", .size_max = 20): a pool; connects when it is first used.  NULL:
 * BIDE_EURL, BIDE_EINVAL (an option), BIDE_ENOMEM, BIDE_EPERM outside a loop.  Counterpart:
 * aiomysql.create_pool(). */
#define bide_mysql_open(...) \
    bide_mysql_open_opts(BIDE_OPTS_(bide_db_opts, .url = __VA_ARGS__))
bide_db *bide_mysql_open_opts(const struct bide_db_opts *opts);
/* What AUTO_INCREMENT made for the last insert on this lent connection or transaction (of several
 * rows: for the first), 0 before any; < 0: BIDE_EINVAL for a pool.  Counterpart:
 * Cursor.lastrowid. */
int64_t bide_mysql_last_id(bide_db *db);
/* The number of this lent connection or transaction at the server, connection_id(); < 0:
 * BIDE_EINVAL for a pool.  Counterpart: Connection.thread_id(). */
int64_t bide_mysql_id(bide_db *db);

BIDE_END_
#endif
