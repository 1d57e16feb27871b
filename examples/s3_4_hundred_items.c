/* A hundred items at once, with nothing said about limits.  In Python:
 *
 *     urls = [f"https://api.example.com/item/{i}" for i in range(100)]
 *     results = asyncio.run(fetch_all(urls))
 *
 * A session opens a hundred connections at most, and what is more waits for its turn. */
#include "demo.h"

enum { ITEMS = 100 };

static bide_session *session;

struct item { int id; char title[40]; };

static int fetch_item(void *arg)
{
    struct item *item = arg;
    char path[32];
    const char *title;
    snprintf(path, sizeof path, "/posts/%d", item->id);
    bide_auto(response) response = bide_get(session, path);
    if (bide_json_get(bide_response_json(response), "title", &title) < 0)
        return bide_errcode();
    snprintf(item->title, sizeof item->title, "%s", title);
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();

    bide_auto(session) opened = session = bide_session_open(.base_url = base);
    struct item items[ITEMS];
    for (int i = 0; i < ITEMS; i++)
        items[i].id = i + 1;
    int rc = bide_map(fetch_item, items, ITEMS);
    if (rc < 0)
        return rc;
    printf("%d results, from %s to %s\n", ITEMS, items[0].title, items[ITEMS - 1].title);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
