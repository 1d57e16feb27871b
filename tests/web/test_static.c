/* bide_route_static() over real sockets: what is served, and that nothing else is. */
#include "web/files.h"
#include "web/site.h"

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route_static(app, "/s", in_place("public"), .index = "index.html",
                               .name = "files"), 0);
    CHECK_EQ(bide_route_static(app, "/list/", in_place("public"), .listing = true, .max_age = 60,
                               .listing_max = 5), 0);
    CHECK_EQ(bide_route_static(app, "/all", in_place("public"), .hidden = true,
                               .follow_links = true, .listing = true,
                               .cache = "no-store"), 0);
    return app;
}

static void make_files(void)
{
    make_place();
    put_text("secret.txt", "secret");
    put_directory("public");
    put_text("public/index.html", "<p>top");
    put_text("public/a.css", "a{}");
    put_text("public/.hidden", "hidden");
    put_text("public/a b & <i>.txt", "odd");
    put_text("public/javascript:alert(1)", "odd");
    put_directory("public/sub");
    put_text("public/sub/b.js", "b()");
    put_directory("public/.git");
    put_text("public/.git/config", "hidden");
    put_link("public/inside", "sub/b.js");
    put_link("public/outside", "../secret.txt");
    put_link("public/etc", "/etc");
    CHECK_EQ(mkfifo(in_place("public/fifo"), 0600), 0);
}

static char out[20000];

static const char *ask(const struct site *site, const char *path)
{
    char request[2000];
    snprintf(request, sizeof request, "GET %s" H "\r\n", path);
    exchange(site, request, false, out, sizeof out);
    return out;
}

static int status(void)
{
    return atoi(out + strlen("HTTP/1.1 "));
}

TASK_TEST(files_beneath_the_directory_are_served)
{
    struct site site = { 0 };
    make_files();
    SITE(&site);
    ask(&site, "/s/a.css");
    CHECK_EQ(status(), 200);
    CHECK_HAS(out, "\r\nContent-Type: text/css; charset=utf-8\r\n");
    CHECK(!strstr(out, "Cache-Control"));
    check_body(out, "a{}");
    check_body(ask(&site, "/s/sub/b.js?v=3"), "b()");
    check_body(ask(&site, "/s/a%20b%20&%20%3ci%3e.txt"), "odd");
    check_body(ask(&site, "/s/javascript:alert(1)"), "odd");
    check_body(ask(&site, "/s/inside"), "b()");
    ask(&site, "/list/a.css");
    CHECK_HAS(out, "\r\nCache-Control: public, max-age=60\r\n");
    ask(&site, "/all/a.css");
    CHECK_HAS(out, "\r\nCache-Control: no-store\r\n");
    exchange(&site, "HEAD /s/a.css" H "\r\n", false, out, sizeof out);
    CHECK_EQ(status(), 200);
    exchange(&site, "POST /s/a.css" H "Content-Length: 0\r\n\r\n", false, out, sizeof out);
    CHECK_EQ(status(), 405);
    end_place();
}

TASK_TEST(a_directory_stays_the_one_it_was_whatever_has_its_name_now)
{
    struct site site = { 0 };
    make_files();
    SITE(&site);
    ask(&site, "/s/a.css");
    CHECK_EQ(rename(in_place("public"), in_place("moved")), 0);
    put_directory("public");
    put_text("public/a.css", "another");
    put_text("public/new.css", "another");
    CHECK_EQ(bide_sleep(2), 0);                 /* longer than anything is remembered */
    check_body(ask(&site, "/s/a.css"), "a{}");
    check_body(ask(&site, "/s/sub/b.js"), "b()");
    ask(&site, "/s/new.css");
    CHECK_EQ(status(), 404);
    end_place();
}

TASK_TEST(nothing_leads_out_of_the_directory)
{
    static const char *const paths[] = {
        "/s/../secret.txt", "/s/%2e%2e/secret.txt", "/s/.%2E/secret.txt", "/s/..%2fsecret.txt",
        "/s/%2e%2e%2fsecret.txt", "/s/..%5csecret.txt", "/s/..\\secret.txt",
        "/s/sub/../../secret.txt",
        "/s/%252e%252e/secret.txt", "/s/%c0%ae%c0%ae/secret.txt", "/s/%c0%ae%c0%ae%c0%afsecret.txt",
        "/s/%e0%80%ae%e0%80%ae/secret.txt", "/s/%uff0e%uff0e/secret.txt", "/s/....//secret.txt",
        "/s//etc/passwd", "/s//", "/s/outside", "/s/etc/passwd", "/s/etc/", "/s/etc", "/s/fifo",
        "/s/fifo/", "/s/a.css/", "/s/a.css/x", "/s/a.css%00.html", "/s/.", "/s/..", "/s/./a.css",
        "/s/sub/./b.js", "/s/sub//b.js", "/s/proc/self/environ", "/s/~root", "/s/none", "/s/none/",
        "/s/.hidden", "/s/.git/config", "/s/.git/", "/s/.git", "/s/%2ehidden", "/s/*",
        "/s/javascript:alert(1)/",
    };
    struct site site = { 0 };
    make_files();
    SITE(&site);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        ask(&site, paths[i]);
        if ((status() != 404 && status() != 400) || strstr(out, "root:") || strstr(out, "hidden") ||
            strstr(out, "\r\n\r\nsecret") || strstr(out, place))
            test_fail(__FILE__, __LINE__, "%s: %s", paths[i], out);
    }
    end_place();
}

