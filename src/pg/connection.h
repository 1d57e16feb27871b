/* One connection to PostgreSQL: what is on its way there, and who reads the answers.
 *
 * libpq stays in pipeline mode.  Each request is one statement or several, ended by a Sync of its
 * own: an error makes the server skip to there, so it touches no other request.  Requests are
 * answered in their order.  While any is on its way, one task (the pump) reads; it belongs to the
 * pool, so that a task which is cancelled can leave its request behind.
 *
 * COPY and scripts cannot be pipelined.  Who needs them shuts the gate, waits until everything is
 * answered, and leaves pipeline mode; the gate is opened when the server is ready again. */
#ifndef PG_CONNECTION_H
#define PG_CONNECTION_H

#include "core/park.h"
#include "db/driver.h"
#include "pg/statements.h"

#include <bide/pg.h>
#include <libpq-fe.h>

/* Seconds that the server may be silent while the answer to a request is dropped that nobody waits
 * for any more, and that all of it may take, from when it is the first in line. */
enum { PG_DRAIN_SILENCE = 10, PG_DRAIN_TIMEOUT = 30 };
/* Seconds that telling the server to cancel one may take, and how many may be told at once, of one
 * pool. */
enum { PG_CANCEL_TIMEOUT = 5, PG_CANCELLERS = 4 };
/* Notifications that are kept for who asks. */
enum { PG_NOTIFICATIONS_MAX = 1000 };
/* Bytes that a result may have beyond its limit while the server is being told to stop. */
#define PG_RESULT_SLACK ((size_t)16 << 20)

enum pg_kind {
    PG_STATEMENT,               /* ended by its Sync */
    PG_STREAM,                  /* the same, its rows taken in portions */
    PG_RAW,                     /* outside of pipeline mode: a script, a COPY */
};
struct pg_request {
    struct pg_request *next;
    enum pg_kind kind;
    bool owned;                 /* somebody waits for it; else it is freed when it has ended */
    bool must;                  /* the connection is no good if it fails */
    bool rolls;                 /* cancelling it would do harm */
    bool filling;               /* its statements are still being sent */
    bool ended;                 /* everything was said */
    bool copying;               /* a COPY stands open */
    bool done;                  /* its statement is over; only the Sync's answer is to come */
    bool cancel_sent;
    int rc;                     /* < 0: no answer will come, and why */
    PGresult *result;           /* what was said last, or the first failure; a portion of a stream's
                                   rows */
    int portion;                /* of a stream: how many rows that may be */
    struct pg_statement *prepares;      /* this statement */
    PGresult **each;            /* results of one statement, run several times: ours; NULL: it is
                                   run once, or its results are not kept */
    size_t wanted, taken;       /* of these */
    bool counts;                /* only how many rows were changed is kept */
    int64_t changed;
    size_t bytes_max, bytes;    /* of the answer; 0: no limit */
    struct waitlist waiter;     /* at most one */
};
/* What is to be said when the gate is open again. */
struct pg_told { struct pg_told *next; char sql[]; };
struct pg_note { struct pg_note *next; PGnotify *notify; };

