/* What the server refuses: a statement, or whoever wants to come in.
 *
 * Of a log-in libpq hands out a sentence alone.  But that is as verbose as it is told to be, and
 * then has the SQLSTATE in it:
 *
 *     connection to server at "::1", port 5432 failed: FATAL:  28P01: password authentication ...
 *     LOCATION:  auth_failed, auth.c:326
 *
 * The words are in whatever language the program and the server speak; the five characters between
 * the colons are not. */
#include "pg/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- statements ------------------------------------------------------------------------------ */

int bide__pg_refuse(struct pg_connection *c, const PGresult *result)
{
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    const struct bide_db_failure failure = {
        .sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE),
        .severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED),
        .message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
        .detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL),
        .hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT),
        .schema = PQresultErrorField(result, PG_DIAG_SCHEMA_NAME),
        .table = PQresultErrorField(result, PG_DIAG_TABLE_NAME),
        .column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME),
        .constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME),
        .position = position ? atoi(position) : 0,
        .context = PQresultErrorField(result, PG_DIAG_CONTEXT),
    };
    if (!failure.message)       /* libpq's own: the connection is lost, or memory is out */
        return bide_fail(-ECONNRESET, "postgresql: %.*s",
                         (int)strcspn(PQresultErrorMessage(result), "\n"),
                         PQresultErrorMessage(result));
    return bide__db_refuse(c->base.pool, &failure);
}

/* ---- log-ins --------------------------------------------------------------------------------- */

enum { SQLSTATE_SIZE = 5 };

/* ":  28P01: "? */
static bool is_sqlstate(const char *at)
{
    static const char characters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return strncmp(at, ":  ", 3) == 0 && strspn(at + 3, characters) == SQLSTATE_SIZE &&
        strncmp(at + 3 + SQLSTATE_SIZE, ": ", 2) == 0;
}

/* Of several hosts the one that was asked last is told of last. */
static const char *last_sqlstate(const char *says)
{
    const char *found = NULL;
    for (const char *at = strchr(says, ':'); at; at = strchr(at + 1, ':'))
        if (is_sqlstate(at))
            found = at + 3;
    return found;
}

/* The rest of a line that begins with this, into text. */
static const char *line_with(const char *says, const char *label, char *text, size_t size)
{
    const char *at = strstr(says, label);
    at = at ? at + strlen(label) : "";
    snprintf(text, size, "%.*s", (int)strcspn(at, "\n"), at);
    return text;
}

/* What libpq says in another language than English has no detail and no hint. */
static int refuse_login(struct pg_connection *c, const char *found)
{
    char sqlstate[SQLSTATE_SIZE + 1], message[400], detail[400], hint[400];
    snprintf(sqlstate, sizeof sqlstate, "%s", found);
    const struct bide_db_failure failure = {
        .sqlstate = sqlstate, .severity = "FATAL",
        .message = line_with(found, sqlstate, message, sizeof message) + 2,
        .detail = line_with(found, "\nDETAIL:  ", detail, sizeof detail),
        .hint = line_with(found, "\nHINT:  ", hint, sizeof hint),
    };
    return bide__db_refuse(c->base.pool, &failure);
}

/* The server was not told any, so it said nothing of it. */
static int refuse_without_password(struct pg_connection *c)
{
    const struct bide_db_failure failure = {
        .sqlstate = "28P01", .severity = "FATAL",
        .message = "the server wants a password, and there is none",
    };
    return bide__db_refuse(c->base.pool, &failure);
}

int bide__pg_fail_connect(struct pg_connection *c, int otherwise)
{
    char why[400];
    const char *says = PQerrorMessage(c->pg), *found = last_sqlstate(says);
    if (!found && !PQconnectionNeedsPassword(c->pg)) {
        bide__pg_copy_line(why, sizeof why, says);
        return bide_fail(otherwise, "postgresql: %s", why);
    }
    if (found)
        refuse_login(c, found);
    else
        refuse_without_password(c);
    return bide_within("postgresql: %s, port %s", PQhost(c->pg), PQport(c->pg));
}
