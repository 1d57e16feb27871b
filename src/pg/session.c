/* A connection's life after it was made: what is told it, its state, and its end. */
#include "pg/connection.h"

#include "base/memory.h"

#include <bide/scope.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* ---- what is told ---------------------------------------------------------------------------- */

/* For when the gate is open again. */
static void put_off(struct pg_connection *c, const char *sql)
{
    struct pg_told *told = bide__alloc(sizeof *told + strlen(sql) + 1);
    if (!told) {
        bide__pg_lose(c, BIDE_ENOMEM, "out of memory");
        return;
    }
    told->next = NULL;
    memcpy(told->sql, sql, strlen(sql) + 1);
    *c->told_tail = told;
    c->told_tail = &told->next;
}

void bide__pg_tell(struct db_connection *base, const char *sql)
{
    struct pg_connection *c = pg_of(base);
    if (c->broken)
        return;
    if (c->shut || c->cancelling) {
        put_off(c, sql);
        return;
    }
    struct pg_request *r = bide__pg_request_new(PG_STATEMENT);
    if (!r || !PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, 0)) {
        int rc = r ? -ECONNRESET : BIDE_ENOMEM;
        bide__pg_request_free(r);
        bide__pg_lose(c, rc, rc == BIDE_ENOMEM ? "out of memory" : PQerrorMessage(c->pg));
        return;
    }
    r->owned = false;
    r->rolls = true;
    r->must = strncmp(sql, "rollback", 8) == 0;
    bide__pg_request_sent(c, r);
}

/* ---- its state ------------------------------------------------------------------------------- */

static bool begins(const char *tag, const char *word)
{
    return strncmp(tag, word, strlen(word)) == 0;
}

void bide__pg_note_command(struct pg_connection *c, PGresult *result)
{
    static const char *const changing[] = { "SET", "LISTEN", "DECLARE", "PREPARE", "LOAD", NULL };
    const char *tag = PQcmdStatus(result);
    if (begins(tag, "SELECT"))
        return;                 /* as most do; the rest takes a while */
    for (const char *const *word = changing; *word; word++)
        if (begins(tag, *word))
            c->changed = true;
    if (begins(tag, "DISCARD ALL") || begins(tag, "DEALLOCATE ALL"))
        bide__pg_forget_all(&c->statements);
    if (begins(tag, "ROLLBACK") || begins(tag, "COMMIT") || begins(tag, "RELEASE"))
        c->rolled_back = begins(tag, "ROLLBACK");
}

/* Nobody reads while nothing is on its way, so a server that has gone, or has said something by the
 * way, is found by asking. */
static void look_idle(struct pg_connection *c)
{
    char byte;
    while (!c->broken && (recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN)) {
        if (PQconsumeInput(c->pg))
            bide__pg_collect_notes(c);
        else
            bide__pg_lose(c, -ECONNRESET, PQerrorMessage(c->pg));
    }
}

enum db_state bide__pg_state(struct db_connection *base)
{
    struct pg_connection *c = pg_of(base);
    bool idle = !c->broken && bide__pg_is_idle(c);
    if (idle && !c->pumping && !c->writing)
        look_idle(c);
    if (c->broken || PQstatus(c->pg) != CONNECTION_OK)
        return DB_BROKEN;
    idle = idle && PQtransactionStatus(c->pg) == PQTRANS_IDLE;
    return idle && !c->changed ? DB_READY : DB_CHANGED;
}

int bide__pg_committed(struct db_connection *base)
{
    if (!pg_of(base)->rolled_back)
        return 0;
    return bide_fail(BIDE_EDB, "it was rolled back instead, as a statement in it had failed");
}

void bide__pg_keep_session(struct db_connection *base) { pg_of(base)->changed = false; }

BIDE_WAITS static int wait_until_idle(struct pg_connection *c)
{
    int rc = bide__pg_shut(c);
    if (rc < 0)
        return rc;
    if (!PQenterPipelineMode(c->pg))
        return bide__pg_fail_send(c);
    bide__pg_open_gate(c);
    return 0;
}

static bool is_iso(const struct pg_connection *c)
{
    const char *style = PQparameterStatus(c->pg, "DateStyle");
    return style && strncmp(style, "ISO", 3) == 0;
}

int bide__pg_reset(struct db_connection *base)
{
    struct pg_connection *c = pg_of(base);
    int rc = wait_until_idle(c);
    if (rc < 0)
        return rc;
    bool open = PQtransactionStatus(c->pg) != PQTRANS_IDLE;
    int64_t done = open ? bide__pg_script(c, "rollback") : 0;
    if (done >= 0)
        done = bide__pg_script(c, "select pg_catalog.pg_advisory_unlock_all(); close all; "
                                  "unlisten *; reset all");
    if (done >= 0 && !is_iso(c))
        done = bide__pg_script(c, "set datestyle to iso");
    c->changed = false;
    bide__pg_drop_notes(c);
    return done < 0 ? (int)done : 0;
}

/* ---- its end --------------------------------------------------------------------------------- */

void bide__pg_free(struct pg_connection *c)
{
    bide__free(c);
}

void bide__pg_close(struct db_connection *base)
{
    struct pg_connection *c = pg_of(base);
    bide__pg_lose(c, BIDE_ECLOSED, "the connection was closed");
    bide__pg_drop_notes(c);
    for (struct pg_told *t = c->told, *next; t; t = next) {
        next = t->next;
        bide__free(t);
    }
    bide__pg_statements_free(&c->statements);
    c->closed = true;
    PQfinish(c->pg);
    c->pg = NULL;
    if (bide__pg_is_left(c))
        bide__pg_free(c);
}

void bide__pg_cut(struct db_connection *base)
{
    struct pg_connection *c = pg_of(base);
    bide__pg_lose(c, BIDE_ECLOSED, "the pool was closed");
    if (PQsocket(c->pg) >= 0)
        shutdown(PQsocket(c->pg), SHUT_RDWR);   /* so that the server undoes what was begun */
}
