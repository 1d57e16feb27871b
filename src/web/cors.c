/* The CORS protocol (Fetch standard, 3.2), from the server's side.
 *
 * An origin is answered only if it is in the list: it is never given back what it said of itself
 * because it said so.  Answers that differ by origin say that they do (Vary), or a cache would hand
 * one origin's answer to another. */
#include "base/memory.h"
#include "web/lasting.h"
#include "web/origins.h"

#include <bide/middleware.h>
#include <bide/respond.h>
#include <math.h>
#include <stdio.h>

enum { MAX_AGE = 600 };         /* seconds, unless set otherwise */

struct cors {
    struct origins origins;
    bool credentials;
    int64_t max_age;
    char *methods, *headers, *expose;   /* "" if there are none */
};

/* Is the word in a list with commas, or the list "*"? */
static bool has(const char *list, struct text word, bool caseless)
{
    struct text other;
    while (bide__list_next(&list, &other)) {
        if (bide__text_is(other, "*"))
            return true;
        if (other.size != word.size)
            continue;
        size_t i = 0;
        while (i < word.size && (other.at[i] == word.at[i] ||
               (caseless && char_lower(other.at[i]) == char_lower(word.at[i]))))
            i++;
        if (i == word.size)
            return true;
    }
    return false;
}

static bool is_allowed_method(const struct cors *cors, const char *method)
{
    const char *end = method + strlen(method);
    return method != end && bide__chars_skip(method, end, CHAR_TOKEN) == end &&
           (has("GET,HEAD,POST", text_from(method), false) ||
            has(cors->methods, text_from(method), false));
}

/* Those that a browser asks for: words alone, all of them in our list. */
static bool are_allowed_headers(const struct cors *cors, const char *asked)
{
    static const char always[] = "accept,accept-language,content-language,range";
    struct text word;
    while (bide__list_next(&asked, &word)) {
        const char *end = word.at + word.size;
        if (bide__chars_skip(word.at, end, CHAR_TOKEN) != end ||
            !(has(always, word, true) || has(cors->headers, word, true)))
            return false;
    }
    return true;
}

/* Everybody gets the same answer, whoever asks. */
static bool is_same_for_all(const struct cors *cors)
{
    return cors->origins.any && !cors->credentials;
}

static int allow(bide_request *req, const struct cors *cors, const char *origin)
{
    int rc = bide__respond_lasting(req, "Access-Control-Allow-Origin",
                                   is_same_for_all(cors) ? "*" : origin);
    if (rc == 0 && cors->credentials)
        rc = bide__respond_lasting(req, "Access-Control-Allow-Credentials", "true");
    return rc;
}

/* ---- what is asked beforehand ---- */

static int grant(bide_request *req, const struct cors *cors, const char *method,
                 const char *headers)
{
    char age[24];
    snprintf(age, sizeof age, "%lld", (long long)cors->max_age);
    int rc = bide_respond_header(req, "Access-Control-Allow-Methods", method);
    if (rc == 0 && headers)
        rc = bide_respond_header(req, "Access-Control-Allow-Headers", headers);
    if (rc == 0)
        rc = bide_respond_header(req, "Access-Control-Max-Age", age);
    return rc < 0 ? rc : bide_respond_status(req, 204);
}

static int preflight(bide_request *req, const struct cors *cors, const char *origin,
                     const char *method)
{
    const char *headers = bide_request_header(req, "Access-Control-Request-Headers");
    int rc = bide_respond_header(req, "Vary",
                                 "Access-Control-Request-Method, Access-Control-Request-Headers");
    if (rc < 0)
        return rc;
    if (!bide__origins_have(&cors->origins, origin))
        return bide_respond_error(req, 403, "CORS: this origin is not allowed");
    if (!is_allowed_method(cors, method))
        return bide_respond_error(req, 403, "CORS: this method is not allowed");
    if (headers && !are_allowed_headers(cors, headers))
        return bide_respond_error(req, 403, "CORS: one of these headers is not allowed");
    rc = allow(req, cors, origin);
    return rc < 0 ? rc : grant(req, cors, method, headers);
}

/* waits: in the rest of the chain */
BIDE_WAITS static int run(bide_request *req)
{
    const struct cors *cors = bide_middleware_arg(req);
    const char *origin = bide_request_header(req, "Origin");
    const char *method = bide_request_header(req, "Access-Control-Request-Method");
    int rc = is_same_for_all(cors) ? 0 : bide__respond_lasting(req, "Vary", "Origin");
    if (rc < 0)
        return rc;
    if (origin && method && strcmp(bide_request_method(req), "OPTIONS") == 0)
        return preflight(req, cors, origin, method);
    if (origin && bide__origins_have(&cors->origins, origin)) {
        rc = allow(req, cors, origin);
        if (rc == 0 && *cors->expose)
            rc = bide__respond_lasting(req, "Access-Control-Expose-Headers", cors->expose);
    }
    return rc < 0 ? rc : bide_next(req);
}

/* ---- making it ---- */

static void drop(void *arg)
{
    struct cors *cors = arg;
    bide__origins_end(&cors->origins);
    bide__free(cors->methods);
    bide__free(cors->headers);
    bide__free(cors->expose);
    bide__free(cors);
}

static char *copy(const char *text)
{
    return bide__copy_text(text ? text : "", text ? strlen(text) : 0);
}

static int read_options(struct cors *cors, const struct bide_cors_opts *o)
{
    int rc = bide__origins_read(&cors->origins, o->origins);
    if (rc < 0)
        return rc;
    cors->methods = copy(o->methods);
    cors->headers = copy(o->headers);
    cors->expose = copy(o->expose);
    if (!cors->methods || !cors->headers || !cors->expose)
        return bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
    cors->credentials = o->credentials;
    cors->max_age = o->max_age < 0 ? 0 : o->max_age > 0 ? (int64_t)fmin(o->max_age, 86400)
                                                        : MAX_AGE;
    if (cors->credentials && cors->origins.any)
        return bide_fail(BIDE_EINVAL, "cors: credentials for every origin; name those that may");
    if (!cors->origins.any && !cors->origins.none && cors->origins.count == 0)
        return bide_fail(BIDE_EINVAL, "cors: no origins");
    return 0;
}

int bide_use_cors_opts(bide_app *app, const struct bide_cors_opts *opts)
{
    struct cors *cors = bide__zalloc(sizeof *cors);
    if (!cors)
        return bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
    int rc = read_options(cors, opts);
    if (rc == 0)
        return bide_use_with(app, run, cors, drop);
    drop(cors);
    return rc;
}
