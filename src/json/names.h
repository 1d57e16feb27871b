/* Finding a member of an object that is being built, by its name: in order while they are few, by
 * an index when they are many, or setting n members would take n * n steps. */
#ifndef JSON_NAMES_H
#define JSON_NAMES_H
#include "json/built.h"

/* The member of that name, or NULL. */
struct built *bide__names_find(const struct container *parent, const char *name, size_t size);
/* An item was set; it took the place of `old`, if that is not NULL.  false: out of memory. */
bool bide__names_note(struct container *parent, const struct built *old, struct built *item);

#endif
