/* Reading patterns and paths, and comparing them. */
#include "web/route.h"

#include "base/memory.h"
#include "http/percent.h"

#include <string.h>

static size_t count_segments(const char *path)
{
    size_t count = 0;
    for (; *path; path++)
        count += *path == '/';
    return count;
}

/* "{name}" or a word without braces. */
static bool read_segment(struct route_segment *segment, const char *at, size_t size)
{
    bool braces = memchr(at, '{', size) || memchr(at, '}', size);
    segment->text = text_of(at, size);
    segment->is_param = size > 2 && at[0] == '{' && at[size - 1] == '}';
    if (!segment->is_param)
        return !braces;
    segment->text = text_of(at + 1, size - 2);
    return !memchr(at + 1, '{', size - 2) && !memchr(at + 1, '}', size - 2);
}

static bool read_segments(struct route *route)
{
    const char *at = route->path;
    while (*at == '/') {
        size_t size = strcspn(at + 1, "/");
        if (!read_segment(&route->segments[route->count++], at + 1, size))
            return false;
        at += 1 + size;
    }
    return true;
}

struct route *bide__route_new(const char *method, const char *path, bide_handler *handler)
{
    size_t size = strlen(method);
    bool token = size > 0 && bide__chars_skip(method, method + size, CHAR_TOKEN) == method + size;
    if (!token || path[0] != '/' || !handler || count_segments(path) > PATH_SEGMENTS_MAX) {
        bide_fail(BIDE_EINVAL, "route %.20s %.80s: not a method, a path and a handler", method,
                  path);
        return NULL;
    }
    struct route *route = bide__zalloc(sizeof *route +
                                       count_segments(path) * sizeof route->segments[0]);
    if (route) {
        route->method = bide__copy_text(method, size);
        route->path = bide__copy_text(path, strlen(path));
        route->known = bide__method_of(text_of(method, size));
        route->handler = handler;
    }
    if (!route || !route->method || !route->path)
        bide_fail(BIDE_ENOMEM, "out of memory for a route");
    else if (!read_segments(route))
        bide_fail(BIDE_EINVAL, "route %s: braces must enclose a whole segment", path);
    else
        return route;
    bide__route_free(route);
    return NULL;
}

void bide__route_free(struct route *route)
{
    if (!route)
        return;
    bide__free(route->method);
    bide__free(route->path);
    bide__free(route);
}

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

static bool same(struct text text, const char *segment)
{
    return strncmp(segment, text.at, text.size) == 0 && segment[text.size] == '\0';
}

bool bide__route_matches(const struct route *route, const struct path *path)
{
    if (route->count != path->count)
        return false;
    for (size_t i = 0; i < route->count; i++) {
        const struct route_segment *segment = &route->segments[i];
        if (segment->is_param ? path->segments[i][0] == '\0'
                              : !same(segment->text, path->segments[i]))
            return false;
    }
    return true;
}

const char *bide__route_param(const struct route *route, const struct path *path,
                              const char *name)
{
    for (size_t i = 0; i < route->count; i++)
        if (route->segments[i].is_param && bide__text_is(route->segments[i].text, name))
            return path->segments[i];
    return NULL;
}
