/* All items of a web interface that has pages; an empty page is the last.  In Python:
 *
 *     data = await fetch(f"{base_url}?page={page}")
 *     if not data['results']:
 *         break
 *     for item in data['results']:
 *         yield item
 */
#include "demo.h"

static bide_session *session;

struct item { int id; char name[40]; };

/* The items of one page: how many. */
static int yield_page(bide_generator *generator, const bide_json *results)
{
    const bide_json *each = NULL;
    while ((each = bide_json_next(results, each))) {
        struct item item = { .id = (int)bide_json_int(each, "id", 0) };
        snprintf(item.name, sizeof item.name, "%s", bide_json_text(each, "name", ""));
        if (bide_generator_yield(generator, &item) < 0)
            return bide_errcode();
    }
    return (int)bide_json_count(results);
}

static int fetch_paginated(bide_generator *generator, void *url)
{
    int count = 1;
    for (int page = 1; count > 0; page++) {
        char number[12];
        snprintf(number, sizeof number, "%d", page);
        bide_auto(response) response = bide_get(session, url,
                                                .query = BIDE_PAIRS({ "page", number }));
        const bide_json *results = bide_json_at(bide_response_json(response), "results");
        count = results ? yield_page(generator, results) : bide_errcode();
    }
    return count;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    bide_auto(session) opened = session = bide_session_open(.base_url = demo_start(server));
    struct item item;
    int rc, count = 0;
    bide_auto(generator) items = bide_generator_new(fetch_paginated, struct item, "/items");
    while ((rc = bide_generator_next(items, &item)) == 1)
        if (++count % 10 == 1)
            printf("%d: %s, and so on\n", item.id, item.name);
    printf("%d items\n", count);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
