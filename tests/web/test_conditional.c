/* Conditions of requests for files, over real sockets (RFC 9110, section 13). */
#include "web/files.h"
#include "web/site.h"

static int file(bide_request *req)
{
    return bide_respond_file(req, in_place("a.html"), .cache = "no-cache", .precompressed = true);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/a", file), 0);
    CHECK_EQ(bide_route(app, "PUT", "/a", file), 0);
    return app;
}

static char out[4000], etag[64];

static const char *ask(const struct site *site, const char *method, const char *header)
{
    char request[1000];
    snprintf(request, sizeof request, "%s /a" H "%s%s\r\n", method, header, *header ? "\r\n" : "");
    exchange(site, request, false, out, sizeof out);
    return out;
}

/* The tag of the last answer, and a request's header with it. */
static void take_etag(void)
{
    const char *at = strstr(out, "\r\nETag: ");
    CHECK(at != NULL);
    snprintf(etag, sizeof etag, "%.*s", (int)strcspn(at + 8, "\r"), at + 8);
}

static const char *with_etag(const char *name)
{
    static char header[200];
    snprintf(header, sizeof header, "%s: %s", name, etag);
    return header;
}

static int status(void)
{
    return atoi(out + strlen("HTTP/1.1 "));
}

TASK_TEST(what_the_client_has_is_not_sent_again)
{
    struct site site = { 0 };
    make_place();
    put_text("a.html", "<p>hello");
    SITE(&site);
    ask(&site, "GET", "");
    take_etag();
    ask(&site, "GET", with_etag("If-None-Match"));
    CHECK_EQ(status(), 304);
    CHECK_HAS(out, etag);
    CHECK_HAS(out, "\r\nCache-Control: no-cache\r\n");
    CHECK_HAS(out, "\r\nDate: ");
    CHECK(!strstr(out, "Content-Type") && !strstr(out, "Content-Length"));
    check_body(out, "");
    ask(&site, "HEAD", "If-Modified-Since: " OLD_DATE);
    CHECK_EQ(status(), 304);
    ask(&site, "GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT");
    CHECK_EQ(status(), 200);
    ask(&site, "GET", "If-None-Match: \"x\"\r\nIf-Modified-Since: " OLD_DATE);
    CHECK_EQ(status(), 200);
    end_place();
}

TASK_TEST(what_the_client_meant_must_still_be_there)
{
    struct site site = { 0 };
    make_place();
    put_text("a.html", "<p>hello");
    SITE(&site);
    ask(&site, "GET", "");
    take_etag();
    ask(&site, "GET", with_etag("If-Match"));
    CHECK_EQ(status(), 200);
    ask(&site, "GET", "If-Match: \"x\"");
    CHECK_EQ(status(), 412);
    ask(&site, "PUT", with_etag("If-None-Match"));
    CHECK_EQ(status(), 412);
    ask(&site, "GET", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT");
    CHECK_EQ(status(), 412);
    ask(&site, "GET", "If-Match: *\r\nRange: bytes=0-1");
    CHECK_EQ(status(), 206);
    check_body(out, "<p");
    end_place();
}

TASK_TEST(a_change_makes_another_tag)
{
    struct site site = { 0 };
    make_place();
    put_text("a.html", "<p>hello");
    SITE(&site);
    ask(&site, "GET", "");
    take_etag();
    touch("a.html", OLD, 1);            /* the same second, and the same size */
    CHECK_EQ(bide_sleep(1.1), 0);
    ask(&site, "GET", with_etag("If-None-Match"));
    CHECK_EQ(status(), 200);
    CHECK(!strstr(out, etag));
    end_place();
}

TASK_TEST(a_file_that_was_just_written_has_a_weak_tag)
{
    struct site site = { 0 };
    make_place();
    put_fresh("a.html", "new", 3);
    SITE(&site);
    ask(&site, "GET", "");
    take_etag();
    CHECK_MEM(etag, "W/\"", 3);
    ask(&site, "GET", with_etag("If-None-Match"));
    CHECK_EQ(status(), 304);
    ask(&site, "GET", with_etag("If-Match"));
    CHECK_EQ(status(), 412);
    end_place();
}

TASK_TEST(each_coding_has_a_tag_of_its_own)
{
    struct site site = { 0 };
    char plain[64];
    make_place();
    put_text("a.html", "<p>hello");
    put_text("a.html.gz", "not really");
    put_text("a.html.br", "nor this one, no");
    SITE(&site);
    ask(&site, "GET", "");
    take_etag();
    strcpy(plain, etag);
    CHECK_HAS(out, "\r\nVary: Accept-Encoding\r\n");
    check_body(out, "<p>hello");
    ask(&site, "GET", "Accept-Encoding: gzip");
    take_etag();
    CHECK(strcmp(plain, etag) != 0);
    CHECK_HAS(out, "\r\nContent-Encoding: gzip\r\n");
    CHECK_HAS(out, "\r\nContent-Type: text/html; charset=utf-8\r\n");
    CHECK_HAS(out, "\r\nVary: Accept-Encoding\r\n");
    check_body(out, "not really");
    char header[300];
    snprintf(header, sizeof header, "Accept-Encoding: gzip\r\nIf-None-Match: %s", plain);
    ask(&site, "GET", header);
    CHECK_EQ(status(), 200);
    snprintf(header, sizeof header, "Accept-Encoding: gzip\r\nIf-None-Match: %s", etag);
    ask(&site, "GET", header);
    CHECK_EQ(status(), 304);
    CHECK_HAS(out, "\r\nVary: Accept-Encoding\r\n");
    ask(&site, "GET", "Accept-Encoding: gzip;q=0.5, br, zstd;q=0\r\nRange: bytes=0-3");
    CHECK_EQ(status(), 206);
    CHECK_HAS(out, "\r\nContent-Encoding: br\r\n");
    CHECK_HAS(out, "\r\nContent-Range: bytes 0-3/16\r\n");
    check_body(out, "nor ");
    end_place();
}
