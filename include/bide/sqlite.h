/* bide/sqlite.h -- SQLite, the database in a file (bide-sqlite, on libsqlite3).
 *
 *     bide_auto(db) db = bide_sqlite_open("sqlite:shop.db");
 *     bide_db_execute(db, "insert into users (name) values (?1)", bide_value(name));
 *
 * Statements, rows, transactions and pools are those of bide/db.h.
 *
 * URLs           "sqlite:shop.db", relative to where the process is; "sqlite:/var/lib/shop.db" or
 *                "sqlite:///var/lib/shop.db"; "sqlite::memory:", which lives as long as its one
 *                connection: .size_max, .idle and .lifetime are not looked at.  Behind a '?':
 *                mode=ro (only reading), mode=rw (the file must be there), mode=rwc (the default);
 *                busy=SECONDS, how long a statement waits for another's lock, default 5.
 * Threads        Each connection has a thread of its own, on which all of its calls are made; no
 *                disk stops the loop.  A cancelled statement is interrupted.
 * Settings       of each new connection: journal_mode=wal (many readers beside one writer),
 *                synchronous=normal, foreign_keys=on, then .settings as PRAGMAs.  One of
 *                journal_mode comes instead; "" as a value leaves what the file has.
 * Parameters     ?, ?1, $1, :1 or @1, by number; names are refused.
 * Values         integers, reals, texts and bytes as they are; bools as 0 and 1; times and dates as
 *                ISO 8601 texts; a numeric as text, which the column's affinity may change; arrays
 *                are refused.
 * Failing        BIDE_EDB with the nearest SQLSTATE ("23505" for a unique constraint, "55P03" for a
 *                lock that did not come free, "40001" where a transaction that has read is behind
 *                the file and has to begin again, "3D000" for a file that is not there),
 *                .number is SQLite's extended code. */
#ifndef BIDE_SQLITE_H
#define BIDE_SQLITE_H
#include <bide/db.h>
BIDE_BEGIN_

/* For bide_db_open(). */
extern const bide_db_driver bide_sqlite_driver;
/* bide_sqlite_open("sqlite:shop.db", .size_max = 4): a pool; opens the file when it is first used.
 * NULL: BIDE_EURL, BIDE_EINVAL (an option), BIDE_ENOMEM, BIDE_EPERM outside a loop. */
#define bide_sqlite_open(...) \
    bide_sqlite_open_opts(BIDE_OPTS_(bide_db_opts, .url = __VA_ARGS__))
bide_db *bide_sqlite_open_opts(const struct bide_db_opts *opts);
/* The row id of the last insert on this lent connection or transaction; < 0: BIDE_EINVAL for a
 * pool.  Counterpart: Cursor.lastrowid. */
int64_t bide_sqlite_last_id(bide_db *db);

BIDE_END_
#endif
