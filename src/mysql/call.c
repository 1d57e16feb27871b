/* libmariadb's calls in two halves, and the wait between them.
 *
 * None of libmariadb's own time limits is set, so it never asks for MYSQL_WAIT_TIMEOUT: the scopes
 * around the task are the limits.  It says that it waits only after the socket has said EAGAIN, so
 * the next edge is what is waited for. */
#include "mysql/connection.h"

#include "base/sigpipe.h"

#include <bide/scope.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#ifdef BIDE_TLS
#include <openssl/err.h>
#endif

/* ---- the calls ------------------------------------------------------------------------------- */

struct halves {
    int (*start)(struct mysql_connection *c);
    int (*go_on)(struct mysql_connection *c, int ready);
};

#define CALL(name_, field_, fn_, object_, ...) \
    static int start_##name_(struct mysql_connection *c) \
    { \
        return fn_##_start(&c->got.field_, __VA_ARGS__); \
    } \
    static int go_on_##name_(struct mysql_connection *c, int ready) \
    { \
        return fn_##_cont(&c->got.field_, object_, ready); \
    }

CALL(query, code, mysql_real_query, c->my, c->my, c->text, c->text_size)
CALL(next_result, code, mysql_next_result, c->my, c->my)
CALL(fetch_row, row, mysql_fetch_row, c->result, c->result)
CALL(prepare, code, mysql_stmt_prepare, c->statement, c->statement, c->text, c->text_size)
CALL(execute, code, mysql_stmt_execute, c->statement, c->statement)
CALL(fetch, code, mysql_stmt_fetch, c->statement, c->statement)
CALL(next_statement_result, code, mysql_stmt_next_result, c->statement, c->statement)
CALL(close_statement, failed, mysql_stmt_close, c->statement, c->statement)
CALL(set_option, code, mysql_set_server_option, c->my, c->my, c->option)

static const struct mysql_config *config_of(const struct mysql_connection *c)
{
    return *bide__db_config(c->base.pool);
}

CALL(change_user, failed, mysql_change_user, c->my, c->my, config_of(c)->user,
     config_of(c)->password, config_of(c)->database)

/* The address is in c->text: names were looked up before. */
CALL(connect, my, mysql_real_connect, c->my, c->my, config_of(c)->socket ? NULL : c->text,
     config_of(c)->user, config_of(c)->password, config_of(c)->database, config_of(c)->port,
     config_of(c)->socket, CLIENT_FOUND_ROWS)

static const struct halves calls[] = {
    [CALL_CONNECT] = { start_connect, go_on_connect },
    [CALL_QUERY] = { start_query, go_on_query },
    [CALL_NEXT_RESULT] = { start_next_result, go_on_next_result },
    [CALL_FETCH_ROW] = { start_fetch_row, go_on_fetch_row },
    [CALL_PREPARE] = { start_prepare, go_on_prepare },
    [CALL_EXECUTE] = { start_execute, go_on_execute },
    [CALL_FETCH] = { start_fetch, go_on_fetch },
    [CALL_NEXT_STATEMENT_RESULT] = { start_next_statement_result, go_on_next_statement_result },
    [CALL_CLOSE_STATEMENT] = { start_close_statement, go_on_close_statement },
    [CALL_SET_OPTION] = { start_set_option, go_on_set_option },
    [CALL_CHANGE_USER] = { start_change_user, go_on_change_user },
};

/* ---- one half of it -------------------------------------------------------------------------- */

static unsigned directions_of(int wanted)
{
    return (wanted & (MYSQL_WAIT_READ | MYSQL_WAIT_EXCEPT) ? READY_READ : 0u)
        | (wanted & MYSQL_WAIT_WRITE ? READY_WRITE : 0u);
}

/* Right after libmariadb's EAGAIN: what is heard of from now on is news. */
static void note_drained(const struct mysql_connection *c)
{
    struct fd_entry *e = fd_entry_of(&bide__loop()->fds, c->fd);
    if (e)
        e->ready &= (uint8_t)~directions_of(c->wanted);
}

/* OpenSSL takes an error that another of the thread's connections has left in its queue for one of
 * this: what is only to be waited for would be the end. */
static void forget_errors(void)
{
#ifdef BIDE_TLS
    ERR_clear_error();
#endif
}

/* One half of the call.  OpenSSL writes to a socket as to a pipe, and a peer that is gone then
 * raises SIGPIPE; libmariadb alone asks the system not to. */
static void do_half(struct mysql_connection *c, bool first, int ready)
{
    sigset_t before;
    if (c->secure) {
        before = bide__sigpipe_hold();
        forget_errors();
    }
    const struct halves *call = &calls[c->call];
    c->wanted = first ? call->start(c) : call->go_on(c, ready);
    if (c->secure)
        bide__sigpipe_let(&before, true);
    note_drained(c);
}

/* ---- the wait -------------------------------------------------------------------------------- */

