/* Making routes. */
#include "web/route.h"

#include "base/memory.h"
#include "web/app.h"

#include <string.h>

static size_t count_segments(const char *path)
{
    size_t count = 0;
    for (; *path; path++)
        count += *path == '/';
    return count;
}

static const char *judge_segment(const struct route *route, const struct segment *segment)
{
    if (segment->kind == SEGMENT_FIXED)
        return NULL;
    if (segment->kind == SEGMENT_REST && segment->all.at[segment->all.size] != '\0')
        return "{...:*} must be the last segment";
    for (size_t i = 0; i < route->count; i++) {
        struct text name = route->segments[i].name;
        if (name.size == segment->name.size && memcmp(name.at, segment->name.at, name.size) == 0)
            return "a name stands in it twice";
    }
    return NULL;
}

/* NULL, or what is wrong. */
static const char *read_segments(struct route *route)
{
    for (const char *at = route->path; *at == '/';) {
        struct segment *segment = &route->segments[route->count];
        size_t size = strcspn(at + 1, "/");
        const char *why = bide__segment_read(segment, text_of(at + 1, size));
        if (!why)
            why = judge_segment(route, segment);
        if (why)
            return why;
        route->count++;
        at += 1 + size;
    }
    return NULL;
}

static int judge(const char *method, const char *path, const struct bide_route_opts *opts)
{
    if (!method || !path || !opts->fn)
        return bide_fail(BIDE_EINVAL, "route: needs a method, a path and a handler");
    const char *end = method + strlen(method);
    if (end == method || bide__chars_skip(method, end, CHAR_TOKEN) != end)
        return bide_fail(BIDE_EINVAL, "route %.40s %.80s: no such method", method, path);
    if (path[0] != '/')
        return bide_fail(BIDE_EINVAL, "route %s %.80s: the path must begin with '/'", method, path);
    if (count_segments(path) > PATH_SEGMENTS_MAX)
        return bide_fail(BIDE_EINVAL, "route %s %.80s: more than %d segments", method, path,
                         PATH_SEGMENTS_MAX);
    if (opts->timeout < 0 || opts->timeout != opts->timeout)
        return bide_fail(BIDE_EINVAL, "route %s %.80s: .timeout is no time", method, path);
    if (opts->on_disconnect < BIDE_DISCONNECT_KEEP || opts->on_disconnect > BIDE_DISCONNECT_TELL)
        return bide_fail(BIDE_EINVAL, "route %s %.80s: no such .on_disconnect", method, path);
    return 0;
}

static bool copy_texts(struct route *route, const char *method, const char *path)
{
    const char *name = route->opts.name;
    route->method = bide__copy_text(method, strlen(method));
    route->path = bide__copy_text(path, strlen(path));
    route->name = name ? bide__copy_text(name, strlen(name)) : NULL;
    return route->method && route->path && (route->name || !name);
}

struct route *bide__route_new(const char *method, const char *path,
                              const struct bide_route_opts *opts)
{
    if (judge(method, path, opts) < 0)
        return NULL;
    struct route *route = bide__zalloc(sizeof *route +
                                       count_segments(path) * sizeof route->segments[0]);
    if (route) {
        size_t size = opts->abi_ < sizeof *opts ? opts->abi_ : sizeof *opts;
        memcpy(&route->opts, opts, size);
        route->known = bide__method_of(text_of(method, strlen(method)));
    }
    if (!route || !copy_texts(route, method, path)) {
        bide__route_free(route);
        bide_fail(BIDE_ENOMEM, "route %s %.80s: out of memory", method, path);
        return NULL;
    }
    const char *why = read_segments(route);
    if (!why)
        return route;
    bide__route_free(route);
    bide_fail(BIDE_EINVAL, "route %s %.80s: %s", method, path, why);
    return NULL;
}

void bide__route_free(struct route *route)
{
    if (!route)
        return;
    if (route->drop)
        route->drop(route->arg);
    bide__free(route->method);
    bide__free(route->path);
    bide__free(route->name);
    bide__free(route->label);
    bide__free(route);
}

/* Several routes of one path, for several methods, may share a name. */
static int add_name(bide_app *app, struct route *route)
{
    if (!route->name)
        return 0;
    size_t size = strlen(route->name);
    struct table_entry *entry = bide__table_find(&app->names, route->name, size);
    const struct route *other = entry ? entry->value : NULL;
    if (other && strcmp(other->path, route->path) != 0)
        return bide_fail(BIDE_EINVAL, "route %s: %s is named \"%s\" already", route->path,
                         other->path, route->name);
    if (!entry)
        entry = bide__table_add(&app->names, route->name, size);
    if (!entry)
        return bide_fail(BIDE_ENOMEM, "route %s: out of memory", route->path);
    if (!other)
        entry->value = route;
    return 0;
}

static void forget_name(bide_app *app, const struct route *route)
{
    struct table_entry *entry = route->name
        ? bide__table_find(&app->names, route->name, strlen(route->name)) : NULL;
    if (entry && entry->value == route)
        bide__table_remove(&app->names, entry);
}

static int add(bide_app *app, struct route *route)
{
    int rc = add_name(app, route);
    if (rc < 0)
        return rc;
    rc = bide__tree_add(&app->root, route);
    if (rc < 0) {
        forget_name(app, route);
        return rc;
    }
    *app->last = route;
    app->last = &route->next;
    return 0;
}

int bide__route_add(bide_app *app, const char *method, const char *path,
                    const struct bide_route_opts *opts, void *arg, bide_drop_fn *drop)
{
    int rc = app ? bide__app_may_change(app, "route") : bide_errcode();
    struct route *route = rc == 0 ? bide__route_new(method, path, opts) : NULL;
    if (!route) {
        if (drop)
            drop(arg);
        return bide_errcode();
    }
    route->app = app;
    route->arg = arg;
    route->drop = drop;
    rc = add(app, route);
    if (rc < 0)
        bide__route_free(route);
    return rc;
}

int bide_route_opts(bide_app *app, const char *method, const char *path,
                    const struct bide_route_opts *opts)
{
    return bide__route_add(app, method, path, opts, NULL, NULL);
}
