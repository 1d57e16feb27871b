/* What a program's value becomes in a document. */
#ifndef JSON_VALUE_H
#define JSON_VALUE_H
#include "json/built.h"

/* A node that is nowhere yet, for a member of this name (NULL: an item) of a container of this
 * depth; or NULL, and the document is bad. */
struct built *bide__built_value(struct document *d, const char *name,
                                const struct bide_value *value, size_t depth);

#endif
