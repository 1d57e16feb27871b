/* What a reference means (RFC 3986, section 5.2), as tolerant as a browser.
 *
 * The reference is split by RFC 3986's own rule for it and the pieces are written one after the
 * other, each with what may not stand in it percent-encoded; the path goes through remove_dots in
 * place, in the output.  A '%' that begins no percent-code is a percent sign: "100%" means
 * "100%25".  What two readers of the text could read differently is refused: see docs/urls.md. */
#include "http/url.h"

#include "bide/error.h"
#include "http/percent.h"
#include "http/url_host.h"

#include <string.h>

/* A reference taken apart.  at NULL: that part is not there. */
struct parts {
    struct text scheme, authority, path, query, fragment;
};

static struct text between(const char *at, const char *end)
{
    return text_of(at, (size_t)(end - at));
}

static const char *find_any(const char *at, const char *end, const char *set)
{
    while (at < end && (*at == '\0' || !strchr(set, *at)))
        at++;
    return at;
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static struct text trimmed(struct text text)
{
    while (text.size > 0 && is_white(*text.at)) {
        text.at++;
        text.size--;
    }
    while (text.size > 0 && is_white(text.at[text.size - 1]))
        text.size--;
    return text;
}

/* ---- what may not be there at all ---- */

/* How many bytes the character at `at` has; 0: they are not well-formed UTF-8 (Unicode, table
 * 3-7). */
static size_t character_size(const char *at, size_t left)
{
    const uint8_t *c = (const uint8_t *)at;
    size_t size = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 :
                  c[0] < 0xf5 ? 4 : 0;
    if (size == 0 || size > left)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xf0 && c[1] < 0x90);
    bool none = (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf4 && c[1] > 0x8f);
    return overlong || none ? 0 : size;
}

static const char *check_bytes(struct text text)
{
    for (size_t i = 0; i < text.size;) {
        char c = text.at[i];
        if (c == '\n' || c == '\r' || c == '\t')
            return "the URL has a line break or a tab in it";
        if ((uint8_t)c < 0x20 || c == 0x7f)
            return "the URL has a control character in it";
        size_t size = character_size(text.at + i, text.size - i);
        if (size == 0)
            return "the URL is not valid UTF-8";
        i += size;
    }
    return NULL;
}

/* ---- taking apart ---- */

static bool is_scheme(struct text text)
{
    if (text.size == 0 || !char_is(text.at[0], CHAR_HOST) || char_is(text.at[0], CHAR_DIGIT))
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] == '_' || (!char_is(text.at[i], CHAR_HOST) && text.at[i] != '+'))
            return false;
    return text.at[0] != '-' && text.at[0] != '.';
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

/* "host:8080/x" without a scheme has what looks like one. */
static bool is_port(const char *at, const char *end)
{
    const char *stop = find_any(at, end, "/?");
    return stop > at && stop - at < 6 && bide__chars_skip(at, stop, CHAR_DIGIT) == stop;
}

static const char *split_authority(struct parts *parts, const char **at, const char *end)
{
    const char *stop = find_any(*at, end, "/?\\");
    if (stop < end && *stop == '\\')
        return "the URL has a backslash where its host ends: not all agree on what that means";
    parts->authority = between(*at, stop);
    *at = stop;
    return NULL;
}

static const char *split(struct parts *parts, struct text text, bool guess)
{
    const char *at = text.at, *end = at + text.size, *stop = find_any(at, end, "#");
    if (stop < end)
        parts->fragment = between(stop + 1, end);
    end = stop;
    stop = find_any(at, end, ":/?\\");
    if (stop < end && *stop == ':' && is_scheme(between(at, stop)) &&
        !(guess && is_port(stop + 1, end))) {
        parts->scheme = between(at, stop);
        at = stop + 1;
        guess = false;
    }
    const char *why = NULL;
    if (end - at >= 2 && is_slash(at[0]) && is_slash(at[1])) {
        if (at[0] == '\\' || at[1] == '\\')
            return "the URL has a backslash before its host: not all agree on what that means";
        at += 2;
        why = split_authority(parts, &at, end);
    } else if (guess) {
        why = split_authority(parts, &at, end);
    }
    stop = find_any(at, end, "?");
    parts->path = between(at, stop);
    if (stop < end)
        parts->query = between(stop + 1, end);
    return why;
}

/* ---- writing the pieces ---- */

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
        int dots = bide__url_dots(path + start, length);
        if (dots == 0) {
            memmove(path + to, path + from, length + 1);
            to += length + 1;
        } else {
            if (dots == 2)
                while (to > 0 && path[--to] != '/') { }
            if (stop == size)
                path[to++] = '/';
        }
        from = stop;
    }
    return to;
}

