/* All items, however many: rows go from the database to the client in the memory of one sheet.
 * bide_respond_write() waits while the reader is slow, and the database is asked for no more rows
 * than are read. */
#include "listing.h"

#include "item.h"
#include "pool.h"
#include "problem.h"

#include <string.h>

/* How rows stand in an answer. */
struct form { const char *type, *before, *between, *after; };

static const struct form json = { "application/json", "{\"items\":[", ",\n", "],\"count\":%lld}" };
static const struct form ndjson = { "application/x-ndjson", "", "\n", "\n" };

/* The text of some rows, in the request's memory. */
struct sheet { char *at; size_t size; };

enum { SHEET_SIZE = 32768, ROW_MAX = 4096 };

static int put(struct sheet *sheet, const char *text, size_t size)
{
    if (size > SHEET_SIZE - sheet->size)
        return bide_fail(BIDE_ELIMIT, "a row does not fit on its sheet");
    memcpy(sheet->at + sheet->size, text, size);
    sheet->size += size;
    return 0;
}

static int put_row(struct sheet *sheet, bide_rows *row)
{
    size_t size;
    bide_auto(json) item = bide_json_new();
    item_describe(item, row);
    char *text = bide_json_write(item, &size);
    int rc = text ? put(sheet, text, size) : bide_errcode();
    bide_json_text_free(text);
    return rc;
}

BIDE_WAITS static int send_sheet(bide_request *req, struct sheet *sheet)
{
    int rc = bide_respond_write(req, sheet->at, sheet->size);
    sheet->size = 0;
    return rc;
}

BIDE_WAITS static int send_rows(bide_request *req, const struct form *form, bide_rows *rows)
{
    struct sheet sheet = { bide_request_alloc(req, SHEET_SIZE), 0 };
    int rc = sheet.at ? 0 : bide_errcode(), more = 0;
    while (rc == 0 && (more = bide_rows_next(rows)) > 0) {
        if (bide_rows_count(rows) > 1)
            rc = put(&sheet, form->between, strlen(form->between));
        if (rc == 0)
            rc = put_row(&sheet, rows);
        if (rc == 0 && sheet.size > SHEET_SIZE - ROW_MAX)
            rc = send_sheet(req, &sheet);
    }
    if (rc == 0)
        rc = more;
    return rc < 0 ? rc : send_sheet(req, &sheet);
}

/* A failure before the first byte is an answer of its own; one in the middle closes the connection
 * before the end of this one, so that the client sees it is not whole. */
BIDE_WAITS static int stream(bide_request *req, const struct form *form)
{
    bide_auto(permit) lasting = pool_lasting(req);
    if (!lasting)
        return problem_busy(req, "too many lists are being read");
    bide_auto(rows) rows = bide_db_stream(pool_of(req),
        "select " ITEM_COLUMNS " from items order by id");
    int rc = rows ? bide_respond_header(req, "Content-Type", form->type) : bide_errcode();
    if (rc == 0)
        rc = bide_respond_start(req, 200);
    if (rc == 0)
        rc = bide_respond_printf(req, "%s", form->before);
    if (rc == 0)
        rc = send_rows(req, form, rows);
    return rc < 0 ? rc : bide_respond_printf(req, form->after, (long long)bide_rows_count(rows));
}

static int as_json(bide_request *req)
{
    return stream(req, &json);
}

static int as_lines(bide_request *req)
{
    return stream(req, &ndjson);
}

void listing_join(bide_app *app)
{
    bide_route(app, "GET", "/items.json", as_json);
    bide_route(app, "GET", "/items.ndjson", as_lines);
}
