/* A driver without a server: what it is told is written down, and what it does is set by the test.
 * "rows N" gives N rows of one integer, "fail" is refused, all else changes one row.  Two others
 * are the same but for one thing: the sessions of "keeping:" lose their settings when they are
 * reset, and "piping:" has several statements on their way at once. */
#ifndef TESTS_DB_FAKE_H
#define TESTS_DB_FAKE_H

#include "test.h"

#include "db/driver.h"

#include <bide/memory.h>
#include <bide/task.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_connection {
    struct db_connection base;  /* first */
    int number;                 /* from 1 */
    int depth;                  /* of the transaction: 1, with a savepoint 2, ... */
    bool broken, changed;
};
struct fake_rows { bide_rows base; int64_t at, end; };
struct fake_bulk { bide_bulk base; int64_t rows; };

/* What was said, as "1:begin 1:rows 3 ..."; and what is to happen. */
static struct fake {
    char said[4000];
    int connected, open, resets;
    int refusals;               /* so many next connects fail */
    double connect_time, run_time, reset_time, next_time, bulk_time;    /* seconds */
    int kept;                   /* sessions that were to stay as they are */
    bool breaks;                /* each statement loses its connection */
    bool refuses_savepoints;
    int wrong;                  /* words about savepoints and transactions that are not there */
} fake;

/* What a server would refuse is counted. */
static inline void fake_follow(struct fake_connection *c, const char *sql)
{
    int level = 0;
    if (strncmp(sql, "begin", 5) == 0) {
        fake.wrong += c->depth != 0;
        c->depth = 1;
    } else if (strcmp(sql, "commit") == 0 || strcmp(sql, "rollback") == 0) {
        c->depth = 0;
    } else if (sscanf(sql, "savepoint bide_%d", &level) == 1) {
        fake.wrong += level != c->depth + 1;
        c->depth = level;
    } else if (sscanf(sql, "release savepoint bide_%d", &level) == 1) {
        fake.wrong += level > c->depth;
        c->depth = level - 1;
    } else if (sscanf(sql, "rollback to savepoint bide_%d", &level) == 1) {
        fake.wrong += level > c->depth;
        c->depth = level;
    }
}

static inline void fake_say(struct fake_connection *c, const char *sql)
{
    size_t used = strlen(fake.said);
    snprintf(fake.said + used, sizeof fake.said - used, "%s%d:%s", used ? " " : "", c->number, sql);
    if (!fake.refuses_savepoints || strncmp(sql, "savepoint", 9) != 0)
        fake_follow(c, sql);
}

/* What was said since it was asked last. */
#define CHECK_SAID(wanted) do { CHECK_STR(fake.said, wanted); fake.said[0] = '\0'; } while (0)

static inline int fake_configure(struct db_pool *pool, const struct bide_db_opts *opts)
{
    (void)pool;
    return strcmp(opts->url, "fake:bad") == 0 ? bide_fail(BIDE_EURL, "fake: bad") : 0;
}

static inline struct db_connection *fake_connect(struct db_pool *pool)
{
    (void)pool;
    if (fake.connect_time > 0 && bide_sleep(fake.connect_time) < 0)
        return NULL;
    if (fake.refusals > 0) {
        fake.refusals--;
        bide_fail(-ECONNREFUSED, "fake: refused");
        return NULL;
    }
    struct fake_connection *c = calloc(1, sizeof *c);
    c->number = ++fake.connected;
    fake.open++;
    return &c->base;
}

static inline void fake_close(struct db_connection *c)
{
    fake.open--;
    free(c);
}

static inline void fake_cut(struct db_connection *c)
{
    ((struct fake_connection *)(void *)c)->broken = true;
}

static inline enum db_state fake_state(struct db_connection *base)
{
    struct fake_connection *c = (struct fake_connection *)(void *)base;
    return c->broken ? DB_BROKEN : c->changed || c->depth ? DB_CHANGED : DB_READY;
}

static inline int fake_reset(struct db_connection *base)
{
    struct fake_connection *c = (struct fake_connection *)(void *)base;
    fake.resets++;
    c->changed = false;
    c->depth = 0;
    return bide_sleep(fake.reset_time > 0 ? fake.reset_time : 0.001);
}

static inline void fake_keep(struct db_connection *c)
{
    ((struct fake_connection *)(void *)c)->changed = false;
    fake.kept++;
}

static inline int fake_next(bide_rows *base)
{
    struct fake_rows *rows = (struct fake_rows *)(void *)base;
    int rc = fake.next_time > 0 ? bide_sleep(fake.next_time) : 0;
    return rc < 0 ? rc : rows->at < rows->end ? (int)(rows->at++, 1) : 0;
}

static inline int fake_value(bide_rows *base, size_t column, struct bide_value *v)
{
    struct fake_rows *rows = (struct fake_rows *)(void *)base;
    *v = column ? bide_value("text") : bide_value((long long)rows->at);
    return 0;
}

