/* Chunks that grow, links in order, and the first failure, which is kept. */
#include "json/built.h"

#include "base/memory.h"
#include "json/names.h"
#include "json/scan.h"

#include <stdio.h>

enum { CHUNK_MAX = 65536 };

struct document *bide__built_document(bide_json *j)
{
    return node_is_built(j) ? container_of(j)->document : node_document(j);
}

void *bide__built_bad(struct document *d, int code, const char *fmt, ...)
{
    if (d->bad.code < 0)
        return NULL;
    va_list arguments;
    va_start(arguments, fmt);
    vsnprintf(d->bad.text, sizeof d->bad.text, fmt, arguments);
    va_end(arguments);
    d->bad.code = code;
    return NULL;
}

void *bide__built_take(struct document *d, size_t size)
{
    struct chunk *chunk = d->chunks;
    size = (size + 7) & ~(size_t)7;
    if (chunk->room - chunk->used < size) {
        size_t room = chunk->room * 2;
        room = room < CHUNK_MAX ? room : CHUNK_MAX;
        room = room > size ? room : size;
        chunk = size < SIZE_MAX - CHUNK_MAX ? bide__alloc(sizeof *chunk + room) : NULL;
        if (!chunk)
            return bide__built_bad(d, BIDE_ENOMEM, "json: out of memory");
        *chunk = (struct chunk){ d->chunks, 0, room };
        d->chunks = chunk;
    }
    void *memory = (char *)(chunk + 1) + chunk->used;
    chunk->used += size;
    return memory;
}

/* Whole words may be read up to its end. */
static bool is_utf8(const char *text, size_t size)
{
    size_t i = 0;
    while (i < size) {
        uint64_t word;
        memcpy(&word, text + i, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) == 0) {
            i += sizeof word;
            continue;
        }
        unsigned step = utf8_size(text + i, size - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

const char *bide__built_text(struct document *d, const char *text, size_t size,
                             const char *what)
{
    char *copy = size < SIZE_MAX / 2 ? bide__built_take(d, size + SCAN_SIZE) : NULL;
    if (!copy)
        return bide__built_bad(d, BIDE_ENOMEM, "json: out of memory");
    memcpy(copy, text, size);
    memset(copy + size, 0, SCAN_SIZE);
    return is_utf8(copy, size) ? copy
                               : bide__built_bad(d, BIDE_EINVAL, "%s: invalid UTF-8", what);
}

/* ---- where a value goes ---- */

bool bide__built_is_open(bide_json *parent, const char *name)
{
    if (!parent)
        return false;
    struct document *d = bide__built_document(parent);
    if (d->bad.code < 0)
        return false;
    if (!node_is_built(parent))
        bide__built_bad(d, BIDE_EINVAL, "%.150s: what was parsed cannot be changed",
                        name ? name : "an item");
    else if (node_kind(parent) == NODE_OBJECT && !name)
        bide__built_bad(d, BIDE_EINVAL, "a member of an object needs a name");
    else if (node_kind(parent) == NODE_ARRAY && name)
        bide__built_bad(d, BIDE_EINVAL, "%s: an item of an array has no name", name);
    return d->bad.code == 0;
}

/* Links a new item in behind the others. */
static void append(struct container *parent, struct built *item)
{
    item->before = parent->last;
    item->next = NULL;
    *(parent->last ? &parent->last->next : &parent->built.node.as.first) = item;
    parent->last = item;
    parent->built.node.tag += 1 << NODE_SHIFT;
}

/* Links a new member in where an old one of its name was. */
static void replace(struct container *parent, struct built *old, struct built *item)
{
    item->before = old->before;
    item->next = old->next;
    item->name = old->name;
    *(old->before ? &old->before->next : &parent->built.node.as.first) = item;
    *(old->next ? &old->next->before : &parent->last) = item;
}

bool bide__built_put(struct container *parent, const char *name, struct built *item)
{
    size_t size = name ? strlen(name) : 0;
    struct document *d = parent->document;
    item->name_size = size;
    if (!name) {
        append(parent, item);
        return true;
    }
    struct built *old = bide__names_find(parent, name, size);
    if (old) {
        replace(parent, old, item);
    } else {
        item->name = bide__built_text(d, name, size, "a name");
        if (!item->name)
            return false;
        append(parent, item);
    }
    if (!bide__names_note(parent, old, item)) {
        bide__built_bad(d, BIDE_ENOMEM, "json: out of memory");
        return false;
    }
    return true;
}

struct container *bide__built_container(struct document *d, enum node_kind kind, size_t depth)
{
    if (depth > BIDE_JSON_DEPTH_MAX)
        return bide__built_bad(d, BIDE_ELIMIT, "json: nested too deeply");
    struct container *c = bide__built_take(d, sizeof *c);
    if (c) {
        *c = (struct container){ .document = d, .depth = depth };
        c->built.node.tag = node_tag(kind, 0) | NODE_BUILT;
    }
    return c;
}
