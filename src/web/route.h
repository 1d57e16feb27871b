/* A route: a method, a path with braces, and who answers.
 *
 * A path is matched segment by segment, after each segment has been decoded on its own: an
 * encoded slash is part of a segment and never divides two. */
#ifndef BIDE_WEB_ROUTE_H
#define BIDE_WEB_ROUTE_H

#include "http/method.h"
#include "http/scratch.h"

#include <bide/web.h>
#include <regex.h>

enum { PATH_SEGMENTS_MAX = 64 };

enum segment_kind {
    SEGMENT_FIXED,              /* all of it is `before` */
    SEGMENT_ANY,                /* {name} */
    SEGMENT_FITTING,            /* {name:expression} */
    SEGMENT_REST,               /* {name:*} */
};

/* What stands between two slashes of a route's path. */
struct segment {
    enum segment_kind kind;
    struct text all;
    struct text before, name, expression, after;
};

struct route {
    struct route *next;         /* in the application, in the order of adding */
    struct route *next_other;   /* of another method without a constant, at the same path */
    bide_app *app;
    char *method;               /* "GET"; "*": every method */
    enum method known;
    char *path;                 /* what the segments point into */
    char *name;                 /* NULL: none */
    char *label;                /* what bide_request_route() tells; made when serving begins */
    struct bide_route_opts opts;
    void *arg;                  /* whose handler it is keeps something here */
    bide_drop_fn *drop;
    bool waits;                 /* it has let other tasks run before it answered, once */
    size_t count;
    struct segment segments[];
};

/* A request's path: decoded, each segment ended by a NUL. */
struct path {
    size_t count;
    char *segments[PATH_SEGMENTS_MAX];
};

/* ---- patterns ---- */

/* Reads what stands between two slashes; NULL, or why it is none. */
const char *bide__segment_read(struct segment *segment, struct text text);
/* Compiles an expression, to match the whole of a text; NULL, or why not. */
const char *bide__expression_compile(regex_t *regex, struct text expression);
/* Does what was asked for stand here, between `before` and `after`?  The text is changed for the
 * time of the call, and the part between is *size bytes long. */
bool bide__segment_fits(const struct segment *segment, const regex_t *regex, char *asked,
                        size_t *size);

/* ---- routes ---- */

/* As bide_route_opts(), with something of the handler's own: arg, which is dropped with the
 * application, also if this fails. */
int bide__route_add(bide_app *app, const char *method, const char *path,
                    const struct bide_route_opts *opts, void *arg, bide_drop_fn *drop);
/* That argument, of the route that matched. */
void *bide__route_arg(const bide_request *req);
/* NULL: BIDE_EINVAL, BIDE_ENOMEM. */
struct route *bide__route_new(const char *method, const char *path,
                              const struct bide_route_opts *opts);
void bide__route_free(struct route *route);

/* ---- requests ---- */

/* Splits and decodes a path that begins with '/'.  0, or the status to answer with. */
int bide__path_read(struct path *path, struct scratch *scratch, struct text raw);
/* The same only for paths without braces, and without a refusal: was there one? */
bool bide__route_find_fixed(bide_request *req, bide_app *app);
/* Finds the route for a request, in an application or what is mounted in it: 0; else the status of
 * the answer (404, 405, 400, 414, 421, 500; 204: to OPTIONS for the whole server), and for 405 and
 * 204 the header Allow has been added. */
int bide__route_find_in(bide_request *req, bide_app *app);

#endif