static inline const char *fake_name(const bide_rows *rows, size_t column)
{
    (void)rows;
    return column ? "word" : "n";
}

static inline const char *fake_type(const bide_rows *rows, size_t column)
{
    (void)rows;
    return column ? "text" : "int8";
}

static inline void fake_rows_close(bide_rows *rows) { free(rows); }

static const struct rows_ops fake_rows_ops = { fake_next, fake_value, fake_name, fake_type,
                                               fake_rows_close };

static inline bide_rows *fake_run(struct db_connection *base, const struct db_statement *s)
{
    struct fake_connection *c = (struct fake_connection *)(void *)base;
    if (bide__db_going(base, s) < 0)
        return NULL;
    fake_say(c, s->sql);
    if (bide_sleep(fake.run_time) < 0)
        return NULL;
    if (c->broken || fake.breaks) {
        c->broken = true;
        bide_fail(-ECONNRESET, "fake: lost");
        return NULL;
    }
    bool refuses = fake.refuses_savepoints && strncmp(s->sql, "savepoint", 9) == 0;
    if (refuses || strncmp(s->sql, "fail", 4) == 0) {
        const struct bide_db_failure failure = { .sqlstate = "23505", .message = "it is there",
                                                 .detail = "twice" };
        bide__db_refuse(c->base.pool, &failure);
        return NULL;
    }
    struct fake_rows *rows = calloc(1, sizeof *rows);
    rows->base.ops = &fake_rows_ops;
    rows->base.count = 1;
    c->changed = c->changed || strncmp(s->sql, "set ", 4) == 0;
    if (strncmp(s->sql, "rows ", 5) == 0) {
        rows->end = atoi(s->sql + 5);
        rows->base.width = 2;
        rows->base.count = rows->end;
    }
    return &rows->base;
}

static inline void fake_tell(struct db_connection *base, const char *sql)
{
    fake_say((struct fake_connection *)(void *)base, sql);
}

static inline int fake_begin_text(const struct bide_begin_opts *opts, char *text, size_t size)
{
    snprintf(text, size, "begin%s", opts->read_only ? " read only" : "");
    return 0;
}

/* ---- rows in bulk ---------------------------------------------------------------------------- */

static inline int fake_add(bide_bulk *base, const struct bide_value *values, size_t count)
{
    (void)values;
    (void)count;
    ((struct fake_bulk *)(void *)base)->rows++;
    return fake.bulk_time > 0 ? bide_sleep(fake.bulk_time) : 0;
}

static inline int64_t fake_finish(bide_bulk *base)
{
    int64_t rows = ((struct fake_bulk *)(void *)base)->rows;
    int rc = bide_sleep(fake.bulk_time);
    return rc < 0 ? rc : rows;
}

static inline void fake_bulk_close(bide_bulk *bulk) { free(bulk); }

static const struct bulk_ops fake_bulk_ops = { fake_add, NULL, fake_finish, fake_bulk_close };

static inline bide_bulk *fake_bulk(struct db_connection *c, const char *table,
                                   const char *const *columns)
{
    (void)columns;
    fake_say((struct fake_connection *)(void *)c, table);
    if (bide_sleep(fake.bulk_time) < 0)
        return NULL;
    struct fake_bulk *bulk = calloc(1, sizeof *bulk);
    bulk->base.ops = &fake_bulk_ops;
    return &bulk->base;
}

/* ---- the drivers ----------------------------------------------------------------------------- */

static inline void fake_unconfigure(struct db_pool *pool) { (void)pool; }

static const char *const fake_schemes[] = { "fake", "fakedb", NULL };
static const char *const keeping_schemes[] = { "keeping", NULL };
static const char *const piping_schemes[] = { "piping", NULL };
#define FAKE_OPS \
    .configure = fake_configure, .unconfigure = fake_unconfigure, .connect = fake_connect, \
    .close = fake_close, .cut = fake_cut, .state = fake_state, .reset = fake_reset, \
    .run = fake_run, .tell = fake_tell, .begin_text = fake_begin_text, .bulk = fake_bulk
static const bide_db_driver fake_driver = { .kind = "fake", .schemes = fake_schemes, FAKE_OPS };
static const bide_db_driver keeping_driver = { .kind = "keeping", .schemes = keeping_schemes,
                                               .keep = fake_keep, FAKE_OPS };
static const bide_db_driver piping_driver = { .kind = "piping", .schemes = piping_schemes,
                                              .pipelines = true, FAKE_OPS };

#define FAKE_DRIVERS &fake_driver, &keeping_driver, &piping_driver
#define fake_open(...) \
    bide_db_open("fake:x", .drivers = BIDE_DRIVERS(FAKE_DRIVERS), __VA_ARGS__)

#endif
