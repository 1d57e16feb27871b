/* Connections that break at a byte, in both directions and in each way: connecting, a statement, a
 * transaction, rows in bulk, streamed ones, and what a driver has besides.  Whoever waits is told,
 * what was promised is there, and the pool goes on with another connection.
 *
 * Whoever includes this has started the server and defined `words`, of tests/db/cut_words.h.
 * Some bytes here; BIDE_CUT_STEP=1 tries each of them (./dev check databases). */
#ifndef TESTS_DB_CUTS_H
#define TESTS_DB_CUTS_H

#include "db/cut_words.h"
#include "db/cutter.h"

#include <bide/db.h>
#include <bide/scope.h>

/* Seconds that a step may take: long enough on a machine that does other things as well, and where
 * each stall takes so long, no longer than must be. */
static double patience(enum cutter_end end) { return end == CUTTER_STALL ? 1 : 20; }

/* One visit of the server, and what it was promised. */
struct visit { const char *at; bool changed, filled; };

BIDE_WAITS static int ask(bide_db *db, struct visit *v)
{
    v->at = "asking";
    bide_auto(rows) row = bide_db_row(db, words.sum, bide_value(41));
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
        if (!change || bide_db_execute(change, words.insert, bide_value(i)) < 0)
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

BIDE_WAITS static int do_besides(bide_db *db, struct visit *v)
{
    v->at = words.besides_is;
    return words.besides ? words.besides(db) : 0;       /* waits: as the driver's own does */
}

BIDE_WAITS static int stream(bide_db *db, struct visit *v)
{
    v->at = "streamed rows";
    bide_auto(rows) rows = bide_db_stream(db, words.one_to_nine);
    int rc, seen = 0;
    while ((rc = bide_rows_next(rows)) > 0)
        CHECK_EQ(bide_rows_int(rows, "n"), ++seen);
    CHECK(rc < 0 || seen == 9);
    return rc;
}

BIDE_WAITS static int visit(bide_db *db, struct visit *v, double seconds)
{
    static int (*const steps[])(bide_db *, struct visit *) = { ask, change, fill, do_besides,
                                                               stream };
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

/* A server that finds the end of its client among rows in bulk may say so itself, to whoever still
 * listens; and one that waits for its password, that it is the wrong one. */
static bool is_told(const char *says)
{
    return strncmp(says, "08006: ", 7) == 0 || strstr(says, ": 28P01: ");
}

/* A failure names what happened in a line that can stand in a log. */
static void check_failure(const struct cutter *c, const struct visit *v, int rc)
{
    const char *says = bide_errmsg();
    bool late = rc == BIDE_ETIMEDOUT && c->end == CUTTER_STALL;
    bool lost = (rc == -ECONNRESET || rc == -ECONNREFUSED) && c->end != CUTTER_STALL;
    bool told = rc == BIDE_EDB && is_told(says) && c->end == CUTTER_HALF_CLOSE;
    bool plain = *says;
    for (const char *s = says; *s; s++)
        plain = plain && (unsigned char)*s >= ' ';
    if (!(late || lost || told) || !plain)
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
    while (count(t->direct, words.count_of_cut) > 0)
        CHECK_EQ(bide_sleep(0.001), 0);
}

static void cut(struct through *t, enum cutter_way way, size_t after, enum cutter_end end)
{
    struct visit v;
    cutter_arm(t->cutter, way, after, end);
    {
        bide_auto(db) pool = words.open(t->url, 2 * patience(end));
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

/* How many bytes apart the cuts are: so that a direction has a few, or as it was asked; a stall
 * takes seconds each. */
static size_t step_of(size_t bytes, enum cutter_end end)
{
    const char *asked = getenv("BIDE_CUT_STEP");
    size_t step = asked ? strtoul(asked, NULL, 10) : bytes / 6 + 1;
    return end != CUTTER_STALL ? step : asked ? 50 * step : bytes / 2 + 1;
}

/* waits: for all of it */
static void cut_each(enum cutter_way way, enum cutter_end end)
{
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%d", server.port);
    CUTTER(cutter, address);
    struct through t = { .cutter = &cutter, .direct = words.open(server.url, 20) };
    CHECK(bide_db_execute(t.direct, words.set_up) >= 0);
    snprintf(t.url, sizeof t.url, words.url, cutter.port);
    struct visit v;
    bide_db *pool = words.open(t.url, 20);
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

#define CUT_TEST(name, way, end) SERVICE_TEST(name) { cut_each(way, end); }
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

#endif
