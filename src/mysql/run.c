/* A statement: as a text where it has no values, else prepared. */
#include "mysql/connection.h"
#include "mysql/encode.h"
#include "mysql/rows.h"

#include <string.h>

/* ---- as a text ------------------------------------------------------------------------------- */

/* May it be more than one statement?  That a ';' stands within quotes does no harm. */
static bool is_script(const struct db_statement *s)
{
    const char *end = strchr(s->sql, ';');
    return s->result == DB_DROPPED && s->count == 0 && end && end[1 + strspn(end + 1, " \t\r\n;")];
}

/* The server takes several statements in one text only where they are wanted: what was pasted into
 * a query then cannot be more than a query. */
BIDE_WAITS static int allow_several(struct mysql_connection *c, bool several)
{
    if (c->several == several)
        return 0;
    c->option = several ? MYSQL_OPTION_MULTI_STATEMENTS_ON : MYSQL_OPTION_MULTI_STATEMENTS_OFF;
    int rc = bide__mysql_call(c, CALL_SET_OPTION);
    if (rc == 0)
        c->several = several;
    return rc;
}

BIDE_WAITS static int ask_text(struct mysql_connection *c, const struct db_statement *s)
{
    int rc = allow_several(c, is_script(s));
    return rc < 0 ? rc : bide__mysql_ask(c, s->sql);
}

/* ---- prepared -------------------------------------------------------------------------------- */

BIDE_WAITS static int close_prepared(struct mysql_connection *c, MYSQL_STMT *statement)
{
    c->statement = statement;
    c->keeps_statement = false;
    return bide__mysql_call(c, CALL_CLOSE_STATEMENT);
}

/* Into c->statement. */
BIDE_WAITS static int prepare(struct mysql_connection *c, const char *sql)
{
    c->statement = bide__mysql_find(&c->statements, sql);
    c->keeps_statement = c->statement != NULL;
    if (c->statement)
        return 0;
    MYSQL_STMT *oldest = bide__mysql_take_oldest(&c->statements);
    int rc = oldest ? close_prepared(c, oldest) : 0;
    if (rc == 0)
        rc = bide__mysql_set_text(c, sql);
    if (rc < 0)
        return rc;
    c->statement = mysql_stmt_init(c->my);
    c->keeps_statement = false;
    if (!c->statement)
        return bide__mysql_no_memory();
    rc = bide__mysql_call(c, CALL_PREPARE);
    if (rc == 0)
        c->keeps_statement = bide__mysql_keep(&c->statements, sql, c->statement);
    return rc;
}

static int check_count(MYSQL_STMT *statement, size_t count)
{
    size_t wanted = mysql_stmt_param_count(statement);
    if (wanted == count)
        return 0;
    return bide_fail(BIDE_EINVAL, "the statement has %zu place%s for values (?), not %zu", wanted,
                     wanted == 1 ? "" : "s", count);
}

/* libmariadb refuses an answer with other columns than there were when the statement was prepared,
 * though it has been run.  If it believes that there were none, it takes what comes. */
static void forget_columns(MYSQL_STMT *statement) { statement->field_count = 0; }

BIDE_WAITS static int execute(struct mysql_connection *c, const struct db_statement *s)
{
    struct mysql_parameters p;
    int rc = check_count(c->statement, s->count);
    if (rc == 0)
        rc = bide__mysql_encode(&p, s->values, s->count);
    if (rc < 0)
        return rc;
    forget_columns(c->statement);
    bool bound = mysql_stmt_bind_param(c->statement, p.binds) == 0;
    rc = bound ? bide__mysql_call(c, CALL_EXECUTE)      /* has copied the values when it waits */
               : bide__mysql_refuse(c, CALL_EXECUTE);
    bide__mysql_parameters_free(&p);
    return rc;
}

BIDE_WAITS static int ask_prepared(struct mysql_connection *c, const struct db_statement *s)
{
    int rc = prepare(c, s->sql);
    return rc < 0 ? rc : execute(c, s);
}

/* ---- the answer ------------------------------------------------------------------------------ */

BIDE_WAITS static bide_rows *take_answer(struct mysql_connection *c, const struct db_statement *s)
{
    bide_auto(rows) rows = bide__mysql_rows(c, s->result == DB_STREAMED);
    if (!rows || s->result == DB_STREAMED)
        return bide_steal(rows);
    bool wanted = rows->width && s->result == DB_WHOLE;
    int rc = wanted ? bide__mysql_rows_take(c, rows, s->result_max) : 0;
    int64_t changed = rc == 0 ? bide__mysql_drop_rest(c) : rc;
    if (changed < 0)
        return NULL;
    if (!wanted)
        rows->count = changed;
    return bide_steal(rows);
}

/* There was a wait since this was asked before: the transaction may have ended.  Statements of this
 * driver's own belong to none. */
static int may_go(struct mysql_connection *c, const struct db_statement *s)
{
    int rc = s->over || s->went ? bide__db_going(&c->base, s) : 0;
    return rc < 0 ? rc : bide__mysql_check_lost(c, s->sql);
}

BIDE_WAITS static bide_rows *run(struct mysql_connection *c, const struct db_statement *s)
{
    if (may_go(c, s) < 0)
        return NULL;
    c->changed = c->changed || bide__mysql_is_lasting(s->sql);
    int rc = s->count ? ask_prepared(c, s) : ask_text(c, s);
    bide_auto(rows) rows = rc < 0 ? NULL : take_answer(c, s);
    if (!rows || s->result == DB_STREAMED)
        return bide_steal(rows);
    return bide__mysql_end_statement(c) < 0 ? NULL : bide_steal(rows);
}

bide_rows *bide__mysql_run(struct db_connection *base, const struct db_statement *s)
{
    struct mysql_connection *c = mysql_of(base);
    if (bide__mysql_enter(c) < 0)
        return NULL;
    bide_rows *rows = run(c, s);
    if (rows && s->result == DB_STREAMED)
        return rows;
    BIDE_KEEP_ERROR(why);
    if (!c->call && !c->answer && !c->broken)
        bide_ignore(bide__mysql_end_statement(c));
    bide__mysql_leave(c);
    return rows;
}
