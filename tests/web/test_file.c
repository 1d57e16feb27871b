/* bide_respond_file() over real sockets. */
#include "web/files.h"
#include "web/site.h"

#include "base/sys.h"
#include "web/file_cache.h"

static int small(bide_request *req)
{
    return bide_respond_file(req, in_place("small.txt"), .cache = "max-age=60");
}

static int large(bide_request *req)
{
    return bide_respond_file(req, in_place("large.bin"));
}

/* ?file=NAME&type=TYPE&name=NAME&coded */
static int any(bide_request *req)
{
    const char *file = bide_request_query(req, "file");
    return bide_respond_file(req, file ? in_place(file) : NULL,
                             .type = bide_request_query(req, "type"),
                             .name = bide_request_query(req, "name"),
                             .precompressed = bide_request_query(req, "coded") != NULL);
}

static int own_headers(bide_request *req)
{
    CHECK_EQ(bide_respond_header(req, "Content-Type", "text/css"), 0);
    CHECK_EQ(bide_respond_header(req, "ETag", "\"mine\""), 0);
    CHECK_EQ(bide_respond_header(req, "Cache-Control", "no-store"), 0);
    return small(req);
}

static int endless(bide_request *req)
{
    static const char piece[65536];
    int rc = 0;
    while (rc == 0)
        rc = bide_respond_write(req, piece, sizeof piece);
    return rc;
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/small", small), 0);
    CHECK_EQ(bide_route(app, "GET", "/large", large), 0);
    CHECK_EQ(bide_route(app, "GET", "/endless", endless), 0);
    CHECK_EQ(bide_route(app, "POST", "/small", small), 0);
    CHECK_EQ(bide_route(app, "GET", "/any", any), 0);
    CHECK_EQ(bide_route(app, "GET", "/own", own_headers), 0);
    return app;
}

enum { LARGE = 300000 };

static void make_files(void)
{
    make_place();
    put_text("small.txt", "hello, file\n");
    put_large("large.bin", LARGE);
    put_text("empty.css", "");
    put_directory("sub");
}

static char out[LARGE + 4000];

static const char *ask(const struct site *site, const char *request)
{
    exchange(site, request, false, out, sizeof out);
    return out;
}

/* Does the answer's body have so many letters of the large file, from there on? */
static void check_letters(size_t from, size_t count)
{
    const char *body = strstr(out, "\r\n\r\n");
    CHECK(body != NULL);
    CHECK_EQ(strlen(body + 4), count);
    for (size_t i = 0; i < count; i++)
        if (body[4 + i] != letter(from + i))
            test_fail(__FILE__, __LINE__, "byte %zu is wrong", from + i);
}

TASK_TEST(a_file_tells_its_type_age_and_tag)
{
    struct site site = { 0 };
    make_files();
    SITE(&site);
    ask(&site, "GET /small" H "\r\n");
    CHECK(begins(out, "HTTP/1.1 200 OK\r\n"));
    CHECK_HAS(out, "\r\nContent-Type: text/plain; charset=utf-8\r\n");
    CHECK_HAS(out, "\r\nLast-Modified: " OLD_DATE "\r\n");
    CHECK_HAS(out, "\r\nETag: \"");
    CHECK_HAS(out, "\r\nAccept-Ranges: bytes\r\n");
    CHECK_HAS(out, "\r\nCache-Control: max-age=60\r\n");
    CHECK_HAS(out, "\r\nContent-Length: 12\r\n");
    check_body(out, "hello, file\n");
    ask(&site, "HEAD /small" H "\r\n");
    CHECK_HAS(out, "\r\nContent-Length: 12\r\n");
    check_body(out, "");
    ask(&site, "GET /any?file=empty.css" H "\r\n");
    CHECK_HAS(out, "\r\nContent-Type: text/css; charset=utf-8\r\n");
    CHECK_HAS(out, "\r\nContent-Length: 0\r\n");
    end_place();
}

