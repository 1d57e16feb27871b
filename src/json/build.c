/* Building, as a program sees it: no call but bide_json_check() has to be looked at. */
#include "json/built.h"

#include "base/memory.h"

#include <math.h>

/* A document and its root. */
struct whole { struct document document; struct container root; };

static bide_json *open_document(enum node_kind kind)
{
    struct whole *whole = bide__zalloc(sizeof *whole);
    if (!whole) {
        bide_fail(BIDE_ENOMEM, "json: out of memory");
        return NULL;
    }
    whole->root.document = &whole->document;
    whole->root.depth = 1;
    whole->root.built.node.tag = node_tag(kind, 0) | NODE_BUILT | NODE_ROOT;
    return &whole->root.built.node;
}

bide_json *bide_json_new(void)
{
    return open_document(NODE_OBJECT);
}

bide_json *bide_json_new_array(void)
{
    return open_document(NODE_ARRAY);
}

int bide_json_check(const bide_json *j)
{
    if (!j)
        return bide_errcode();
    const struct bide_error *bad;
    if (node_is_built(j) && node_is_container(j))
        bad = &container_of(j)->document->bad;
    else if (j->tag & NODE_ROOT)
        bad = &((const struct document *)(const void *)j - 1)->bad;
    else
        return 0;
    return bad->code < 0 ? bide_fail(bad->code, "%s", bad->text) : 0;
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
        node->tag |= NODE_REAL;
        if (!isfinite(value->as.d))
            bide__built_bad(d, BIDE_EINVAL, "%.150s: JSON has no %s", what,
                            isnan(value->as.d) ? "NaN" : "infinity");
        break;
    case BIDE_VALUE_TEXT:
        node->tag |= node_tag(NODE_TEXT, value->size);
        node->as.text = bide__built_text(d, value->as.s, value->size, what);
        break;
    default:
        bide__built_bad(d, BIDE_EINVAL, "%.150s: no value that JSON could have", what);
    }
    return d->bad.code == 0;
}

void bide_json_set(bide_json *parent, const char *name, struct bide_value value)
{
    if (!bide__built_is_open(parent, name))
        return;
    struct container *c = container_of(parent);
    struct built *item = bide__built_take(c->document, sizeof *item);
    if (item && fill(c->document, &item->node, name, &value))
        bide__built_put(c, name, item);
}

static bide_json *set_container(bide_json *parent, const char *name, enum node_kind kind)
{
    if (!bide__built_is_open(parent, name)) {
        if (parent)
            bide_ignore(bide_json_check(parent));
        return NULL;
    }
    struct container *above = container_of(parent);
    struct document *d = above->document;
    struct container *c = bide__built_container(d, kind, above->depth + 1);
    if (c && bide__built_put(above, name, &c->built))
        return &c->built.node;
    bide_fail(d->bad.code, "%s", d->bad.text);
    return NULL;
}

bide_json *bide_json_object(bide_json *parent, const char *name)
{
    return set_container(parent, name, NODE_OBJECT);
}

bide_json *bide_json_array(bide_json *parent, const char *name)
{
    return set_container(parent, name, NODE_ARRAY);
}
