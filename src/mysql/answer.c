/* An answer: its results, one after the other, and the rows of each. */
#include "mysql/connection.h"

#include "base/memory.h"

#include <string.h>

/* Room for texts that is kept from one statement to the next. */
enum { TEXT_KEPT = 65536 };

/* ---- asking ---------------------------------------------------------------------------------- */

/* A call that stands still reads the text later, when whoever asked may be gone: hence the copy. */
int bide__mysql_set_text(struct mysql_connection *c, const char *sql)
{
    size_t size = strlen(sql);
    if (size >= c->text_room || c->text_room > TEXT_KEPT + size) {
        char *text = bide__resize(c->text, size + 1);
        if (!text)
            return bide__mysql_no_memory();
        c->text = text;
        c->text_room = size + 1;
    }
    memcpy(c->text, sql, size + 1);
    c->text_size = size;
    return 0;
}

int bide__mysql_ask(struct mysql_connection *c, const char *sql)
{
    int rc = bide__mysql_set_text(c, sql);
    return rc < 0 ? rc : bide__mysql_call(c, CALL_QUERY);
}

/* ---- rows ------------------------------------------------------------------------------------ */

int bide__mysql_fetch(struct mysql_connection *c)
{
    if (c->answer == ANSWER_BINARY) {
        int rc = bide__mysql_call(c, CALL_FETCH);
        return rc < 0 ? rc : c->got.code != MYSQL_NO_DATA;
    }
    if (!c->result)
        return 0;
    int rc = bide__mysql_call(c, CALL_FETCH_ROW);
    return rc < 0 ? rc : c->got.row != NULL;
}

int64_t bide__mysql_changed(const struct mysql_connection *c)
{
    my_ulonglong changed = mysql_affected_rows(c->my);
    return changed <= INT64_MAX ? (int64_t)changed : 0; /* one that has rows changes none */
}

/* ---- the rest -------------------------------------------------------------------------------- */

/* 1: it is there, 0: that was the last. */
BIDE_WAITS static int next_result(struct mysql_connection *c)
{
    bool text = c->answer == ANSWER_TEXT;
    if (text ? !mysql_more_results(c->my) : !mysql_stmt_more_results(c->statement))
        return 0;
    int rc = bide__mysql_call(c, text ? CALL_NEXT_RESULT : CALL_NEXT_STATEMENT_RESULT);
    return rc < 0 ? rc : 1;
}

BIDE_WAITS static int drop_rows(struct mysql_connection *c)
{
    bool has_rows = c->answer == ANSWER_TEXT ? c->result != NULL
                                             : mysql_stmt_field_count(c->statement) > 0;
    int rc = has_rows ? 1 : 0;
    while (rc > 0)
        rc = bide__mysql_fetch(c);
    return rc;
}

int64_t bide__mysql_drop_rest(struct mysql_connection *c)
{
    int64_t changed = 0;
    int rc = c->answer != ANSWER_NOTHING;
    while (rc > 0) {
        rc = drop_rows(c);
        changed = rc == 0 ? bide__mysql_changed(c) : 0;
        if (rc == 0)
            rc = next_result(c);
    }
    if (rc < 0)
        return rc;
    c->answer = ANSWER_NOTHING;
    return changed;
}

int64_t bide__mysql_say(struct mysql_connection *c, const char *sql)
{
    int rc = bide__mysql_ask(c, sql);
    return rc < 0 ? rc : bide__mysql_drop_rest(c);
}

int bide__mysql_end_statement(struct mysql_connection *c)
{
    if (!c->statement || c->keeps_statement) {
        c->statement = NULL;
        return 0;
    }
    return bide__mysql_call(c, CALL_CLOSE_STATEMENT);
}

/* ---- rows that nobody wants ------------------------------------------------------------------ */

/* So many are read on the spot before the server is asked to stop. */
enum { NEAR_ROWS = 200 };

void bide__mysql_skip_near(struct mysql_connection *c)
{
    bool text = c->answer == ANSWER_TEXT;
    int rc = c->call || c->broken ? BIDE_EAGAIN : 0;
    bool ended = false;
    for (int i = 0; rc == 0 && !ended && i < NEAR_ROWS; i++) {
        rc = bide__mysql_call_now(c, text ? CALL_FETCH_ROW : CALL_FETCH);
        ended = rc == 0 && (text ? !c->result : c->got.code == MYSQL_NO_DATA);
    }
    if (ended && (text ? !mysql_more_results(c->my) : !mysql_stmt_more_results(c->statement)))
        c->answer = ANSWER_NOTHING;
}
