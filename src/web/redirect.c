/* Where an answer may send a browser.
 *
 * What a handler hands in is often made of what a client said ("next=/inbox").  So a path stays on
 * this host whatever is in it: browsers take "//" and a backslash for the beginning of a host, and
 * drop tabs and line ends before they look; the first two are refused, the others are encoded, as
 * is all that may not stand in a URL.  A scheme other than http and https is refused. */
#include "web/request.h"

#include "http/percent.h"

#include <bide/respond.h>

static bool begins(const char *text, const char *with)
{
    for (; *with; text++, with++)
        if (char_lower(*text) != *with)
            return false;
    return true;
}

static int refuse(const char *location, const char *why)
{
    return bide_fail(BIDE_EINVAL, "redirect to %.100s: %s", location, why);
}

/* The scheme's end; 0: it has none; -1: it is another one. */
static int scheme_size(const char *location)
{
    if (begins(location, "http://"))
        return 7;
    if (begins(location, "https://"))
        return 8;
    size_t plain = strcspn(location, "/?#");
    return memchr(location, ':', plain) ? -1 : 0;
}

static bool is_host(const char *at, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!char_is(at[i], CHAR_HOST) && !strchr(":[]", at[i]))
            return false;
    return size > 0;
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

static int check(const char *location)
{
    int scheme = scheme_size(location);
    const char *host = location + scheme;
    if (scheme < 0)
        return refuse(location, "it is neither a path nor http nor https");
    if (scheme > 0 && !is_host(host, strcspn(host, "/?#")))
        return refuse(location, "its host is none");
    if (location[0] == '\\' || (is_slash(location[0]) && is_slash(location[1])))
        return refuse(location, "browsers take it for another host");
    return 0;
}

/* Encodes what may not stand there; the brackets of a host's address and one '#' may. */
static void write_location(struct writer *w, const char *location)
{
    int scheme = scheme_size(location);
    size_t host = scheme > 0 ? (size_t)scheme + strcspn(location + scheme, "/?#") : 0;
    size_t fragment = strcspn(location, "#");
    writer_put(w, location, host);
    bide__percent_write_loosely(w, text_of(location + host, fragment - host), CHAR_QUERY);
    if (location[fragment] == '#') {
        writer_literal(w, "#");
        bide__percent_write_loosely(w, text_from(location + fragment + 1), CHAR_QUERY);
    }
    writer_put(w, "", 1);
}

int bide_respond_redirect(bide_request *req, int status, const char *location)
{
    struct writer w;
    if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308)
        return bide_fail(BIDE_EINVAL, "redirect: %d is no status of a redirect", status);
    int rc = location ? check(location) : bide_fail(BIDE_EINVAL, "redirect to nowhere");
    if (rc < 0)
        return rc;
    bide__scratch_write(&req->scratch, &w);
    write_location(&w, location);
    if (w.code < 0)
        return bide_fail(w.code, "redirect: %s", w.why);
    bide__scratch_keep(&req->scratch, &w);
    rc = bide_respond_header(req, "Location", w.at);
    return rc < 0 ? rc : bide_respond(req, status, NULL, "", 0);
}
