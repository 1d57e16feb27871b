/* A pool from its options. */
#include "db/pool.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SIZE_MAX_DEFAULT = 10, STATEMENTS_DEFAULT = 100 };
#define RESULT_MAX_DEFAULT ((size_t)256 << 20)

/* ---- the scheme ------------------------------------------------------------------------------ */

static size_t scheme_size(const char *url)
{
    size_t size = strcspn(url, ":/?#");
    return url[size] == ':' ? size : 0;
}

/* Is it a URL at all, and not words like "host=::1"? */
static bool is_url(const char *text)
{
    static const char of_schemes[] = "abcdefghijklmnopqrstuvwxyz0123456789+-."
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t size = scheme_size(text);
    return size && strspn(text, of_schemes) == size;
}

static bool speaks(const bide_db_driver *driver, const char *url)
{
    size_t size = scheme_size(url);
    for (const char *const *s = driver->schemes; size && *s; s++)
        if (strlen(*s) == size && strncasecmp(*s, url, size) == 0)
            return true;
    return false;
}

static void name_schemes(const bide_db_driver *const *drivers, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (; *drivers; drivers++)
        for (const char *const *s = (*drivers)->schemes; *s && used < size; s++)
            used += (size_t)snprintf(text + used, size - used, "%s%s:", used ? ", " : "", *s);
}

/* Behind the scheme there may be a password. */
static int refuse_scheme(const char *url, const bide_db_driver *const *drivers)
{
    char known[160];
    name_schemes(drivers, known, sizeof known);
    return bide_fail(BIDE_EURL, "\"%.*s\" names no database that this program knows (%s)",
                     (int)strcspn(url, ":/?#") + 1, url, known);
}

bide_db *bide_db_open_opts(const struct bide_db_opts *opts)
{
    if (!opts->url || !opts->drivers || !opts->drivers[0]) {
        bide_fail(BIDE_EINVAL, "bide_db_open: a URL and .drivers are wanted");
        return NULL;
    }
    for (const bide_db_driver *const *d = opts->drivers; *d; d++)
        if (speaks(*d, opts->url))
            return bide__db_open(*d, opts);
    refuse_scheme(opts->url, opts->drivers);
    return NULL;
}

/* ---- the options ----------------------------------------------------------------------------- */

static int check_seconds(double seconds, const char *name)
{
    if (isnan(seconds) || seconds < 0)
        return bide_fail(BIDE_EINVAL, ".%s: seconds are wanted, 0 for the default", name);
    return 0;
}

static int check(const struct bide_db_opts *o)
{
    int rc = check_seconds(o->acquire_timeout, "acquire_timeout");
    if (rc == 0)
        rc = check_seconds(o->connect_timeout, "connect_timeout");
    if (rc == 0)
        rc = check_seconds(o->timeout, "timeout");
    if (rc == 0)
        rc = check_seconds(o->idle, "idle");
    if (rc == 0)
        rc = check_seconds(o->lifetime, "lifetime");
    size_t most = o->size_max ? o->size_max : SIZE_MAX_DEFAULT;
    if (rc == 0 && o->size_min > most)
        rc = bide_fail(BIDE_EINVAL, ".size_min is %zu, more than .size_max (%zu)", o->size_min,
                       most);
    return rc;
}

static void default_seconds(double *seconds, double usual)
{
    if (*seconds == 0)
        *seconds = usual;
}

static void default_count(size_t *count, size_t usual)
{
    if (*count == 0)
        *count = usual;
}

static void set_defaults(struct bide_db_opts *o)
{
    default_count(&o->size_max, SIZE_MAX_DEFAULT);
    default_count(&o->share, 1);
    default_count(&o->statements_max, STATEMENTS_DEFAULT);
    default_count(&o->result_max, RESULT_MAX_DEFAULT);
    default_seconds(&o->acquire_timeout, 30);
    default_seconds(&o->connect_timeout, 10);
    default_seconds(&o->timeout, BIDE_FOREVER);
    default_seconds(&o->idle, 300);
    default_seconds(&o->lifetime, 3600);
    o->drivers = NULL;
}

static const char *value_of(const struct bide_pair *pair) { return pair->value ? pair->value : ""; }

