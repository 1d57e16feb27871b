/* Which route answers which path. */
#include "test.h"

#include "web/app.h"

#include <bide.h>
#include <stdio.h>
#include <string.h>

static int never(bide_request *req)
{
    (void)req;
    return 0;
}

/* What a path leads to, as "route's path", or "-", found in the tree; and the table must agree. */
static const struct route *look(bide_app *app, const char *method, const char *path,
                                struct path *segments, struct scratch *scratch)
{
    struct text raw = text_from(path);
    CHECK_EQ(bide__path_read(segments, scratch, raw), 0);
    struct search s = { .path = segments, .method_name = method,
                        .method = bide__method_of(text_from(method)) };
    bide__tree_find(&s, app, 0);
    const struct fixed_path *fixed = bide__fixed_find(&app->fixed, raw);
    const struct route *direct = fixed ? bide__set_get(fixed->set, s.method, method) : NULL;
    CHECK(!direct || direct == s.route);
    return s.route;
}

static const char *found(bide_app *app, const char *method, const char *path)
{
    static char space[20000];
    struct scratch scratch;
    struct path segments;
    bide__scratch_start(&scratch, space, sizeof space);
    const struct route *route = look(app, method, path, &segments, &scratch);
    bide__scratch_end(&scratch);
    return route ? route->path : "-";
}

static bide_app *app_of(const char *const *routes)
{
    bide_app *app = bide_app_new(NULL);
    CHECK(app != NULL);
    for (; *routes; routes += 2)
        CHECK_EQ(bide_route(app, routes[0], routes[1], never), 0);
    return app;
}
#define APP(...) app_of((const char *const[]){ __VA_ARGS__, NULL })