TASK_TEST(a_large_file_comes_whole)
{
    struct site site = { 0 };
    make_files();
    SITE(&site);
    ask(&site, "GET /large" H "\r\n");
    CHECK(begins(out, "HTTP/1.1 200 OK\r\n"));
    CHECK_HAS(out, "\r\nContent-Type: application/octet-stream\r\n");
    CHECK_HAS(out, "\r\nContent-Length: 300000\r\n");
    check_letters(0, LARGE);
    ask(&site, "HEAD /large" H "\r\n");
    CHECK_HAS(out, "\r\nContent-Length: 300000\r\n");
    check_body(out, "");
    ask(&site, "GET /large HTTP/1.0\r\n\r\n");
    CHECK_HAS(out, "\r\nContent-Length: 300000\r\n");
    check_letters(0, LARGE);
    end_place();
}

TASK_TEST(files_that_are_asked_for_together_come_in_order)
{
    struct site site = { 0 };
    make_files();
    SITE(&site);
    ask(&site, "GET /small" H "\r\nGET /large" H "Range: bytes=5-9\r\n\r\nHEAD /large" H
               "\r\nGET /small" H "\r\nGET /none" H "\r\n");
    const char *first = strstr(out, "hello, file\n"), *part = strstr(out, "fghij");
    CHECK(first && part && first < part);
    const char *second = strstr(part, "hello, file\n");
    CHECK(second && strstr(second, "404 Not Found"));
    end_place();
}

TASK_TEST(what_the_handler_says_goes_before)
{
    struct site site = { 0 };
    make_files();
    SITE(&site);
    ask(&site, "GET /own" H "\r\n");
    CHECK_HAS(out, "\r\nContent-Type: text/css\r\n");
    CHECK_HAS(out, "\r\nETag: \"mine\"\r\n");
    CHECK_HAS(out, "\r\nCache-Control: no-store\r\n");
    CHECK(!strstr(out, "text/plain") && !strstr(out, "max-age"));
    ask(&site, "GET /any?file=small.txt&type=image/png" H "\r\n");
    CHECK_HAS(out, "\r\nContent-Type: image/png\r\n");
    end_place();
}

TASK_TEST(a_name_to_save_it_under_is_safe_whatever_it_holds)
{
    struct site site = { 0 };
    make_files();
    SITE(&site);
    ask(&site, "GET /any?file=small.txt&name=May+report.txt" H "\r\n");
    CHECK_HAS(out, "\r\nContent-Disposition: attachment; filename=\"May report.txt\"\r\n");
    ask(&site, "GET /any?file=small.txt&name=na%C3%AFve%22%0d%0aX:y" H "\r\n");
    CHECK_HAS(out, "\r\nContent-Disposition: attachment; filename=\"na__ve___X:y\"; "
                   "filename*=UTF-8''na%C3%AFve%22%0D%0AX%3Ay\r\n");
    end_place();
}

TASK_TEST(what_is_no_file_is_not_found)
{
    struct site site = { 0 };
    make_files();
    CHECK_EQ(mkfifo(in_place("fifo"), 0600), 0);
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    CHECK(begins(ask(&site, "GET /any?file=none" H "\r\n"), "HTTP/1.1 404 Not Found\r\n"));
    CHECK(!strstr(out, "ETag") && !strstr(out, place));
    CHECK(begins(ask(&site, "GET /any?file=sub" H "\r\n"), "HTTP/1.1 404 Not Found\r\n"));
    CHECK(begins(ask(&site, "GET /any?file=fifo" H "\r\n"), "HTTP/1.1 404 Not Found\r\n"));
    CHECK(begins(ask(&site, "GET /any" H "\r\n"), "HTTP/1.1 500 "));
    if (geteuid() != 0) {
        CHECK_EQ(chmod(in_place("small.txt"), 0), 0);
        CHECK(begins(ask(&site, "GET /small" H "\r\n"), "HTTP/1.1 403 Forbidden\r\n"));
    }
    end_place();
}

