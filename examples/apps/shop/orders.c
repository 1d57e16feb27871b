/* Orders: what is ordered is taken from stock and written down in one transaction, all or nothing.
 *
 * Rows are taken in the order of their ids, whatever the order of the lines: so two orders of the
 * same items never wait for each other.  A transaction that the database gives up all the same (a
 * deadlock with others, a serialization failure) has left nothing behind and is made again. */
#include "order.h"
#include "orders.h"
#include "pool.h"
#include "problem.h"

#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 3 };

/* ---- taking from stock ---- */

/* How an attempt ended that did not fail. */
enum outcome { TAKEN, NO_SUCH_ITEM, TOO_FEW };

/* Which of the two is it? */
BIDE_WAITS static int why_not(bide_db *change, const struct line *line)
{
    bide_auto(rows) rows = bide_db_query(change, "select 1 from items where id = $1",
                                         bide_value(line->item));
    int rc = bide_rows_next(rows);
    return rc < 0 ? rc : rc ? TOO_FEW : NO_SUCH_ITEM;
}

/* An enum outcome, or < 0; order->at is the line that it is about. */
BIDE_WAITS static int take(bide_db *change, struct order *order)
{
    order->total = 0;
    for (order->at = 0; order->at < order->count; order->at++) {
        struct line *line = &order->lines[order->at];
        bide_auto(rows) rows = bide_db_query(change,
            "update items set stock = stock - $1, version = version + 1 "
            "where id = $2 and stock >= $1 returning price",
            bide_value(line->count), bide_value(line->item));
        int rc = bide_rows_next(rows);
        if (rc <= 0)
            return rc < 0 ? rc : why_not(change, line);
        line->price = bide_rows_int(rows, "price");
        order->total += line->price * line->count;
    }
    return TAKEN;
}

BIDE_WAITS static int write_down(bide_db *change, struct order *order)
{
    struct bide_value values[4 * LINES_MAX];
    bide_auto(rows) row = bide_db_row(change,
        "insert into orders (total) values ($1) returning id", bide_value(order->total));
    if (!row)
        return bide_errcode();
    order->id = bide_rows_int(row, "id");
    for (size_t i = 0; i < order->count; i++) {
        values[4 * i] = bide_value(order->id);
        values[4 * i + 1] = bide_value(order->lines[i].item);
        values[4 * i + 2] = bide_value(order->lines[i].count);
        values[4 * i + 3] = bide_value(order->lines[i].price);
    }
    int64_t rc = bide_db_execute_many(change,
        "insert into order_lines (order_id, item, count, price) values ($1, $2, $3, $4)",
        values, 4, order->count);
    return rc < 0 ? (int)rc : 0;
}

/* The guard rolls back, however this is left but by the commit. */
BIDE_WAITS static int attempt(bide_db *db, struct order *order)
{
    bide_auto(db) change = bide_db_begin(db);
    int rc = change ? take(change, order) : bide_errcode();
    if (rc != TAKEN)
        return rc;
    rc = write_down(change, order);
    return rc < 0 ? rc : bide_db_commit(change);
}

static bool was_given_up(bide_db *db, int rc)
{
    const char *sqlstate = bide_db_failure(db)->sqlstate;
    return rc == BIDE_EDB && (strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0);
}

BIDE_WAITS static int place(bide_db *db, struct order *order)
{
    int rc = attempt(db, order);
    for (int i = 1; i < ATTEMPTS && was_given_up(db, rc); i++)
        rc = attempt(db, order);
    return rc;
}

/* ---- requests ---- */

static int answer(bide_request *req, int status, const struct order *order)
{
    bide_auto(json) told = bide_json_new();
    order_describe(told, order);
    return bide_respond_json(req, status, told);
}

static int placed(bide_request *req, const struct order *order)
{
    const char *where = bide_request_printf(req, "/orders/%lld", (long long)order->id);
    int rc = where ? bide_respond_header(req, "Location", where) : bide_errcode();
    return rc < 0 ? rc : answer(req, 201, order);
}

/* What was wrong is answered: 1; 0: the order can be placed; < 0. */
BIDE_WAITS static int read_body(bide_request *req, struct order *order)
{
    const bide_json *asked = bide_request_json(req);
    bide_auto(json) errors = bide_json_new_array();
    if (asked)
        order_read(order, asked, errors);
    if (asked && !bide_json_count(errors))
        return bide_json_check(errors);
    int rc = asked ? problem_invalid(req, errors) : problem_body(req);
    return rc < 0 ? rc : 1;
}

static int add(bide_request *req)
{
    struct order order;
    int rc = read_body(req, &order);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = place(pool_of(req), &order);
    if (rc < 0)
        return rc;
    if (rc == TAKEN)
        return placed(req, &order);
    const struct line *line = &order.lines[order.at];
    if (rc == NO_SUCH_ITEM)
        return bide_respond_error(req, 422, "there is no item %lld", (long long)line->item);
    return bide_respond_error(req, 409, "there are fewer than %lld of item %lld",
                              (long long)line->count, (long long)line->item);
}

static int show(bide_request *req)
{
    struct order order = { .id = strtoll(bide_request_param(req, "id"), NULL, 10) };
    bide_auto(rows) rows = bide_db_query(pool_of(req),
        "select item, count, price from order_lines where order_id = $1 order by item",
        bide_value(order.id));
    int rc;
    while ((rc = bide_rows_next(rows)) > 0)
        order_add(&order, bide_rows_int(rows, "item"), bide_rows_int(rows, "count"),
                  bide_rows_int(rows, "price"));
    if (rc < 0)
        return rc;
    return order.count ? answer(req, 200, &order)
        : bide_respond_error(req, 404, "there is no order %lld", (long long)order.id);
}

void orders_join(bide_app *app)
{
    bide_route(app, "POST", "/orders", add);
    bide_route(app, "GET", "/orders/{id:[0-9]{1,18}}", show);
}
