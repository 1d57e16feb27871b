/* Connections that break at a byte, in both directions and in each way: connecting, statements, a
 * transaction, rows in bulk, streamed ones.  Whoever waits is told, what was promised is there, and
 * the pool goes on with another connection.
 *
 * Some bytes here; BIDE_CUT_STEP=1 tries each of them. */
#include "mysql/server.h"

#include "db/cutter.h"

#include <bide/scope.h>

/* Seconds that a step may take. */
static double patience(enum cutter_end end) { return end == CUTTER_STALL ? 1 : 20; }

/* One visit of the server, and what it was promised. */
struct visit { const char *at; bool changed, filled; };

BIDE_WAITS static int ask(bide_db *db, struct visit *v)
{
    v->at = "asking";
    bide_auto(rows) row = bide_db_row(db, "select ? + 1 as n", bide_value(41));
    if (!row)
        return bide_errcode();
    CHECK_EQ(bide_rows_int(row, "n"), 42);
    return bide_rows_end(row);
}

BIDE_WAITS static int change(bide_db *db, struct visit *v)
{
    v->at = "a transaction";
    bide_auto(db) change = bide_db_begin(db);
    for (int i = 0; i < 2; i++)
        if (!change || bide_db_execute(change, "insert into pairs values (?)", bide_value(i)) < 0)
            return bide_errcode();
    int rc = bide_db_commit(change);
    v->changed = rc == 0;
    return rc;
}

BIDE_WAITS static int fill(bide_db *db, struct visit *v)
{
    v->at = "rows in bulk";
    bide_auto(bulk) bulk = bide_db_bulk(db, "triples", (const char *const[]){ "x", NULL });
    for (int i = 0; i < 3; i++)
        if (bide_bulk_add(bulk, (const struct bide_value[]){ bide_value(i) }, 1) < 0)
            return bide_errcode();
    int64_t rows = bide_bulk_finish(bulk);
    v->filled = rows == 3;
    return rows < 0 ? (int)rows : 0;
}

BIDE_WAITS static int stream(bide_db *db, struct visit *v)
{
    v->at = "streamed rows";
    bide_auto(rows) rows = bide_db_stream(db, "select seq as n from seq_1_to_9");
    int rc, seen = 0;
    while ((rc = bide_rows_next(rows)) > 0)
        CHECK_EQ(bide_rows_int(rows, "n"), ++seen);
    CHECK(rc < 0 || seen == 9);
    return rc;
}

