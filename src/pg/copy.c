#include "pg/copy.h"

#include "base/memory.h"

#include <bide/scope.h>

/* Bytes that are given to libpq at once. */
enum { PIECE = 65536 };

/* ---- beginning ------------------------------------------------------------------------------- */

/* The COPY has ended, and with it the request: the server's word, or < 0. */
BIDE_WAITS static int64_t hear_end(struct pg_copy *copy)
{
    struct pg_connection *c = copy->c;
    struct pg_request *r = copy->request;
    copy->request = NULL;
    c->base.in_bulk = false;    /* from now on others wait for their turn */
    r->copying = false;
    bide__pg_send(c);
    bide__pg_take(c);           /* a refusal may have come long ago */
    bide__pg_pump(c);
    int rc = bide__pg_request_wait(c, r);
    if (rc < 0)
        return rc;
    int64_t rows = bide__pg_failed(r->result) ? bide__pg_refuse(c, r->result) : r->changed;
    bide__pg_request_free(r);
    return rows;
}

static bool is_wanted(const struct pg_request *r, bool in)
{
    return r->copying && PQresultStatus(r->result) == (in ? PGRES_COPY_IN : PGRES_COPY_OUT);
}

int bide__pg_copy_begin(struct pg_copy *copy, struct pg_connection *c, const char *sql, bool in)
{
    *copy = (struct pg_copy){ .c = c, .in = in };
    struct pg_request *r = bide__pg_ask_raw(c, sql);
    if (!r)
        return bide_errcode();
    copy->request = r;
    c->base.in_bulk = true;
    bide__pg_pump(c);           /* notices may come while it is filled */
    if (is_wanted(r, in))
        return 0;
    int rc = bide__pg_failed(r->result) ? bide__pg_refuse(c, r->result)
        : bide_fail(BIDE_EINVAL, "the statement is no COPY %s", in ? "from stdin" : "to stdout");
    BIDE_KEEP_ERROR(why);
    bide__pg_copy_leave(copy);
    return rc;
}

/* ---- in -------------------------------------------------------------------------------------- */

BIDE_WAITS static int put_piece(struct pg_copy *copy, const char *bytes, size_t size)
{
    struct pg_connection *c = copy->c;
    int sent = PQputCopyData(c->pg, bytes, (int)size);
    return sent <= 0 ? bide__pg_fail_send(c) : bide__pg_flush(c);       /* 0: out of memory */
}

int bide__pg_copy_put(struct pg_copy *copy, const void *bytes, size_t size)
{
    const char *at = bytes;
    int rc = 0;
    while (rc == 0 && size) {
        if (!copy->request)
            return bide_fail(BIDE_ECLOSED, "the COPY is over");
        if (copy->c->broken)
            return bide__pg_fail_lost(copy->c);
        size_t some = size < PIECE ? size : PIECE;
        rc = put_piece(copy, at, some);
        at += some;
        size -= some;
    }
    return rc;
}

/* ---- out ------------------------------------------------------------------------------------- */

static void drop_piece(struct pg_copy *copy)
{
    PQfreemem(copy->piece);
    copy->piece = NULL;
}

BIDE_WAITS static ssize_t get_piece(struct pg_copy *copy, const void **bytes)
{
    struct pg_connection *c = copy->c;
    int got;
    drop_piece(copy);
    while ((got = PQgetCopyData(c->pg, &copy->piece, 1)) == 0) {
        int rc = bide__pg_read(c);
        if (rc < 0)
            return rc;
    }
    *bytes = copy->piece;
    if (got > 0)
        return got;
    int64_t rows = hear_end(copy);
    return rows < 0 ? (ssize_t)rows : 0;
}

/* ---- ending ---------------------------------------------------------------------------------- */

int64_t bide__pg_copy_end(struct pg_copy *copy)
{
    if (!copy->request)
        return bide_fail(BIDE_ECLOSED, "the COPY is over");
    if (copy->c->broken)
        return bide__pg_fail_lost(copy->c);
    const void *bytes;
    ssize_t got = copy->in ? 0 : 1;
    if (copy->in && PQputCopyEnd(copy->c->pg, NULL) <= 0)
        return bide__pg_fail_send(copy->c);
    if (copy->in)
        return hear_end(copy);
    while (got > 0)
        got = get_piece(copy, &bytes);
    return got;
}

void bide__pg_give_up_copy(struct pg_connection *c)
{
    if (PQputCopyEnd(c->pg, "it was given up") > 0)
        bide__pg_send(c);
    else
        bide__pg_lose(c, -ECONNRESET, PQerrorMessage(c->pg));
}

/* The rest of a COPY to stdout comes as results that are dropped; it is cancelled, too. */
void bide__pg_copy_leave(struct pg_copy *copy)
{
    struct pg_connection *c = copy->c;
    struct pg_request *r = copy->request;
    drop_piece(copy);
    copy->request = NULL;
    if (!r)
        return;
    c->base.in_bulk = false;
    if (c->pg && !c->broken && r->copying && copy->in)
        bide__pg_give_up_copy(c);
    bide__pg_request_leave(c, r);
}

/* ---- the program's --------------------------------------------------------------------------- */

struct bide_pg_copy { struct pg_copy copy; struct db_connection *base; };

BIDE_WAITS static bide_pg_copy *begin(bide_db *db, const char *sql, bool in)
{
    struct db_connection *c = bide__db_take(db, &bide_pg_driver);
    if (!c)
        return NULL;
    bide_pg_copy *copy = bide__zalloc(sizeof *copy);
    int rc = copy ? bide__pg_copy_begin(&copy->copy, pg_of(c), sql, in)
                  : bide_fail(BIDE_ENOMEM, "postgresql: out of memory");
    if (rc < 0) {
        BIDE_KEEP_ERROR(why);
        bide__free(copy);
        bide__db_done(c);
        return NULL;
    }
    copy->base = c;
    return copy;
}

bide_pg_copy *bide_pg_copy_in(bide_db *db, const char *sql) { return begin(db, sql, true); }
bide_pg_copy *bide_pg_copy_out(bide_db *db, const char *sql) { return begin(db, sql, false); }

int bide_pg_copy_write(bide_pg_copy *copy, const void *bytes, size_t size)
{
    int rc = copy ? bide__enter() : bide_errcode();
    if (rc < 0)
        return rc;
    if (!copy->copy.in)
        return bide_fail(BIDE_EINVAL, "this COPY is to stdout: read it");
    return bide__pg_copy_put(&copy->copy, bytes, size);
}

ssize_t bide_pg_copy_read(bide_pg_copy *copy, const void **bytes)
{
    int rc = copy ? bide__enter() : bide_errcode();
    if (rc < 0)
        return rc;
    if (copy->copy.in)
        return bide_fail(BIDE_EINVAL, "this COPY is from stdin: write to it");
    if (copy->copy.c->broken)
        return bide__pg_fail_lost(copy->copy.c);
    return copy->copy.request ? get_piece(&copy->copy, bytes) : 0;
}

int64_t bide_pg_copy_finish(bide_pg_copy *copy)
{
    int rc = copy ? bide__enter() : bide_errcode();
    return rc < 0 ? rc : bide__pg_copy_end(&copy->copy);
}

void bide_pg_copy_close(bide_pg_copy *copy)
{
    if (!copy)
        return;
    bide__pg_copy_leave(&copy->copy);
    bide__db_done(copy->base);
    bide__free(copy);
}
