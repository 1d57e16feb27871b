/* The URLs of named routes.
 *
 * What is written leads back to the route: a value that the route would not match, or that a
 * client would take for something else ("..": the segment before goes), is refused. */
#include "base/memory.h"
#include "http/heap_writer.h"
#include "http/percent.h"
#include "http/query.h"
#include "web/app.h"
#include "web/request.h"

#include <string.h>

/* "mounted.name" is the route "name" of what is mounted as "mounted"; the longest name first. */
static const struct route *find_named(const bide_app *app, const char *name)
{
    const struct table_entry *entry = bide__table_find(&app->names, name, strlen(name));
    if (entry && entry->value)
        return entry->value;
    for (const bide_app *mounted = app->mounted; mounted; mounted = mounted->next) {
        size_t size = mounted->name ? strlen(mounted->name) : 0;
        bool below = size > 0 && strncmp(name, mounted->name, size) == 0 && name[size] == '.';
        const struct route *route = below ? find_named(mounted, name + size + 1) : NULL;
        if (route)
            return route;
    }
    return NULL;
}

static const char *value_of(const struct bide_pair *params, struct text name)
{
    for (; params && params->name; params++)
        if (bide__text_is(name, params->name))
            return params->value;
    return NULL;
}

/* Does {name:expression} match a value?  Compiled anew: URLs are written less often than read. */
static bool value_fits(const struct segment *segment, const char *value)
{
    regex_t regex;
    if (segment->kind != SEGMENT_FITTING)
        return true;
    if (bide__expression_compile(&regex, segment->expression))
        return false;
    bool fits = regexec(&regex, value, 0, NULL, 0) == 0;
    regfree(&regex);
    return fits;
}

static bool is_dots(const char *at, size_t size)
{
    return size > 0 && size < 3 && at[0] == '.' && at[size - 1] == '.';
}

/* Of many segments: the slashes between them stay. */
static bool write_rest(struct writer *w, const char *value)
{
    for (;;) {
        size_t size = strcspn(value, "/");
        if (is_dots(value, size))
            return false;
        bide__percent_write(w, text_of(value, size));
        value += size;
        if (*value++ == '\0')
            return true;
        writer_literal(w, "/");
    }
}

static int write_value(struct writer *w, const struct segment *segment, const char *value)
{
    int size = (int)(segment->name.size < 60 ? segment->name.size : 60);
    const char *name = segment->name.at;
    if (!value)
        return bide_fail(BIDE_EINVAL, "url: no value for {%.*s}", size, name);
    if (segment->kind == SEGMENT_REST)
        return write_rest(w, value) ? 0 : bide_fail(BIDE_EINVAL, "url: {%.*s} has dots that would "
                                                    "be taken for another path", size, name);
    if (!*value || !value_fits(segment, value))
        return bide_fail(BIDE_EINVAL, "url: \"%.80s\" does not fit {%.*s}", value, size, name);
    bool alone = segment->before.size + segment->after.size == 0;
    if (alone && is_dots(value, strlen(value)))
        return bide_fail(BIDE_EINVAL, "url: %s for {%.*s} would be taken for another path", value,
                         size, name);
    bide__percent_write(w, text_from(value));
    return 0;
}

static void write_fixed(struct writer *w, struct text text)
{
    bide__percent_write_loosely(w, text, CHAR_PATH);
}

static void write_prefixes(struct writer *w, const bide_app *app)
{
    if (app->parent)
        write_prefixes(w, app->parent);
    if (app->prefix)
        write_fixed(w, text_from(app->prefix));
}

static int write_path(struct writer *w, const struct route *route, const struct bide_pair *params)
{
    int rc = 0;
    write_prefixes(w, route->app);
    for (size_t i = 0; rc == 0 && i < route->count; i++) {
        const struct segment *segment = &route->segments[i];
        writer_literal(w, "/");
        write_fixed(w, segment->before);
        if (segment->kind != SEGMENT_FIXED) {
            rc = write_value(w, segment, value_of(params, segment->name));
            write_fixed(w, segment->after);
        }
    }
    return rc;
}

static int write_url(struct writer *w, const bide_app *app, const char *name,
                     const struct bide_pair *params, const struct bide_pair *query)
{
    const struct route *route = app ? find_named(app, name) : NULL;
    if (!route)
        return app ? bide_fail(BIDE_EINVAL, "url: no route is named \"%.100s\"", name)
                   : bide_errcode();
    int rc = write_path(w, route, params);
    if (rc == 0 && query && query->name) {
        writer_literal(w, "?");
        bide__query_write(w, query, true, false);
    }
    return rc == 0 && w->code < 0 ? bide_fail(w->code, "url: %s", w->why) : rc;
}

ssize_t bide_app_url(const bide_app *app, const char *name, const struct bide_pair *params,
                     const struct bide_pair *query, char *buf, size_t size)
{
    struct writer w = bide__heap_writer();
    int rc = write_url(&w, app, name, params, query);
    ssize_t length = (ssize_t)w.size;
    if (rc == 0 && size > 0) {
        size_t fits = w.size < size ? w.size : size - 1;
        memcpy(buf, w.at, fits);
        buf[fits] = '\0';
    }
    bide__free(w.at);
    return rc < 0 ? rc : length;
}

/* The names of the application that answers go first, then those of the whole. */
const char *bide_request_url_for(bide_request *req, const char *name,
                                 const struct bide_pair *params)
{
    struct writer w;
    const bide_app *app = req->app;
    while (app->parent && !find_named(app, name))
        app = app->parent;
    bide__scratch_write(&req->scratch, &w);
    if (write_url(&w, app, name, params, NULL) < 0)
        return NULL;
    writer_put(&w, "", 1);
    if (w.code < 0) {
        bide_fail(w.code, "url: %s", w.why);
        return NULL;
    }
    bide__scratch_keep(&req->scratch, &w);
    return w.at;
}