struct pg_connection {
    struct db_connection base;  /* first */
    PGconn *pg;                 /* NULL: closed */
    int fd;                     /* watched; -1: no more */
    bool pumping;               /* the pump runs */
    bool listens;               /* somebody waits for a notification */
    bool drained;               /* nothing was left at the socket, in this turn of the loop */
    uint32_t drained_turn;
    struct bide_scope *reading; /* around the pump's wait: cancelled, it looks anew */
    struct bide_scope *stopping;        /* around its wait for a cancelling thread: cancelled where
                                           the connection is lost */
    int64_t drained_ns;         /* when the first request, which nobody wants, must be answered; 0:
                                   not set yet */
    bool writing;               /* a task sends what libpq holds */
    bool corked;                /* a task will have sent what the kernel holds */
    bool is_local;              /* its socket is no TCP's, and has no cork */
    uint32_t sent_turn;         /* of the loop, when something was sent last */
    bool cancelling;            /* the first request is being cancelled at the server */
    bool closed;                /* the last of its tasks frees it */
    bool changed;               /* its session's state */
    bool rolled_back;           /* the last COMMIT was answered so */
    int broken;                 /* < 0: why nothing more goes */
    char why[200];
    bool shut;                  /* the gate */
    struct waitlist gate;       /* who waits to send */
    struct waitlist flushed;    /* who waits until everything is sent */
    struct waitlist settled;    /* who waits until everything is answered */
    struct pg_request *head, **tail;
    struct pg_told *told, **told_tail;
    struct pg_statements statements;
    struct pg_note *notes, **notes_tail;
    size_t note_count;
    PGnotify *shown;            /* the notification that was handed out last */
    struct waitlist listener;   /* who waits for one */
};
/* What is kept of the URL, and of a pool. */
struct pg_config {
    struct bide_executor *cancellers;   /* NULL until the first is needed */
    const char **names, **values;       /* for PQconnectStartParams(), ended by NULL; ours */
    char *hosts, *addresses, *ports;    /* as libpq sees them, lists with commas; "" where none */
    char *seconds;              /* connect_timeout, for each host; "" where none */
    char *options;              /* of the server, before .settings; "" where none */
};

static inline struct pg_connection *pg_of(struct db_connection *c)
{
    return (struct pg_connection *)(void *)c;
}
/* Closed, and none of its tasks will look at it again? */
static inline bool bide__pg_is_left(const struct pg_connection *c)
{
    return c->closed && !c->pumping && !c->writing && !c->corked;
}
static inline bool bide__pg_is_idle(const struct pg_connection *c)
{
    return !c->head && !c->shut && !c->told;
}

/* ---- config.c, connect.c --------------------------------------------------------------------- */

int bide__pg_configure(struct db_pool *pool, const struct bide_db_opts *opts);
void bide__pg_unconfigure(struct db_pool *pool);
BIDE_WAITS struct db_connection *bide__pg_connect(struct db_pool *pool);

/* ---- request.c ------------------------------------------------------------------------------- */

/* Waits until the gate is open; then statements may be sent without waiting. */
BIDE_WAITS int bide__pg_enter(struct pg_connection *c);
/* Shuts the gate for the running task, waits until everything is answered. */
BIDE_WAITS int bide__pg_shut(struct pg_connection *c);
/* The gate is open; what was told meanwhile is said first. */
void bide__pg_open_gate(struct pg_connection *c);
/* A request, not in line yet; NULL: BIDE_ENOMEM. */
struct pg_request *bide__pg_request_new(enum pg_kind kind);
void bide__pg_request_free(struct pg_request *r);
/* What was sent is this request, the last in line; a Sync ends it.  0, also where the connection is
 * lost now: waiting for it tells.  < 0: it is freed. */
int bide__pg_request_sent(struct pg_connection *c, struct pg_request *r);
/* The same in two steps, for statements that do not all fit into memory: sent between them, and
 * read meanwhile; the gate must be shut. */
void bide__pg_request_open(struct pg_connection *c, struct pg_request *r);
void bide__pg_request_close(struct pg_connection *c, struct pg_request *r);
/* Waits until it has ended, or a row or a COPY stands open: 0.  Cancelled: it is left to the pump,
 * and is not to be touched any more, nor after any other failure. */
BIDE_WAITS int bide__pg_request_wait(struct pg_connection *c, struct pg_request *r);
/* Nobody wants it any more: it is freed when it has ended. */
void bide__pg_request_leave(struct pg_connection *c, struct pg_request *r);
/* The connection is lost: everybody fails with rc. */
void bide__pg_lose(struct pg_connection *c, int rc, const char *why);
/* Of libpq's sentences, which have several lines, one. */
void bide__pg_copy_line(char *to, size_t size, const char *text);
int bide__pg_fail_lost(const struct pg_connection *c);
/* libpq refused to send; tells why, and gives the connection up. */
int bide__pg_fail_send(struct pg_connection *c);

/* ---- pump.c ---------------------------------------------------------------------------------- */