BIDE_WAITS static int visit(bide_db *db, struct visit *v, double seconds)
{
    static int (*const steps[])(bide_db *, struct visit *) = { ask, change, fill, stream };
    *v = (struct visit){ 0 };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        BIDE_TIMEOUT(limit, seconds);
        int rc = bide_scope_result(limit, steps[i](db, v));
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- what must hold -------------------------------------------------------------------------- */

/* A failure names what happened in a line that can stand in a log. */
static void check_failure(const struct cutter *c, const struct visit *v, int rc)
{
    const char *says = bide_errmsg();
    bool late = rc == BIDE_ETIMEDOUT && c->end == CUTTER_STALL;
    bool lost = (rc == -ECONNRESET || rc == -ECONNREFUSED) && c->end != CUTTER_STALL;
    bool plain = *says;
    for (const char *s = says; *s; s++)
        plain = plain && (unsigned char)*s >= ' ';
    if (!(late || lost) || !plain)
        test_fail(__FILE__, __LINE__, "cut %d at byte %zu, direction %d, in %s: %d, \"%s\"",
                  (int)c->end, c->after, (int)c->way, v->at, rc, says);
}

BIDE_WAITS static int64_t count(bide_db *db, const char *sql)
{
    bide_auto(rows) row = bide_db_row(db, sql);
    CHECK(row != NULL);
    return bide_rows_int(row, "n");
}

/* All or nothing, and all where that was promised. */
static void check_rows(bide_db *direct, const struct visit *v)
{
    int64_t pairs = count(direct, "select count(*) as n from pairs");
    int64_t triples = count(direct, "select count(*) as n from triples");
    CHECK(pairs == 2 || (pairs == 0 && !v->changed));
    CHECK(triples == 3 || (triples == 0 && !v->filled));
    CHECK(bide_db_execute(direct, "delete from pairs; delete from triples") >= 0);
}

static void check_works(bide_db *pool, const struct cutter *c)
{
    bide_auto(rows) row = bide_db_row(pool, "select 1 as x");
    if (!row)
        test_fail(__FILE__, __LINE__, "after a cut %d at byte %zu, direction %d: %s", (int)c->end,
                  c->after, (int)c->way, bide_errmsg());
}

/* ---- the cuts -------------------------------------------------------------------------------- */

struct through { struct cutter *cutter; bide_db *direct; char url[200]; };

/* Waits until the server has ended what was cut off: it might be about to commit. */
static void wait_for_end(struct through *t)
{
    while (count(t->direct, "select count(*) as n from information_schema.processlist "
                            "where user = 'cut'") > 0)
        CHECK_EQ(bide_sleep(0.001), 0);
}

static void cut(struct through *t, enum cutter_way way, size_t after, enum cutter_end end)
{
    struct visit v;
    cutter_arm(t->cutter, way, after, end);
    {
        bide_auto(db) pool = bide_mysql_open(t->url, .size_max = 1,
                                             .connect_timeout = 2 * patience(end));
        int rc = visit(pool, &v, patience(end));
        bool slow = rc == BIDE_ETIMEDOUT && !t->cutter->struck;     /* the machine */
        if (rc < 0 && !slow)
            check_failure(t->cutter, &v, rc);
        CHECK(t->cutter->struck || slow);
        t->cutter->armed = false;
        check_works(pool, t->cutter);
        CHECK_EQ(bide_db_stats(pool).open, 1);
    }
    cutter_release(t->cutter);
    wait_for_end(t);
    check_rows(t->direct, &v);
}

/* How many bytes apart the cuts are: a dozen in a direction, unless more are asked for.  Each stall
 * takes ten seconds. */
static size_t step_of(size_t bytes, enum cutter_end end)
{
    const char *asked = getenv("BIDE_CUT_STEP");
    if (end == CUTTER_STALL)
        return bytes / 2 + 1;
    return asked ? strtoul(asked, NULL, 10) : bytes / 12 + 1;
}

/* waits: for all of it */
static void cut_each(enum cutter_way way, enum cutter_end end)
{
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%d", server.port);
    CUTTER(cutter, address);
    struct through t = { .cutter = &cutter, .direct = bide_mysql_open(server.url) };
    CHECK(bide_db_execute(t.direct, "drop table if exists pairs, triples; "
        "create or replace user cut@'%' identified by 'secret'; "
        "create table pairs (x int); create table triples (x int); "
        "grant all on bide.* to cut@'%'") >= 0);
    snprintf(t.url, sizeof t.url, "mysql://cut:secret@127.0.0.1:%d/bide", cutter.port);
    struct visit v;
    bide_db *pool = bide_mysql_open(t.url, .size_max = 1);
    if (visit(pool, &v, 20) < 0)
        test_fail(__FILE__, __LINE__, "without a cut, in %s: %s", v.at, bide_errmsg());
    size_t bytes[2] = { cutter.passed[0], cutter.passed[1] };   /* without its good-bye */
    bide_db_close(pool);
    check_rows(t.direct, &v);
    CHECK(bytes[CUTTER_TO_SERVER] > 500 && bytes[CUTTER_TO_CLIENT] > 500);
    size_t step = step_of(bytes[way], end);
    for (size_t after = step / 2; after < bytes[way]; after += step)
        cut(&t, way, after, end);
    bide_db_close(t.direct);
    CUTTER_END(cutter);
}

#define CUT_TEST(name, way, end) MYSQL_TEST(name) { cut_each(way, end); }
CUT_TEST(a_connection_closed_at_any_byte_of_a_request_is_told_and_replaced, CUTTER_TO_SERVER,
         CUTTER_CLOSE)
CUT_TEST(a_connection_closed_at_any_byte_of_an_answer_is_told_and_replaced, CUTTER_TO_CLIENT,
         CUTTER_CLOSE)
CUT_TEST(a_connection_reset_at_any_byte_of_a_request_is_told_and_replaced, CUTTER_TO_SERVER,
         CUTTER_RESET)
CUT_TEST(a_connection_reset_at_any_byte_of_an_answer_is_told_and_replaced, CUTTER_TO_CLIENT,
         CUTTER_RESET)
CUT_TEST(a_half_closed_request_is_told_and_replaced, CUTTER_TO_SERVER, CUTTER_HALF_CLOSE)
CUT_TEST(a_half_closed_answer_is_told_and_replaced, CUTTER_TO_CLIENT, CUTTER_HALF_CLOSE)
CUT_TEST(a_request_that_stalls_is_given_up_in_time, CUTTER_TO_SERVER, CUTTER_STALL)
CUT_TEST(an_answer_that_stalls_is_given_up_in_time, CUTTER_TO_CLIENT, CUTTER_STALL)

/* ---- half-sent statements -------------------------------------------------------------------- */

/* The text and its value are gone when the call goes on: it must have its own. */
BIDE_WAITS static int send_much(bide_db *db, bool as_text)
{
    enum { MUCH = 8000000 };
    char *text = malloc(MUCH + 40);
    char *at = as_text ? stpcpy(text, "select length('") : text;
    memset(at, 'x', MUCH);
    strcpy(at + MUCH, as_text ? "') as n" : "");
    BIDE_TIMEOUT(limit, 3);
    bide_auto(rows) row = as_text ? bide_db_row(db, text)
                                  : bide_db_row(db, "select length(?) as n", bide_value(text));
    int rc = row ? 0 : bide_scope_result(limit, bide_errcode());
    memset(text, 0, MUCH + 40);
    free(text);
    return rc;
}

MYSQL_TEST(a_statement_that_was_half_sent_is_sent_and_dropped)
{
    char address[32], url[200];
    snprintf(address, sizeof address, "127.0.0.1:%d", server.port);
    for (int as_text = 0; as_text < 2; as_text++) {
        CUTTER(cutter, address);
        snprintf(url, sizeof url, "mysql://root@127.0.0.1:%d/bide", cutter.port);
        bide_auto(db) pool = bide_mysql_open(url, .size_max = 1);
        check_works(pool, &cutter);
        cutter_arm(&cutter, CUTTER_TO_SERVER, 1000000, CUTTER_STALL);
        CHECK_EQ(send_much(pool, as_text), BIDE_ETIMEDOUT);
        CHECK(cutter.struck);
        cutter_release(&cutter);
        check_works(pool, &cutter);
        bide_db_close(bide_steal(pool));
        CUTTER_END(cutter);
    }
}
