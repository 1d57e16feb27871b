/* Building, as a program sees it: no call but bide_json_check() has to be looked at. */
#include "json/built.h"

#include "base/memory.h"
#include "json/value.h"

#include <stddef.h>
#include <string.h>

/* Enough for a small document, which then is one allocation; and with all that lies before it not
 * more than what the C library hands out again without looking around (1032 bytes). */
enum { CHUNK_FIRST = 640 };

/* A document, its root, and where its first nodes and texts lie. */
struct whole {
    struct document document;
    struct container root;
    struct chunk chunk;
    char first[CHUNK_FIRST];
};
_Static_assert(sizeof(struct whole) <= 1032, "see CHUNK_FIRST");

static bide_json *open_document(enum node_kind kind)
{
    struct whole *whole = bide__alloc(sizeof *whole);
    if (!whole) {
        bide_fail(BIDE_ENOMEM, "json: out of memory");
        return NULL;
    }
    whole->document.text = NULL;
    whole->document.chunks = &whole->chunk;
    whole->document.bad.code = 0;       /* its text is of no interest then */
    whole->root = (struct container){ .document = &whole->document, .depth = 1 };
    whole->root.built.node.tag = node_tag(kind, 0) | NODE_BUILT | NODE_ROOT;
    whole->chunk = (struct chunk){ .room = sizeof whole->first };
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

void bide_json_set(bide_json *parent, const char *name, struct bide_value value)
{
    if (!bide__built_is_open(parent, name))
        return;
    struct container *c = container_of(parent);
    struct built *item = bide__built_value(c->document, name, &value, c->depth);
    if (item)
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
