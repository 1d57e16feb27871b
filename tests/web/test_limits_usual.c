/* The server's limits where a program sets none: those of the tables in docs/design.md, to the byte
 * and to the second. */
#include "web/site.h"

#include <stdlib.h>

enum { HEAD = 32768, LINE = 8192, FIELDS = 100, SEGMENTS = 64, BODY = 1 << 20, SKIPPED = 65536,
       TEXT = 65536, WORKERS = 1024, SITES = 64 };

/* ---- what is served ---- */

static int hello(bide_request *req)
{
    return bide_respond_text(req, 200, "hello");
}

static int measure(bide_request *req)
{
    size_t size;
    return bide_request_text(req, &size) ? bide_respond_text(req, 200, "%zu", size)
                                         : bide_errcode();
}

static int take_long(bide_request *req)
{
    int rc = bide_sleep(1000);
    return rc < 0 ? rc : bide_respond_text(req, 200, "at last");
}

static int respond_long(bide_request *req)
{
    CHECK_EQ(bide_respond_text(req, 200, "%*s", TEXT + 1, ""), BIDE_EINVAL);
    return bide_respond_text(req, 200, "%*s", TEXT, "");
}

static bool ends_slowly;

static int end_slowly(bide_worker *worker, void *unused)
{
    (void)unused;
    int rc = bide_context_hold(worker);
    return rc < 0 ? rc : bide_sleep(ends_slowly ? 1000 : 0);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/", hello), 0);
    CHECK_EQ(bide_route(app, "POST", "/measure", measure), 0);
    CHECK_EQ(bide_route(app, "GET", "/long", take_long), 0);
    CHECK_EQ(bide_route(app, "GET", "/text", respond_long), 0);
    CHECK_EQ(bide_app_context(app, end_slowly, NULL), 0);
    return app;
}

/* ---- what is asked ---- */

static char request[BODY + HEAD], answer[TEXT + 1000];

/* `before`, as many x as make it `size` bytes with `after`, `after`. */
static const char *filled(const char *before, const char *after, size_t size)
{
    size_t x = size - strlen(before) - strlen(after);
    sprintf(request, "%s", before);
    memset(request + strlen(before), 'x', x);
    strcpy(request + strlen(before) + x, after);
    return request;
}

static void check_status(const struct site *site, const char *text, int status)
{
    exchange(site, text, false, answer, sizeof answer);
    CHECK_EQ(begins(answer, "HTTP/1.1 ") ? atoi(answer + 9) : 0, status);
}

/* ---- in bytes ---- */

TASK_TEST(a_head_has_32_kib_its_first_line_8)
{
    struct site site = { .rc = 0 };
    static const char end[] = " HTTP/1.1\r\n";
    char line[LINE + 100];
    SITE(&site);
    check_status(&site, filled("GET /" H "X: ", "\r\n\r\n", HEAD), 200);
    check_status(&site, filled("GET /" H "X: ", "\r\n\r\n", HEAD + 1), 431);
    for (int more = 0; more <= 1; more++) {
        /* The LF does not count. */
        snprintf(line, sizeof line, "%s", filled("GET /?", end, (size_t)(LINE + more) + 1));
        snprintf(request, sizeof request, "%sHost: h\r\n\r\n", line);
        check_status(&site, request, more ? 414 : 200);
    }
}

TASK_TEST(a_head_has_100_fields_a_path_64_segments)
{
    struct site site = { .rc = 0 };
    SITE(&site);
    for (int more = 0; more <= 1; more++) {
        size_t at = (size_t)sprintf(request, "GET /" H);
        for (int i = 1; i < FIELDS + more; i++)
            at += (size_t)sprintf(request + at, "X: y\r\n");
        strcpy(request + at, "\r\n");
        check_status(&site, request, more ? 431 : 200);
        at = (size_t)sprintf(request, "GET ");
        for (int i = 0; i < SEGMENTS + more; i++)
            at += (size_t)sprintf(request + at, "/a");
        strcpy(request + at, H "\r\n");
        check_status(&site, request, more ? 414 : 404);
    }
}

static const char *post(const char *path, int size)
{
    char head[200];
    int length = snprintf(head, sizeof head, "POST %s" H "Content-Length: %d\r\n\r\n", path, size);
    return filled(head, "", (size_t)(length + size));
}

TASK_TEST(a_body_that_is_read_whole_has_a_mebibyte)
{
    struct site site = { .rc = 0 };
    SITE(&site);
    check_status(&site, post("/measure", BODY), 200);
    check_body(answer, "1048576");
    check_status(&site, post("/measure", BODY + 1), 413);
}

TASK_TEST(an_unread_body_is_skipped_up_to_64_kib)
{
    struct site site = { .rc = 0 };
    SITE(&site);
    check_status(&site, post("/nowhere", SKIPPED), 404);
    CHECK(!strstr(answer, "Connection: close"));
    check_status(&site, post("/nowhere", SKIPPED + 1), 404);
    CHECK_HAS(answer, "Connection: close");
}

TASK_TEST(a_text_made_by_a_pattern_has_64_kib)
{
    struct site site = { .rc = 0 };
    SITE(&site);
    check_status(&site, "GET /text" H "\r\n", 200);
    CHECK_HAS(answer, "Content-Length: 65536\r\n");
}

/* ---- in seconds ---- */

static double seconds_until_told(const struct site *site, const char *text)
{
    char *line;
    bide_auto(stream) s = bide_connect(site->address);
    CHECK(!*text || bide_write(s, text, strlen(text)) == 0);
    double start = bide_now();
    BIDE_TIMEOUT(limit, 200);           /* what is parked makes no clock jump by itself */
    ssize_t size = bide_read_until(s, "\r\n\r\n", &line);
    CHECK_EQ(size > 0, *text != '\0');
    CHECK(size <= 0 || begins(line, "HTTP/1.1 408 "));
    return bide_now() - start;
}

TASK_TEST(silence_may_last_75_seconds_a_head_and_a_body_30_each)
{
    struct site site = { .rc = 0 };
    SITE(&site);
    CHECK_NEAR(seconds_until_told(&site, ""), 75, 0.2);
    CHECK_NEAR(seconds_until_told(&site, "GET / HTTP/1.1\r\n"), 30, 0.2);
    CHECK_NEAR(seconds_until_told(&site, "POST /measure" H "Content-Length: 9\r\n\r\nx"), 30, 0.2);
}

/* The clean-up takes too long on purpose. */
TASK_TEST(a_stop_gives_requests_5_seconds_and_the_clean_up_as_many)
{
    struct site site = { .rc = 0 };
    ends_slowly = true;
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    CHECK_EQ(bide_printf(s, "GET /long" H "\r\n"), 0);
    CHECK_EQ(bide_sleep(1), 0);
    double start = bide_now();
    bide_cancel(site_task);
    CHECK_EQ(bide_join(site_task), 0);
    CHECK_NEAR(site.ended - start, 10, 0.2);
}

/* ---- in workers and places ---- */

TASK_TEST(there_are_64_places_and_1024_workers_at_most)
{
    struct bide_site sites[SITES + 2] = { 0 };
    bide_auto(app) app = bide_app_new(NULL);
    for (int i = 0; i <= SITES; i++)
        sites[i].address = "127.0.0.1:0";
    CHECK_EQ(bide_app_run(app, NULL, .sites = sites), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "more than 64 sites");
    CHECK_EQ(bide_app_run(app, "127.0.0.1:0", .workers = WORKERS + 1), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "at most 1024");
}