/* libmariadb makes the socket, and closes it when it is lost. */
static int watch(struct mysql_connection *c)
{
    if (c->fd >= 0)
        return 0;
    int fd = (int)mysql_get_socket(c->my);
    if (fd < 0)
        return bide_fail(-ECONNRESET, "mysql: there is no socket");
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    int rc = bide__fd_watch(fd, WATCH_SOCKET | WATCH_FOREIGN);
    if (rc == 0)
        c->fd = fd;
    return rc;
}

/* What has come of what it waits for; < 0. */
BIDE_WAITS static int wait_for(struct mysql_connection *c)
{
    int rc = watch(c);
    if (rc < 0)
        return rc;
    unsigned directions = directions_of(c->wanted);
    int ready = bide__fd_ready(c->fd, directions);
    if (ready < 0)
        return c->broken ? bide__mysql_fail_lost(c) : ready;
    return (ready & READY_READ ? c->wanted & (MYSQL_WAIT_READ | MYSQL_WAIT_EXCEPT) : 0)
        | (ready & READY_WRITE ? c->wanted & MYSQL_WAIT_WRITE : 0);
}

/* ---- the end --------------------------------------------------------------------------------- */

static bool has_failed(const struct mysql_connection *c, enum mysql_call call)
{
    switch (call) {
    case CALL_CONNECT: return !c->got.my;
    case CALL_FETCH_ROW: return !c->got.row && mysql_errno(c->my);
    case CALL_FETCH: return c->got.code == 1;
    case CALL_NEXT_RESULT:
    case CALL_NEXT_STATEMENT_RESULT: return c->got.code > 0;
    case CALL_CLOSE_STATEMENT: return false;        /* the next call tells what is wrong */
    case CALL_CHANGE_USER: return c->got.failed;
    default: return c->got.code != 0;
    }
}

/* What the server tells of its session beside a result. */
static void note_session(struct mysql_connection *c)
{
    if (c->my->server_status & SERVER_SESSION_STATE_CHANGED)
        c->changed = true;
    if (mysql_insert_id(c->my))
        c->last_id = (int64_t)mysql_insert_id(c->my);
}

/* The head of a result, or the end of its rows. */
static int note_result(struct mysql_connection *c, enum mysql_call call)
{
    if (call == CALL_FETCH_ROW && !c->got.row) {
        mysql_free_result(c->result);   /* reads nothing */
        c->result = NULL;
    }
    if (call == CALL_QUERY || call == CALL_NEXT_RESULT || call == CALL_EXECUTE)
        note_session(c);
    bool headed = (call == CALL_QUERY || call == CALL_NEXT_RESULT) && c->got.code == 0;
    if (!headed || !mysql_field_count(c->my))
        return 0;
    c->result = mysql_use_result(c->my);        /* the same */
    if (c->result)
        return 0;
    bide__mysql_lose(c, BIDE_ENOMEM, "out of memory");
    return bide__mysql_no_memory();
}

static int end(struct mysql_connection *c)
{
    enum mysql_call call = c->call;
    c->call = CALL_NOTHING;
    if (call == CALL_CLOSE_STATEMENT)
        c->statement = NULL;
    bool gone = (int)mysql_get_socket(c->my) < 0;
    if (gone && c->fd >= 0) {
        bide__fd_unwatch(c->fd);
        c->fd = -1;
    }
    int rc = has_failed(c, call) ? bide__mysql_refuse(c, call) : note_result(c, call);
    if (gone && !c->broken && call != CALL_CONNECT)
        bide__mysql_lose(c, -ECONNRESET, "the server has closed the connection");
    return rc;
}

int bide__mysql_go_on(struct mysql_connection *c)
{
    while (c->wanted) {
        int ready = wait_for(c);
        if (ready < 0)
            return ready;
        do_half(c, false, ready);
    }
    return end(c);
}

static void begin(struct mysql_connection *c, enum mysql_call call)
{
    c->call = call;
    if (call == CALL_QUERY || call == CALL_EXECUTE)
        c->answer = call == CALL_QUERY ? ANSWER_TEXT : ANSWER_BINARY;
    do_half(c, true, 0);
}

int bide__mysql_call(struct mysql_connection *c, enum mysql_call call)
{
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    if (c->broken)
        return bide__mysql_fail_lost(c);
    begin(c, call);
    return bide__mysql_go_on(c);
}

int bide__mysql_call_now(struct mysql_connection *c, enum mysql_call call)
{
    begin(c, call);
    return c->wanted ? BIDE_EAGAIN : end(c);
}

/* What it has allocated is freed only if it comes to its end: so it is told that its time is over,
 * and where OpenSSL reads, that the peer is gone.  What is at the socket by now may be read before,
 * and that is bounded. */
void bide__mysql_break_off(struct mysql_connection *c)
{
    int fd = (int)mysql_get_socket(c->my);
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
    while (c->call && c->wanted)
        do_half(c, false, c->wanted | MYSQL_WAIT_TIMEOUT);
    if (c->call == CALL_CLOSE_STATEMENT)
        c->statement = NULL;
    c->call = CALL_NOTHING;
}
