/* A connection's life after it was made: who has it, what is told it, its state, and its end. */
#include "mysql/connection.h"

#include "base/memory.h"
#include "base/sigpipe.h"
#include "core/loop.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* ---- who has it ------------------------------------------------------------------------------ */

int bide__mysql_fail_lost(const struct mysql_connection *c)
{
    return bide_fail(c->broken, "mysql: %s", c->why);
}

int bide__mysql_enter(struct mysql_connection *c)
{
    static const struct waitkind taken = { "a database connection that is in use", bide__undo,
                                           NULL };
    int rc = bide__enter();
    while (rc == 0 && !c->broken && (c->busy || c->mending || c->told)) {
        struct wait w = { .kind = &taken };
        rc = bide__wait(&c->line, &w);
    }
    if (rc < 0)
        return rc;
    if (c->broken)
        return bide__mysql_fail_lost(c);
    c->busy = true;
    return 0;
}

void bide__mysql_leave(struct mysql_connection *c)
{
    BIDE_KEEP_ERROR(why);
    c->busy = false;
    bide__mysql_mend(c);
    if (!c->mending)
        bide__settle_first(&c->line, 0);
}

void bide__mysql_lose(struct mysql_connection *c, int rc, const char *why)
{
    if (c->broken)
        return;
    c->broken = rc;
    snprintf(c->why, sizeof c->why, "%.*s", (int)strcspn(why, "\n"), why);
    int fd = c->my ? (int)mysql_get_socket(c->my) : -1;
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
    if (c->fd >= 0)
        bide__fd_abort(c->fd);
    bide__settle_all(&c->line, 0);
}

/* ---- transactions that the server has ended -------------------------------------------------- */

int bide__mysql_check_lost(struct mysql_connection *c, const char *sql)
{
    if (!c->lost)
        return 0;
    if (strcasecmp(sql, "rollback") == 0) {
        c->lost = false;
        return 0;
    }
    static const struct bide_db_failure failure = {
        .sqlstate = "25P02", .severity = "ERROR",
        .message = "a deadlock has rolled back the transaction",
    };
    return bide__db_refuse(c->base.pool, &failure);
}

/* ---- what stays behind ----------------------------------------------------------------------- */

static bool begins(const char *sql, const char *word)
{
    size_t size = strlen(word);
    return strncasecmp(sql, word, size) == 0 && !isalnum((unsigned char)sql[size])
        && sql[size] != '_';
}

/* By its words: the server tells of variables that were set, and not of locks, nor of what is
 * prepared.  It is better to put one back too many. */
bool bide__mysql_is_lasting(const char *sql)
{
    static const char *const plain[] = {
        "select", "insert", "update", "delete", "replace", "with", "values", "show", "explain",
        "describe", "begin", "start", "commit", "rollback", "savepoint", "release", "truncate",
        "create", "alter", "drop", "rename", "set transaction", "do", NULL,
    };
    sql += strspn(sql, " \t\r\n(");
    bool is_plain = false;
    for (const char *const *word = plain; *word && !is_plain; word++)
        is_plain = begins(sql, *word);
    return !is_plain || strchr(sql, '@') || strcasestr(sql, "lock(")
        || strcasestr(sql, "temporary");
}

/* ---- its state ------------------------------------------------------------------------------- */

/* Idle for that long, it is looked at: the server may have gone, or have closed it. */
#define LOOKED_AT_NS INT64_C(500000000)

static bool has_ended(const struct mysql_connection *c)
{
    char byte;
    if (c->busy || c->mending || bide__clock_ns(bide__loop()) - c->base.idle_ns < LOOKED_AT_NS)
        return false;
    /* A server that asks for nothing says nothing: what is to be read is its end. */
    ssize_t got = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got >= 0 || (errno != EAGAIN && errno != EINTR);
}