/* A list of pairs and their texts, in one piece of memory. */
static struct bide_pair *copy_pairs(const struct bide_pair *pairs)
{
    size_t count = 0, bytes = 0;
    for (; pairs[count].name; count++)
        bytes += strlen(pairs[count].name) + strlen(value_of(&pairs[count])) + 2;
    struct bide_pair *copy = bide__zalloc((count + 1) * sizeof *copy + bytes);
    if (!copy)
        return NULL;
    char *at = (char *)(copy + count + 1);
    for (size_t i = 0; i < count; i++) {
        copy[i].name = at;
        at = stpcpy(at, pairs[i].name) + 1;
        copy[i].value = at;
        at = stpcpy(at, value_of(&pairs[i])) + 1;
    }
    return copy;
}

static int keep_texts(struct bide_db_opts *o)
{
    o->url = bide__copy_text(o->url, strlen(o->url));
    const struct bide_pair *given = o->settings;
    o->settings = given ? copy_pairs(given) : NULL;
    return o->url && (o->settings || !given) ? 0 : bide_fail(BIDE_ENOMEM, "open: out of memory");
}

/* ---- the pool -------------------------------------------------------------------------------- */

void bide__db_pool_free(struct db_pool *pool)
{
    if (!pool->dropped || !pool->emptied || pool->open)
        return;
    if (pool->config)
        pool->driver->unconfigure(pool);
    bide__free((void *)(uintptr_t)pool->opts.url);
    bide__free((void *)(uintptr_t)pool->opts.settings);
    bide__free(pool->failure_text);
    bide__free(pool);
}

/* Of the group, when its last task has ended. */
static void group_ended(void *arg)
{
    struct db_pool *pool = arg;
    pool->emptied = true;
    bide__db_pool_free(pool);
}

static int prepare(struct db_pool *pool, const struct bide_db_opts *opts)
{
    memcpy(&pool->opts, opts, opts->abi_ < sizeof *opts ? opts->abi_ : sizeof *opts);
    pool->alarm.fn = bide__db_pool_ring;
    pool->handle = (struct bide_db){ .kind = DB_POOL, .pool = pool };
    int rc = keep_texts(&pool->opts);
    if (rc == 0)
        rc = check(&pool->opts);
    if (rc < 0)
        return rc;
    set_defaults(&pool->opts);
    rc = pool->driver->configure(pool, &pool->opts);
    if (rc < 0)
        return rc;
    pool->group = bide_group_open("database pool", group_ended, pool);
    return pool->group ? 0 : bide_errcode();
}

bide_db *bide__db_open(const bide_db_driver *driver, const struct bide_db_opts *opts)
{
    if (!opts->url) {
        bide_fail(BIDE_EINVAL, "open: a URL is wanted");
        return NULL;
    }
    if (!speaks(driver, opts->url) && (!driver->words || is_url(opts->url))) {
        refuse_scheme(opts->url, BIDE_DRIVERS(driver));
        return NULL;
    }
    struct db_pool *pool = bide__zalloc(sizeof *pool);
    if (!pool) {
        bide_fail(BIDE_ENOMEM, "open: out of memory");
        return NULL;
    }
    pool->driver = driver;
    if (prepare(pool, opts) == 0)
        return &pool->handle;
    BIDE_KEEP_ERROR(why);
    pool->dropped = pool->emptied = true;
    bide__db_pool_free(pool);
    return NULL;
}

void bide__db_keep_one(struct db_pool *pool)
{
    pool->keeps_one = true;
    pool->opts.size_max = 1;
    pool->opts.size_min = pool->opts.size_min ? 1 : 0;
    pool->opts.idle = pool->opts.lifetime = BIDE_FOREVER;
}

struct db_pool *bide__db_pool(const bide_db *db) { return db->pool; }
const struct bide_db_opts *bide__db_opts(const struct db_pool *pool) { return &pool->opts; }
void **bide__db_config(struct db_pool *pool) { return &pool->config; }
/* One that was closed has no group any more, and what was lent goes on. */
bide_group *bide__db_group(struct db_pool *pool)
{
    return pool->dropped ? bide_group_root() : pool->group;
}
