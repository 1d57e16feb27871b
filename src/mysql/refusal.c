/* What a call has failed with: the server's refusal, with the SQLSTATE that other databases have
 * for it where MariaDB's is too wide, or the end of the connection. */
#include "mysql/connection.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers that one of the two servers has, or headers of some age have not. */
enum {
    CHECK_VIOLATED = 4025, CHECK_VIOLATED_MYSQL = 3819,
    TIME_IS_OVER = 1969, TIME_IS_OVER_MYSQL = 3024,
};

static const char *sqlstate_of(unsigned number, const char *given)
{
    static const struct { unsigned number; const char *sqlstate; } nearest[] = {
        { ER_DUP_ENTRY, "23505" }, { ER_DUP_UNIQUE, "23505" },
        { ER_DUP_ENTRY_WITH_KEY_NAME, "23505" }, { ER_NO_REFERENCED_ROW, "23503" },
        { ER_ROW_IS_REFERENCED, "23503" }, { ER_NO_REFERENCED_ROW_2, "23503" },
        { ER_ROW_IS_REFERENCED_2, "23503" }, { ER_BAD_NULL_ERROR, "23502" },
        { CHECK_VIOLATED, "23514" }, { CHECK_VIOLATED_MYSQL, "23514" },
        { ER_LOCK_WAIT_TIMEOUT, "55P03" }, { ER_QUERY_INTERRUPTED, "57014" },
        { TIME_IS_OVER, "57014" }, { TIME_IS_OVER_MYSQL, "57014" },
        { ER_CON_COUNT_ERROR, "53300" }, { ER_BAD_DB_ERROR, "3D000" },
        { ER_NET_PACKET_TOO_LARGE, "54000" }, { ER_RECORD_FILE_FULL, "53100" },
        { ER_DISK_FULL, "53100" }, { ER_OUT_OF_RESOURCES, "53200" }, { ER_OUTOFMEMORY, "53200" },
    };
    for (size_t i = 0; i < sizeof nearest / sizeof *nearest; i++)
        if (nearest[i].number == number)
            return nearest[i].sqlstate;
    return given;
}

/* "Can't connect to server on '127.0.0.1' (111)": the system's number. */
static int system_code(const char *message)
{
    const char *at = strrchr(message, '(');
    int number = at ? atoi(at + 1) : 0;
    return number > 0 && number < 200 ? -number : -ECONNREFUSED;
}

int bide__mysql_fail_client(unsigned number, const char *message)
{
    switch (number) {
    case CR_OUT_OF_MEMORY: return bide__mysql_no_memory();
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR: {
        int code = system_code(message);
        return bide_fail(code, "mysql: %s", message);
    }
    case CR_SSL_CONNECTION_ERROR: return bide_fail(BIDE_ETLS, "mysql: %s", message);
    default: return bide_fail(-ECONNRESET, "mysql: %s", message);
    }
}

/* libmariadb's own numbers. */
static bool is_client(unsigned number)
{
    return (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR) || (number >= 5000 && number < 6000);
}

/* "... for key 'users_mail'", "... CONSTRAINT `orders_ibfk_1` ...": the name, into text. */
static const char *constraint_in(const char *message, char *text, size_t size)
{
    static const struct { const char *words; char quote; } marks[] = {
        { "for key '", '\'' }, { "CONSTRAINT `", '`' },
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *at = strstr(message, marks[i].words);
        if (!at)
            continue;
        at += strlen(marks[i].words);
        snprintf(text, size, "%.*s", (int)strcspn(at, (char[]){ marks[i].quote, '\0' }), at);
        return text;
    }
    return "";
}

/* A deadlock costs the whole transaction, not the statement alone. */
static void note_loss(struct mysql_connection *c, unsigned number)
{
    bool open = c->my->server_status & SERVER_STATUS_IN_TRANS;
    if (number != ER_LOCK_DEADLOCK || !open)
        return;
    c->lost = true;
    c->my->server_status &= ~(unsigned)SERVER_STATUS_IN_TRANS;
}

/* A row that could not be fetched is told by the connection alone, and not by the statement. */
static bool is_told_by_statement(const struct mysql_connection *c, enum mysql_call call)
{
    bool binary = call == CALL_PREPARE || call == CALL_EXECUTE || call == CALL_FETCH
        || call == CALL_NEXT_STATEMENT_RESULT;
    return binary && c->statement && mysql_stmt_errno(c->statement);
}

int bide__mysql_refuse(struct mysql_connection *c, enum mysql_call call)
{
    bool binary = is_told_by_statement(c, call);
    unsigned number = binary ? mysql_stmt_errno(c->statement) : mysql_errno(c->my);
    const char *message = binary ? mysql_stmt_error(c->statement) : mysql_error(c->my);
    const char *given = binary ? mysql_stmt_sqlstate(c->statement) : mysql_sqlstate(c->my);
    if (is_client(number) || !number) {
        int rc = c->broken ? bide__mysql_fail_lost(c) : bide__mysql_fail_client(number, message);
        if (call != CALL_CONNECT)
            bide__mysql_lose(c, rc, message);
        return rc;
    }
    c->answer = ANSWER_NOTHING;         /* nothing comes behind a refusal */
    if (c->result)
        mysql_free_result(c->result);
    c->result = NULL;
    note_loss(c, number);
    if (c->mending || c->quiet) /* nobody asked for what is refused */
        return bide_fail(BIDE_EDB, "%s", message);
    char constraint[200];
    const struct bide_db_failure failure = {
        .sqlstate = sqlstate_of(number, given), .number = (int)number, .severity = "ERROR",
        .message = message, .constraint = constraint_in(message, constraint, sizeof constraint),
    };
    return bide__db_refuse(c->base.pool, &failure);
}
