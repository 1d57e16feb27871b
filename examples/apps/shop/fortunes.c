/* All fortunes of the table, and one that is made up for the request, sorted by their texts, as a
 * page.  One of the texts is a script: the template escapes it. */
#include "fortunes.h"

#include "pool.h"

#include <stdlib.h>
#include <string.h>

static const char text[] =
    "<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table>"
    "<tr><th>id</th><th>message</th></tr>"
    "{{#fortunes}}<tr><td>{{id}}</td><td>{{message}}</td></tr>{{/fortunes}}"
    "</table></body></html>";

static bide_template *page;

struct fortune { int64_t id; const char *message; };

static int by_message(const void *a, const void *b)
{
    const struct fortune *x = a, *y = b;
    return strcmp(x->message, y->message);
}

/* A column's text outlives its row so; the request's. */
static const char *keep(bide_request *req, const char *message)
{
    size_t size = strlen(message) + 1;
    char *kept = bide_request_alloc(req, size);
    return kept ? memcpy(kept, message, size) : NULL;
}

/* How many there are in *list, which is the request's. */
BIDE_WAITS static int64_t fetch(bide_request *req, struct fortune **list)
{
    bide_auto(rows) rows = bide_db_query(pool_quick(req), "select id, message from fortune");
    if (!rows)
        return bide_errcode();
    int64_t count = 0, room = bide_rows_count(rows) + 1;
    struct fortune *all = bide_request_alloc(req, (size_t)room * sizeof *all);
    if (!all)
        return bide_errcode();
    int rc;
    all[count++] = (struct fortune){ 0, "Additional fortune added at request time." };
    while (count < room && (rc = bide_rows_next(rows)) > 0) {
        int64_t id = bide_rows_int(rows, "id");
        const char *message = keep(req, bide_rows_text(rows, "message"));
        if (!message)
            return bide_errcode();
        all[count++] = (struct fortune){ id, message };
    }
    *list = all;
    rc = bide_rows_end(rows);
    return rc < 0 ? rc : count;
}

static int show(bide_request *req)
{
    struct fortune *all = NULL;
    int64_t count = fetch(req, &all);
    if (count < 0)
        return (int)count;
    qsort(all, (size_t)count, sizeof *all, by_message);
    bide_auto(json) data = bide_json_new();
    bide_json *list = bide_json_array(data, "fortunes");
    for (int64_t i = 0; i < count; i++) {
        bide_json *fortune = bide_json_object(list, NULL);
        bide_json_set(fortune, "id", bide_value(all[i].id));
        bide_json_set(fortune, "message", bide_value(all[i].message));
    }
    return bide_respond_template(req, 200, page, data);
}

bide_template *fortunes_join(bide_app *app)
{
    bide_route(app, "GET", "/fortunes", show);
    return page = bide_template_new(text);
}
