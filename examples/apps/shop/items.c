/* Items: added, shown, changed, removed.  A row has a version that counts its changes; it is the
 * ETag, so that of two who change the same version one hears of the other (412). */
#include "items.h"

#include "item.h"
#include "page.h"
#include "pool.h"
#include "problem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- answers ---- */

static int answer(bide_request *req, int status, bide_rows *row)
{
    bide_auto(json) told = bide_json_new();
    item_describe(told, row);
    const char *tag = bide_request_printf(req, "\"v%lld\"",
                                          (long long)bide_rows_int(row, "version"));
    int rc = tag ? bide_respond_header(req, "ETag", tag) : bide_errcode();
    if (rc == 0)
        rc = bide_rows_end(row);
    return rc < 0 ? rc : bide_respond_json(req, status, told);
}

static int not_there(bide_request *req)
{
    return bide_respond_error(req, 404, "there is no item %s", bide_request_param(req, "id"));
}

static int64_t id_of(const bide_request *req)
{
    return strtoll(bide_request_param(req, "id"), NULL, 10);
}

/* The version that If-Match names; 0: any; -1: none that there can be. */
static int64_t wanted_version(const bide_request *req)
{
    const char *tag = bide_request_header(req, "If-Match");
    long long version;
    int size = 0;
    if (!tag || strcmp(tag, "*") == 0)
        return 0;
    return sscanf(tag, "\"v%9lld\"%n", &version, &size) == 1 && size && !tag[size] ? version : -1;
}

/* Nothing was changed: is it not there, or of another version? */
BIDE_WAITS static int why_not(bide_request *req)
{
    bide_auto(rows) rows = bide_db_query(pool_of(req), "select version from items where id = $1",
                                         bide_value(id_of(req)));
    int rc = bide_rows_next(rows);
    if (rc < 0)
        return rc;
    return rc == 0 ? not_there(req) : bide_respond_error(req, 412, "it is version %lld by now",
                                                         (long long)bide_rows_int(rows, "version"));
}

/* The item of the request's body: 0; 1: it was answered with what is wrong; < 0. */
BIDE_WAITS static int read_body(bide_request *req, struct item *item)
{
    const bide_json *asked = bide_request_json(req);
    if (!asked) {
        int rc = problem_body(req);
        return rc < 0 ? rc : 1;
    }
    bide_auto(json) errors = bide_json_new_array();
    item_read(item, asked, errors);
    if (!bide_json_count(errors))
        return bide_json_check(errors);
    int rc = problem_invalid(req, errors);
    return rc < 0 ? rc : 1;
}

/* ---- single items ---- */

static int add(bide_request *req)
{
    struct item item;
    int rc = read_body(req, &item);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    bide_auto(rows) row = bide_db_row(pool_of(req),
        "insert into items (name, price, stock) values ($1, $2, $3) returning " ITEM_COLUMNS,
        bide_value(item.name), bide_value(item.price), bide_value(item.stock));
    if (!row)
        return bide_errcode();
    const char *where = bide_request_printf(req, "/items/%lld",
                                            (long long)bide_rows_int(row, "id"));
    rc = where ? bide_respond_header(req, "Location", where) : bide_errcode();
    return rc < 0 ? rc : answer(req, 201, row);
}

static int show(bide_request *req)
{
    bide_auto(rows) rows = bide_db_query(pool_of(req),
        "select " ITEM_COLUMNS " from items where id = $1", bide_value(id_of(req)));
    int rc = bide_rows_next(rows);
    if (rc <= 0)
        return rc < 0 ? rc : not_there(req);
    return answer(req, 200, rows);
}

static int change(bide_request *req)
{
    struct item item;
    int rc = read_body(req, &item);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    bide_auto(rows) rows = bide_db_query(pool_of(req),
        "update items set name = $1, price = $2, stock = $3, version = version + 1 "
        "where id = $4 and ($5 = 0 or version = $5) returning " ITEM_COLUMNS,
        bide_value(item.name), bide_value(item.price), bide_value(item.stock),
        bide_value(id_of(req)), bide_value(wanted_version(req)));
    rc = bide_rows_next(rows);
    if (rc <= 0)
        return rc < 0 ? rc : why_not(req);
    return answer(req, 200, rows);
}

static int take_out(bide_request *req)
{
    int64_t gone = bide_db_execute(pool_of(req),
        "delete from items where id = $1 and ($2 = 0 or version = $2)",
        bide_value(id_of(req)), bide_value(wanted_version(req)));
    if (gone <= 0)
        return gone < 0 ? (int)gone : why_not(req);
    return bide_respond_status(req, 204);
}

/* ---- pages ---- */

BIDE_WAITS static bide_rows *fetch(bide_db *db, const struct page *page)
{
    if (page->by_price)
        return bide_db_query(db, "select " ITEM_COLUMNS " from items "
                             "where (price, id) > ($1, $2) order by price, id limit $3",
                             bide_value(page->price), bide_value(page->id),
                             bide_value(page->limit + 1));
    return bide_db_query(db, "select " ITEM_COLUMNS " from items "
                         "where id > $1 order by id limit $2",
                         bide_value(page->id), bide_value(page->limit + 1));
}

/* One row more was asked for than is shown: it tells that there is a next page. */
static int list(bide_request *req)
{
    struct page page;
    const char *why = page_read(&page, req);
    if (why)
        return bide_respond_error(req, 400, "%s", why);
    bide_auto(rows) rows = fetch(pool_of(req), &page);
    bide_auto(json) told = bide_json_new();
    bide_json *items = bide_json_array(told, "items");
    const char *next = NULL;
    int rc;
    for (int64_t shown = 0; (rc = bide_rows_next(rows)) > 0 && shown < page.limit; shown++) {
        item_describe(bide_json_object(items, NULL), rows);
        next = page_cursor(req, &page, bide_rows_int(rows, "price"), bide_rows_int(rows, "id"));
    }
    if (rc > 0) {
        bide_json_set(told, "next", bide_value(next));
        rc = page_link(req, &page, next);
    }
    return rc < 0 ? rc : bide_respond_json(req, 200, told);
}

void items_join(bide_app *app)
{
    bide_route(app, "GET", "/items", list);
    bide_route(app, "POST", "/items", add);
    bide_route(app, "GET", "/items/{id:[0-9]{1,18}}", show);
    bide_route(app, "PUT", "/items/{id:[0-9]{1,18}}", change);
    bide_route(app, "DELETE", "/items/{id:[0-9]{1,18}}", take_out);
}
