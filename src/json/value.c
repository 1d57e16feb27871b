/* Numerics keep their digits, so nothing is lost on the way from a database to a reader; dates and
 * times are the texts that RFC 3339 has for them.  Bytes have no form that every reader would
 * expect, so they are refused. */
#include "json/value.h"

#include "base/moment.h"

#include <math.h>

/* ---- numerics -------------------------------------------------------------------------------- */

static const char *past_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* RFC 8259, 6. */
static bool is_number(const char *at, const char *end)
{
    at += at < end && *at == '-';
    const char *start = at;
    at = past_digits(at, end);
    if (at == start || (*start == '0' && at - start > 1))
        return false;
    if (at < end && *at == '.') {
        start = ++at;
        at = past_digits(at, end);
        if (at == start)
            return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        start = at;
        at = past_digits(at, end);
        if (at == start)
            return false;
    }
    return at == end;
}

static void fill_numeric(struct document *d, struct bide_json *node, const char *what,
                         const struct bide_value *v)
{
    enum { SHOWN = 40 };
    if (!is_number(v->as.s, v->as.s + v->size)) {
        bide__built_bad(d, BIDE_EINVAL, "%.150s: JSON has no number %.*s", what,
                        (int)(v->size < SHOWN ? v->size : SHOWN), v->as.s);
        return;
    }
    bool whole = !memchr(v->as.s, '.', v->size) && !memchr(v->as.s, 'e', v->size)
        && !memchr(v->as.s, 'E', v->size);
    node->tag |= node_tag(NODE_BIG, v->size) | (whole ? NODE_WHOLE : 0);
    node->as.text = bide__built_text(d, v->as.s, v->size, what);
}

/* ---- plain values ---------------------------------------------------------------------------- */

static void fill_moment(struct document *d, struct bide_json *node, const char *what,
                        const struct bide_value *v)
{
    char text[MOMENT_TEXT_SIZE];
    size_t size = v->type == BIDE_VALUE_DATE ? bide__moment_date(text, v->as.i)
                                             : bide__moment_time(text, v->as.i);
    node->tag |= node_tag(NODE_TEXT, size);
    node->as.text = bide__built_text(d, text, size, what);
}

static void fill_real(struct document *d, struct bide_json *node, const char *what, double real)
{
    node->tag |= NODE_REAL;
    if (!isfinite(real))
        bide__built_bad(d, BIDE_EINVAL, "%.150s: JSON has no %s", what,
                        isnan(real) ? "NaN" : "infinity");
}

static bool fill(struct document *d, struct bide_json *node, const char *name,
                 const struct bide_value *value)
{
    const char *what = name ? name : "an item";
    *node = (struct bide_json){ NODE_BUILT, { .u = value->as.u } };
    switch (value->type) {
    case BIDE_VALUE_NULL:
        node->tag |= NODE_NULL;
        break;
    case BIDE_VALUE_BOOL:
        node->tag |= value->as.i ? NODE_TRUE : NODE_FALSE;
        break;
    case BIDE_VALUE_INT:
        node->tag |= NODE_INT;
        break;
    case BIDE_VALUE_UINT:
        node->tag |= value->as.u > INT64_MAX ? NODE_UINT : NODE_INT;
        break;
    case BIDE_VALUE_REAL:
        fill_real(d, node, what, value->as.d);
        break;
    case BIDE_VALUE_TEXT:
        node->tag |= node_tag(NODE_TEXT, value->size);
        node->as.text = bide__built_text(d, value->as.s, value->size, what);
        break;
    case BIDE_VALUE_NUMERIC:
        fill_numeric(d, node, what, value);
        break;
    case BIDE_VALUE_TIME:
    case BIDE_VALUE_DATE:
        fill_moment(d, node, what, value);
        break;
    case BIDE_VALUE_BYTES:
        bide__built_bad(d, BIDE_EINVAL, "%.150s: JSON has no bytes: make a text of them", what);
        break;
    default:
        bide__built_bad(d, BIDE_EINVAL, "%.150s: no value that JSON could have", what);
    }
    return d->bad.code == 0;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

/* They are filled by recursion, on a task's stack: far more than any database has. */
enum { ARRAYS_MAX = 32 };

static struct built *make(struct document *d, const char *name, const struct bide_value *value,
                          size_t depth, unsigned arrays);

static struct built *make_array(struct document *d, const char *name,
                                const struct bide_value *array, size_t depth, unsigned arrays)
{
    if (arrays > ARRAYS_MAX)
        return bide__built_bad(d, BIDE_ELIMIT, "%.150s: more than %d arrays of values in each "
                               "other", name ? name : "an item", ARRAYS_MAX);
    struct container *c = bide__built_container(d, NODE_ARRAY, depth + 1);
    if (!c)
        return NULL;
    for (size_t i = 0; i < array->size; i++) {
        struct built *item = make(d, name, &array->as.array[i], depth + 1, arrays + 1);
        if (!item || !bide__built_put(c, NULL, item))
            return NULL;
    }
    return &c->built;
}

static struct built *make(struct document *d, const char *name, const struct bide_value *value,
                          size_t depth, unsigned arrays)
{
    if (value->type == BIDE_VALUE_ARRAY)
        return make_array(d, name, value, depth, arrays);
    struct built *item = bide__built_take(d, sizeof *item);
    return item && fill(d, &item->node, name, value) ? item : NULL;
}

struct built *bide__built_value(struct document *d, const char *name,
                                const struct bide_value *value, size_t depth)
{
    return make(d, name, value, depth, 1);
}
