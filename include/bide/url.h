/* bide/url.h -- http and https URLs: read as a browser reads them, taken apart, joined, built.
 *
 *     bide_auto(url) page = bide_url_parse("HTTP://B\u00fccher.example/a b?q=1");
 *     bide_auto(url) next = bide_url_join(page, "../c?q=2");
 *     bide_auto(url) more = bide_url_build(.from = next, .add = BIDE_PAIRS({ "page", "3" }));
 *     puts(bide_url_text(more));          // http://xn--bcher-kva.example/c?q=2&page=3
 *
 * A URL object is normal from the beginning: scheme and host in lower case, a path that begins with
 * "/" and has no "." or "..", every byte that may not stand there percent-encoded, once.  Two URLs
 * that are the same are so by strcmp().  What readers of URLs disagree about is refused; the manual
 * (docs/urls.md) has the table, and where browsers do otherwise.  Every part is the object's, ends
 * with a NUL and cannot hold CR or LF: nothing of it can split a request.
 *
 * An object never changes and belongs to no loop: any thread may read it.  Nothing here waits. */
#ifndef BIDE_URL_H
#define BIDE_URL_H
#include <bide/error.h>
#include <bide/pair.h>
BIDE_BEGIN_

typedef struct bide_url bide_url;

/* Options of bide_url_parse(). */
struct bide_url_parse_opts {
    size_t abi_;
    const char *text;           /* at most 16384 bytes, also when it is percent-encoded */
    bool guess_scheme;          /* "example.org/x" is taken for http://example.org/x, as curl does;
                                   for what people type, not for what pages say */
};
/* Reads an absolute URL (RFC 3986, WHATWG's tolerance): bide_url_parse(text).  White space around
 * it is cut off; "\" in a path is "/"; names beyond ASCII need libidn2.  NULL: BIDE_EURL with a
 * sentence, BIDE_ENOMEM.  Counterpart: yarl.URL(). */
#define bide_url_parse(...) \
    bide_url_parse_opts(BIDE_OPTS_(bide_url_parse_opts, .text = __VA_ARGS__))
bide_url *bide_url_parse_opts(const struct bide_url_parse_opts *opts);
/* What a reference on the page at `base` means (RFC 3986 section 5.2): a page's link, a Location.
 * The fragment is the reference's; user and password are kept where the host is the base's.
 * NULL: BIDE_EURL, also for other schemes (mailto:); BIDE_ENOMEM.  Counterpart: URL.join(). */
bide_url *bide_url_join(const bide_url *base, const char *reference);

/* Options of bide_url_build().  What is not given is from's; without one, as said.  All are plain
 * text, which is percent-encoded as its place needs. */
struct bide_url_build_opts {
    size_t abi_;
    const bide_url *from;       /* a URL to begin with; default: none */
    const char *scheme;         /* "http" or "https"; default "http" */
    const char *user;           /* "": none, and no password */
    const char *password;       /* "": none */
    const char *host;           /* a name, also beyond ASCII, or an address; needed without from */
    int port;                   /* 1 to 65535; default: the scheme's */
    const char *path;           /* replaces the path.  "/" stays and %XX stays; "?" and "#" are
                                   encoded */
    const char *const *segments;    /* ends with NULL; each goes behind the path as one part, also
                                   with "/" in it.  "." and "..": BIDE_EINVAL */
    const struct bide_pair *query;  /* replaces the query; an empty list takes it away */
    const struct bide_pair *add;    /* goes behind the query that there is.  A NULL value: the name
                                   alone, without "=" */
    const char *fragment;       /* "": none */
};
/* Makes a URL of its parts, or another of one that there is: spaces are %20, and everything but
 * letters, digits and "-._~" is encoded in user, password, segments and pairs.  NULL: BIDE_EINVAL,
 * BIDE_EURL, BIDE_ENOMEM.  Counterparts: URL.build(), URL.with_...(), url / "segment". */
#define bide_url_build(...) \
    bide_url_build_opts(BIDE_OPTS_(bide_url_build_opts, __VA_ARGS__))
bide_url *bide_url_build_opts(const struct bide_url_build_opts *opts);

/* All of it, user and password too.  NULL on NULL, as all below. */
const char *bide_url_text(const bide_url *u);
/* Without user and password: for logs and messages. */
const char *bide_url_redacted(const bide_url *u);
/* "http" or "https" */
const char *bide_url_scheme(const bide_url *u);
/* The user, decoded; NULL: none. */
const char *bide_url_user(const bide_url *u);
/* The password, decoded; NULL: none. */
const char *bide_url_password(const bide_url *u);
/* The host as DNS knows it, in ASCII and lower case; an IPv6 address without brackets. */
const char *bide_url_host(const bide_url *u);
/* The host as people write it, in UTF-8.  For showing alone: what looks the same may differ. */
const char *bide_url_host_unicode(const bide_url *u);
/* The port, the scheme's if none is written; < 0 on NULL. */
int bide_url_port(const bide_url *u);
/* The path, percent-encoded: "/a%20b". */
const char *bide_url_path(const bide_url *u);
/* The query without "?", percent-encoded; NULL: none. */
const char *bide_url_query(const bide_url *u);
/* The fragment without "#", percent-encoded; NULL: none.  It is never sent. */
const char *bide_url_fragment(const bide_url *u);
/* "/path?query": what a request asks for. */
const char *bide_url_target(const bide_url *u);
/* "https://example.org:8443": scheme, host, and the port if it is not the scheme's (RFC 6454). */
const char *bide_url_origin(const bide_url *u);
/* Have both the same scheme, host and port?  false if one is NULL. */
bool bide_url_same_origin(const bide_url *a, const bide_url *b);
/* The first query parameter of that name, decoded; NULL: none. */
const char *bide_url_param(const bide_url *u, const char *name);
/* All of them in their order, decoded ("+" is a space), ended by {NULL, NULL}; without "=" the
 * value is "".  What has a %00 in it stays encoded.  Counterpart: URL.query. */
const struct bide_pair *bide_url_params(const bide_url *u);
/* Ends it and all its texts.  NULL: nothing. */
void bide_url_free(bide_url *u);
BIDE_AUTO_(url, bide_url_free)

/* Room for bide_percent_encode() with a text of so many bytes. */
#define BIDE_PERCENT_ROOM(size) (3 * (size) + 1)
/* Writes text with all but letters, digits and "-._~" as %XX, and a NUL: a path segment, a query's
 * name or value.  Its size without the NUL, or BIDE_ELIMIT: more than `room` bytes are needed.
 * Counterpart: urllib.parse.quote(safe=""). */
ssize_t bide_percent_encode(char *out, size_t room, const char *text);
/* Decodes, and writes a NUL; out may be text.  Its size without the NUL; BIDE_EURL: a % without two
 * hexadecimal digits, or %00; BIDE_ELIMIT.  Counterpart: urllib.parse.unquote(). */
ssize_t bide_percent_decode(char *out, size_t room, const char *text);

BIDE_END_
#endif
