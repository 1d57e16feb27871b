/* Which names a directory has, and the answer that tells them.
 *
 * Each name is opened by the same rules as if it was asked for, so a listing shows no more than can
 * be had: no link that leads out, no device. */
#include "web/listing.h"

#include "base/memory.h"
#include "base/sys.h"
#include "http/accept.h"
#include "http/heap_writer.h"
#include "io/file.h"
#include "web/request.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 32768 };

/* ---- reading, in a thread ---- */

static int compare(const void *a, const void *b)
{
    const struct listed *one = a, *other = b;
    if (one->directory != other->directory)
        return one->directory ? -1 : 1;
    return strcmp(one->name, other->name);
}

static bool is_shown(const struct listing *l, const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    return (l->site->hidden || name[0] != '.') && !strchr(name, '\\');
}

static bool look(const struct listing *l, const char *name, struct stat *st)
{
    char path[STATIC_PATH_MAX + NAME_MAX + 2];
    snprintf(path, sizeof path, "%s%s", l->path, name);
    int fd = bide__file_root_open(&l->site->root, path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool good = bide__sys.fstat(fd, st) == 0 && (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode));
    bide__sys.close(fd);
    return good;
}

static int grow(struct listing *l)
{
    size_t room = l->room ? 2 * l->room : 64;
    struct listed *items = bide__resize(l->items, room * sizeof *items);
    if (!items)
        return bide_fail(BIDE_ENOMEM, "out of memory for a listing");
    l->items = items;
    l->room = room;
    return 0;
}

static int add(struct listing *l, const char *name)
{
    struct stat st;
    if (!is_shown(l, name) || !look(l, name, &st))
        return 0;
    if (l->count == l->site->listing_max) {
        l->cut = true;
        return 0;
    }
    if (l->count == l->room && grow(l) < 0)
        return bide_errcode();
    char *copy = bide__copy_text(name, strlen(name));
    if (!copy)
        return bide_fail(BIDE_ENOMEM, "out of memory for a listing");
    l->items[l->count++] = (struct listed){ copy, S_ISDIR(st.st_mode), (uint64_t)st.st_size,
                                            st.st_mtim.tv_sec };
    return 0;
}

static int add_batch(struct listing *l, char *names, size_t size)
{
    int rc = 0;
    for (size_t at = 0; rc == 0 && at < size && !l->cut;) {
        const struct dirent64 *entry = (const struct dirent64 *)(void *)(names + at);
        rc = add(l, entry->d_name);
        at += entry->d_reclen;
    }
    return rc;
}

static int read_names(struct listing *l, int fd)
{
    char *names = bide__alloc(BATCH);
    int rc = names ? 0 : bide_fail(BIDE_ENOMEM, "out of memory for a listing");
    while (rc == 0 && !l->cut) {
        ssize_t n = bide__sys.getdents64(fd, names, BATCH);
        if (n <= 0) {
            rc = n < 0 ? bide__fail_errno("") : 0;
            break;
        }
        rc = add_batch(l, names, (size_t)n);
    }
    bide__free(names);
    return rc;
}

int bide__listing_read(void *arg)
{
    struct listing *l = arg;
    int fd = bide__file_root_open(&l->site->root, *l->path ? l->path : ".",
                                  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return bide__fail_errno("");
    int rc = read_names(l, fd);
    bide__sys.close(fd);
    if (l->count > 0)
        qsort(l->items, l->count, sizeof *l->items, compare);
    return rc;
}

void bide__listing_end(struct listing *l)
{
    for (size_t i = 0; i < l->count; i++)
        bide__free(l->items[i].name);
    bide__free(l->items);
}

/* ---- the answer ---- */

static bool wants_json(const bide_request *req)
{
    struct text accept = head_get(&req->head, req->text, HEADER_ACCEPT);
    return bide__accept_type(accept, "application/json") > bide__accept_type(accept, "text/html");
}

static int add_headers(bide_request *req)
{
    if (bide_respond_header(req, "Vary", "Accept") < 0 ||
        bide_respond_header(req, "Cache-Control", "no-cache") < 0 ||
        bide_respond_header(req, "Content-Security-Policy",
                            "default-src 'none'; style-src 'unsafe-inline'") < 0)
        return bide_errcode();
    return 0;
}

static int respond(bide_request *req, const struct listing *l)
{
    bool json = wants_json(req);
    struct writer w = bide__heap_writer();
    if (json)
        bide__listing_write_json(&w, l);
    else
        bide__listing_write_page(&w, l, bide_request_path(req), *l->path == '\0');
    struct text body = bide__heap_writer_end(&w, "a listing");
    int rc = body.at ? add_headers(req) : bide_errcode();
    if (rc == 0)
        rc = bide_respond(req, 200, json ? "application/json" : "text/html; charset=utf-8",
                          body.at, body.size);
    bide__free((char *)(uintptr_t)body.at);
    return rc;
}

int bide__listing_answer(bide_request *req, const struct static_site *site, const char *path)
{
    struct listing l = { .site = site, .path = path };
    int rc = bide__file_hop(bide__listing_read, &l);
    if (rc == -EACCES || rc == -ENOENT)
        rc = bide__file_refuse(req, rc);
    else if (rc == 0)
        rc = respond(req, &l);
    bide__listing_end(&l);
    return rc;
}
