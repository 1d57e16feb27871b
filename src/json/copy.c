/* Copying a value, of whatever document, into one that is being built.  The copy is linked in when
 * it is complete: so a container can be copied into itself. */
#include "json/built.h"

#include "json/walk.h"

static const char *text_name(const bide_json *j)
{
    return node_kind(j) == NODE_BIG ? "a number" : "a text";
}

/* A node without items, or an empty container. */
static struct built *copy_one(struct document *d, const bide_json *j, size_t depth)
{
    if (node_is_container(j)) {
        struct container *c = bide__built_container(d, node_kind(j), depth);
        return c ? &c->built : NULL;
    }
    struct built *item = bide__built_take(d, sizeof *item);
    if (!item)
        return NULL;
    *item = (struct built){ .node = *j };
    item->node.tag = (j->tag & ~(uint64_t)NODE_ROOT) | NODE_BUILT;
    if (node_kind(j) != NODE_TEXT && node_kind(j) != NODE_BIG)
        return item;
    item->node.as.text = bide__built_text(d, j->as.text, node_size(j), text_name(j));
    return item->node.as.text ? item : NULL;
}

/* Copies an item into the container that the walk is in, and enters it. */
static bool copy_item(struct walk *walk, struct document *d, const bide_json *item)
{
    struct container *to = walk_top(walk)->mate;
    size_t size;
    const char *name = node_kind(walk_top(walk)->j) == NODE_OBJECT ? node_name(item, &size) : NULL;
    struct built *copy = copy_one(d, item, to->depth + 1);
    if (!copy)
        return false;
    if (name && strlen(name) != size)
        return bide__built_bad(d, BIDE_EINVAL, "a name with a NUL in it cannot be copied");
    if (!bide__built_put(to, name, copy))
        return false;
    if (node_first(item) && !bide__walk_enter(walk, item, copy))
        return bide__built_bad(d, BIDE_ENOMEM, "json: out of memory");
    return true;
}

/* Fills the copy of a container. */
static bool fill(struct walk *walk, struct document *d, const bide_json *from, struct built *to)
{
    if (!node_first(from))
        return true;
    if (!bide__walk_enter(walk, from, to))
        return bide__built_bad(d, BIDE_ENOMEM, "json: out of memory");
    const bide_json *item = node_first(from);
    while (item) {
        size_t depth = walk->depth;
        if (!copy_item(walk, d, item))
            return false;
        if (walk->depth > depth) {
            item = node_first(item);
            continue;
        }
        const bide_json *next = node_next(walk_top(walk)->j, item);
        while (!next && --walk->depth > 0) {
            item = walk->levels[walk->depth].j;
            next = node_next(walk_top(walk)->j, item);
        }
        item = next;
    }
    return true;
}

void bide_json_set_copy(bide_json *parent, const char *name, const bide_json *value)
{
    if (!bide__built_is_open(parent, name))
        return;
    struct container *to = container_of(parent);
    struct document *d = to->document;
    if (!value) {
        bide__built_bad(d, bide_errcode(), "%s", bide_errmsg());
        return;
    }
    if (bide_json_check(value) < 0) {
        bide__built_bad(d, bide_errcode(), "%s", bide_errmsg());
        return;
    }
    struct walk walk = { 0 };
    struct built *copy = copy_one(d, value, to->depth + 1);
    if (copy && fill(&walk, d, value, copy))
        bide__built_put(to, name, copy);
    bide__walk_end(&walk);
}

void bide_json_set_raw(bide_json *parent, const char *name, const char *text, size_t size)
{
    if (!bide__built_is_open(parent, name))
        return;
    bide_auto(json) value = bide_json_parse(text, size);
    bide_json_set_copy(parent, name, value);
}