/* What is sent of a change that comes while it goes out: never more than was promised. */
TASK_TEST(a_file_that_shrinks_on_its_way_is_cut_short)
{
    struct site site = { 0 };
    make_files();
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    ask(&site, "GET /large" H "Connection: close\r\n\r\n");     /* it is remembered now */
    CHECK_EQ(truncate(in_place("large.bin"), 100), 0);
    ask(&site, "GET /large" H "\r\nGET /small" H "\r\n");
    CHECK_HAS(out, "\r\nContent-Length: 300000\r\n");
    CHECK(!strstr(out, "hello, file"));
    CHECK_EQ(bide_sleep(1.1), 0);
    ask(&site, "GET /large" H "\r\n");
    CHECK_HAS(out, "\r\nContent-Length: 100\r\n");
    end_place();
}

static unsigned writes, opens;
static struct sys before;

static ssize_t count_writev(int fd, const struct iovec *pieces, int count)
{
    writes++;
    return before.writev(fd, pieces, count);
}

static ssize_t count_send(int fd, const void *data, size_t size, int flags)
{
    writes++;
    return before.send(fd, data, size, flags);
}

static ssize_t count_sendmsg(int fd, const struct msghdr *message, int flags)
{
    writes++;
    return before.sendmsg(fd, message, flags);
}

static int count_openat2(int directory, const char *path, int flags, uint64_t resolve)
{
    opens++;
    return before.openat2(directory, path, flags, resolve);
}

TASK_TEST(a_small_file_that_is_known_costs_one_write_and_nothing_else)
{
    struct site site = { 0 };
    make_files();
    put_large("small.txt", 10240);
    SITE(&site);
    ask(&site, "GET /small" H "\r\n");
    before = bide__sys;
    bide_auto(stream) s = bide_connect(site.address);
    CHECK_EQ(bide_printf(s, "GET /small" H "\r\n"), 0);
    char *line;
    CHECK(bide_read_until(s, "\r\n\r\n", &line) > 0);
    char body[10240];
    CHECK_EQ(bide_read_exactly(s, body, sizeof body), 0);
    bide__sys.writev = count_writev;
    bide__sys.send = count_send;
    bide__sys.sendmsg = count_sendmsg;
    bide__sys.openat2 = count_openat2;
    writes = opens = 0;
    CHECK_EQ(bide_printf(s, "GET /small" H "\r\n"), 0);
    CHECK(bide_read_until(s, "\r\n\r\n", &line) > 0);
    CHECK_EQ(bide_read_exactly(s, body, sizeof body), 0);
    CHECK_EQ(writes, 2);                /* the request, and the answer */
    CHECK_EQ(opens, 0);
    bide__sys = before;
    end_place();
}

static char told[300];
static enum bide_log_level told_level;

static void take_log(void *unused, enum bide_log_level level, const char *text)
{
    (void)unused;
    if (!strstr(text, "GET /"))
        return;
    told_level = level;
    snprintf(told, sizeof told, "%s", text);
}

/* Reads the beginning of an answer and leaves; has the server taken note? */
static void leave_in_the_middle(const struct site *site, const char *path)
{
    char begin[100];
    bide_stream *s = bide_connect(site->address);
    CHECK_EQ(bide_printf(s, "GET %s" H "\r\n", path), 0);
    CHECK(bide_read(s, begin, sizeof begin) > 0);
    told[0] = '\0';
    bide_stream_close(s);
    for (int i = 0; !*told && i < 100; i++)
        CHECK_EQ(bide_sleep(0.1), 0);
    CHECK_HAS(told, path);
}

TASK_TEST(who_leaves_in_the_middle_is_no_warning)
{
    struct site site = { 0 };
    make_files();
    CHECK_EQ(truncate(in_place("large.bin"), 100 << 20), 0);
    SITE(&site);
    bide_log_to(take_log, NULL, BIDE_LOG_DEBUG);
    leave_in_the_middle(&site, "/large");
    CHECK_EQ(told_level, BIDE_LOG_DEBUG);
    leave_in_the_middle(&site, "/endless");
    CHECK_EQ(told_level, BIDE_LOG_DEBUG);
    bide_log_to(NULL, NULL, BIDE_LOG_WARNING);
    end_place();
}
