/* What a driver brings, and what this layer does with it: the contract with PostgreSQL's, SQLite's
 * and MariaDB's.
 *
 * A driver makes connections, runs statements on them and hands out rows; its structs begin with
 * the ones below.  This layer lends connections out, keeps and replaces them, and knows what a
 * transaction is.  Calls marked "waits" run in the task that asked, and may be cancelled; the
 * others must return at once.
 *
 * Several tasks may be in run() of one connection at a time where the driver says `pipelines`; else
 * this layer lets them in one by one, in order of arrival. */
#ifndef DB_DRIVER_H
#define DB_DRIVER_H

#include <bide/db.h>
#include <bide/sync.h>

struct db_pool;
struct db_connection;
struct rows_block;

/* What becomes of a statement's rows. */
enum db_result { DB_WHOLE, DB_STREAMED, DB_DROPPED };
/* One statement, on its way. */
struct db_statement {
    const char *sql;
    const struct bide_value *values;
    size_t count;               /* 0 and DB_DROPPED: may be a script of several statements */
    enum db_result result;
    size_t result_max;          /* bytes of a whole result */
    const struct bide_begin_opts *begins;       /* it begins a transaction so; NULL: it does not */
    /* Of this layer, for bide__db_going(). */
    const bool *over;           /* has the transaction that it was given to ended? */
    bool *went;                 /* set when the server may have it */
    bool uncut;                 /* not cancelled once it is on its way */
};
/* What a connection is fit for. */
enum db_state {
    DB_READY,                   /* the next, as it is */
    DB_CHANGED,                 /* the next, after reset(): settings, locks, an open transaction */
    DB_BROKEN,                  /* nothing more */
};

struct bide_db_driver {
    const char *kind;           /* "postgresql" */
    const char *const *schemes; /* of its URLs, without ':', ended by NULL */
    bool pipelines;             /* statements of several tasks may be on their way at once */
    bool words;                 /* takes texts that are no URLs, "host=x dbname=y", as well */
    /* Checks the URL and the options, and keeps what connect() needs in pool->config.  0, or < 0,
     * and unconfigure() is called for what was kept. */
    int (*configure)(struct db_pool *pool, const struct bide_db_opts *opts);
    void (*unconfigure)(struct db_pool *pool);
    /* waits.  A connection that is ready for statements; NULL: why not. */
    struct db_connection *(*connect)(struct db_pool *pool);
    /* At once, and says good-bye if that goes without waiting; whoever waits in run() fails. */
    void (*close)(struct db_connection *c);
    /* waits.  Before close(), for who drains the pool: what close() would leave to a thread is done
     * when it returns.  May be NULL. */
    int (*finish)(struct db_connection *c);
    /* Of one in use: all that waits on it fails at once with BIDE_ECLOSED; its state is DB_BROKEN
     * from now on.  Nothing is freed. */
    void (*cut)(struct db_connection *c);
    /* At any time; of one that is in use only DB_BROKEN counts. */
    enum db_state (*state)(struct db_connection *c);
    /* waits.  Makes a DB_CHANGED one DB_READY.  < 0: it will be closed. */
    int (*reset)(struct db_connection *c);
    /* The program's hooks have run: what the session is now is its DB_READY state.  May be NULL;
     * where it is not, reset() undoes what .setup had set, so that is run again after it. */
    void (*keep)(struct db_connection *c);
    /* waits.  Runs it; rows of a statement without any tell how many were changed.  Cancelled: the
     * server is told, and the connection is fit for the next, or its state is DB_BROKEN.  NULL: why
     * not, a refusal by bide__db_refuse(). */
    bide_rows *(*run)(struct db_connection *c, const struct db_statement *statement);
    /* Sends a statement whose outcome nobody waits for, behind those on their way and before all
     * later ones; a failure makes the connection DB_BROKEN. */
    void (*tell)(struct db_connection *c, const char *sql);
    /* The statement that begins a transaction so, into text. */
    int (*begin_text)(const struct bide_begin_opts *opts, char *text, size_t size);
    /* After a commit that was answered: 0, or < 0 where the answer was that it was rolled back
     * instead (PostgreSQL's, of a transaction in which something failed).  May be NULL. */
    int (*committed)(struct db_connection *c);
    /* waits.  All of the rows of values, or none; NULL: run() is called for each, in a
     * transaction. */
    int64_t (*many)(struct db_connection *c, const struct db_statement *statement, size_t times);
    /* waits.  The same of a query: all of their whole results, into `each`; < 0: none.  NULL: run()
     * is called for each, in a transaction. */
    int (*fetch_many)(struct db_connection *c, const struct db_statement *statement, size_t times,
                      bide_rows **each);
    /* waits.  Begins rows in bulk. */
    bide_bulk *(*bulk)(struct db_connection *c, const char *table, const char *const *columns);
};

