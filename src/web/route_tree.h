/* The routes of an application as a tree of segments, so that finding one costs what its path is
 * long, however many there are.
 *
 * A node has children without braces, in a table, then those with braces, in the order of adding,
 * then {name:*}, then a mounted application.  They are tried in this order, and what does not lead
 * to a route for the method is left again; no node is visited twice. */
#ifndef BIDE_WEB_ROUTE_TREE_H
#define BIDE_WEB_ROUTE_TREE_H

#include "base/table.h"
#include "web/route.h"

/* The routes of one path, by method. */
struct route_set {
    struct route *known[METHOD_PATCH + 1];      /* that of METHOD_OTHER: a list, by next_other */
    struct route *any;          /* "*" */
};

struct route_node {
    struct table fixed;         /* children: struct route_node by segment */
    struct route_node *patterns, *next;     /* children with braces; the next such of the parent */
    struct segment segment;     /* of one with braces; in `text` */
    char *text;
    regex_t regex;              /* SEGMENT_FITTING: compiled */
    struct route_set *here, *rest;
    bide_app *mounted;
};

/* Paths that fit but for the method: so many are remembered, for Allow. */
enum { SEARCH_SETS_MAX = 16 };

/* A search, and what it found. */
struct search {
    struct path *path;
    enum method method;
    const char *method_name;
    const struct route *route;  /* NULL: none */
    size_t at;                  /* how many segments were there before the route's own */
    bide_app *app;              /* where the search ended */
    const char *host;
    const struct route_set *sets[SEARCH_SETS_MAX];      /* of other methods */
    size_t set_count;
};

/* Adds a route: 0, BIDE_ENOMEM, or BIDE_EINVAL: there is such a one, or its expression is bad. */
int bide__tree_add(struct route_node *root, struct route *route);
/* Finds a route in an application, from path segment `at` on; true: it did. */
bool bide__tree_find(struct search *search, bide_app *app, size_t at);
/* The node for a path without braces; made if it is not there; NULL: BIDE_ENOMEM. */
struct route_node *bide__tree_place(struct route_node *root, const char *path);
/* Are all paths below a node without braces, and is nothing else mounted there?  Then nothing of it
 * goes before what is mounted at the node. */
bool bide__tree_is_plain(const struct route_node *node);
/* Frees what is below a node, and what it holds, but neither itself nor routes. */
void bide__tree_clear(struct route_node *node);
/* The route of a set for a method; NULL: none. */
struct route *bide__set_get(const struct route_set *set, enum method method, const char *name);
/* The methods that the sets have, "GET, HEAD, PUT", in memory of the scratch; NULL: there is
 * none. */
const char *bide__sets_methods(const struct route_set *const *sets, size_t count,
                               struct scratch *scratch);

#endif
