/* Applications in applications: below a path, or for a host. */
#include "web/app.h"

#include "base/memory.h"

#include <string.h>

static int may_mount(const bide_app *app, const bide_app *mounted)
{
    int rc = bide__app_may_change(app, "mount");
    if (rc == 0)
        rc = bide__app_may_change(mounted, "mount");
    if (rc < 0)
        return rc;
    if (mounted->parent || mounted == bide__app_root(app))
        return bide_fail(BIDE_EINVAL, "mount: the application is mounted already");
    return 0;
}

/* "/api", "/api/v1/"; "/" and "" are the same. */
static int judge_prefix(const char *prefix)
{
    size_t segments = 0;
    for (const char *c = prefix; *c; c++) {
        segments += *c == '/';
        if (*c == '/' && c[1] == '/')
            return bide_fail(BIDE_EINVAL, "mount %.80s: a segment is empty", prefix);
    }
    if ((*prefix && *prefix != '/') || strpbrk(prefix, "{}") || segments > PATH_SEGMENTS_MAX)
        return bide_fail(BIDE_EINVAL, "mount %.80s: not a path without braces", prefix);
    return 0;
}

/* Takes the texts; false: out of memory, and nothing has changed. */
static bool copy_texts(bide_app *mounted, struct text prefix, const char *name)
{
    char *own_prefix = bide__copy_text(prefix.at, prefix.size);
    char *own_name = name ? bide__copy_text(name, strlen(name)) : NULL;
    if (!own_prefix || (name && !own_name)) {
        bide__free(own_prefix);
        bide__free(own_name);
        bide_fail(BIDE_ENOMEM, "out of memory for an application");
        return false;
    }
    mounted->prefix = own_prefix;
    mounted->name = own_name;
    return true;
}

static void drop_texts(bide_app *mounted)
{
    bide__free(mounted->prefix);
    bide__free(mounted->name);
    mounted->prefix = mounted->name = NULL;
}

static void join(bide_app *app, bide_app *mounted)
{
    *(app->last_mounted ? &app->last_mounted->next : &app->mounted) = mounted;
    app->last_mounted = mounted;
    mounted->parent = app;
}

int bide_mount(bide_app *app, const char *prefix, bide_app *mounted, const char *name)
{
    int rc = may_mount(app, mounted);
    if (rc == 0)
        rc = judge_prefix(prefix);
    if (rc < 0)
        return rc;
    size_t size = strlen(prefix);
    struct text text = text_of(prefix, size > 0 && prefix[size - 1] == '/' ? size - 1 : size);
    if (!copy_texts(mounted, text, name))
        return bide_errcode();
    struct route_node *node = bide__tree_place(&app->root, mounted->prefix);
    if (node && !node->mounted) {
        node->mounted = mounted;
        mounted->place = node;
        join(app, mounted);
        return 0;
    }
    drop_texts(mounted);
    return node ? bide_fail(BIDE_EINVAL, "mount %.80s: another application is there", prefix)
                : bide_errcode();
}

/* ---- hosts ---- */

int bide_mount_host(bide_app *app, const char *host, bide_app *mounted, const char *name)
{
    int rc = may_mount(app, mounted);
    if (rc == 0 && !copy_texts(mounted, text_of("", 0), name))
        rc = bide_errcode();
    if (rc < 0)
        return rc;
    rc = bide__mounted_hosts_add(&app->hosts, host, mounted);
    if (rc < 0)
        drop_texts(mounted);
    else
        join(app, mounted);
    return rc;
}