/* One connection to a server; all zero but what the driver adds. */
struct db_connection {
    struct db_pool *pool;       /* set by this layer, before the first run() */
    struct db_connection *newer, *older;        /* of those that are idle, or in use */
    int64_t born_ns, idle_ns;   /* when it was made, and since when it is idle */
    unsigned generation;        /* of the pool, when it was made */
    unsigned users;             /* handles, statements and streamed rows that need it */
    const void *streamed;       /* the open rows that have it for themselves, or the statement that
                                   is to bring them */
    bide_semaphore turn;        /* of a driver that does not pipeline */
    bool in_bulk;               /* rows in bulk have it for themselves */
    bool shared;                /* by statements given to the pool, up to .share */
    bool lent;                  /* by bide_db_acquire() or a transaction: reset() when it is back */
};

/* How rows are read; the same for all rows of a driver, or of one of its kinds. */
struct rows_ops {
    /* waits.  1: it stands on the next row; 0: there is none; < 0: failed. */
    int (*next)(bide_rows *rows);
    /* A value of this row as it is; texts end with a NUL that is not counted.  `column` is in
     * range.  < 0: it cannot be told, with the error held. */
    int (*value)(bide_rows *rows, size_t column, struct bide_value *value);
    const char *(*name)(const bide_rows *rows, size_t column);
    const char *(*type)(const bide_rows *rows, size_t column);
    /* Frees them; of streamed ones it drops what is still to come, without waiting. */
    void (*close)(bide_rows *rows);
};
struct bide_rows {
    const struct rows_ops *ops;
    struct db_connection *connection;   /* of streamed rows; set by this layer */
    size_t width;               /* columns */
    size_t next_column;         /* where the search for a name begins */
    int64_t count;              /* rows of a whole result, or changed ones, or seen so far */
    bool on_row;
    struct rows_block *blocks;  /* what is kept until the next row */
    struct bide_error bad;      /* code 0: nothing was wrong so far */
};

/* Rows in bulk. */
struct bulk_ops {
    int (*add)(bide_bulk *bulk, const struct bide_value *values, size_t count); /* waits */
    /* waits.  Many rows, whose values and texts stay until it returns; NULL: one by one. */
    int (*add_all)(bide_bulk *bulk, const struct bide_value *values, size_t rows);
    int64_t (*finish)(bide_bulk *bulk);         /* waits */
    void (*close)(bide_bulk *bulk);             /* frees it; undoes what was not finished */
};
struct bide_bulk {
    const struct bulk_ops *ops;
    struct db_connection *connection;   /* set by this layer */
    size_t width;               /* columns; 0: as many as the first row has */
    bool over;                  /* finished, or failed */
    bool finished;              /* all of it is in: the connection is free again */
};

BIDE_BEGIN_                     /* the drivers' libraries see these: bide-db.map, BIDE_PRIVATE */

/* A pool of this driver, whose URL it must be; NULL: why not.  Behind bide_pg_open() and others. */
bide_db *bide__db_open(const bide_db_driver *driver, const struct bide_db_opts *opts);
/* The pool that a handle belongs to, and the options in effect (no default is left open in sizes
 * and times; url and settings are the pool's copies). */
struct db_pool *bide__db_pool(const bide_db *db);
const struct bide_db_opts *bide__db_opts(const struct db_pool *pool);
/* What configure() keeps there. */
void **bide__db_config(struct db_pool *pool);
/* The pool has one connection, which is never replaced: what it holds would be gone. */
void bide__db_keep_one(struct db_pool *pool);
/* The group that a pool owns: for the tasks of its connections. */
struct bide_group *bide__db_group(struct db_pool *pool);
/* The connection of a lent handle or a transaction of this driver, for a call that only this driver
 * has.  NULL: BIDE_EINVAL (another driver's, or a pool), BIDE_ECLOSED, BIDE_EBUSY (an inner
 * transaction or streamed rows are open). */
struct db_connection *bide__db_own(bide_db *db, const bide_db_driver *driver);
/* The same, and of a pool a connection of its own; to be given back by bide__db_done(). */
BIDE_WAITS struct db_connection *bide__db_take(bide_db *db, const bide_db_driver *driver);
void bide__db_done(struct db_connection *c);
/* Of a driver that pipelines: the last call of run() and many() before they give the statement
 * away, when nothing more is waited for.  0; < 0: it must not go any more, for its transaction has
 * ended meanwhile, or others have the connection for themselves (BIDE_ECLOSED, BIDE_EBUSY). */
int bide__db_going(struct db_connection *c, const struct db_statement *statement);
/* A server's refusal: holds BIDE_EDB with "SQLSTATE: message (detail)", copies what was said for
 * bide_db_failure(), and returns BIDE_EDB.  Texts that are NULL count as "". */
int bide__db_refuse(struct db_pool *pool, const struct bide_db_failure *failure);
/* A statement begins to wait for a lock that another program has, or does so no more.  From any
 * thread, while the statement is waited for. */
void bide__db_locked(struct db_pool *pool, bool waits);
/* What a server says by the way. */
void bide__db_notice(struct db_pool *pool, const char *severity, const char *sentence);
/* Memory that is good until the next row, aligned for anything; NULL: none. */
void *bide__rows_keep(bide_rows *rows, size_t size);

BIDE_END_

#endif
