/* Making and ending applications, and what is worked out before one serves. */
#include "web/app.h"

#include "base/memory.h"
#include "web/lifecycle.h"

#include <string.h>

bide_app *bide_app_new(void *state)
{
    bide_app *app = bide__zalloc(sizeof *app);
    if (!app) {
        bide_fail(BIDE_ENOMEM, "out of memory for an application");
        return NULL;
    }
    app->last = &app->first;
    app->state = state;
    return app;
}

void *bide_app_state(const bide_app *app)
{
    return app ? app->state : NULL;
}

const bide_app *bide__app_root(const bide_app *app)
{
    while (app->parent)
        app = app->parent;
    return app;
}

int bide__app_may_change(const bide_app *app, const char *what)
{
    if (!app)
        return bide_errcode();
    if (__atomic_load_n(&bide__app_root(app)->running, __ATOMIC_ACQUIRE) > 0)
        return bide_fail(BIDE_EBUSY, "%s: the application runs, and is not changed any more", what);
    return 0;
}

int bide_app_on_error(bide_app *app, int (*page)(bide_request *req, int status, const char *why))
{
    int rc = bide__app_may_change(app, "app_on_error");
    if (rc == 0)
        app->page = page;
    return rc;
}

/* ---- before it serves ---- */

static int lay_chain(bide_app *app)
{
    size_t around = app->parent ? app->parent->chain_count : 0, count = around + app->use_count;
    bide__free(app->chain);
    app->chain_count = 0;
    app->chain = count > 0 ? bide__alloc(count * sizeof *app->chain) : NULL;
    if (count > 0 && !app->chain)
        return bide_fail(BIDE_ENOMEM, "out of memory for middlewares");
    for (size_t i = 0; i < count; i++)
        app->chain[i] = i < around ? app->parent->chain[i] : &app->uses[i - around];
    app->chain_count = count;
    return 0;
}

/* Prefixes and then the path, or names and then the name: from the outermost application. */
static char *whole(const bide_app *app, char *to, bool names)
{
    if (!app)
        return to;
    to = whole(app->parent, to, names);
    const char *own = names ? app->name : app->prefix;
    to = own ? stpcpy(to, own) : to;
    return names && own ? stpcpy(to, ".") : to;
}

static char *with_prefixes(const bide_app *app, const char *text, bool names)
{
    size_t size = strlen(text) + 1;
    for (const bide_app *a = app; a; a = a->parent) {
        const char *own = names ? a->name : a->prefix;
        size += own ? strlen(own) + 1 : 0;
    }
    char *out = bide__alloc(size);
    if (out)
        strcpy(whole(app, out, names), text);
    return out;
}

static int lay_labels(bide_app *app)
{
    for (struct route *route = app->first; route; route = route->next) {
        bide__free(route->label);
        route->label = with_prefixes(app, route->name ? route->name : route->path,
                                     route->name != NULL);
        if (!route->label)
            return bide_fail(BIDE_ENOMEM, "out of memory for routes");
    }
    return 0;
}

static bool is_fixed(const struct route *route)
{
    for (size_t i = 0; i < route->count; i++)
        if (route->segments[i].kind != SEGMENT_FIXED)
            return false;
    return true;
}

static int lay_fixed(struct fixed_paths *paths, bide_app *app)
{
    int rc = 0;
    for (const struct route *route = app->first; rc == 0 && route; route = route->next) {
        if (!is_fixed(route))
            continue;
        char *path = with_prefixes(app, route->path, false);
        if (path && strchr(path, '%'))
            bide__free(path);           /* requests have it encoded */
        else
            rc = bide__fixed_add(paths, path, bide__tree_place(&app->root, route->path)->here, app);
    }
    return rc;
}

static void lay_methods(struct route_set *all, const bide_app *app)
{
    for (struct route *route = app->first; route; route = route->next) {
        bool any = strcmp(route->method, "*") == 0;
        struct route **place = any ? &all->any : &all->known[route->known];
        if (!*place)
            *place = route;
    }
}

/* The table must say what the tree would: so it has nothing of where a host, or a path with braces
 * of the application around, may go before. */
static int lay(bide_app *root, bide_app *app, struct fixed_paths *paths)
{
    int rc = lay_chain(app);
    if (rc == 0)
        rc = lay_labels(app);
    lay_methods(&root->all, app);
    app->prepared = app->prepare_count > 0 || (app->parent && app->parent->prepared);
    bool by_host = !mounted_hosts_are_none(&app->hosts);
    root->by_host |= by_host;
    if (by_host || (app->parent && !(app->place && bide__tree_is_plain(app->place))))
        paths = NULL;
    if (rc == 0 && paths)
        rc = lay_fixed(paths, app);
    for (bide_app *mounted = app->mounted; rc == 0 && mounted; mounted = mounted->next)
        rc = lay(root, mounted, paths);
    return rc;
}

int bide__app_start(bide_app *app)
{
    if (app->parent)
        return bide_fail(BIDE_EINVAL, "app_run: the application is mounted in another");
    if (__atomic_load_n(&app->running, __ATOMIC_ACQUIRE) == 0) {
        bide__fixed_clear(&app->fixed);
        app->by_host = false;
        app->all = (struct route_set){ .any = NULL };
        int rc = lay(app, app, &app->fixed);
        if (rc < 0)
            return rc;
    }
    __atomic_add_fetch(&app->running, 1, __ATOMIC_RELEASE);
    return 0;
}

void bide__app_stopped(bide_app *app)
{
    __atomic_sub_fetch(&app->running, 1, __ATOMIC_RELEASE);
}

/* ---- the end ---- */

static void free_routes(bide_app *app)
{
    bide__tree_clear(&app->root);
    bide__table_clear(&app->names, NULL);
    while (app->first) {
        struct route *route = app->first;
        app->first = route->next;
        bide__route_free(route);
    }
}

static void free_mounted(bide_app *app)
{
    while (app->mounted) {
        bide_app *next = app->mounted->next;
        bide_app_free(app->mounted);
        app->mounted = next;
    }
    bide__mounted_hosts_forget(&app->hosts);
}

void bide_app_free(bide_app *app)
{
    if (!app)
        return;
    free_mounted(app);
    free_routes(app);
    for (size_t i = app->use_count; i-- > 0;)
        if (app->uses[i].drop)
            app->uses[i].drop(app->uses[i].arg);
    if (app->drop)
        app->drop(app->state);
    while (app->parts) {
        struct part *next = app->parts->next;
        bide__free(app->parts);
        app->parts = next;
    }
    bide__fixed_clear(&app->fixed);
    bide__free(app->uses);
    bide__free(app->chain);
    bide__free(app->prepares);
    bide__free(app->prefix);
    bide__free(app->name);
    bide__free(app);
}
