/* The server against the tables in conformance/: each case sent whole, byte by byte, and in two
 * parts cut at every place; and again by a client that ends its side behind it. */
#include "conformance/exchange.h"

#include "conformance/tables.h"

#include <stdlib.h>

enum { FEW = 700 };             /* bytes up to which a case is cut at every place */

static unsigned failures;

static char *spell(const struct conformance *c, size_t *size)
{
    size_t unit = c->again ? strlen(c->again) : 0, rest = c->rest ? strlen(c->rest) : 0;
    char *bytes = malloc(c->size + unit * c->times + rest + 1), *at = bytes;
    CHECK(bytes != NULL);
    memcpy(at, c->sent, c->size);
    at += c->size;
    for (unsigned i = 0; i < c->times; i++, at += unit)
        memcpy(at, c->again, unit);
    if (rest > 0)
        memcpy(at, c->rest, rest);
    *size = (size_t)(at - bytes) + rest;
    return bytes;
}

/* The statuses alone, without what became of the connection. */
static bool same_statuses(const char *got, const char *expected)
{
    const char *skip = strncmp(expected, "(100) ", 6) == 0 ? expected + 6 : expected;
    const char *last = strrchr(skip, ' '), *end = strrchr(got, ' ');
    size_t size = last ? (size_t)(last - skip) : 0;
    return (end ? (size_t)(end - got) : 0) == size && strncmp(got, skip, size) == 0;
}

static bool is_expected(const struct exchange *x, const struct conformance *c)
{
    const char *skip = strncmp(c->answers, "(100) ", 6) == 0 ? c->answers + 6 : c->answers;
    return !x->wrong[0] && strcmp(x->answers, skip) == 0 &&
           (!c->seen || strcmp(seen.text, c->seen) == 0) &&
           (!c->has || strstr(x->text, c->has)) && (!c->lacks || !strstr(x->text, c->lacks));
}

static void tell(const struct exchange *x, const struct conformance *c, const char *how, size_t at)
{
    failures++;
    fprintf(stderr, "# %s (RFC %s), %s %zu: \"%s\" [%s], not \"%s\" [%s]; %s\n", c->name, c->rule,
            how, at, x->answers, seen.text, c->answers, c->seen ? c->seen : "",
            x->wrong[0] ? x->wrong : x->text);
}

/* What is half a message then is refused or dropped; anything else is as it was, and ends. */
static bool ends_well(const struct exchange *x, const struct conformance *c)
{
    bool half = strstr(c->answers, "waits") != NULL;
    return !x->wrong[0] && x->ended && !x->reset &&
           (half || (same_statuses(x->answers, c->answers) &&
                     (!c->seen || strcmp(seen.text, c->seen) == 0)));
}

static void try_cuts(struct exchange *x, const struct site *site, const struct conformance *c,
                     const char *bytes, size_t size)
{
    size_t far = test_is_slow() ? 7 : 1;
    size_t apart = size > FEW ? size / 16 : c->silence > 0 ? size / 4 + 1 : far;
    for (size_t cut = 1; cut < size; cut += apart) {
        exchange(x, site, c, bytes, size, (struct cut){ cut, size, c->end });
        if (!is_expected(x, c)) {
            tell(x, c, "cut at", cut);
            return;
        }
    }
}

static void try_case(const struct site *site, const struct conformance *c)
{
    static struct exchange x;
    size_t size, step;
    char *bytes = spell(c, &size);
    step = size > FEW ? 997 : 1;
    exchange(&x, site, c, bytes, size, (struct cut){ size, size, c->end });
    if (!is_expected(&x, c)) {
        tell(&x, c, "whole", size);
        free(bytes);
        return;
    }
    exchange(&x, site, c, bytes, size, (struct cut){ step, step, c->end });
    if (!is_expected(&x, c))
        tell(&x, c, "in steps of", step);
    if (!c->end && c->silence == 0) {
        exchange(&x, site, c, bytes, size, (struct cut){ size, size, true });
        if (!ends_well(&x, c))
            tell(&x, c, "ended behind", size);
    }
    try_cuts(&x, site, c, bytes, size);
    free(bytes);
}

static void try_table(const struct conformance *cases, size_t count)
{
    struct site site;
    BIDE_GROUP(group);
    open_site(&site, group);
    for (size_t i = 0; i < count; i++)
        try_case(&site, &cases[i]);
    bide_group_cancel(group);
    if (failures > 0)
        test_fail(__FILE__, __LINE__, "%u of %zu cases are not as they should be", failures, count);
}

#define TABLE(name_, title_) \
    TASK_TEST(name_##_cases) \
    { \
        try_table(name_, sizeof name_ / sizeof *name_); \
    }
CONFORMANCE_TABLES(TABLE)
