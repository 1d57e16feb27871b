/* The mender: what a task has left undone on a connection is done by another before anybody gets
 * it. */
#include "mysql/connection.h"

#include "base/memory.h"

#include <bide/group.h>
#include <bide/log.h>
#include <bide/scope.h>

#include <stdio.h>
#include <string.h>

/* By a connection of its own: this one is deaf until its statement has ended. */
BIDE_WAITS static int kill_statement(struct mysql_connection *c)
{
    char sql[40];
    snprintf(sql, sizeof sql, "kill query %lu", mysql_thread_id(c->my));
    struct mysql_connection *other = bide__mysql_open(c->base.pool, true);
    if (!other)
        return bide_errcode();
    int64_t rc = bide__mysql_say(other, sql);
    bide__mysql_close(&other->base);
    return rc < 0 ? (int)rc : 0;
}

/* Refusals are what was to be expected. */
static int unless_refused(int64_t rc) { return rc < 0 && rc != BIDE_EDB ? (int)rc : 0; }

/* The call that stood still, and all that is to be read. */
BIDE_WAITS static int take_in(struct mysql_connection *c)
{
    int rc = c->call ? unless_refused(bide__mysql_go_on(c)) : 0;
    if (rc == 0)
        rc = unless_refused(bide__mysql_drop_rest(c));
    return rc < 0 ? rc : unless_refused(bide__mysql_end_statement(c));
}

/* A kill that came late hits the next statement: let it be this one. */
BIDE_WAITS static int take_late_kill(struct mysql_connection *c)
{
    return unless_refused(bide__mysql_say(c, "do 0"));
}

/* The end of a savepoint that is not there is no failure: all of it was rolled back. */
BIDE_WAITS static int say_told(struct mysql_connection *c)
{
    while (c->told) {
        struct mysql_told *told = c->told;
        bool whole = strcmp(told->sql, "rollback") == 0;
        int64_t rc = c->lost && !whole ? 0 : bide__mysql_say(c, told->sql);
        if (c->closed)
            return BIDE_ECLOSED;
        if (rc < 0 && (whole || rc != BIDE_EDB))
            return (int)rc;
        c->lost = c->lost && !whole;
        c->told = told->next;
        if (!c->told)
            c->told_tail = &c->told;
        bide__free(told);
    }
    return 0;
}

/* It may have been killed before the server had read it: then the server has forgotten that, and
 * is asked again, after so many seconds and twice as many. */
#define PATIENCE 0.1
BIDE_WAITS static int take_in_within(struct mysql_connection *c, double seconds)
{
    BIDE_TIMEOUT(limit, seconds);
    return bide_scope_result(limit, take_in(c));
}

BIDE_WAITS static int kill_and_take_in(struct mysql_connection *c)
{
    int rc = BIDE_ETIMEDOUT;
    for (double patience = PATIENCE; rc == BIDE_ETIMEDOUT; patience *= 2) {
        int killed = kill_statement(c);
        if (c->closed)
            return BIDE_ECLOSED;
        if (killed < 0)
            bide_log(BIDE_LOG_DEBUG, "mysql: a statement was not killed: %s", bide_errmsg());
        rc = take_in_within(c, patience);
    }
    return rc < 0 ? rc : take_late_kill(c);
}

BIDE_WAITS static int mend_all(struct mysql_connection *c)
{
    bool runs = c->answer || c->call == CALL_QUERY || c->call == CALL_EXECUTE;
    int rc = runs ? kill_and_take_in(c) : take_in(c);
    return rc < 0 ? rc : say_told(c);
}

static int mend(void *arg)
{
    struct mysql_connection *c = arg;
    {
        BIDE_SHIELD(limit, MYSQL_MEND_TIMEOUT);
        c->mending_scope = limit;
        int rc = c->closed ? BIDE_ECLOSED : mend_all(c);
        if (rc < 0 && !c->closed)
            bide__mysql_lose(c, bide_scope_expired(limit) ? BIDE_ETIMEDOUT : rc,
                             bide_scope_expired(limit) ? "a cancelled statement was not answered"
                                                       : bide_errmsg());
        c->mending_scope = NULL;
    }
    c->mending = false;
    if (c->closed)
        bide__mysql_free(c);
    else
        bide__settle_first(&c->line, 0);
    return 0;
}

void bide__mysql_mend(struct mysql_connection *c)
{
    bool left = c->call || c->answer || (c->statement && !c->keeps_statement);
    if (c->mending || c->busy || c->broken || (!left && !c->told))
        return;
    c->mending = true;
    if (bide_spawn(bide__db_group(c->base.pool), mend, c) == 0)
        return;
    c->mending = false;
    bide__mysql_lose(c, BIDE_ENOMEM, "out of memory for a task that mends");
}

void bide__mysql_free(struct mysql_connection *c)
{
    bide__free(c->text);
    bide__free(c);
}
