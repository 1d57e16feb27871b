/* What a relative reference means (RFC 3986, section 5.2).
 *
 * The reference is split by RFC 3986's own rule for it and the pieces are written
 * one after the other; the path goes through remove_dots in place, in the output.
 * Bytes are not judged here: the result goes through bide__url_parse, which does. */
#include "http/url.h"

#include "bide/error.h"

#include <string.h>

/* A reference taken apart.  at NULL: that part is not there. */
struct parts {
    struct text scheme, authority, path, query;
};

/* Where the result grows; full once something did not fit. */
struct output {
    char *at;
    size_t size, room;
    bool full;
};

static void put(struct output *out, const char *at, size_t size)
{
    if (size > out->room - out->size) {
        out->full = true;
        return;
    }
    if (size > 0)
        memcpy(out->at + out->size, at, size);
    out->size += size;
}

static const char *find_any(const char *at, const char *end, const char *set)
{
    while (at < end && (*at == '\0' || !strchr(set, *at)))
        at++;
    return at;
}

static struct text between(const char *at, const char *end)
{
    return text_of(at, (size_t)(end - at));
}

static bool is_scheme(struct text text)
{
    if (text.size == 0 || !char_is(text.at[0], CHAR_HOST) || char_is(text.at[0], CHAR_DIGIT))
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] == '_' || (!char_is(text.at[i], CHAR_HOST) && text.at[i] != '+'))
            return false;
    return text.at[0] != '-' && text.at[0] != '.';
}

static struct parts split(const char *at, const char *end)
{
    struct parts parts = { 0 };
    end = find_any(at, end, "#");
    const char *stop = find_any(at, end, ":/?");
    if (stop < end && *stop == ':' && is_scheme(between(at, stop))) {
        parts.scheme = between(at, stop);
        at = stop + 1;
    }
    if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
        stop = find_any(at + 2, end, "/?");
        parts.authority = between(at + 2, stop);
        at = stop;
    }
    stop = find_any(at, end, "?");
    parts.path = between(at, stop);
    if (stop < end)
        parts.query = between(stop + 1, end);
    return parts;
}

static bool is_dots(const char *at, size_t size)
{
    return (size == 1 && at[0] == '.') || (size == 2 && at[0] == '.' && at[1] == '.');
}

/* Takes "." and ".." out of the absolute path at [path, path + size), in place:
 * what is written never overtakes what is read. */
static size_t remove_dots(char *path, size_t size)
{
    size_t to = 0, from = 0;
    while (from < size) {
        size_t start = from + 1, stop = start;     /* path[from] is a '/' */
        while (stop < size && path[stop] != '/')
            stop++;
        size_t length = stop - start;
        if (!is_dots(path + start, length)) {
            memmove(path + to, path + from, length + 1);
            to += length + 1;
        } else {
            if (length == 2)
                while (to > 0 && path[--to] != '/') { }
            if (stop == size)
                path[to++] = '/';
        }
        from = stop;
    }
    return to;
}

static void put_path(struct output *out, const struct url *base, struct text path, bool relative)
{
    size_t start = out->size;
    if (relative) {
        size_t keep = base->path.size;
        while (keep > 0 && base->path.at[keep - 1] != '/')
            keep--;
        put(out, base->path.at, keep);
    } else if (path.size == 0) {
        put(out, "/", 1);
    }
    put(out, path.at, path.size);
    if (!out->full)
        out->size = start + remove_dots(out->at + start, out->size - start);
}

static void put_query(struct output *out, struct text query)
{
    if (!query.at)
        return;
    put(out, "?", 1);
    put(out, query.at, query.size);
}

/* Scheme and authority, from wherever they come; then path and query. */
static void put_parts(struct output *out, const struct url *base, const struct parts *parts)
{
    size_t colon = base->secure ? 5 : 4;
    bool same_page = !parts->authority.at && parts->path.size == 0;
    put(out, base->origin, colon);
    put(out, "://", 3);
    if (parts->authority.at)
        put(out, parts->authority.at, parts->authority.size);
    else
        put(out, url_host_field(base).at, url_host_field(base).size);
    if (same_page) {
        put(out, base->path.at, base->path.size);
        put_query(out, parts->query.at ? parts->query : base->query);
        return;
    }
    bool relative = !parts->authority.at && parts->path.at[0] != '/';
    put_path(out, base, parts->path, relative);
    put_query(out, parts->query);
}

ssize_t bide__url_join(const struct url *base, const char *reference, size_t size,
                       char *out, size_t room, const char **why)
{
    struct parts parts = split(reference, reference + size);
    struct output output = { out, 0, room, false };
    if (parts.scheme.at)
        put(&output, reference, size);
    else
        put_parts(&output, base, &parts);
    put(&output, "", 1);
    if (output.full) {
        *why = "the joined URL is too long";
        return BIDE_EURL;
    }
    return (ssize_t)output.size - 1;
}
