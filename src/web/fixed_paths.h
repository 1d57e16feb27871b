/* All paths without braces of an application and of those mounted in it, in one table: what most
 * requests ask for, found by comparing the path as it came, before anything of it is decoded.
 *
 * The keys are the program's and not strangers', so a plain hash is enough. */
#ifndef BIDE_WEB_FIXED_PATHS_H
#define BIDE_WEB_FIXED_PATHS_H

#include "http/chars.h"

#include <bide/app.h>

struct route_set;

struct fixed_path {
    char *path;                 /* NULL: nobody is here */
    size_t size;
    const struct route_set *set;
    bide_app *app;
};

struct fixed_paths {
    struct fixed_path *places;  /* `mask` + 1 of them, at most half of them taken */
    size_t mask, count;
};

/* Adds a path, unless it is there already.  The text becomes the table's, also where this fails:
 * BIDE_ENOMEM. */
int bide__fixed_add(struct fixed_paths *paths, char *path, const struct route_set *set,
                    bide_app *app);
/* NULL: not there. */
const struct fixed_path *bide__fixed_find(const struct fixed_paths *paths, struct text path);
void bide__fixed_clear(struct fixed_paths *paths);

#endif
