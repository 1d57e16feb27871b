/* An open-addressed table, half full at most.  It lies in the document's memory, as do the smaller
 * ones that it replaced: in sum less than twice its size.  The hash is keyed, for names may come
 * from strangers; with the kernel's random bytes for this process, which cost nothing. */
#include "json/names.h"

#include "base/siphash.h"

#include <sys/auxv.h>

enum { FEW = 16 };              /* members that are looked through */

struct names {
    size_t places;              /* a power of two */
    struct built *at[];
};

static uint64_t hash_of(const char *name, size_t size)
{
    uint64_t key[2] = { 0, 0 };
    const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);
    if (random)
        memcpy(key, random, sizeof key);
    return siphash(key, name, size, 1, 3);
}

static bool is(const struct built *item, const char *name, size_t size)
{
    return item->name_size == size && memcmp(item->name, name, size) == 0;
}

/* Where the member of that name is or would be. */
static struct built **place_of(struct names *names, const char *name, size_t size)
{
    size_t i = (size_t)hash_of(name, size) & (names->places - 1);
    while (names->at[i] && !is(names->at[i], name, size))
        i = (i + 1) & (names->places - 1);
    return &names->at[i];
}

struct built *bide__names_find(const struct container *parent, const char *name, size_t size)
{
    if (parent->names)
        return *place_of(parent->names, name, size);
    struct built *item = node_size(&parent->built.node) ? parent->built.node.as.first : NULL;
    while (item && !is(item, name, size))
        item = item->next;
    return item;
}

static bool grow(struct container *parent, size_t count)
{
    size_t size = sizeof(struct names) + 4 * count * sizeof(struct built *);
    struct names *names = bide__built_take(parent->document, size);
    if (!names)
        return false;
    memset(names, 0, size);
    names->places = 4 * count;
    for (struct built *item = parent->built.node.as.first; item; item = item->next)
        *place_of(names, item->name, item->name_size) = item;
    parent->names = names;
    return true;
}

bool bide__names_note(struct container *parent, const struct built *old, struct built *item)
{
    size_t count = node_size(&parent->built.node);
    if (!old && count >= FEW && (count & (count - 1)) == 0)
        return grow(parent, count);
    if (parent->names)
        *place_of(parent->names, item->name, item->name_size) = item;
    return true;
}
