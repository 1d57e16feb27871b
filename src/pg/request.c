/* Requests: their line, who waits for them, and the gate before it. */
#include "pg/connection.h"

#include "base/memory.h"
#include "pg/portion.h"

#include <bide/scope.h>

#include <stdio.h>
#include <string.h>

/* ---- the gate -------------------------------------------------------------------------------- */

static bool is_shut(const struct pg_connection *c) { return c->shut || c->cancelling; }

static const struct waitkind at_gate = { "a turn on a connection to PostgreSQL", bide__undo, NULL };
static const struct waitkind for_all = { "answers of PostgreSQL", bide__undo, NULL };
static const struct waitkind for_answer = { "an answer of PostgreSQL", bide__undo, NULL };

int bide__pg_enter(struct pg_connection *c)
{
    int rc = bide__enter();
    while (rc == 0 && is_shut(c) && !c->broken) {
        struct wait w = { .kind = &at_gate };
        rc = bide__wait(&c->gate, &w);
    }
    if (rc < 0)
        return rc;
    return c->broken ? bide__pg_fail_lost(c) : 0;
}

int bide__pg_shut(struct pg_connection *c)
{
    int rc = bide__pg_enter(c);
    if (rc < 0)
        return rc;
    c->shut = true;
    while (rc == 0 && c->head && !c->broken) {
        struct wait w = { .kind = &for_all };
        rc = bide__wait(&c->settled, &w);
    }
    if (rc == 0 && c->broken)
        rc = bide__pg_fail_lost(c);
    if (rc == 0 && !PQexitPipelineMode(c->pg))
        rc = bide__pg_fail_send(c);
    if (rc < 0) {
        BIDE_KEEP_ERROR(why);
        bide__pg_open_gate(c);
    }
    return rc;
}

void bide__pg_open_gate(struct pg_connection *c)
{
    c->shut = false;
    if (c->cancelling)
        return;
    while (c->told && !c->broken) {
        struct pg_told *told = c->told;
        c->told = told->next;
        if (!c->told)
            c->told_tail = &c->told;
        bide__pg_tell(&c->base, told->sql);
        bide__free(told);
    }
    bide__settle_all(&c->gate, 0);
}

/* ---- requests -------------------------------------------------------------------------------- */

struct pg_request *bide__pg_request_new(enum pg_kind kind)
{
    struct pg_request *r = bide__zalloc(sizeof *r);
    if (!r) {
        bide_fail(BIDE_ENOMEM, "postgresql: out of memory");
        return NULL;
    }
    r->kind = kind;
    r->owned = true;
    return r;
}

static void drop_results(struct pg_request *r)
{
    for (size_t i = 0; i < r->taken; i++)
        PQclear(r->each[i]);
    bide__free(r->each);
}

void bide__pg_request_free(struct pg_request *r)
{
    if (!r)
        return;
    PQclear(r->result);
    if (r->each)
        drop_results(r);
    bide__free(r);
}

/* The statement that it was to prepare is not there; who waits for that looks again. */
static void give_up_preparing(struct pg_connection *c, struct pg_request *r)
{
    if (r->prepares)
        bide__pg_describe(&c->statements, r->prepares, NULL);
    r->prepares = NULL;
}

static void line_up(struct pg_connection *c, struct pg_request *r)
{
    *c->tail = r;
    c->tail = &r->next;
}

int bide__pg_request_sent(struct pg_connection *c, struct pg_request *r)
{
    bide__pg_gather(c);
    if (r->kind != PG_RAW && !PQpipelineSync(c->pg)) {
        give_up_preparing(c, r);
        bide__pg_request_free(r);
        return bide__pg_fail_send(c);
    }
    if (!c->head && r->kind == PG_STREAM)
        bide__pg_in_portions(c->pg, r->portion);
    line_up(c, r);
    bide__pg_send(c);
    bide__pg_pump(c);
    return 0;
}

void bide__pg_request_open(struct pg_connection *c, struct pg_request *r)
{
    r->filling = true;
    line_up(c, r);
    bide__pg_pump(c);
}

void bide__pg_request_close(struct pg_connection *c, struct pg_request *r)
{
    if (c->broken)
        return;                 /* r->rc tells */
    r->filling = false;
    if (!PQpipelineSync(c->pg))
        bide__pg_lose(c, -ECONNRESET, PQerrorMessage(c->pg));
    else
        bide__pg_send(c);
}

static bool is_over(const struct pg_request *r)
{
    return r->ended || r->rc || r->copying || (r->kind == PG_STREAM && r->result);
}

int bide__pg_request_wait(struct pg_connection *c, struct pg_request *r)
{
    if (!is_over(r)) {
        struct wait w = { .kind = &for_answer };
        int rc = bide__wait(&r->waiter, &w);
        if (rc == BIDE_ECANCELED)
            bide__pg_request_leave(c, r);
        if (rc < 0)
            return rc;          /* else the pump has told why, and has it */
    }
    if (!r->rc)
        return 0;
    bide__pg_request_free(r);
    return bide__pg_fail_lost(c);
}

void bide__pg_request_leave(struct pg_connection *c, struct pg_request *r)
{
    if (r->ended || r->rc) {
        bide__pg_request_free(r);
        return;
    }
    r->owned = false;
    if (bide__pg_may_cancel(c))
        c->cancelling = true;   /* nothing may come behind it until that is over */
    if (c->reading)
        bide_scope_cancel(c->reading);  /* so that it is cancelled at the server */
    bide__pg_pump(c);
}

/* ---- when it is lost ------------------------------------------------------------------------- */

int bide__pg_fail_lost(const struct pg_connection *c)
{
    return bide_fail(c->broken, "postgresql: %s", c->why);
}

void bide__pg_copy_line(char *to, size_t size, const char *text)
{
    size_t used = 0;
    bool gap = false;
    for (; *text && used + 2 < size; text++) {
        bool blank = (unsigned char)*text <= ' ';
        if (!blank && gap && used)
            to[used++] = ' ';
        if (!blank)
            to[used++] = *text;
        gap = blank;
    }
    to[used] = '\0';
}

/* Where libpq fails it closes its socket, whose number may be another's soon. */
static void forget_socket(struct pg_connection *c)
{
    int fd = c->fd;
    c->fd = -1;
    if (fd >= 0)
        bide__fd_unwatch(fd);           /* wakes who waits for it */
}

void bide__pg_lose(struct pg_connection *c, int rc, const char *why)
{
    if (c->broken)
        return;
    c->broken = rc;
    bide__pg_copy_line(c->why, sizeof c->why, *why ? why : "the connection is lost");
    forget_socket(c);
    if (c->stopping)
        bide_scope_cancel(c->stopping);
    struct pg_request *r = c->head, *next;
    c->head = NULL;
    c->tail = &c->head;
    for (; r; r = next) {
        next = r->next;
        r->rc = rc;
        give_up_preparing(c, r);
        if (r->owned)
            bide__settle_all(&r->waiter, 0);
        else
            bide__pg_request_free(r);
    }
    bide__settle_all(&c->gate, 0);
    bide__settle_all(&c->settled, 0);
    bide__settle_all(&c->flushed, 0);
    bide__settle_all(&c->listener, 0);
}

int bide__pg_fail_send(struct pg_connection *c)
{
    bide__pg_lose(c, -ECONNRESET, PQerrorMessage(c->pg));
    return bide__pg_fail_lost(c);
}