enum db_state bide__mysql_state(struct db_connection *base)
{
    struct mysql_connection *c = mysql_of(base);
    if (c->broken || c->fd < 0 || has_ended(c))
        return DB_BROKEN;
    unsigned status = c->my->server_status;
    bool open = status & SERVER_STATUS_IN_TRANS || !(status & SERVER_STATUS_AUTOCOMMIT);
    bool idle = !c->busy && !c->mending && !c->told;
    return idle && !open && !c->changed && !c->lost ? DB_READY : DB_CHANGED;
}

/* Prepared statements are gone with the session: they are closed at this end alone. */
BIDE_WAITS static int put_back(struct mysql_connection *c)
{
    const struct mysql_config *config = *bide__db_config(c->base.pool);
    int rc = bide__mysql_call(c, CALL_CHANGE_USER);
    if (rc < 0)
        return rc;
    bide__mysql_free_statements(&c->statements);
    c->several = false;
    int64_t said = bide__mysql_say(c, config->hello);
    c->changed = said < 0;
    return said < 0 ? (int)said : 0;
}

int bide__mysql_reset(struct db_connection *base)
{
    struct mysql_connection *c = mysql_of(base);
    int rc = bide__mysql_enter(c);
    if (rc < 0)
        return rc;
    int64_t said = 0;
    bool open = c->my->server_status & SERVER_STATUS_IN_TRANS;
    bool manual = !(c->my->server_status & SERVER_STATUS_AUTOCOMMIT);
    if (c->changed || manual)
        said = put_back(c);
    else if (open || c->lost)
        said = bide__mysql_say(c, "rollback");
    c->lost = false;
    bide__mysql_leave(c);
    return said < 0 ? (int)said : 0;
}

void bide__mysql_keep_session(struct db_connection *base) { mysql_of(base)->changed = false; }

/* ---- what is told ---------------------------------------------------------------------------- */

void bide__mysql_tell(struct db_connection *base, const char *sql)
{
    struct mysql_connection *c = mysql_of(base);
    if (c->broken)
        return;
    struct mysql_told *told = bide__alloc(sizeof *told + strlen(sql) + 1);
    if (!told) {
        bide__mysql_lose(c, BIDE_ENOMEM, "out of memory");
        return;
    }
    told->next = NULL;
    memcpy(told->sql, sql, strlen(sql) + 1);
    *c->told_tail = told;
    c->told_tail = &told->next;
    bide__mysql_mend(c);        /* else it is said when who has it leaves */
}

/* ---- its end --------------------------------------------------------------------------------- */

void bide__mysql_cut(struct db_connection *base)
{
    bide__mysql_lose(mysql_of(base), BIDE_ECLOSED, "the pool was closed");
}

static void drop_told(struct mysql_connection *c)
{
    for (struct mysql_told *next; c->told; c->told = next) {
        next = c->told->next;
        bide__free(c->told);
    }
}

/* A call that stands still, or rows that are not read, are ended as if the server had gone; else
 * the server is told good-bye: a few bytes, for which there is room. */
static void close_session(struct mysql_connection *c)
{
    bool clean = !c->call && !c->answer && !c->broken;
    sigset_t before = bide__sigpipe_hold();     /* the good-bye over TLS, to who has gone */
    if (!clean)
        bide__mysql_break_off(c);
    while (c->result && mysql_fetch_row(c->result))
        continue;               /* what is at the socket, and then its end */
    mysql_free_result(c->result);
    mysql_close(c->my);
    if (c->statement && !c->keeps_statement)
        mysql_stmt_close(c->statement);
    bide__mysql_free_statements(&c->statements);
    bide__sigpipe_let(&before, true);
    c->my = NULL;
}

void bide__mysql_close(struct db_connection *base)
{
    struct mysql_connection *c = mysql_of(base);
    if (c->fd >= 0)
        bide__fd_unwatch(c->fd);        /* wakes the mender */
    c->fd = -1;
    if (c->my)
        close_session(c);
    bide__mysql_lose(c, BIDE_ECLOSED, "the connection was closed");
    drop_told(c);
    c->closed = true;
    if (c->mending_scope)
        bide_scope_cancel(c->mending_scope);
    if (!c->mending)
        bide__mysql_free(c);
}
