/* Results one after the other: nothing is copied, each is asked while it is its turn.  Errors are
 * kept where the program sees them, in the rows around. */
#include "db/joined.h"

#include "base/memory.h"

static const struct rows_ops ops;

static struct joined *joined_of(bide_rows *rows) { return (struct joined *)(void *)rows; }

static bide_rows *current(const bide_rows *base)
{
    const struct joined *rows = (const struct joined *)(const void *)base;
    return rows->each[rows->at];
}

struct joined *bide__joined_new(size_t count)
{
    size_t size;
    struct joined *rows = NULL;
    if (!__builtin_mul_overflow(count, sizeof *rows->each, &size) &&
        !__builtin_add_overflow(size, sizeof *rows, &size))
        rows = bide__zalloc(size);
    if (!rows) {
        bide_fail(BIDE_ENOMEM, "out of memory for %zu results", count);
        return NULL;
    }
    rows->base.ops = &ops;
    rows->count = count;
    return rows;
}

void bide__joined_begin(struct joined *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        rows->base.count += rows->each[i]->count;
    if (rows->count)
        rows->base.width = rows->each[0]->width;
}

static int next(bide_rows *base)
{
    struct joined *rows = joined_of(base);
    while (rows->at < rows->count) {
        int rc = bide_rows_next(current(base));         /* does not wait: they are whole */
        if (rc != 0)
            return rc;
        if (rows->at + 1 == rows->count)
            return 0;           /* the names of the columns stay */
        base->width = rows->each[++rows->at]->width;
    }
    return 0;
}

static int value(bide_rows *base, size_t column, struct bide_value *v)
{
    bide_rows *rows = current(base);
    return rows->ops->value(rows, column, v);
}

static const char *name(const bide_rows *base, size_t column)
{
    const bide_rows *rows = current(base);
    return rows->ops->name(rows, column);
}

static const char *type(const bide_rows *base, size_t column)
{
    const bide_rows *rows = current(base);
    return rows->ops->type(rows, column);
}

static void close_rows(bide_rows *base)
{
    struct joined *rows = joined_of(base);
    for (size_t i = 0; i < rows->count; i++)
        bide_rows_close(rows->each[i]);
    bide__free(rows);
}

static const struct rows_ops ops = { next, value, name, type, close_rows };
