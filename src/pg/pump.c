/* Reading: the task of a connection that does, and what becomes of each answer. */
#include "pg/connection.h"

#include "base/memory.h"
#include "pg/portion.h"

#include <bide/group.h>
#include <bide/promise.h>
#include <bide/scope.h>
#include <bide/thread.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifdef BIDE_TLS
#include <openssl/ssl.h>
#endif

/* ---- answers --------------------------------------------------------------------------------- */

/* Does the first request keep the rest of its answer waiting? */
static bool is_held(const struct pg_request *r)
{
    return r->owned && (r->copying || (r->kind == PG_STREAM && r->result));
}

/* Is it a COPY that takes rows? */
static bool is_filled(const struct pg_request *r)
{
    return r->copying && PQresultStatus(r->result) == PGRES_COPY_IN;
}

static void end_cancelling(struct pg_connection *c)
{
    c->cancelling = false;
    if (!c->shut)
        bide__pg_open_gate(c);
}

/* The first request is answered. */
static void end_first(struct pg_connection *c)
{
    struct pg_request *r = c->head;
    c->head = r->next;
    c->drained_ns = 0;
    if (!c->head)
        c->tail = &c->head;
    else if (c->head->kind == PG_STREAM)
        bide__pg_in_portions(c->pg, c->head->portion);
    bool failed = bide__pg_failed(r->result);
    if (r->prepares)
        bide__pg_describe(&c->statements, r->prepares, failed ? NULL : r->result);
    r->prepares = NULL;
    r->ended = true;
    r->copying = false;
    bool lost = r->must && failed, raw = r->kind == PG_RAW;
    if (r->owned)
        bide__settle_all(&r->waiter, 0);
    else
        bide__pg_request_free(r);
    if (raw && !PQenterPipelineMode(c->pg))
        lost = true;
    if (lost)
        bide__pg_lose(c, -ECONNRESET, "a transaction could not be ended");
    if (c->cancelling)
        end_cancelling(c);
    if (raw)
        bide__pg_open_gate(c);
    if (!c->head)
        bide__settle_all(&c->settled, 0);
}

static void keep_result(struct pg_request *r, PGresult *result)
{
    if (r->taken < r->wanted && !bide__pg_failed(result)) {
        r->each[r->taken++] = result;
        return;
    }
    if (r->result && bide__pg_failed(r->result)) {
        PQclear(result);        /* the first failure tells most */
        return;
    }
    PQclear(r->result);
    r->result = result;
}

int64_t bide__pg_changed_by(PGresult *result)
{
    return PQntuples(result) ? 0 : strtoll(PQcmdTuples(result), NULL, 10);
}

/* Is there only its Sync to come? */
static bool is_done(const struct pg_request *r)
{
    if (r->kind == PG_RAW || r->filling || r->counts || r->taken < r->wanted)
        return false;
    return r->wanted || !bide__pg_is_portion(r->result);
}

static void take_result(struct pg_connection *c, struct pg_request *r, PGresult *result)
{
    switch (PQresultStatus(result)) {
    case PGRES_PIPELINE_SYNC:
        PQclear(result);
        end_first(c);
        return;
    case PGRES_PIPELINE_ABORTED:
        PQclear(result);
        return;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        keep_result(r, result);
        r->copying = true;
        if (r->kind == PG_RAW && !r->owned && is_filled(r)) {
            r->copying = false; /* its task was cancelled before it had begun */
            bide__pg_give_up_copy(c);
            return;
        }
        if (r->kind == PG_RAW)
            break;
        bide__pg_lose(c, BIDE_EINVAL, "COPY wants bide_pg_copy_in() or bide_pg_copy_out()");
        return;                 /* it may be freed */
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        bide__pg_note_command(c, result);
        r->changed = r->counts ? r->changed + bide__pg_changed_by(result)
                                : bide__pg_changed_by(result);
        keep_result(r, result);
        break;
    default:
        keep_result(r, result);
    }
    r->done = is_done(r);
    if (c->head == r && is_held(r))
        bide__settle_all(&r->waiter, 0);
}

void bide__pg_give(struct pg_connection *c, PGresult *result)
{
    take_result(c, c->head, result);
}

/* Of a COPY to stdout that nobody reads any more.  False: the rest has not come yet. */
static bool drop_copied(struct pg_connection *c, struct pg_request *r)
{
    char *piece;
    int got;
    while (r->copying && (got = PQgetCopyData(c->pg, &piece, 1)) >= 0) {
        if (got == 0)
            return false;
        PQfreemem(piece);
    }
    r->copying = false;
    return true;
}

