/* Statements: prepared, sent, and what they brought. */
#include "pg/connection.h"

#include "base/memory.h"
#include "pg/encode.h"
#include "pg/portion.h"

#include <limits.h>
#include <string.h>

/* ---- scripts --------------------------------------------------------------------------------- */

/* May it be more than one statement?  That a ';' stands within quotes does no harm. */
static bool is_script(const struct db_statement *s)
{
    const char *end = strchr(s->sql, ';');
    return s->result == DB_DROPPED && s->count == 0 && end && end[1 + strspn(end + 1, " \t\r\n;")];
}

struct pg_request *bide__pg_ask_raw(struct pg_connection *c, const char *sql)
{
    struct pg_request *r = bide__pg_request_new(PG_RAW);
    int rc = r ? bide__pg_shut(c) : BIDE_ENOMEM;
    if (rc == 0 && !PQsendQuery(c->pg, sql)) {
        rc = bide__pg_fail_send(c);
        bide__pg_open_gate(c);
    }
    if (rc < 0) {
        BIDE_KEEP_ERROR(why);
        bide__pg_request_free(r);
        return NULL;
    }
    rc = bide__pg_request_sent(c, r);
    if (rc == 0)
        rc = bide__pg_request_wait(c, r);
    return rc < 0 ? NULL : r;
}

int64_t bide__pg_script(struct pg_connection *c, const char *sql)
{
    struct pg_request *r = bide__pg_ask_raw(c, sql);
    if (!r)
        return bide_errcode();
    int64_t changed = r->changed;
    if (r->copying) {
        bide_fail(BIDE_EINVAL, "COPY wants bide_pg_copy_in() or bide_pg_copy_out()");
        BIDE_KEEP_ERROR(why);
        bide__pg_lose(c, BIDE_EINVAL, "a COPY was left open");
        r->rc = BIDE_EINVAL;
        changed = BIDE_EINVAL;
        bide__pg_request_free(r);
        return changed;
    }
    if (bide__pg_failed(r->result))
        changed = bide__pg_refuse(c, r->result);
    bide__pg_request_free(r);
    return changed;
}

/* ---- preparing ------------------------------------------------------------------------------- */

static void deallocate(struct pg_connection *c, uint64_t number)
{
    char sql[PG_NAME_SIZE + 16] = "deallocate ";
    bide__pg_name(number, sql + strlen(sql));
    struct pg_request *r = bide__pg_request_new(PG_STATEMENT);
    if (!r)
        return;                 /* it stays at the server, and is not used again */
    if (!PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, 0)) {
        bide__pg_request_free(r);
        bide__pg_fail_send(c);
        return;
    }
    r->owned = false;
    r->rolls = true;
    bide__pg_request_sent(c, r);
}

/* Asks the server to prepare and to describe it.  0; > 0: it is not kept, send it unnamed; < 0. */
BIDE_WAITS static int prepare(struct pg_connection *c, const char *sql)
{
    uint64_t dropped;
    struct pg_statement *p = bide__pg_keep(&c->statements, sql, &dropped);
    if (!p)
        return 1;
    if (dropped)
        deallocate(c, dropped);
    if (c->broken) {
        bide__pg_describe(&c->statements, p, NULL);
        return bide__pg_fail_lost(c);
    }
    struct pg_request *r = bide__pg_request_new(PG_STATEMENT);
    if (!r || !PQsendPrepare(c->pg, p->name, sql, 0, NULL) ||
        !PQsendDescribePrepared(c->pg, p->name)) {
        int rc = r ? bide__pg_fail_send(c) : BIDE_ENOMEM;
        BIDE_KEEP_ERROR(why);
        bide__pg_describe(&c->statements, p, NULL);
        bide__pg_request_free(r);
        return rc;
    }
    r->prepares = p;            /* goes on when the task is cancelled: others may wait for it */
    int rc = bide__pg_request_sent(c, r);
    if (rc == 0)
        rc = bide__pg_request_wait(c, r);
    if (rc < 0)
        return rc;
    rc = bide__pg_failed(r->result) ? bide__pg_refuse(c, r->result) : 0;
    bide__pg_request_free(r);
    return rc;
}

int bide__pg_enter_prepared(struct pg_connection *c, const char *sql, struct pg_statement **p)
{
    static const struct waitkind preparing = { "a statement to be prepared", bide__undo, NULL };
    for (;;) {
        int rc = bide__pg_enter(c);
        *p = NULL;
        if (rc < 0 || !c->statements.max)
            return rc;
        *p = bide__pg_find(&c->statements, sql);
        if (*p && (*p)->ready)
            return 0;
        if (*p) {
            struct wait w = { .kind = &preparing };
            rc = bide__wait(&(*p)->waiters, &w);
        } else {
            rc = prepare(c, sql);
        }
        if (rc > 0)
            *p = NULL;
        if (rc != 0)
            return rc < 0 ? rc : 0;
    }
}

