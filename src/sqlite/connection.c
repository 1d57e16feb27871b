#include "sqlite/connection.h"

#include "base/memory.h"
#include "core/loop.h"

#include <bide/log.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- on the thread --------------------------------------------------------------------------- */

/* Asked every so many steps of SQLite's machine: is the statement still wanted? */
enum { STEPS_BETWEEN_LOOKS = 1000 };
static int look_for_cancelling(void *arg)
{
    (void)arg;
    return bide_thread_cancelled();
}

static void sleep_ms(long ms)
{
    struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&pause, NULL);
}

/* Another connection has the lock: 0 gives up. */
static int wait_for_lock(void *arg, int tries)
{
    struct sqlite_connection *c = arg;
    int64_t now_ns = bide__clock_ns(NULL);
    if (tries == 0)
        c->waits_since_ns = now_ns;
    if (bide_thread_cancelled() || (double)(now_ns - c->waits_since_ns) >= c->busy * 1e9)
        return 0;
    sleep_ms(tries < 5 ? 1 : 10);
    return 1;
}

struct opening {
    struct sqlite_connection *c;
    const struct sqlite_config *config;
    const struct bide_pair *settings;
    struct sqlite_refusal why;
};

static int set(struct opening *o, const char *name, const char *value)
{
    char *sql = sqlite3_mprintf("pragma %w = '%q'", name, value);
    int code = sql ? sqlite3_exec(o->c->file, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
    sqlite3_free(sql);
    return bide__sqlite_note(o->c, code, &o->why);
}

static int set_all(struct opening *o)
{
    int rc = 0;
    if (o->config->flags & SQLITE_OPEN_READWRITE)
        rc = set(o, "journal_mode", "wal");
    if (rc == 0)
        rc = set(o, "synchronous", "normal");
    if (rc == 0)
        rc = set(o, "foreign_keys", "on");
    for (const struct bide_pair *p = o->settings; rc == 0 && p && p->name; p++)
        rc = set(o, p->name, p->value);
    return rc;
}

static int open_file(void *arg)
{
    struct opening *o = arg;
    struct sqlite_connection *c = o->c;
    int code = sqlite3_open_v2(o->config->path, &c->file, o->config->flags | SQLITE_OPEN_NOMUTEX,
                               NULL);
    if (!c->file)
        return bide_fail(BIDE_ENOMEM, "sqlite: out of memory");
    sqlite3_extended_result_codes(c->file, 1);
    if (code != SQLITE_OK)
        return bide__sqlite_note(c, code, &o->why);
    sqlite3_busy_handler(c->file, wait_for_lock, c);
    sqlite3_progress_handler(c->file, STEPS_BETWEEN_LOOKS, look_for_cancelling, NULL);
    return set_all(o);
}

static struct sqlite_connection *closed_by(struct job *job)
{
    return (struct sqlite_connection *)(void *)((char *)job
                                                - offsetof(struct sqlite_connection, closing));
}

/* The last job; and what is done when the thread does not look at it any more. */
static void close_file(struct job *job)
{
    struct sqlite_connection *c = closed_by(job);
    bide__sqlite_finalize_all(&c->statements);
    sqlite3_close_v2(c->file);
}

static void free_connection(struct job *job)
{
    struct sqlite_connection *c = closed_by(job);
    bide_executor *thread = c->thread;
    bide__free(c);
    bide_executor_free(thread);
}

void bide__sqlite_look_for_loss(struct sqlite_connection *c, bool was_open)
{
    if (was_open && !sqlite_is_open(c))
        atomic_store(&c->lost, true);
}

static int restore(void *arg)
{
    struct sqlite_connection *c = arg;
    atomic_store(&c->lost, false);
    if (!sqlite3_get_autocommit(c->file))
        sqlite3_exec(c->file, "rollback", NULL, NULL, NULL);
    return sqlite3_get_autocommit(c->file) ? 0 : bide_fail(BIDE_EDB, "it could not be rolled back");
}

struct told { struct sqlite_connection *c; char sql[]; };

/* All that is told undoes something; SQLITE_ERROR is that it is not there. */
static int do_told(void *arg)
{
    struct told *told = arg;
    struct sqlite_connection *c = told->c;
    int code = sqlite_is_open(c) ? sqlite3_exec(c->file, told->sql, NULL, NULL, NULL) : SQLITE_OK;
    if (code != SQLITE_OK && code != SQLITE_ERROR)
        atomic_store(&c->broken, true);
    return 0;
}

static void drop_told(void *arg)
{
    struct told *told = arg;
    atomic_fetch_sub(&told->c->told, 1);
    bide__free(told);
}

/* ---- in tasks -------------------------------------------------------------------------------- */

int bide__sqlite_check(struct sqlite_connection *c)
{
    if (atomic_load(&c->broken))
        return bide_fail(BIDE_ECLOSED, "the connection was closed");
    if (!atomic_load(&c->lost))
        return 0;
    static const struct bide_db_failure failure = {
        .sqlstate = "25P02", .severity = "ERROR",
        .message = "a failure has rolled back the transaction",
    };
    return bide__db_refuse(c->base.pool, &failure);
}

struct db_connection *bide__sqlite_connect(struct db_pool *pool)
{
    const struct sqlite_config *config = *bide__db_config(pool);
    struct sqlite_connection *c = bide__zalloc(sizeof *c);
    if (!c) {
        bide_fail(BIDE_ENOMEM, "sqlite: out of memory");
        return NULL;
    }
    c->base.pool = pool;
    c->busy = config->busy;
    const struct bide_db_opts *opts = bide__db_opts(pool);
    c->statements.max = opts->no_prepare ? 0 : opts->statements_max;
    c->thread = bide_executor_new(1, .name = "sqlite");
    struct opening o = { .c = c, .config = config, .settings = opts->settings };
    if (!c->thread) {
        bide__free(c);
        return NULL;
    }
    int rc = bide_executor_run(c->thread, open_file, &o);
    if (rc == 0)
        return &c->base;
    bide__sqlite_refuse(c, rc, &o.why);
    bide_within("open %s", config->path);
    BIDE_KEEP_ERROR(why);
    bide__sqlite_close(&c->base);
    return NULL;
}

void bide__sqlite_close(struct db_connection *base)
{
    struct sqlite_connection *c = sqlite_of(base);
    c->closing = (struct job){ .work = close_file, .done = free_connection,
                               .name = "sqlite close" };
    if (bide__executor_submit(c->thread, &c->closing) == 0)
        return;
    close_file(&c->closing);            /* there is no thread, so nothing runs */
    free_connection(&c->closing);
}

void bide__sqlite_cut(struct db_connection *base)
{
    struct sqlite_connection *c = sqlite_of(base);
    atomic_store(&c->broken, true);
    sqlite3_interrupt(c->file);
}

enum db_state bide__sqlite_state(struct db_connection *base)
{
    struct sqlite_connection *c = sqlite_of(base);
    if (atomic_load(&c->broken))
        return DB_BROKEN;
    if (atomic_load(&c->told))
        return DB_CHANGED;
    return sqlite3_get_autocommit(c->file) ? DB_READY : DB_CHANGED;
}

int bide__sqlite_reset(struct db_connection *base)
{
    struct sqlite_connection *c = sqlite_of(base);
    return bide_executor_run(c->thread, restore, c);
}

void bide__sqlite_tell(struct db_connection *base, const char *sql)
{
    struct sqlite_connection *c = sqlite_of(base);
    struct told *told = bide__alloc(sizeof *told + strlen(sql) + 1);
    if (!told) {
        atomic_store(&c->broken, true);
        return;
    }
    if (strcmp(sql, "rollback") == 0)
        atomic_store(&c->lost, false);
    told->c = c;
    memcpy(told->sql, sql, strlen(sql) + 1);
    atomic_fetch_add(&c->told, 1);
    if (bide_executor_post(c->thread, do_told, told, .drop = drop_told) < 0) {
        atomic_store(&c->broken, true);
        drop_told(told);
    }
}
