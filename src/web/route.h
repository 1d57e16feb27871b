/* Which handler answers which path.
 *
 * A path is matched segment by segment, after each segment has been decoded on its own: an
 * encoded slash is part of a segment and never divides two. */
#ifndef BIDE_WEB_ROUTE_H
#define BIDE_WEB_ROUTE_H

#include "http/method.h"
#include "http/scratch.h"

#include <bide/web.h>

enum { PATH_SEGMENTS_MAX = 64 };

/* "/users/{name}" in pieces. */
struct route_segment {
    struct text text;           /* without braces */
    bool is_param;
};

struct route {
    struct route *next;         /* in the order of adding */
    enum method known;
    char *method;               /* "GET"; "*": every method */
    char *path;                 /* what the segments point into */
    bide_handler *handler;
    bool waits;                 /* it has let other tasks run before it answered, once */
    size_t count;
    struct route_segment segments[];
};

/* A request's path: decoded, each segment ended by a NUL. */
struct path {
    size_t count;
    const char *segments[PATH_SEGMENTS_MAX];
};

/* NULL: BIDE_EINVAL, BIDE_ENOMEM. */
struct route *bide__route_new(const char *method, const char *path, bide_handler *handler);
void bide__route_free(struct route *route);
/* Splits and decodes a path that begins with '/'.  0, or the status to answer with. */
int bide__path_read(struct path *path, struct scratch *scratch, struct text raw);
bool bide__route_matches(const struct route *route, const struct path *path);
/* What matched {name}; NULL: the route has no such segment. */
const char *bide__route_param(const struct route *route, const struct path *path,
                              const char *name);

#endif