TASK_TEST(what_is_hidden_and_links_are_served_where_that_is_wanted)
{
    struct site site = { 0 };
    make_files();
    SITE(&site);
    check_body(ask(&site, "/all/.hidden"), "hidden");
    check_body(ask(&site, "/all/.git/config"), "hidden");
    check_body(ask(&site, "/all/outside"), "secret");
    CHECK_EQ((ask(&site, "/all/../secret.txt"), status()), 404);
    CHECK_EQ((ask(&site, "/all/fifo"), status()), 404);
    end_place();
}

TASK_TEST(a_directory_is_its_index_and_has_a_slash_behind_it)
{
    struct site site = { 0 };
    make_files();
    SITE(&site);
    check_body(ask(&site, "/s/"), "<p>top");
    CHECK_HAS(out, "\r\nContent-Type: text/html; charset=utf-8\r\n");
    ask(&site, "/s");
    CHECK_EQ(status(), 301);
    CHECK_HAS(out, "\r\nLocation: /s/\r\n");
    ask(&site, "/s/sub?a=b&c=//x");
    CHECK_EQ(status(), 301);
    CHECK_HAS(out, "\r\nLocation: /s/sub/?a=b&c=//x\r\n");
    ask(&site, "http://h/s/sub");
    CHECK_EQ(status(), 301);
    CHECK_HAS(out, "\r\nLocation: /s/sub/\r\n");
    CHECK_EQ((ask(&site, "/s/sub/"), status()), 403);   /* no index, no listing */
    ask(&site, "//evil.example/s");
    CHECK(status() == 404 || status() == 400);
    end_place();
}

TASK_TEST(a_listing_tells_what_can_be_had)
{
    struct site site = { 0 };
    make_files();
    SITE(&site);
    ask(&site, "/all/");
    CHECK_EQ(status(), 200);
    CHECK_HAS(out, "\r\nContent-Type: text/html; charset=utf-8\r\n");
    CHECK_HAS(out, "<a href=\"sub/\">sub/</a>");
    CHECK_HAS(out, "<a href=\"a%20b%20%26%20%3Ci%3E.txt\">a b &amp; &lt;i&gt;.txt</a>");
    CHECK_HAS(out, "<a href=\"javascript%3Aalert%281%29\">");
    CHECK_HAS(out, "1994-11-06 08:49");
    CHECK_HAS(out, "href=\".hidden\"");
    CHECK(!strstr(out, "fifo") && !strstr(out, "href=\"../\""));
    CHECK(strstr(out, "\"sub/\"") < strstr(out, "\"a.css\""));
    ask(&site, "/list/");
    CHECK(!strstr(out, ".hidden") && !strstr(out, "outside") && !strstr(out, ">etc"));
    CHECK_HAS(out, "There are more.");
    ask(&site, "/list/sub/");
    CHECK_HAS(out, "<a href=\"../\">");
    CHECK_HAS(out, "<h1>/list/sub/</h1>");
    CHECK(!strstr(out, "There are more."));
    exchange(&site, "HEAD /list/" H "\r\n", false, out, sizeof out);
    CHECK_EQ(status(), 200);
    end_place();
}

TASK_TEST(a_program_gets_its_listing_as_json)
{
    struct site site = { 0 };
    make_files();
    put_text("public/sub/\xff", "odd");
    SITE(&site);
    exchange(&site, "GET /list/sub/" H "Accept: application/json, text/html;q=0.5\r\n\r\n", false,
             out, sizeof out);
    CHECK_EQ(status(), 200);
    CHECK_HAS(out, "\r\nContent-Type: application/json\r\n");
    CHECK_HAS(out, "\r\nVary: Accept\r\n");
    const char *body = strstr(out, "\r\n\r\n") + 4, *text;
    bide_auto(json) j = bide_json_parse(body, strlen(body));
    CHECK_EQ(bide_json_count(bide_json_at(j, "items")), 2);
    CHECK_EQ(bide_json_get(j, "items.0.name", &text), 0);
    CHECK_STR(text, "b.js");
    CHECK_STR(bide_json_text(j, "items.0.type", NULL), "file");
    CHECK_EQ(bide_json_int(j, "items.0.size", -1), 3);
    CHECK_STR(bide_json_text(j, "items.0.modified", NULL), OLD_DATE);
    CHECK(!bide_json_has(j, "items.1.name"));
    CHECK_STR(bide_json_text(j, "items.1.href", NULL), "%FF");
    end_place();
}

TASK_TEST(a_route_of_files_has_urls)
{
    char url[100];
    make_files();
    bide_auto(app) app = make_app();
    const struct bide_pair params[] = { { "path", "sub/b.js" }, { NULL, NULL } };
    CHECK(bide_app_url(app, "files", params, NULL, url, sizeof url) > 0);
    CHECK_STR(url, "/s/sub/b.js");
    end_place();
}

TEST(what_cannot_be_served_is_refused_at_once)
{
    bide_auto(app) app = bide_app_new(NULL);
    make_files();
    CHECK_EQ(bide_route_static(app, "/x", in_place("none")), -ENOENT);
    CHECK_EQ(bide_route_static(app, "/x", in_place("secret.txt")), -ENOTDIR);
    CHECK_EQ(bide_route_static(app, "x", place), BIDE_EINVAL);
    CHECK_EQ(bide_route_static(app, "", place), BIDE_EINVAL);
    CHECK_EQ(bide_route_static(app, "/{x}", place), BIDE_EINVAL);
    CHECK_EQ(bide_route_static(app, "/x", NULL), BIDE_EINVAL);
    CHECK_EQ(bide_route_static(app, "/x", place, .index = "a/b"), BIDE_EINVAL);
    CHECK_EQ(bide_route_static(app, "/x", place, .index = ".."), BIDE_EINVAL);
    CHECK_EQ(bide_route_static(app, "/x", place, .max_age = __builtin_nan("")), BIDE_EINVAL);
    CHECK_EQ(bide_route_static(app, "/x", place), 0);
    end_place();
}