void bide__pg_take(struct pg_connection *c)
{
    int nothing = 0;
    while (c->pg && c->head && !is_held(c->head) && !PQisBusy(c->pg)) {
        struct pg_request *r = c->head;
        if (!drop_copied(c, r))
            break;
        PGresult *result = PQgetResult(c->pg);
        nothing = result ? 0 : nothing + 1;
        if (result)
            take_result(c, r, result);
        else if (r->kind == PG_RAW)
            end_first(c);
        else if (nothing > 1 && r->filling)
            break;              /* all that was sent so far is answered */
        else if (PQstatus(c->pg) == CONNECTION_BAD)
            bide__pg_lose(c, -ECONNRESET, PQerrorMessage(c->pg));
        else if (nothing > 1)
            bide__pg_lose(c, -EPROTO, "the server's answers are out of step");
    }
    if (c->pg)
        bide__pg_collect_notes(c);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Is it known that the socket is drained, and that what comes will be told?  Not where events were
 * looked for since, nor after a hang-up, which is told once. */
static bool is_drained(const struct pg_connection *c)
{
    const struct fd_entry *e = fd_entry_of(&bide__loop()->fds, c->fd);
    return c->drained && c->drained_turn == bide__loop()->turns && !(e->ready & READY_HANGUP);
}

/* libpq does not tell whether it has drained the socket, so the socket is asked before the wait;
 * after it there is something. */
struct look { const struct pg_connection *c; bool looked; };
static ssize_t look(int fd, void *arg)
{
    struct look *l = arg;
    char byte;
    if (l->looked)
        return 0;
    l->looked = true;
    if (is_drained(l->c)) {
        errno = EAGAIN;
        return -1;
    }
    ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? -1 : 0;
}

static bool is_plain(const struct pg_connection *c)
{
    return !PQsslInUse(c->pg) && !PQgssEncInUse(c->pg);
}

/* What a TLS record still holds is not to be seen at the socket. */
static bool has_more(const struct pg_connection *c)
{
#ifdef BIDE_TLS
    if (PQsslInUse(c->pg))
        return SSL_pending(PQgetssl(c->pg)) > 0;
#endif
    return false && c;
}

static size_t waiting_bytes(const struct pg_connection *c)
{
    int bytes = 0;
    return ioctl(c->fd, FIONREAD, &bytes) == 0 ? (size_t)bytes : SIZE_MAX;
}

/* libpq does not tell how much it has read, either.  What there was before tells, where it was less
 * than libpq has room for; else what is left tells nearly as much.  More may have come meanwhile,
 * but it takes 8 KiB at a time where there are as many. */
enum { LEAST_READ = 8192 };
static int consume(struct pg_connection *c)
{
    struct pg_request *r = c->head;
    size_t before = waiting_bytes(c);
    int rc = PQconsumeInput(c->pg);
    c->drained = before < LEAST_READ && is_plain(c);
    c->drained_turn = bide__loop()->turns;
    if (!r || !r->bytes_max)
        return rc;
    size_t after = before < LEAST_READ ? 0 : waiting_bytes(c);
    size_t least = before < LEAST_READ ? before : LEAST_READ;
    r->bytes += before > after + least ? before - after : least;
    return rc;
}

int bide__pg_read(struct pg_connection *c)
{
    struct look l = { c, false };
    if (c->broken)
        return bide__pg_fail_lost(c);
    int rc = has_more(c) ? 0 : (int)bide__fd_do(c->fd, READY_READ, look, &l);
    if (c->broken)
        return bide__pg_fail_lost(c);
    if (rc < 0)
        return rc;
    if (!consume(c)) {
        bide__pg_take(c);       /* a last word may have come */
        return bide__pg_fail_send(c);
    }
    return 0;
}

/* ---- cancelling ------------------------------------------------------------------------------ */

/* The server is told which process to interrupt, not which statement: so only where whatever it may
 * hit is unwanted. */
bool bide__pg_may_cancel(const struct pg_connection *c)
{
    const struct pg_request *r = c->head;
    if (!r || r->owned || r->done || r->cancel_sent)
        return false;
    for (; r; r = r->next)
        if (r->owned || r->rolls)
            return false;
    return true;
}

/* PQcancel() makes a connection of its own, and blocks for as long as the system does; so a thread
 * does it, which is left alone where it takes too long. */
struct canceller { PGcancel *cancel; bide_promise *told; };

static int send_cancel(void *arg)
{
    struct canceller *job = arg;
    char why[256];
    int done = PQcancel(job->cancel, why, sizeof why);
    return bide_promise_set(job->told, &done);
}

static void drop_canceller(void *arg)
{
    struct canceller *job = arg;
    PQfreeCancel(job->cancel);
    bide_promise_drop(job->told);
    bide__free(job);
}

static bide_executor *cancellers_of(struct pg_connection *c)
{
    struct pg_config *config = *bide__db_config(c->base.pool);
    if (!config->cancellers)
        config->cancellers = bide_executor_new(PG_CANCELLERS, .name = "cancelling at PostgreSQL");
    return config->cancellers;
}

/* NULL: that cannot be had now; then the answer is waited for without. */
static bide_promise *start_cancelling(struct pg_connection *c)
{
    bide_executor *x = cancellers_of(c);
    struct canceller *job = x ? bide__zalloc(sizeof *job) : NULL;
    if (!job)
        return NULL;
    job->cancel = PQgetCancel(c->pg);
    job->told = bide_promise_new(int);
    bide_promise *told = job->told ? bide_promise_hold(job->told) : NULL;
    int rc = BIDE_ENOMEM;
    if (job->cancel && told)
        rc = bide_executor_post(x, send_cancel, job, .drop = drop_canceller);
    else
        drop_canceller(job);
    if (rc == 0)
        return told;
    bide_promise_drop(told);
    return NULL;
}

/* waits: for the thread */
static void cancel_first(struct pg_connection *c)
{
    c->head->cancel_sent = true;
    bide_auto(promise) told = start_cancelling(c);
    if (!told)
        return;
    c->cancelling = true;
    int done;
    BIDE_TIMEOUT(limit, PG_CANCEL_TIMEOUT);
    c->stopping = limit;
    bide_ignore(bide_promise_wait(told, &done));
    c->stopping = NULL;
    if (bide_scope_expired(limit))      /* it may yet hit what would come next */
        bide__pg_lose(c, BIDE_ETIMEDOUT, "a statement could not be cancelled in time");
}

/* A result that is too large is not wanted any more. */
static void check_size(struct pg_connection *c)
{
    struct pg_request *r = c->head;
    if (!r || !r->bytes_max || r->bytes <= r->bytes_max)
        return;
    if (r->owned && r->waiter.head) {
        c->cancelling = true;
        struct wait *w = r->waiter.head;
        char text[100];
        snprintf(text, sizeof text, "the result has more than %zu bytes (.result_max)",
                 r->bytes_max);
        r->owned = false;
        bide__unlink(w);
        bide__hold(w->task, BIDE_ELIMIT, text);
        bide__settle_wait(w, BIDE_ELIMIT);
    } else if (r->bytes > r->bytes_max + PG_RESULT_SLACK) {
        bide__pg_lose(c, BIDE_ELIMIT, "the server went on with a result that is too large");
    }
}

/* ---- the pump -------------------------------------------------------------------------------- */

/* While a COPY is filled the server may send notices; unread, they would stop it and us. */
static bool wants_reading(const struct pg_connection *c)
{
    if (c->closed || c->broken)
        return false;
    return c->head ? !is_held(c->head) || is_filled(c->head) : c->listens && !c->notes;
}

/* Seconds that the next read may take. */
static double patience(struct pg_connection *c)
{
    if (!c->head || c->head->owned)
        return BIDE_FOREVER;
    int64_t now_ns = bide__clock_ns(bide__loop());
    if (!c->drained_ns)
        c->drained_ns = now_ns + PG_DRAIN_TIMEOUT * INT64_C(1000000000);
    double left = (double)(c->drained_ns - now_ns) / 1e9;
    return left < PG_DRAIN_SILENCE ? left : PG_DRAIN_SILENCE;
}

/* waits: to read */
static void read_in_time(struct pg_connection *c)
{
    BIDE_TIMEOUT(limit, patience(c));
    c->reading = limit;
    int rc = bide__pg_read(c);
    c->reading = NULL;
    if (rc < 0 && !bide_scope_expired(limit) && bide_scope_cancelled(limit))
        return;                 /* something else is to be done now */
    if (rc < 0 && bide_scope_expired(limit))
        bide__pg_lose(c, BIDE_ETIMEDOUT, "a cancelled statement was not answered");
    else if (rc < 0 && !c->closed)
        bide__pg_lose(c, rc, bide_errmsg());
}

static int pump(void *arg)
{
    struct pg_connection *c = arg;
    BIDE_SHIELD(shield, BIDE_FOREVER);  /* bounded by read_in_time(), and ended by closing */
    for (;;) {
        if (!c->closed)
            bide__pg_take(c);
        if (!wants_reading(c))
            break;
        check_size(c);
        if (bide__pg_may_cancel(c))
            cancel_first(c);
        else
            read_in_time(c);
    }
    c->pumping = false;
    if (bide__pg_is_left(c))
        bide__pg_free(c);
    return 0;
}

void bide__pg_pump(struct pg_connection *c)
{
    if (c->pumping || !wants_reading(c))
        return;
    c->pumping = true;
    if (bide_spawn(bide__db_group(c->base.pool), pump, c) == 0)
        return;
    c->pumping = false;
    bide__pg_lose(c, BIDE_ENOMEM, "out of memory for a task that reads");
}