static void put_path(struct writer *w, const struct url *base, const struct parts *parts)
{
    size_t start = w->size;
    bool rooted = parts->path.size > 0 && is_slash(*parts->path.at);
    if (!parts->authority.at && !rooted) {
        size_t keep = base->path.size;
        while (keep > 0 && base->path.at[keep - 1] != '/')
            keep--;
        writer_put(w, base->path.at, keep);
    } else if (parts->path.size == 0) {
        writer_literal(w, "/");
    }
    bide__percent_write_loosely(w, parts->path, CHAR_PATH);
    if (w->code == 0)
        w->size = start + remove_dots(w->at + start, w->size - start);
}

static void put_query(struct writer *w, struct text query)
{
    if (!query.at)
        return;
    writer_literal(w, "?");
    bide__percent_write_loosely(w, query, CHAR_QUERY);
}

/* "user:password@"; what follows is the rest of the authority. */
static const char *put_user(struct writer *w, struct text *authority, int flags)
{
    const char *end = authority->at + authority->size;
    const char *at = memchr(authority->at, '@', authority->size);
    if (!at)
        return NULL;
    if (memchr(at + 1, '@', (size_t)(end - at) - 1))
        return "the URL has two @ before the end of its host; write %40 in the user's name";
    struct text user = between(authority->at, at);
    if (user.size > 0 && memchr(user.at, ':', user.size) == user.at + user.size - 1)
        user.size--;            /* an empty password is as none */
    if (user.size > 0 && !(flags & URL_DROP_USER)) {
        bide__percent_write_loosely(w, user, CHAR_PATH);
        writer_literal(w, "@");
    }
    *authority = between(at + 1, end);
    return NULL;
}

/* Scheme, user and host, from wherever they come. */
static const char *put_origin(struct writer *w, const struct url *base, struct parts *parts,
                              int flags)
{
    if (!parts->authority.at) {
        struct url front = *base;
        front.path = front.query = front.fragment = text_of(NULL, 0);
        bide__url_write(w, &front, flags);
        return NULL;
    }
    struct url found;
    bool secure = parts->scheme.at ? parts->scheme.size == 5 : base ? base->secure : false;
    bide__url_set_scheme(&found, secure);
    writer_put(w, found.origin, found.scheme_size);
    const char *why = put_user(w, &parts->authority, flags);
    if (!why)
        why = bide__url_read_host_loosely(&found, parts->authority);
    if (!why)
        writer_put(w, url_host_field(&found).at, url_host_field(&found).size);
    return why;
}

static void put_parts(struct writer *w, const struct url *base, const struct parts *parts,
                      int flags)
{
    bool same_page = !parts->authority.at && parts->path.size == 0;
    if (same_page)
        writer_put(w, base->path.at, base->path.size);
    else
        put_path(w, base, parts);
    put_query(w, same_page && !parts->query.at ? base->query : parts->query);
    if (parts->fragment.at && !(flags & URL_DROP_FRAGMENT)) {
        writer_literal(w, "#");
        bide__percent_write_loosely(w, parts->fragment, CHAR_QUERY);
    }
    writer_put(w, "", 1);
}

static const char *check_scheme(const struct parts *parts)
{
    bool http = parts->scheme.at && (bide__text_is_caseless(parts->scheme, "http") ||
                                     bide__text_is_caseless(parts->scheme, "https"));
    if (parts->scheme.at && !http)
        return "the URL's scheme is neither http nor https";
    if (http && !parts->authority.at)
        return "the URL does not have two slashes behind its scheme";
    return NULL;
}

static const char *resolve(struct writer *w, const struct url *base, struct text text, int flags)
{
    struct parts parts = { 0 };
    bool guess = !base && (flags & URL_GUESS_SCHEME);
    if (text.size > URL_SIZE_MAX)
        return "the URL is longer than 16384 characters";
    const char *why = check_bytes(text);
    if (!why)
        why = split(&parts, text, guess);
    if (!why && !base && !guess && !parts.scheme.at)
        why = "the URL does not begin with http:// or https://";
    if (!why)
        why = check_scheme(&parts);
    if (!why)
        why = put_origin(w, base, &parts, flags);
    if (!why)
        put_parts(w, base, &parts, flags);
    return why;
}

ssize_t bide__url_resolve(struct writer *w, const struct url *base, struct text text, int flags,
                          const char **why)
{
    size_t start = w->size;
    int rc = BIDE_EURL;
    *why = resolve(w, base, trimmed(text), flags);
    size_t size = w->size - start - 1;
    if (!*why && w->code < 0) {
        rc = w->code;
        *why = rc == BIDE_ENOMEM ? "out of memory for a URL" : "there is no room for the URL";
    } else if (!*why && size > URL_SIZE_MAX) {
        *why = "the URL is longer than 16384 characters when it is percent-encoded";
    }
    if (!*why)
        return (ssize_t)size;
    w->size = start;
    return rc;
}

ssize_t bide__url_join(const struct url *base, const char *reference, size_t size,
                       char *out, size_t room, const char **why)
{
    struct writer w = { .at = out, .room = room };
    ssize_t rc = bide__url_resolve(&w, base, text_of(reference, size), 0, why);
    return rc < 0 ? BIDE_EURL : rc;
}
