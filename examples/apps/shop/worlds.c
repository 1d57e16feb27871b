/* Random rows of a table.  The rules want a statement for each row; those of a request go to the
 * database together, and one answer is awaited.  Nothing is kept from request to request but
 * connections and prepared statements. */
#include "worlds.h"

#include "pool.h"

#include <stdlib.h>
#include <sys/random.h>

enum { QUERIES_MAX = 500 };

struct world { int id, number; };

/* 1 to WORLDS.  A worker is a thread, and has its own. */
static int draw(void)
{
    static _Thread_local unsigned seed;
    if (!seed && getrandom(&seed, sizeof seed, 0) < 0)
        seed = 1;
    return 1 + rand_r(&seed) % WORLDS;
}

/* Missing or no number: 1; and never less, nor more than QUERIES_MAX. */
static size_t count_wanted(const bide_request *req)
{
    const char *text = bide_request_query(req, "queries");
    char *end = NULL;
    long count = text ? strtol(text, &end, 10) : 1;
    if (count < 1 || (end && *end))
        return 1;
    return count > QUERIES_MAX ? QUERIES_MAX : (size_t)count;
}

/* So many random rows, into worlds.  They may be on their way beside those of other requests. */
BIDE_WAITS static int fetch(bide_db *db, struct world *worlds, struct bide_value *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ids[i] = bide_value(draw());
    bide_auto(rows) rows = bide_db_query_many(db,
        "select id, randomnumber from world where id = $1", ids, 1, count);
    size_t got = 0;
    int rc;
    while ((rc = bide_rows_next(rows)) > 0 && got < count) {
        worlds[got].id = (int)bide_rows_int(rows, "id");
        worlds[got++].number = (int)bide_rows_int(rows, "randomnumber");
    }
    if (rc == 0 && got < count)
        rc = bide_fail(BIDE_EDB, "world has fewer than %d rows", WORLDS);
    return rc;
}

/* They are the request's.  NULL: failed. */
BIDE_WAITS static struct world *fetch_all(bide_request *req, size_t count)
{
    struct world *worlds = bide_request_alloc(req, count * sizeof *worlds);
    struct bide_value *ids = bide_request_alloc(req, count * sizeof *ids);
    if (!worlds || !ids || fetch(pool_quick(req), worlds, ids, count) < 0)
        return NULL;
    return worlds;
}

static void describe(bide_json *told, const struct world *world)
{
    bide_json_set(told, "id", bide_value(world->id));
    bide_json_set(told, "randomNumber", bide_value(world->number));
}

static int answer(bide_request *req, const struct world *worlds, size_t count)
{
    bide_auto(json) told = bide_json_new_array();
    for (size_t i = 0; i < count; i++)
        describe(bide_json_object(told, NULL), &worlds[i]);
    return bide_respond_json(req, 200, told);
}

static int one(bide_request *req)
{
    struct world world;
    struct bide_value id;
    int rc = fetch(pool_quick(req), &world, &id, 1);
    if (rc < 0)
        return rc;
    bide_auto(json) told = bide_json_new();
    describe(told, &world);
    return bide_respond_json(req, 200, told);
}

static int several(bide_request *req)
{
    size_t count = count_wanted(req);
    const struct world *worlds = fetch_all(req, count);
    return worlds ? answer(req, worlds, count) : bide_errcode();
}

static int by_id(const void *a, const void *b)
{
    const struct world *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* In the order of the ids: two requests that lock the same rows in different orders would wait for
 * each other. */
BIDE_WAITS static int64_t store_all(bide_request *req, struct world *worlds, size_t count)
{
    struct bide_value *values = bide_request_alloc(req, 2 * count * sizeof *values);
    if (!values)
        return bide_errcode();
    qsort(worlds, count, sizeof *worlds, by_id);
    for (size_t i = 0; i < count; i++) {
        values[2 * i] = bide_value(worlds[i].number);
        values[2 * i + 1] = bide_value(worlds[i].id);
    }
    return bide_db_execute_many(pool_of(req), "update world set randomnumber = $1 where id = $2",
                                values, 2, count);
}

static int change(bide_request *req)
{
    size_t count = count_wanted(req);
    struct world *worlds = fetch_all(req, count);
    if (!worlds)
        return bide_errcode();
    for (size_t i = 0; i < count; i++)
        worlds[i].number = draw();
    int64_t rc = store_all(req, worlds, count);
    return rc < 0 ? (int)rc : answer(req, worlds, count);
}

void worlds_join(bide_app *app)
{
    bide_route(app, "GET", "/db", one);
    bide_route(app, "GET", "/queries", several);
    bide_route(app, "GET", "/updates", change);
}
