/* Services that set cookies, and tell which are sent. */
#include "web/demo.h"

#include <string.h>

/* The next "name=value" of a Cookie header; false: there are no more. */
static bool next_cookie(const char **at, struct text *name, struct text *value)
{
    *at += strspn(*at, "; ");
    size_t size = strcspn(*at, ";");
    const char *equals = memchr(*at, '=', size);
    *name = text_of(*at, equals ? (size_t)(equals - *at) : 0);
    *value = text_of(*at + name->size + (equals != NULL), size - name->size - (equals != NULL));
    *at += size;
    return size > 0;
}

static int cookies(bide_request *req)
{
    const char *at = bide_request_header(req, "Cookie");
    struct text name, value;
    bide_json *j = bide_json_new();
    bide_json *all = bide_json_object(j, "cookies");
    while (at && next_cookie(&at, &name, &value))
        bide__demo_set(all, bide__scratch_copy(&req->scratch, name.at, name.size),
                       bide__scratch_copy(&req->scratch, value.at, value.size));
    return bide__demo_json(req, 200, j);
}

/* Sets a cookie for each of the query, and goes to where they are told. */
static int set_all(bide_request *req, const char *attributes)
{
    const struct bide_pair *pair = bide__demo_pairs(req);
    for (; pair && pair->name; pair++) {
        const char *text = bide__demo_print(req, "%s=%s; Path=/%s", pair->name, pair->value,
                                            attributes);
        if (!text)
            return bide_errcode();
        if (bide_respond_header(req, "Set-Cookie", text) < 0)
            return bide_respond_text(req, 400, "%s cannot stand in a cookie\n", pair->name);
    }
    int rc = bide_respond_header(req, "Location", "/cookies");
    return rc < 0 ? rc : bide_respond_text(req, 302, "go to /cookies\n");
}

static int set(bide_request *req)
{
    return set_all(req, "");
}

static int expire(bide_request *req)
{
    return set_all(req, "; Max-Age=0");
}

const struct demo_route bide__demo_cookies[] = {
    { "GET", "/cookies", cookies }, { "GET", "/cookies/set", set },
    { "GET", "/cookies/delete", expire }, { NULL, NULL, NULL },
};