/* Answers are to be read: starts the pump where it does not run. */
void bide__pg_pump(struct pg_connection *c);
/* Takes what libpq has read already, for the first request. */
void bide__pg_take(struct pg_connection *c);
/* The same with one result that was taken from libpq. */
void bide__pg_give(struct pg_connection *c, PGresult *result);
/* Nobody wants what is on its way, and it can still be cancelled? */
bool bide__pg_may_cancel(const struct pg_connection *c);
/* Waits until there is something to read, and has libpq read it. */
BIDE_WAITS int bide__pg_read(struct pg_connection *c);

/* ---- send.c ---------------------------------------------------------------------------------- */

/* Before libpq is given the Sync of a statement: it is gathered with others of this turn. */
void bide__pg_gather(struct pg_connection *c);
/* libpq may hold something: has it sent, by a task where it does not go at once. */
void bide__pg_send(struct pg_connection *c);
/* Waits until libpq has sent what it holds. */
BIDE_WAITS int bide__pg_flush(struct pg_connection *c);

/* ---- session.c ------------------------------------------------------------------------------- */

void bide__pg_close(struct db_connection *c);
void bide__pg_free(struct pg_connection *c);
void bide__pg_cut(struct db_connection *c);
enum db_state bide__pg_state(struct db_connection *c);
BIDE_WAITS int bide__pg_reset(struct db_connection *c);
void bide__pg_tell(struct db_connection *c, const char *sql);
int bide__pg_committed(struct db_connection *c);
void bide__pg_keep_session(struct db_connection *c);
/* What a statement's answer tells of the session. */
void bide__pg_note_command(struct pg_connection *c, PGresult *result);

/* ---- refusal.c ------------------------------------------------------------------------------- */

/* Holds BIDE_EDB for a result that failed; frees nothing. */
int bide__pg_refuse(struct pg_connection *c, const PGresult *result);
/* libpq could not connect: BIDE_EDB where the server refused, else the code `otherwise`. */
int bide__pg_fail_connect(struct pg_connection *c, int otherwise);

/* ---- the rest -------------------------------------------------------------------------------- */

BIDE_WAITS bide_rows *bide__pg_run(struct db_connection *c, const struct db_statement *statement);
BIDE_WAITS int64_t bide__pg_many(struct db_connection *c, const struct db_statement *statement,
                                 size_t times);
BIDE_WAITS int bide__pg_fetch_many(struct db_connection *c, const struct db_statement *statement,
                                   size_t times, bide_rows **each);
BIDE_WAITS bide_bulk *bide__pg_bulk(struct db_connection *c, const char *table,
                                    const char *const *columns);
/* Enters the gate with a statement that is prepared, *p NULL: not to be.  0, or < 0. */
BIDE_WAITS int bide__pg_enter_prepared(struct pg_connection *c, const char *sql,
                                       struct pg_statement **p);
/* Gives it to libpq, without a Sync. */
int bide__pg_put(struct pg_connection *c, const struct pg_statement *p, const char *sql,
                 const struct bide_value *values, size_t count);
/* Did it fail because what is prepared is not good any more?  It is forgotten then; true: nothing
 * was done, and it can be asked anew. */
bool bide__pg_forget_stale(struct pg_connection *c, const PGresult *result, const char *sql);
/* Asks in the simple protocol, alone on the connection, and waits for the first answer: the
 * request, to be freed; NULL: it failed and is gone. */
BIDE_WAITS struct pg_request *bide__pg_ask_raw(struct pg_connection *c, const char *sql);
/* The COPY from stdin that stands open there fails. */
void bide__pg_give_up_copy(struct pg_connection *c);
/* Runs a script in the simple protocol: how many rows its last statement changed. */
BIDE_WAITS int64_t bide__pg_script(struct pg_connection *c, const char *sql);
/* Rows of a result, which they own; streamed: the request's, which they own as well. */
bide_rows *bide__pg_rows(struct pg_connection *c, PGresult *result, struct pg_request *streamed);
/* A result failed? */
static inline bool bide__pg_failed(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}
/* How many rows it changed; of rows: 0. */
int64_t bide__pg_changed_by(PGresult *result);
/* Takes what was notified from libpq. */
void bide__pg_collect_notes(struct pg_connection *c);
void bide__pg_drop_notes(struct pg_connection *c);

#endif
