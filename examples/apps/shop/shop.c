/* A shop's service over a database: items are added, listed, changed and removed, orders take them
 * from stock, all or none; and the routes by which TechEmpower compares servers.
 *
 *     shop [--database URL] [--setup] [--address HOST:PORT] [--workers N] [--connections N]
 *          [--patience SECONDS]
 *
 *     GET    /items            a page, {"items": [...], "next": "..."}, with a Link to the next;
 *                              ?limit=N&sort=id|price&after=NEXT
 *     GET    /items.json       all of them, streamed; /items.ndjson: a document a line
 *     POST   /items            {"name": "Kettle", "price": 2490, "stock": 5}: 201 and Location
 *     GET    /items/ID         one, with its ETag
 *     PUT    /items/ID         the whole of it; If-Match: only if it is still that version
 *     DELETE /items/ID
 *     POST   /orders           {"lines": [{"item": 1, "count": 2}]}: 201, or 409: not enough there
 *     GET    /orders/ID
 *     GET    /stats            of the pool
 *     GET    /json /plaintext /db /queries?queries=N /updates?queries=N /fortunes
 *
 * The database is PostgreSQL or a file of SQLite, by its URL.  A price is in cents.  All errors are
 * application/problem+json. */
#include "fortunes.h"
#include "hello.h"
#include "items.h"
#include "listing.h"
#include "orders.h"
#include "pool.h"
#include "problem.h"
#include "schema.h"
#include "worlds.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char *address = "127.0.0.1:8080";
static unsigned workers = 1;
static bool setup;
static struct pool_options options = { .url = "sqlite:shop.db", .connections = 16, .patience = 5 };

static void tell(void *unused, const char *where)
{
    (void)unused;
    printf("http://%s\n", where);
    fflush(stdout);
}

BIDE_WAITS static int set_up(void)
{
    bide_auto(db) db = pool_open(&options);
    return schema_make(db);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    bide_app_on_error(app, problem_page);
    bide_use(app, problem_answer);
    pool_join(app, &options);
    items_join(app);
    listing_join(app);
    orders_join(app);
    hello_join(app);
    worlds_join(app);
    return app;
}

static int serve(void *unused)
{
    (void)unused;
    int rc = setup ? set_up() : 0;
    if (rc < 0)
        return rc;
    bide_auto(app) app = make_app();
    bide_auto(template) page = fortunes_join(app);
    if (!page)
        return bide_errcode();
    return bide_app_run(app, address, .listening = tell, .workers = workers,
                        .server_header = "bide");
}

static int read_options(int argc, char **argv)
{
    static const struct option known[] = {
        { "database", required_argument, NULL, 'd' }, { "setup", no_argument, NULL, 's' },
        { "address", required_argument, NULL, 'a' }, { "workers", required_argument, NULL, 'w' },
        { "connections", required_argument, NULL, 'c' },
        { "patience", required_argument, NULL, 'p' }, { NULL, 0, NULL, 0 },
    };
    for (int option; (option = getopt_long(argc, argv, "d:sa:w:c:p:", known, NULL)) != -1;) {
        switch (option) {
        case 'd': options.url = optarg; break;
        case 's': setup = true; break;
        case 'a': address = optarg; break;
        case 'w': workers = (unsigned)atoi(optarg); break;
        case 'c': options.connections = (size_t)atol(optarg); break;
        case 'p': options.patience = atof(optarg); break;
        default: return -1;
        }
    }
    bool good = workers && options.connections && options.patience > 0;
    return optind == argc && good ? 0 : -1;
}

int main(int argc, char **argv)
{
    if (read_options(argc, argv) < 0) {
        fprintf(stderr, "usage: shop [--database URL] [--setup] [--address HOST:PORT] "
                "[--workers N] [--connections N] [--patience SECONDS]\n");
        return 2;
    }
    int rc = bide_run(serve, NULL, .stop_on_signal = true);
    if (rc == 0 || rc == BIDE_ECANCELED)
        return 0;
    fprintf(stderr, "shop: %s\n", bide_errmsg());
    return 1;
}
