/* Applications in applications: below a path, or for a host. */
#include "web/app.h"

#include "base/memory.h"

#include <string.h>
#include <strings.h>

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

static void join(bide_app *app, bide_app *mounted)
{
    bide_app **last = &app->mounted;
    while (*last)
        last = &(*last)->next;
    *last = mounted;
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
    bide__free(mounted->prefix);
    bide__free(mounted->name);
    mounted->prefix = mounted->name = NULL;
    return node ? bide_fail(BIDE_EINVAL, "mount %.80s: another application is there", prefix)
                : bide_errcode();
}

/* ---- hosts ---- */

static const char *port_of(const char *host)
{
    const char *colon = strrchr(host, ':');
    return colon && !strchr(colon, ']') ? colon : NULL;
}

/* A pattern without a port fits all. */
static size_t size_for(const struct mounted_host *pattern, const char *host)
{
    const char *port = port_of(pattern->host) ? NULL : port_of(host);
    return port ? (size_t)(port - host) : strlen(host);
}

static bool host_fits(const struct mounted_host *pattern, const char *host)
{
    size_t size = size_for(pattern, host), wanted = strlen(pattern->host);
    if (pattern->below ? size <= wanted : size != wanted)
        return false;
    return strncasecmp(host + size - wanted, pattern->host, wanted) == 0;
}

bide_app *bide__app_for_host(const bide_app *app, const char *host)
{
    const struct mounted_host *found = NULL;
    for (const struct mounted_host *one = app->hosts; one; one = one->next) {
        if (!host_fits(one, host))
            continue;
        if (!one->below)
            return one->app;
        if (!found || strlen(one->host) > strlen(found->host))
            found = one;
    }
    return found ? found->app : NULL;
}

static bool is_host(const char *text)
{
    size_t size = strlen(text);
    for (const char *c = text; *c; c++)
        if (!char_is(*c, CHAR_HOST) && !strchr("[]:", *c))
            return false;
    return size > 0 && size < 256;
}

static struct mounted_host *new_host(const char *host)
{
    bool below = strncmp(host, "*.", 2) == 0;
    const char *text = below ? host + 1 : host;
    if (!is_host(text) || (below && (text[1] == '\0' || text[1] == '.'))) {
        bide_fail(BIDE_EINVAL, "mount_host %.80s: not a host", host);
        return NULL;
    }
    struct mounted_host *one = bide__zalloc(sizeof *one + strlen(text) + 1);
    if (!one) {
        bide_fail(BIDE_ENOMEM, "out of memory for an application");
        return NULL;
    }
    one->below = below;
    for (size_t i = 0; text[i]; i++)
        one->host[i] = char_lower(text[i]);
    return one;
}

static bool same_host(const struct mounted_host *a, const struct mounted_host *b)
{
    return a->below == b->below && strcmp(a->host, b->host) == 0;
}

int bide_mount_host(bide_app *app, const char *host, bide_app *mounted, const char *name)
{
    int rc = may_mount(app, mounted);
    struct mounted_host *one = rc == 0 ? new_host(host) : NULL;
    if (!one)
        return bide_errcode();
    struct mounted_host **last = &app->hosts;
    while (*last && !same_host(*last, one))
        last = &(*last)->next;
    if (*last)
        bide_fail(BIDE_EINVAL, "mount_host %.80s: another application is there", host);
    if (*last || !copy_texts(mounted, text_of("", 0), name)) {
        bide__free(one);
        return bide_errcode();
    }
    one->app = mounted;
    *last = one;
    join(app, mounted);
    return 0;
}
