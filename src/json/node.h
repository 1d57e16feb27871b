/* A document is made of nodes: a tag, which says what it is and how large, and a value.
 *
 * What was parsed lies in one array in the order of the text: a container, then all that is in it;
 * in an object each value behind its name.  A container knows how many nodes it spans, so walking,
 * counting and skipping need no other links, and a value costs 16 bytes.  What is built grows at
 * any place, so its nodes are linked and larger (built.h); a bit in the tag tells the two apart. */
#ifndef JSON_NODE_H
#define JSON_NODE_H
#include <bide/error.h>
#include <bide/json.h>

enum node_kind {
    NODE_NULL = 1, NODE_FALSE, NODE_TRUE,
    NODE_INT,                   /* fits int64_t */
    NODE_UINT,                  /* beyond, fits uint64_t */
    NODE_REAL,
    NODE_BIG,                   /* a number that neither holds: its text */
    NODE_TEXT,
    NODE_ARRAY, NODE_OBJECT,
    NODE_NAME,                  /* a member's; the value follows */
};

enum {
    NODE_KIND = 15,             /* bits of the tag */
    NODE_BUILT = 16,            /* a struct built */
    NODE_ROOT = 32,             /* behind a struct document */
    NODE_WHOLE = 64,            /* NODE_BIG: neither point nor exponent */
    NODE_SHIFT = 8,             /* above: bytes of a text, items of a container */
};

struct built;
struct bide_json {
    uint64_t tag;
    union {
        int64_t i;
        uint64_t u;
        double d;
        const char *text;       /* with a NUL behind it */
        size_t span;            /* parsed containers: nodes, its own among them */
        struct built *first;    /* built containers */
    } as;
};

/* What a document owns; its root follows directly. */
struct document {
    char *text;                 /* parsed: the copy in which its texts lie */
    struct chunk *chunks;       /* built: where its nodes and texts lie */
    struct bide_error bad;      /* built: the first thing that went wrong; code 0: nothing */
};

static inline enum node_kind node_kind(const struct bide_json *j)
{
    return (enum node_kind)(j->tag & NODE_KIND);
}

static inline size_t node_size(const struct bide_json *j)
{
    return (size_t)(j->tag >> NODE_SHIFT);
}

static inline uint64_t node_tag(enum node_kind kind, size_t size)
{
    return (uint64_t)size << NODE_SHIFT | (uint64_t)kind;
}

static inline bool node_is_container(const struct bide_json *j)
{
    return node_kind(j) == NODE_ARRAY || node_kind(j) == NODE_OBJECT;
}

/* The node behind a parsed one and all that is in it. */
static inline const struct bide_json *node_after(const struct bide_json *j)
{
    return j + (node_is_container(j) ? j->as.span : 1);
}

static inline struct document *node_document(struct bide_json *root)
{
    return (struct document *)(void *)root - 1;
}

#endif
