/* One statement, many values, before one Sync: what it changed, or the results of all. */
#include "pg/connection.h"

#include "base/memory.h"

/* ---- sending --------------------------------------------------------------------------------- */

/* Rows that are given to libpq before it is asked whether they have gone. */
enum { SOME_ROWS = 100 };

BIDE_WAITS static int put_rows(struct pg_connection *c, const struct pg_statement *p,
                               const struct db_statement *s, size_t times)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < times; i++) {
        rc = bide__pg_put(c, p, s->sql, s->values + i * s->count, s->count);
        if (rc < 0)
            return bide_within("row %zu", i + 1);
        if (i % SOME_ROWS == SOME_ROWS - 1)
            rc = bide__pg_flush(c);
    }
    return rc;
}

/* All rows stand before one Sync, so they are one transaction.  Where they could not all be given,
 * something that fails makes the server undo those that were. */
BIDE_WAITS static int send_rows(struct pg_connection *c, const struct pg_statement *p,
                                const struct db_statement *s, size_t times, struct pg_request *r)
{
    c->shut = true;             /* nobody comes between */
    bide__pg_request_open(c, r);
    int rc = put_rows(c, p, s, times);
    BIDE_KEEP_ERROR(why);
    if (rc < 0 && !c->broken)
        PQsendQueryParams(c->pg, "undo: not all rows were sent", 0, NULL, NULL, NULL, NULL, 0);
    bide__pg_request_close(c, r);
    bide__pg_open_gate(c);
    if (rc < 0)
        bide__pg_request_leave(c, r);
    return rc;
}

/* Sends all, and waits until they are answered.  < 0: the request is gone. */
BIDE_WAITS static int ask(struct pg_connection *c, const struct db_statement *s, size_t times,
                          struct pg_request *r)
{
    struct pg_statement *p = NULL;
    int rc = bide__pg_enter_prepared(c, s->sql, &p);
    if (rc == 0)
        rc = bide__db_going(&c->base, s);
    if (rc < 0) {
        BIDE_KEEP_ERROR(why);
        bide__pg_request_free(r);
        return rc;
    }
    bide__pg_hold(p);           /* sending waits, and what is answered meanwhile may forget it */
    rc = send_rows(c, p, s, times, r);
    bide__pg_release(p);
    return rc < 0 ? rc : bide__pg_request_wait(c, r);
}

/* ---- what was changed ------------------------------------------------------------------------ */

int64_t bide__pg_many(struct db_connection *base, const struct db_statement *s, size_t times)
{
    struct pg_connection *c = pg_of(base);
    struct pg_statement *p;
    if (times == 0)
        return bide__pg_enter_prepared(c, s->sql, &p);
    struct pg_request *r = bide__pg_request_new(PG_STATEMENT);
    if (!r)
        return BIDE_ENOMEM;
    r->counts = true;
    int rc = ask(c, s, times, r);
    if (rc < 0)
        return rc;
    int64_t changed = bide__pg_failed(r->result) ? bide__pg_refuse(c, r->result) : r->changed;
    bide__pg_request_free(r);
    return changed;
}

/* ---- their rows ------------------------------------------------------------------------------ */

static struct pg_request *wanting(const struct db_statement *s, size_t times)
{
    struct pg_request *r = bide__pg_request_new(PG_STATEMENT);
    if (!r)
        return NULL;
    r->each = bide__alloc(times * sizeof(PGresult *));
    if (!r->each) {
        bide_fail(BIDE_ENOMEM, "postgresql: out of memory for %zu results", times);
        BIDE_KEEP_ERROR(why);
        bide__pg_request_free(r);
        return NULL;
    }
    r->wanted = times;
    r->bytes_max = s->result_max;
    return r;
}

/* What was answered becomes rows; all of it, or none is of use. */
static int hand_out(struct pg_connection *c, struct pg_request *r, bide_rows **each)
{
    size_t taken = r->taken;
    for (size_t i = 0; i < taken; i++) {
        PGresult *result = r->each[i];
        r->each[i] = NULL;
        each[i] = bide__pg_rows(c, result, NULL);
        if (!each[i])
            return bide_errcode();
        if (PQresultStatus(result) != PGRES_TUPLES_OK)
            each[i]->count = bide__pg_changed_by(result);
    }
    return 0;
}

int bide__pg_fetch_many(struct db_connection *base, const struct db_statement *s, size_t times,
                        bide_rows **each)
{
    struct pg_connection *c = pg_of(base);
    struct pg_statement *p;
    if (times == 0)
        return bide__pg_enter_prepared(c, s->sql, &p);
    for (bool again = false;; again = true) {
        struct pg_request *r = wanting(s, times);
        int rc = r ? ask(c, s, times, r) : BIDE_ENOMEM;
        if (rc < 0)
            return rc;
        if (r->taken == r->wanted && !r->result) {
            rc = hand_out(c, r, each);
            bide__pg_request_free(r);
            return rc;
        }
        rc = bide__pg_refuse(c, r->result);
        BIDE_KEEP_ERROR(why);
        bool anew = bide__pg_forget_stale(c, r->result, s->sql);
        bide__pg_request_free(r);
        if (!anew || again)
            return rc;
    }
}
