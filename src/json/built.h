/* Nodes of documents that are built: linked, in chunks that the document owns. */
#ifndef JSON_BUILT_H
#define JSON_BUILT_H
#include "json/node.h"

struct built {
    struct bide_json node;
    struct built *before, *next;
    const char *name;           /* a member's; NULL: it is none */
    size_t name_size;
};
struct container {
    struct built built;
    struct built *last;
    struct document *document;
    size_t depth;               /* the root's is 1 */
    struct names *names;        /* of an object with many members; NULL: there is none */
};
/* Memory of a document, the newest first.  The oldest is a part of the document itself; the others
 * are freed with it. */
struct chunk { struct chunk *next; size_t used, room; };

static inline struct container *container_of(const struct bide_json *j)
{
    return (struct container *)(uintptr_t)j;
}

static inline bool node_is_built(const struct bide_json *j)
{
    return (j->tag & NODE_BUILT) != 0;
}

/* The first item, or the first member's value; NULL: it is empty, or no container. */
static inline const struct bide_json *node_first(const struct bide_json *j)
{
    if (!node_is_container(j) || node_size(j) == 0)
        return NULL;
    if (node_is_built(j))
        return &j->as.first->node;
    return j + (node_kind(j) == NODE_OBJECT ? 2 : 1);
}

/* The one behind `item`; NULL: there are no more. */
static inline const struct bide_json *node_next(const struct bide_json *j,
                                                const struct bide_json *item)
{
    if (node_is_built(j)) {
        const struct built *next = ((const struct built *)(const void *)item)->next;
        return next ? &next->node : NULL;
    }
    const struct bide_json *next = node_after(item);
    return next == j + j->as.span ? NULL : next + (node_kind(j) == NODE_OBJECT);
}

/* The name of a member's value; NULL: it is none. */
static inline const char *node_name(const struct bide_json *item, size_t *size)
{
    if (node_is_built(item)) {
        const struct built *built = (const struct built *)(const void *)item;
        *size = built->name_size;
        return built->name;
    }
    if ((item->tag & NODE_ROOT) || node_kind(item - 1) != NODE_NAME)
        return NULL;
    *size = node_size(item - 1);
    return item[-1].as.text;
}

/* The document of a root or a built container. */
struct document *bide__built_document(bide_json *j);
/* The document is bad from now on, unless it was already.  NULL. */
void *bide__built_bad(struct document *d, int code, const char *fmt, ...) BIDE_PRINTF_(3, 4);
/* Memory that lives as long as the document; or NULL, and it is bad. */
void *bide__built_take(struct document *d, size_t size);
/* A copy of a text in valid UTF-8, with SCAN_SIZE bytes of 0 behind it; or NULL, and it is bad. */
const char *bide__built_text(struct document *d, const char *text, size_t size, const char *what);
/* A container that is nowhere yet; or NULL, and it is bad. */
struct container *bide__built_container(struct document *d, enum node_kind kind, size_t depth);
/* May something be set there by that name (NULL: added)?  Else the document is bad. */
bool bide__built_is_open(bide_json *parent, const char *name);
/* Sets it; false: the document is bad. */
bool bide__built_put(struct container *parent, const char *name, struct built *item);

#endif