TEST(a_path_leads_to_its_route)
{
    bide_auto(app) app = APP("GET", "/", "GET", "/a", "GET", "/a/b", "GET", "/a/", "GET",
                             "/{x}/b/c", "GET", "/v{version}/{file}.json", "GET", "/n/{n:\\d+}",
                             "GET", "/n/{word:[a-z]{2,3}}", "GET", "/files/{rest:*}", "GET",
                             "/ü b");
    static const struct {
        const char *path, *route;
    } cases[] = {
        { "/", "/" }, { "/a", "/a" }, { "/a/b", "/a/b" }, { "/a/", "/a/" }, { "/a//", "-" },
        { "/a/b/", "-" }, { "//", "-" }, { "/%61", "/a" }, { "/a%2Fb", "-" }, { "/A", "-" },
        { "/z/b/c", "/{x}/b/c" }, { "//b/c", "-" }, { "/a/b/c", "/{x}/b/c" },
        { "/v1/x.json", "/v{version}/{file}.json" }, { "/v/x.json", "-" }, { "/v1/.json", "-" },
        { "/v1/x.jso", "-" }, { "/n/12", "/n/{n:\\d+}" }, { "/n/%31", "/n/{n:\\d+}" },
        { "/n/", "-" }, { "/n/12x", "-" }, { "/n/abc", "/n/{word:[a-z]{2,3}}" },
        { "/n/abcd", "-" },
        { "/files/", "/files/{rest:*}" }, { "/files", "-" },
        { "/files/a/b//c", "/files/{rest:*}" },
        { "/%C3%BC%20b", "/ü b" },
    };
    CHECK_EQ(bide__app_start(app), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_STR(found(app, "GET", cases[i].path), cases[i].route);
    bide__app_stopped(app);
}

TEST(text_goes_before_braces_and_then_the_order_of_adding_decides)
{
    bide_auto(app) app = APP("GET", "/{rest:*}", "GET", "/{a}/{b}", "GET", "/{a}/x",
                             "GET", "/users/{id}", "GET", "/users/me", "GET", "/users/{n:[0-9]+}");
    CHECK_STR(found(app, "GET", "/users/me"), "/users/me");
    CHECK_STR(found(app, "GET", "/users/1"), "/users/{id}");
    CHECK_STR(found(app, "GET", "/u/x"), "/{a}/x");
    CHECK_STR(found(app, "GET", "/u/y"), "/{a}/{b}");
    CHECK_STR(found(app, "GET", "/u/y/z"), "/{rest:*}");
}

TEST(a_path_whose_method_does_not_fit_is_left_for_another)
{
    bide_auto(app) app = APP("POST", "/users/me", "GET", "/users/{id}", "*", "/any", "PUT", "/any",
                             "PURGE", "/cache", "BAN", "/cache", "HEAD", "/both", "GET", "/both");
    CHECK_STR(found(app, "GET", "/users/me"), "/users/{id}");
    CHECK_STR(found(app, "HEAD", "/users/me"), "/users/{id}");
    CHECK_STR(found(app, "POST", "/users/me"), "/users/me");
    CHECK_STR(found(app, "PUT", "/users/me"), "-");
    CHECK_STR(found(app, "BREW", "/any"), "/any");
    CHECK_STR(found(app, "BAN", "/cache"), "/cache");
    CHECK_STR(found(app, "PURGE", "/cache"), "/cache");
    CHECK_STR(found(app, "purge", "/cache"), "-");
}

TEST(a_pattern_that_is_none_is_refused_with_what_is_wrong)
{
    static const struct {
        const char *method, *path, *why;
    } cases[] = {
        { "GET", "a", "must begin with '/'" }, { "GET", "", "must begin with '/'" },
        { "G T", "/", "no such method" }, { "", "/", "no such method" },
        { "GET", "/{", "not closed" }, { "GET", "/}", "not opened" }, { "GET", "/{}", "in braces" },
        { "GET", "/{a b}", "in braces" }, { "GET", "/{a}{b}", "one pair" },
        { "GET", "/{a}-{b}", "one pair" }, { "GET", "/{a}/{a}", "twice" },
        { "GET", "/{a:}", "no expression" }, { "GET", "/{a:*}/b", "last segment" },
        { "GET", "/x{a:*}", "whole segment" }, { "GET", "/{a:(}", "expression" },
        { "GET", "/{a:x/y}", "not closed" },
    };
    bide_auto(app) app = bide_app_new(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_EQ(bide_route(app, cases[i].method, cases[i].path, never), BIDE_EINVAL);
        CHECK_HAS(bide_errmsg(), cases[i].why);
    }
    CHECK_EQ(bide_route(app, "GET", "/", NULL), BIDE_EINVAL);
    CHECK_EQ(bide_route(app, "GET", "/", never, .timeout = -1), BIDE_EINVAL);
    CHECK_EQ(bide_route(app, "GET", "/", never, .on_disconnect = 7), BIDE_EINVAL);
    CHECK_EQ(bide_route(NULL, "GET", "/", never), BIDE_EINVAL);
    CHECK_STR(found(app, "GET", "/"), "-");
}

TEST(sixty_four_segments_are_as_many_as_a_route_may_have)
{
    char path[200] = "";
    bide_auto(app) app = bide_app_new(NULL);
    for (int i = 0; i < 64; i++)
        strcat(path, "/x");
    CHECK_EQ(bide_route(app, "GET", path, never), 0);
    CHECK_STR(found(app, "GET", path), path);
    strcat(path, "/x");
    CHECK_EQ(bide_route(app, "GET", path, never), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "more than 64 segments");
}

TEST(a_route_that_is_there_already_is_refused)
{
    bide_auto(app) app = APP("GET", "/a", "GET", "/u/{id}", "GET", "/n/{n:[0-9]+}", "X", "/x",
                             "*", "/r/{r:*}");
    CHECK_EQ(bide_route(app, "GET", "/a", never), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "there already");
    CHECK_EQ(bide_route(app, "GET", "/u/{name}", never), BIDE_EINVAL);
    CHECK_EQ(bide_route(app, "GET", "/n/{id:[0-9]+}", never), BIDE_EINVAL);
    CHECK_EQ(bide_route(app, "X", "/x", never), BIDE_EINVAL);
    CHECK_EQ(bide_route(app, "*", "/r/{all:*}", never), BIDE_EINVAL);
    CHECK_EQ(bide_route(app, "GET", "/n/{id:[0-9]}", never), 0);
    CHECK_EQ(bide_route(app, "POST", "/a", never), 0);
    CHECK_EQ(bide_route(app, "*", "/a", never), 0);
    CHECK_EQ(bide_route(app, "GET", "/r/{all:*}", never), 0);
}

/* The C library's matcher works on the task's stack. */
TASK_TEST(expressions_have_room_for_as_long_a_path_as_there_can_be)
{
    static char path[8000] = "/";
    bide_auto(app) app = APP("GET", "/{n:([0-9]+|x(ab)*)+y?}");
    memset(path + 1, '7', sizeof path - 2);
    CHECK_STR(found(app, "GET", path), "/{n:([0-9]+|x(ab)*)+y?}");
    path[sizeof path - 2] = 'z';
    CHECK_STR(found(app, "GET", path), "-");
}

TEST(a_thousand_routes_are_found)
{
    bide_auto(app) app = bide_app_new(NULL);
    char path[64];
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, i % 2 ? "/things/%d" : "/things/%d/{id}", i);
        CHECK_EQ(bide_route(app, "GET", path, never), 0);
    }
    CHECK_EQ(bide__app_start(app), 0);
    CHECK_STR(found(app, "GET", "/things/501"), "/things/501");
    CHECK_STR(found(app, "GET", "/things/998/x"), "/things/998/{id}");
    CHECK_STR(found(app, "GET", "/things/998"), "-");
    CHECK_EQ(bide_route(app, "GET", "/late", never), BIDE_EBUSY);
    CHECK_HAS(bide_errmsg(), "runs");
    bide__app_stopped(app);
    CHECK_EQ(bide_route(app, "GET", "/late", never), 0);
}

