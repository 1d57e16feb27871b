/* An application: its routes, what is mounted in it, its middlewares and its state.
 *
 * It is built by one thread and then only read, by all workers at once.  What a request needs of
 * the whole tree of mounted applications is worked out when serving begins (bide__app_start()):
 * each application's middlewares with those around it, each route's label, and one table of all
 * paths without braces, so that the usual request is found by one look. */
#ifndef BIDE_WEB_APP_H
#define BIDE_WEB_APP_H

#include "base/table.h"
#include "web/fixed_paths.h"
#include "web/mounted_hosts.h"
#include "web/route_tree.h"

/* A middleware as it was added. */
struct use {
    bide_handler *fn;
    void *arg;
    bide_drop_fn *drop;
};

struct bide_app {
    void *state;
    bide_drop_fn *drop;         /* ends the state; the demo's */
    struct route_node root;
    struct route *first, **last;        /* all routes, in the order of adding */
    struct table names;         /* of routes: the first of that name */
    struct use *uses;           /* its own middlewares */
    size_t use_count;
    struct use **chain;         /* those around it, from the outermost, and its own */
    size_t chain_count;
    bide_handler **prepares;    /* its own, see web/prepare.h */
    size_t prepare_count;
    bool prepared;              /* it has some, or one around it has; once it serves */
    struct part *parts;         /* what it starts and ends */
    int (*page)(bide_request *req, int status, const char *why);        /* NULL: the parent's */
    struct fixed_paths fixed;   /* of the whole tree; of the one that runs */
    unsigned running;           /* how many bide_app_run() serve it */

    struct route_set all;       /* a route of each method, of the whole tree; likewise */
    bool by_host;               /* something is mounted for a host; of the one that runs */

    bide_app *parent;           /* NULL: in none */
    struct route_node *place;   /* where in its tree; NULL: for a host */
    bide_app *mounted, *last_mounted, *next;    /* those in it, in order; the next one in its
                                   parent */
    struct mounted_hosts hosts;
    char *prefix;               /* "/api"; "": for a host, or at the root */
    char *name;                 /* before the names of its routes; NULL: none */
};

/* Works out what only the whole application can tell: before it serves.  0 or BIDE_ENOMEM. */
int bide__app_start(bide_app *app);
/* It serves no more: once per bide__app_start() that gave 0. */
void bide__app_stopped(bide_app *app);
/* 0, or BIDE_EBUSY: it runs, or that in which it is mounted does. */
int bide__app_may_change(const bide_app *app, const char *what);
/* The one that serves it: the outermost. */
const bide_app *bide__app_root(const bide_app *app);

#endif
