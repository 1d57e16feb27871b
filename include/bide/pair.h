/* bide/pair.h -- a name and its value: headers, query, form, cookies.
 *
 *     .headers = BIDE_PAIRS({ "Accept", "text/plain" }, { "X-Id", id })
 *
 * The texts stay whose they are; who takes pairs says until when they must live. */
#ifndef BIDE_PAIR_H
#define BIDE_PAIR_H
#include <bide/base.h>

/* One of them.  A list of them ends with {NULL, NULL}. */
struct bide_pair { const char *name, *value; };
/* A list, as an argument. */
#define BIDE_PAIRS(...) (const struct bide_pair[]){ __VA_ARGS__, { NULL, NULL } }

#endif
