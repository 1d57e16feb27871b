/* A context of the application: begun before the first request, ended after the last. */
#include "pool.h"

#include <bide/pg.h>
#include <bide/sqlite.h>

enum { SHARE = 100 };           /* statements on their way on one connection */

static const char pool_key, quick_key, used_key, lasting_key;

static bide_db *open_quick(const struct pool_options *options)
{
    return bide_db_open(options->url, .drivers = BIDE_DRIVERS(&bide_pg_driver, &bide_sqlite_driver),
                        .size_max = (options->connections + 3) / 4, .share = SHARE,
                        .acquire_timeout = options->patience, .timeout = options->patience,
                        .connect_timeout = options->patience);
}

bide_db *pool_open(const struct pool_options *options)
{
    return bide_db_open(options->url, .drivers = BIDE_DRIVERS(&bide_pg_driver, &bide_sqlite_driver),
                        .size_max = options->connections, .acquire_timeout = options->patience,
                        .connect_timeout = options->patience);
}

/* It connects when it is first used: a server whose database is away starts all the same. */
static int keep(bide_worker *worker, void *arg)
{
    const struct pool_options *options = arg;
    bide_auto(db) db = pool_open(options);
    bide_auto(db) quick = open_quick(options);
    bide_semaphore lasting = BIDE_SEMAPHORE((options->connections + 1) / 2);
    int rc = db && quick ? bide_worker_set(worker, &pool_key, db) : bide_errcode();
    if (rc == 0)
        rc = bide_worker_set(worker, &quick_key, quick);
    if (rc == 0)
        rc = bide_worker_set(worker, &lasting_key, &lasting);
    return rc < 0 ? rc : bide_context_hold(worker);
}

static bide_db *use(bide_request *req, const void *key)
{
    bide_db *db = bide_request_get(req, key);
    bide_ignore(bide_request_set(req, &used_key, db, NULL));
    return db;
}

bide_db *pool_of(bide_request *req)
{
    return use(req, &pool_key);
}

bide_db *pool_quick(bide_request *req)
{
    return use(req, &quick_key);
}

bide_db *pool_used(const bide_request *req)
{
    return bide_request_get(req, &used_key);
}

void pool_expire(const bide_request *req)
{
    bide_db_expire(bide_request_get(req, &pool_key));
    bide_db_expire(bide_request_get(req, &quick_key));
}

bide_permit *pool_lasting(const bide_request *req)
{
    return bide_semaphore_acquire_nowait(bide_request_get(req, &lasting_key));
}

static int stats(bide_request *req)
{
    struct bide_db_stats now = bide_db_stats(pool_of(req));
    bide_auto(json) told = bide_json_new();
    bide_json_set(told, "database", bide_value(bide_db_kind(pool_of(req))));
    bide_json_set(told, "open", bide_value(now.open));
    bide_json_set(told, "idle", bide_value(now.idle));
    bide_json_set(told, "waiting", bide_value(now.waiting));
    bide_json_set(told, "connected", bide_value(now.connected));
    return bide_respond_json(req, 200, told);
}

void pool_join(bide_app *app, const struct pool_options *options)
{
    bide_app_context(app, keep, (void *)(uintptr_t)options);
    bide_route(app, "GET", "/stats", stats);
}
