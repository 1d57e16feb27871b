/* The routes of one path: which is for a method, and which methods there are. */
#include "web/route_tree.h"

#include <stdlib.h>
#include <string.h>

enum { METHODS_MAX = 64 };

struct route *bide__set_get(const struct route_set *set, enum method method, const char *name)
{
    struct route *route = set->known[method];
    if (method == METHOD_OTHER)
        while (route && strcmp(route->method, name) != 0)
            route = route->next_other;
    if (!route && method == METHOD_HEAD)
        route = set->known[METHOD_GET];
    return route ? route : set->any;
}

struct names {
    const char *at[METHODS_MAX];
    size_t count, size;
};

static void add_name(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->at[i], name) == 0)
            return;
    if (names->count == METHODS_MAX)
        return;
    names->at[names->count++] = name;
    names->size += strlen(name) + 2;
}

static void add_set(struct names *names, const struct route_set *set)
{
    for (int method = METHOD_GET; method <= METHOD_PATCH; method++)
        if (set->known[method])
            add_name(names, set->known[method]->method);
    if (set->known[METHOD_GET])
        add_name(names, "HEAD");
    static const enum method common[] = { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_PUT,
                                          METHOD_DELETE, METHOD_OPTIONS, METHOD_PATCH };
    for (size_t i = 0; set->any && i < sizeof common / sizeof *common; i++)
        add_name(names, bide__method_name(common[i]).at);
    for (const struct route *r = set->known[METHOD_OTHER]; r; r = r->next_other)
        add_name(names, r->method);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *bide__sets_methods(const struct route_set *const *sets, size_t count,
                               struct scratch *scratch)
{
    struct names names = { .count = 0 };
    for (size_t i = 0; i < count; i++)
        add_set(&names, sets[i]);
    char *out = names.count > 0 ? bide__scratch_take(scratch, names.size + 1) : NULL;
    if (!out)
        return NULL;
    qsort(names.at, names.count, sizeof names.at[0], compare);
    char *to = out;
    for (size_t i = 0; i < names.count; i++) {
        if (i > 0)
            to = stpcpy(to, ", ");
        to = stpcpy(to, names.at[i]);
    }
    return out;
}
