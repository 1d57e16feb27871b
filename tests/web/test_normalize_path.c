/* Paths with slashes too many or too few. */
#include "web/site.h"

static int here(bide_request *req)
{
    return bide_respond_text(req, 200, "here");
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_use(app, bide_normalize_path), 0);
    CHECK_EQ(bide_route(app, "GET", "/a", here), 0);
    CHECK_EQ(bide_route(app, "GET", "/b/", here), 0);
    CHECK_EQ(bide_route(app, "GET", "/c/{x}/", here), 0);
    CHECK_EQ(bide_route(app, "GET", "/{x}/d", here), 0);
    return app;
}

TASK_TEST(a_path_that_was_meant_is_where_a_client_is_sent)
{
    static const struct {
        const char *path, *location;        /* "": it is there; NULL: nothing is */
    } cases[] = {
        { "/a", "" }, { "/a/", "/a" }, { "/a/?x=1&y", "/a?x=1&y" }, { "//a", "/a" },
        { "/a//", "/a" }, { "/b", "/b/" }, { "/b?q", "/b/?q" }, { "/b/", "" }, { "/c//x", "/c/x/" },
        { "/c/%78", "/c/%78/" }, { "/", NULL }, { "//", NULL }, { "/e", NULL }, { "/e/", NULL },
        { "//evil.example/d", "/evil.example/d" }, { "/%zz/", NULL },
    };
    struct site site = { .opts = { .idle = 10 } };
    char out[2000], text[200];
    SITE(&site);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "GET %s" H "\r\n", cases[i].path);
        exchange(&site, text, false, out, sizeof out);
        const char *location = cases[i].location;
        if (!location) {
            CHECK(begins(out, "HTTP/1.1 40"));
        } else if (!*location) {
            CHECK(begins(out, "HTTP/1.1 200 OK\r\n"));
        } else {
            CHECK(begins(out, "HTTP/1.1 308 Permanent Redirect\r\n"));
            snprintf(text, sizeof text, "\r\nLocation: %s\r\n", location);
            CHECK_HAS(out, text);
        }
    }
}

TASK_TEST(a_method_that_has_no_route_there_is_not_sent)
{
    struct site site = { .opts = { .idle = 10 } };
    char out[2000];
    SITE(&site);
    exchange(&site, "DELETE /b" H "\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 404 Not Found\r\n"));
}
