/* From a request to its route. */
#include "http/percent.h"
#include "web/app.h"
#include "web/request.h"

#include <string.h>

int bide__path_read(struct path *path, struct scratch *scratch, struct text raw)
{
    const char *at = raw.at, *end = raw.at + raw.size;
    char *out = bide__scratch_take(scratch, raw.size + 1);
    if (!out)
        return 500;
    path->count = 0;
    while (at < end) {
        const char *start = ++at;       /* behind the '/' */
        while (at < end && *at != '/')
            at++;
        if (path->count == PATH_SEGMENTS_MAX)
            return 414;
        ssize_t size = bide__percent_decode(out, text_of(start, (size_t)(at - start)), false);
        if (size < 0)
            return 400;
        path->segments[path->count++] = out;
        out += size;
        *out++ = '\0';
    }
    return 0;
}

/* The decoded segments lie one behind the other, each with a NUL: here they become one. */
static void join(struct path *path, size_t from)
{
    for (size_t i = from; i + 1 < path->count; i++)
        path->segments[i][strlen(path->segments[i])] = '/';
}

/* Of the segments with braces only what was between the braces is asked for later. */
static void cut_segments(bide_request *req, const struct route *route)
{
    for (size_t i = 0; i < route->count; i++) {
        const struct segment *segment = &route->segments[i];
        size_t place = req->route_at + i;
        char *text = req->segments.segments[place];
        if (segment->kind == SEGMENT_REST) {
            join(&req->segments, place);
        } else if (segment->kind != SEGMENT_FIXED) {
            text[strlen(text) - segment->after.size] = '\0';
            req->segments.segments[place] = text + segment->before.size;
        }
    }
}

static int refuse(bide_request *req, const struct route_set *const *sets, size_t count)
{
    if (count == 0)
        return 404;
    const char *methods = bide__sets_methods(sets, count, &req->scratch);
    if (!methods || bide_respond_header(req, "Allow", methods) < 0)
        return 500;
    return 405;
}

static int search(bide_request *req, bide_app *app)
{
    int status = bide__path_read(&req->segments, &req->scratch, req->raw);
    struct search s = {
        .path = &req->segments, .method = req->head.method_known,
        .method_name = bide_request_method(req),
        .host = app->by_host ? bide_request_host(req) : NULL,
    };
    if (status > 0) {
        req->app = app;
        req->keep_alive = false;        /* who asks like that may not mean well */
        return status;
    }
    bool found = bide__tree_find(&s, app, 0);
    req->app = s.app;
    if (!found)
        return refuse(req, s.sets, s.set_count);
    req->route = (struct route *)(uintptr_t)s.route;
    req->route_at = s.at;
    cut_segments(req, s.route);
    return 0;
}

/* "https://..." over a connection that is not, or the other way round: meant for somebody else. */
static bool is_misdirected(const bide_request *req)
{
    size_t scheme = strcspn(req->target, ":");
    return strncmp(req->target + scheme, "://", 3) == 0 &&
           !bide__text_is_caseless(text_of(req->target, scheme), bide_request_scheme(req));
}

/* What asks for no path: OPTIONS of the whole server (RFC 9110 9.3.7), or a tunnel. */
static int refuse_pathless(bide_request *req, const bide_app *app)
{
    const struct route_set *all = &app->all;
    if (req->head.method_known != METHOD_OPTIONS)
        return 404;
    const char *methods = bide__sets_methods(&all, 1, &req->scratch);
    return methods && bide_respond_header(req, "Allow", methods) < 0 ? 500 : 204;
}

static bool find_fixed(bide_request *req, const bide_app *app)
{
    const struct fixed_path *fixed = bide__fixed_find(&app->fixed, req->raw);
    if (!fixed)
        return false;
    req->route = bide__set_get(fixed->set, req->head.method_known, bide_request_method(req));
    req->app = fixed->app;
    return req->route != NULL;
}

int bide__route_find_in(bide_request *req, bide_app *app)
{
    req->app = app;
    if (req->raw.size == 0)
        return refuse_pathless(req, app);
    if (req->target[0] != '/' && is_misdirected(req))
        return 421;
    return find_fixed(req, app) ? 0 : search(req, app);
}

bool bide__route_find_fixed(bide_request *req, bide_app *app)
{
    return req->target[0] == '/' && find_fixed(req, app);
}

const char *bide_request_param(const bide_request *req, const char *name)
{
    const struct route *route = req->route;
    for (size_t i = 0; route && i < route->count; i++)
        if (route->segments[i].kind != SEGMENT_FIXED &&
            bide__text_is(route->segments[i].name, name))
            return req->segments.segments[req->route_at + i];
    return NULL;
}

const char *bide_request_route(const bide_request *req)
{
    return req->route ? req->route->label : "";
}

bide_app *bide_request_app(const bide_request *req)
{
    return req->app;
}

void *bide__route_arg(const bide_request *req)
{
    return req->route ? req->route->arg : NULL;
}