/* ---- sending --------------------------------------------------------------------------------- */

static int check_count(const struct pg_statement *p, size_t count)
{
    if ((p && count != (size_t)p->parameters) || count > 65535)
        return bide_fail(BIDE_EINVAL, "the statement has %d parameter%s, not %zu",
                         p ? p->parameters : 65535, p && p->parameters == 1 ? "" : "s", count);
    return 0;
}

int bide__pg_put(struct pg_connection *c, const struct pg_statement *p, const char *sql,
                 const struct bide_value *values, size_t count)
{
    struct pg_parameters ps;
    int rc = check_count(p, count);
    if (rc == 0)
        rc = bide__pg_encode(&ps, values, count, p ? p->types : NULL);
    if (rc < 0)
        return rc;
    int sent = p ? PQsendQueryPrepared(c->pg, p->name, (int)count, ps.values, ps.sizes, ps.formats,
                                       p->binary)
                 : PQsendQueryParams(c->pg, sql, (int)count, ps.types, ps.values, ps.sizes,
                                     ps.formats, 0);
    bide__pg_parameters_free(&ps);
    return sent ? 0 : bide__pg_fail_send(c);
}

/* How many rows of a stream may come at once: as the pool was told, or by their lengths. */
static int portion_of(const struct pg_connection *c, const struct pg_statement *p)
{
    size_t told = bide__db_opts(c->base.pool)->stream_rows;
    if (told)
        return told < INT_MAX ? (int)told : INT_MAX;
    return p ? p->portion : PG_PORTION_ROWS;
}

BIDE_WAITS static struct pg_request *send_one(struct pg_connection *c, const struct db_statement *s)
{
    struct pg_statement *p;
    int rc = bide__pg_enter_prepared(c, s->sql, &p);
    if (rc < 0)
        return NULL;
    enum pg_kind kind = s->result == DB_STREAMED ? PG_STREAM : PG_STATEMENT;
    struct pg_request *r = bide__pg_request_new(kind);
    if (!r)
        return NULL;
    r->bytes_max = s->result == DB_WHOLE ? s->result_max : 0;
    r->portion = portion_of(c, p);
    if (bide__db_going(&c->base, s) == 0 &&
        bide__pg_put(c, p, s->sql, s->values, s->count) == 0)
        return bide__pg_request_sent(c, r) == 0 ? r : NULL;
    BIDE_KEEP_ERROR(why);
    bide__pg_request_free(r);
    return NULL;
}

/* ---- running --------------------------------------------------------------------------------- */

/* The prepared statement is not good any more, and nothing was done; it can be prepared anew. */
static bool is_stale(struct pg_connection *c, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *says = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    bool gone = state && strcmp(state, "26000") == 0;
    bool changed = state && says && strcmp(state, "0A000") == 0 && strstr(says, "cached plan");
    return (gone || changed) && c->statements.max;
}

bool bide__pg_forget_stale(struct pg_connection *c, const PGresult *result, const char *sql)
{
    if (!is_stale(c, result))
        return false;
    struct pg_statement *p = bide__pg_find(&c->statements, sql);
    if (p && p->ready)
        bide__pg_forget(&c->statements, p);
    return PQtransactionStatus(c->pg) == PQTRANS_IDLE;
}

/* Its request, answered; a stream's with its first row.  NULL: why not. */
BIDE_WAITS static struct pg_request *ask(struct pg_connection *c, const struct db_statement *s)
{
    for (bool again = false;; again = true) {
        struct pg_request *r = send_one(c, s);
        if (!r || bide__pg_request_wait(c, r) < 0)
            return NULL;
        if (!bide__pg_failed(r->result))
            return r;
        bide__pg_refuse(c, r->result);
        BIDE_KEEP_ERROR(why);
        bool anew = bide__pg_forget_stale(c, r->result, s->sql);
        bide__pg_request_leave(c, r);
        if (!anew || again)
            return NULL;
    }
}

bide_rows *bide__pg_run(struct db_connection *base, const struct db_statement *s)
{
    struct pg_connection *c = pg_of(base);
    if (is_script(s)) {
        int64_t changed = bide__pg_script(c, s->sql);
        bide_rows *none = changed < 0 ? NULL : bide__pg_rows(c, NULL, NULL);
        if (none)
            none->count = changed;
        return none;
    }
    struct pg_request *r = ask(c, s);
    if (!r)
        return NULL;
    PGresult *result = r->result;
    r->result = NULL;
    if (s->result == DB_STREAMED)
        return bide__pg_rows(c, result, r);
    int64_t changed = r->changed;
    bide__pg_request_free(r);
    bide_rows *rows = bide__pg_rows(c, result, NULL);
    if (rows && (PQresultStatus(result) != PGRES_TUPLES_OK || s->result == DB_DROPPED))
        rows->count = changed;
    return rows;
}
