/* bide_route_static(): files beneath a directory, found by the rest of the path. */
#include "web/static.h"

#include "base/memory.h"
#include "base/sys.h"
#include "web/request.h"
#include "web/route.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- a request ---- */

/* Path and query apart, as they came. */
static struct text raw_path(const bide_request *req)
{
    const char *target = bide_request_target(req);
    return text_of(target, strcspn(target, "?"));
}

/* To the same path with a slash behind it, on the same host: the path is this server's own, begins
 * with the prefix and has no empty names, so it cannot lead to another. */
static int redirect_to_directory(bide_request *req)
{
    struct text raw = raw_path(req);
    const char *path = memchr(raw.at, '/', raw.size);
    if (raw.at[0] != '/')               /* "http://host/path" */
        path = strchr(strstr(raw.at, "://") + 3, '/');
    const char *to = bide_request_printf(req, "%.*s/%s", (int)(raw.at + raw.size - path), path,
                                         raw.at + raw.size);
    if (!to || bide_respond_header(req, "Location", to) < 0)
        return bide_errcode();
    return bide_respond_status(req, 301);
}

/* The index, if the directory has one; else its listing, if that is wanted. */
BIDE_WAITS static int answer_directory(bide_request *req, const struct static_site *site,
                                       const char *path)
{
    if (site->index) {
        const char *index = bide_request_printf(req, "%s%s", path, site->index);
        struct open_file *file = index ? bide__file_get(req, &site->root, index) : NULL;
        if (!file)
            return bide_errcode();
        if (file->code == 0 && !open_file_is_directory(file))
            return bide__file_answer(req, &site->root, index, file, &site->manner);
        bide__open_file_release(file);
    }
    /* Whether it is there is looked for by the name, which has no slash behind it. */
    const char *name = *path ? bide_request_printf(req, "%.*s", (int)strlen(path) - 1, path) : ".";
    struct open_file *directory = name ? bide__file_get(req, &site->root, name) : NULL;
    if (!directory)
        return bide_errcode();
    bool there = open_file_is_directory(directory);
    bide__open_file_release(directory);
    if (!there)
        return bide_respond_error(req, 404, NULL);
    return site->listing ? bide__listing_answer(req, site, path)
                         : bide_respond_error(req, 403, NULL);
}

BIDE_WAITS static int answer_name(bide_request *req, const struct static_site *site,
                                  const char *path)
{
    struct open_file *file = bide__file_get(req, &site->root, path);
    if (!file)
        return bide_errcode();
    if (!open_file_is_directory(file))
        return bide__file_answer(req, &site->root, path, file, &site->manner);
    bide__open_file_release(file);
    return redirect_to_directory(req);
}

static int serve(bide_request *req)
{
    const struct static_site *site = bide__route_arg(req);
    const char *path = bide_request_param(req, "path");
    switch (bide__static_path_read(raw_path(req), path, site->hidden)) {
    case STATIC_NAME:
        return answer_name(req, site, path);
    case STATIC_DIRECTORY:
        return answer_directory(req, site, path);
    default:
        return bide_respond_error(req, 404, NULL);
    }
}

/* "/static", without the slash. */
static int serve_prefix(bide_request *req)
{
    return redirect_to_directory(req);
}

/* ---- the route ---- */

static void drop_site(void *arg)
{
    struct static_site *site = arg;
    if (!site)
        return;
    if (site->root.directory >= 0)
        bide__sys.close(site->root.directory);
    bide__free(site->index);
    bide__free(site->cache);
    bide__free(site);
}

static int copy_texts(struct static_site *site, const struct bide_route_static_opts *opts)
{
    char age[64];
    const char *cache = opts->cache;
    if (!cache && opts->max_age > 0) {
        snprintf(age, sizeof age, "public, max-age=%.0f", fmin(opts->max_age, 1e9));
        cache = age;
    }
    site->index = opts->index ? bide__copy_text(opts->index, strlen(opts->index)) : NULL;
    site->cache = cache ? bide__copy_text(cache, strlen(cache)) : NULL;
    if ((opts->index && !site->index) || (cache && !site->cache))
        return bide_fail(BIDE_ENOMEM, "route_static: out of memory");
    site->manner.cache = site->cache;
    return 0;
}

static int open_directory(struct static_site *site, const char *directory)
{
    site->root.directory = bide__sys.open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    return site->root.directory >= 0 ? 0
        : bide_fail(-errno, "route_static: %s: %s", directory, strerror(errno));
}

static struct static_site *new_site(const struct bide_route_static_opts *opts)
{
    struct static_site *site = bide__zalloc(sizeof *site);
    if (!site) {
        bide_fail(BIDE_ENOMEM, "route_static: out of memory");
        return NULL;
    }
    site->root = (struct file_root){ .directory = -1, .beneath = true,
                                     .links = opts->follow_links };
    site->manner.precompressed = opts->precompressed;
    site->listing = opts->listing;
    site->hidden = opts->hidden;
    site->listing_max = opts->listing_max ? opts->listing_max : LISTING_MAX;
    if (copy_texts(site, opts) == 0 && open_directory(site, opts->directory) == 0)
        return site;
    drop_site(site);
    return NULL;
}

static bool is_prefix(const char *prefix)
{
    return prefix && prefix[0] == '/' && !strpbrk(prefix, "{}?#") && !strstr(prefix, "//");
}

/* An index is a name, not a path. */
static bool is_file_name(const char *index)
{
    return !index || (index[0] != '\0' && !strchr(index, '/') && strcmp(index, "..") != 0);
}

int bide_route_static_opts(bide_app *app, const char *prefix,
                           const struct bide_route_static_opts *opts)
{
    char path[1024];
    size_t size = prefix ? strlen(prefix) : 0;
    if (!is_prefix(prefix) || size + 10 > sizeof path || !opts->directory ||
        !is_file_name(opts->index) || isnan(opts->max_age))
        return bide_fail(BIDE_EINVAL, "route_static %.80s: not a path and a directory",
                         prefix ? prefix : "NULL");
    size -= prefix[size - 1] == '/';
    struct static_site *site = new_site(opts);
    if (!site)
        return bide_errcode();
    snprintf(path, sizeof path, "%.*s/{path:*}", (int)size, prefix);
    int rc = bide__route_add(app, "GET", path,
                             &(struct bide_route_opts){ .abi_ = sizeof(struct bide_route_opts),
                                                        .fn = serve, .name = opts->name },
                             site, drop_site);
    if (rc < 0 || size == 0)
        return rc;
    path[size] = '\0';
    return bide_route(app, "GET", path, serve_prefix);
}
