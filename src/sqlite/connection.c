#include "sqlite/connection.h"

#include "base/memory.h"
#include "core/loop.h"

#include <bide/log.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- on the thread --------------------------------------------------------------------------- */

static bool is_unwanted(const struct sqlite_connection *c)
{
    return bide_thread_cancelled() || atomic_load_explicit(&c->broken, memory_order_relaxed);
}

static void note_waiting(struct sqlite_connection *c, bool waits)
{
    if (c->waits != waits)
        bide__db_locked(c->base.pool, waits);
    c->waits = waits;
}

/* Asked every so many steps of SQLite's machine: is the statement still wanted? */
enum { STEPS_BETWEEN_LOOKS = 1000 };
static int look_for_cancelling(void *arg)
{
    struct sqlite_connection *c = arg;
    note_waiting(c, false);
    return is_unwanted(c);
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
    note_waiting(c, true);
    if (tries == 0)
        c->waits_since_ns = now_ns;
    if (is_unwanted(c) || (double)(now_ns - c->waits_since_ns) >= c->busy * 1e9)
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
    if (!*value)
        return 0;               /* it stays as it is */
    char *sql = sqlite3_mprintf("pragma %w = '%q'", name, value);
    int code = sql ? sqlite3_exec(o->c->file, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
    sqlite3_free(sql);
    return bide__sqlite_note(o->c, code, &o->why);
}

static bool is_set(const struct bide_pair *settings, const char *name)
{
    for (; settings && settings->name; settings++)
        if (strcmp(settings->name, name) == 0)
            return true;
    return false;
}

/* A file keeps its journal's mode: what the program has another wish for is not changed before. */
static int set_all(struct opening *o)
{
    int rc = 0;
    if (o->config->flags & SQLITE_OPEN_READWRITE && !is_set(o->settings, "journal_mode"))
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
        return bide__sqlite_note_open(c, code, &o->why);
    sqlite3_busy_handler(c->file, wait_for_lock, c);
    sqlite3_progress_handler(c->file, STEPS_BETWEEN_LOOKS, look_for_cancelling, c);
    int rc = set_all(o);
    note_waiting(c, false);
    return rc;
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
    c->file = NULL;
}

static int finish_file(void *arg)
{
    close_file(&((struct sqlite_connection *)arg)->closing);
    return 0;
}

static void free_connection(struct job *job)
{
    struct sqlite_connection *c = closed_by(job);
    bide_executor *thread = c->thread;
    bide__free(c);
    bide_executor_free(thread);
}

static int roll_back(struct sqlite_connection *c)
{
    if (sqlite_is_open(c))
        sqlite3_exec(c->file, "rollback", NULL, NULL, NULL);
    return sqlite_is_open(c) ? bide_fail(BIDE_EDB, "it could not be rolled back") : 0;
}

/* Around what each job does. */
static void begin_job(struct sqlite_connection *c)
{
    if (atomic_exchange(&c->undo, false) && roll_back(c) < 0)
        atomic_store(&c->broken, true);
    c->was_open = sqlite_is_open(c);
}

static void end_job(struct sqlite_connection *c)
{
    bool open = sqlite_is_open(c);
    note_waiting(c, false);
    c->reading = c->reading && open;
    atomic_store(&c->last_id, sqlite3_last_insert_rowid(c->file));
    atomic_store(&c->open, open);
}

struct doing { struct sqlite_connection *c; bide_fn *fn; void *arg; };

/* A failure may have ended the transaction that was open before. */
static int do_job(void *arg)
{
    struct doing *doing = arg;
    struct sqlite_connection *c = doing->c;
    begin_job(c);
    int rc = doing->fn(doing->arg);
    if (rc < 0 && c->was_open && !sqlite_is_open(c))
        atomic_store(&c->lost, true);
    end_job(c);
    return rc;
}

static int restore(void *arg)
{
    struct sqlite_connection *c = arg;
    int rc = roll_back(c);
    c->was_open = false;
    atomic_store(&c->lost, false);
    return rc;
}

struct told { struct job job; struct sqlite_connection *c; char sql[]; };

/* All that is told undoes something; SQLITE_ERROR is that it is not there. */
static void do_told(struct job *job)
{
    struct told *told = (struct told *)(void *)job;
    struct sqlite_connection *c = told->c;
    begin_job(c);
    int code = sqlite_is_open(c) ? sqlite3_exec(c->file, told->sql, NULL, NULL, NULL) : SQLITE_OK;
    if (code != SQLITE_OK && code != SQLITE_ERROR)
        atomic_store(&c->broken, true);
    end_job(c);
}

static void drop_told(struct job *job)
{
    struct told *told = (struct told *)(void *)job;
    atomic_fetch_sub(&told->c->told, 1);
    bide__free(told);
}

/* ---- in tasks -------------------------------------------------------------------------------- */

int bide__sqlite_do(struct sqlite_connection *c, bide_fn *fn, void *arg, const char *name)
{
    struct doing doing = { c, fn, arg };
    return bide_executor_run_(c->thread, do_job, &doing, name);
}

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

int bide__sqlite_finish(struct db_connection *base)
{
    struct sqlite_connection *c = sqlite_of(base);
    return bide_executor_run(c->thread, finish_file, c);
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
    bool at_rest = !atomic_load(&c->told) && !atomic_load(&c->open) && !atomic_load(&c->undo)
        && !atomic_load(&c->lost);
    return at_rest ? DB_READY : DB_CHANGED;
}

int bide__sqlite_reset(struct db_connection *base)
{
    struct sqlite_connection *c = sqlite_of(base);
    return bide__sqlite_do(c, restore, c, "sqlite reset");
}

/* Where it cannot be told, the whole transaction is undone before anything else is. */
static void undo_all(struct sqlite_connection *c, bool believed_open)
{
    atomic_store(&c->undo, true);
    if (believed_open)
        atomic_store(&c->lost, true);
}

void bide__sqlite_tell(struct db_connection *base, const char *sql)
{
    struct sqlite_connection *c = sqlite_of(base);
    bool whole = strcmp(sql, "rollback") == 0;
    if (whole)
        atomic_store(&c->lost, false);
    struct told *told = bide__zalloc(sizeof *told + strlen(sql) + 1);
    if (!told) {
        undo_all(c, !whole);
        return;
    }
    told->job = (struct job){ .work = do_told, .done = drop_told, .refuse = drop_told,
                              .name = "sqlite rollback" };
    told->c = c;
    memcpy(told->sql, sql, strlen(sql) + 1);
    atomic_fetch_add(&c->told, 1);
    if (bide__executor_submit(c->thread, &told->job) == 0)
        return;
    drop_told(&told->job);
    undo_all(c, !whole);
}
