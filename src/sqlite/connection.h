/* One open file, and the thread on which everything is done with it.
 *
 * Fields under `thread` are that thread's alone.  What others ask for at any time (is a transaction
 * open?) is left by each job where they may read it. */
#ifndef SQLITE_CONNECTION_H
#define SQLITE_CONNECTION_H

#include "db/driver.h"
#include "sqlite/statements.h"
#include "sync/executor.h"

#include <bide/thread.h>

#include <sqlite3.h>
#include <stdatomic.h>

/* What a job of the thread failed with. */
struct sqlite_refusal {
    int code;                   /* SQLite's extended; 0: it did not fail there */
    int position;               /* in characters from 1; 0: not told */
    bool missing;               /* there is no such file */
    char text[200];
};
struct sqlite_connection {
    struct db_connection base;  /* first */
    bide_executor *thread;
    atomic_uint told;           /* jobs that nobody waits for, not yet done */
    atomic_bool open;           /* a transaction, after the last job */
    atomic_bool undo;           /* all of it, before the next job */
    atomic_llong last_id;       /* of the row inserted last */
    atomic_bool broken;
    atomic_bool lost;           /* a failure has rolled back the whole transaction, of which the
                                   program believes that it is open: nothing may run but rollback */
    struct job closing;
    /* thread; file: but for sqlite3_interrupt() */
    sqlite3 *file;
    struct sqlite_statements statements;
    bool was_open;              /* a transaction, before the statement */
    bool reading;               /* the transaction may change nothing */
    double busy;                /* seconds a lock is waited for */
    bool waits;                 /* for another's lock, and its pool knows */
    int64_t waits_since_ns;     /* since then */
};
/* From the URL. */
struct sqlite_config {
    char *path;
    int flags;                  /* of sqlite3_open_v2() */
    double busy;
    bool memory;
};

static inline struct sqlite_connection *sqlite_of(struct db_connection *c)
{
    return (struct sqlite_connection *)(void *)c;
}
/* On the thread. */
static inline bool sqlite_is_open(const struct sqlite_connection *c)
{
    return !sqlite3_get_autocommit(c->file);
}
/* Has fn(arg) done on the thread, and waits for it; returns what that does. */
BIDE_WAITS int bide__sqlite_do(struct sqlite_connection *c, bide_fn *fn, void *arg,
                               const char *name);
/* In a task, before a job: 0, or BIDE_EDB: the transaction was lost; BIDE_ECLOSED: it was cut. */
int bide__sqlite_check(struct sqlite_connection *c);
/* Fills in what the file said last. */
int bide__sqlite_note(struct sqlite_connection *c, int code, struct sqlite_refusal *why);
/* The same of a statement, with the place in its text. */
int bide__sqlite_note_at(struct sqlite_connection *c, int code, const char *sql,
                         struct sqlite_refusal *why);
/* The same of opening the file, with the system's reason. */
int bide__sqlite_note_open(struct sqlite_connection *c, int code, struct sqlite_refusal *why);
/* Tells what a job failed with: rc as it is, or BIDE_EDB with what was noted. */
int bide__sqlite_refuse(struct sqlite_connection *c, int rc, const struct sqlite_refusal *why);
/* A change, in a transaction that only reads. */
int bide__sqlite_note_reading(struct sqlite_refusal *why);

int bide__sqlite_configure(struct db_pool *pool, const struct bide_db_opts *opts);
void bide__sqlite_unconfigure(struct db_pool *pool);
BIDE_WAITS struct db_connection *bide__sqlite_connect(struct db_pool *pool);
BIDE_WAITS int bide__sqlite_finish(struct db_connection *c);
void bide__sqlite_close(struct db_connection *c);
void bide__sqlite_cut(struct db_connection *c);
enum db_state bide__sqlite_state(struct db_connection *c);
BIDE_WAITS int bide__sqlite_reset(struct db_connection *c);
BIDE_WAITS bide_rows *bide__sqlite_run(struct db_connection *c,
                                       const struct db_statement *statement);
void bide__sqlite_tell(struct db_connection *c, const char *sql);
BIDE_WAITS bide_bulk *bide__sqlite_bulk(struct db_connection *c, const char *table,
                                        const char *const *columns);

#endif