/* ---- URLs ---- */

static const char *url(const bide_app *app, const char *name, const struct bide_pair *params,
                       const struct bide_pair *query)
{
    static char text[300];
    ssize_t size = bide_app_url(app, name, params, query, text, sizeof text);
    CHECK(size < 0 || (size_t)size == strlen(text));
    return size < 0 ? "-" : text;
}

static bide_app *named_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/", never, .name = "root"), 0);
    CHECK_EQ(bide_route(app, "GET", "/users/{id}", never, .name = "user"), 0);
    CHECK_EQ(bide_route(app, "PUT", "/users/{id}", never, .name = "user"), 0);
    CHECK_EQ(bide_route(app, "GET", "/n/{n:\\d+}.txt", never, .name = "number"), 0);
    CHECK_EQ(bide_route(app, "GET", "/files/{path:*}", never, .name = "file"), 0);
    CHECK_EQ(bide_route(app, "GET", "/a b/ü", never, .name = "odd"), 0);
    return app;
}

TEST(a_url_is_written_for_a_name)
{
    bide_auto(app) app = named_app();
    CHECK_STR(url(app, "root", NULL, NULL), "/");
    CHECK_STR(url(app, "user", BIDE_PAIRS({ "id", "a/b ü?" }), NULL), "/users/a%2Fb%20%C3%BC%3F");
    const struct bide_pair *query = BIDE_PAIRS({ "q", "a&b" }, { "r", "1" });
    CHECK_STR(url(app, "number", BIDE_PAIRS({ "n", "42" }), query), "/n/42.txt?q=a%26b&r=1");
    CHECK_STR(url(app, "file", BIDE_PAIRS({ "path", "a b/c.txt" }), NULL), "/files/a%20b/c.txt");
    CHECK_STR(url(app, "file", BIDE_PAIRS({ "path", "" }), NULL), "/files/");
    CHECK_STR(url(app, "odd", NULL, NULL), "/a%20b/%C3%BC");
}

TEST(a_url_that_would_not_lead_back_is_refused)
{
    bide_auto(app) app = named_app();
    char text[8];
    CHECK_STR(url(app, "none", NULL, NULL), "-");
    CHECK_HAS(bide_errmsg(), "no route is named \"none\"");
    CHECK_STR(url(app, "user", NULL, NULL), "-");
    CHECK_HAS(bide_errmsg(), "no value for {id}");
    CHECK_STR(url(app, "user", BIDE_PAIRS({ "id", "" }), NULL), "-");
    CHECK_STR(url(app, "user", BIDE_PAIRS({ "id", ".." }), NULL), "-");
    CHECK_STR(url(app, "user", BIDE_PAIRS({ "id", "." }), NULL), "-");
    CHECK_STR(url(app, "number", BIDE_PAIRS({ "n", "x" }), NULL), "-");
    CHECK_HAS(bide_errmsg(), "does not fit {n}");
    CHECK_STR(url(app, "file", BIDE_PAIRS({ "path", "a/../b" }), NULL), "-");
    CHECK_EQ(bide_app_url(app, "user", BIDE_PAIRS({ "id", "12345" }), NULL, text, sizeof text), 12);
    CHECK_STR(text, "/users/");
    CHECK_EQ(bide_app_url(app, "user", BIDE_PAIRS({ "id", "12345" }), NULL, NULL, 0), 12);
}

TEST(a_name_belongs_to_one_path)
{
    bide_auto(app) app = named_app();
    CHECK_EQ(bide_route(app, "GET", "/other", never, .name = "user"), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "named \"user\" already");
    CHECK_STR(found(app, "GET", "/other"), "-");
    CHECK_EQ(bide_route(app, "GET", "/users/{x}", never, .name = "again"), BIDE_EINVAL);
    CHECK_STR(url(app, "again", NULL, NULL), "-");
    CHECK_EQ(bide_route(app, "GET", "/again", never, .name = "again"), 0);
}

/* ---- out of memory ---- */

static int build(void *unused)
{
    (void)unused;
    bide_auto(app) app = bide_app_new(NULL);
    char text[40];
    if (bide_route(app, "GET", "/a/{b}/{c:[0-9]+}", never, .name = "x") < 0 ||
        bide_route(app, "PURGE", "/a", never) < 0 || bide_route(app, "*", "/{r:*}", never) < 0 ||
        bide_app_url(app, "x", BIDE_PAIRS({ "b", "1" }, { "c", "2" }), NULL, text, 40) < 0 ||
        bide__app_start(app) < 0)
        return bide_errcode();
    CHECK_STR(text, "/a/1/2");
    bide__app_stopped(app);
    return 0;
}

TEST(an_application_without_memory_says_so)
{
    CHECK(bide_test_each_allocation(build, NULL) > 20);
}
