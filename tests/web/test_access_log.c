/* The access log of a server that runs. */
#include "web/site.h"

#include <fcntl.h>
#include <unistd.h>

static int hello(bide_request *req)
{
    int rc = bide_sleep(0.25);
    return rc < 0 ? rc : bide_respond_text(req, 200, "hello");
}

static int pieces(bide_request *req)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 3; i++)
        rc = bide_respond_write(req, "abcde", 5);
    return rc;
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/hello/{name}", hello, .name = "hello"), 0);
    CHECK_EQ(bide_route(app, "GET", "/pieces", pieces), 0);
    return app;
}

static char lines[4000];

static void take(void *arg, const char *line, size_t size)
{
    CHECK_PTR(arg, lines);
    strncat(lines, line, size);
    strcat(lines, "\n");
}

static void ask(struct site *site, const char *request)
{
    char out[2000];
    exchange(site, request, false, out, sizeof out);
}

TASK_TEST(each_answer_is_a_line)
{
    struct site site = { .opts = { .access_log = BIDE_LOG_COMMON, .access_line = take,
                                   .access_arg = lines } };
    SITE(&site);
    ask(&site, "GET /hello/you?x=1" H "\r\nHEAD /hello/me" H "\r\nGET /none" H "\r\n");
    CHECK_HAS(lines, "127.0.0.1 - - [");
    CHECK_HAS(lines, "] \"GET /hello/you?x=1 HTTP/1.1\" 200 5\n");
    CHECK_HAS(lines, "] \"HEAD /hello/me HTTP/1.1\" 200 -\n");
    CHECK_HAS(lines, "] \"GET /none HTTP/1.1\" 404 45\n");
}

TASK_TEST(a_line_of_json_tells_time_route_and_id)
{
    struct site site = { .opts = { .access_log = BIDE_LOG_JSON, .access_line = take,
                                   .access_arg = lines, .trusted_proxies = "127.0.0.1" } };
    SITE(&site);
    ask(&site, "GET /hello/you" H "X-Request-Id: id.1\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n");
    CHECK_HAS(lines, "\"remote\":\"9.9.9.9\",\"method\":\"GET\",\"target\":\"/hello/you\",");
    CHECK_HAS(lines, "\"scheme\":\"http\",\"host\":\"h\",\"route\":\"hello\",\"status\":200,"
              "\"bytes\":5,\"seconds\":0.25");
    CHECK_HAS(lines, "\"id\":\"id.1\"}\n");
}

TASK_TEST(what_is_streamed_is_counted)
{
    struct site site = { .opts = { .access_log = BIDE_LOG_COMBINED, .access_line = take,
                                   .access_arg = lines } };
    SITE(&site);
    ask(&site, "GET /pieces" H "User-Agent: a \"b\"\r\nReferer: http://x/\r\n\r\n");
    CHECK_HAS(lines, "\"GET /pieces HTTP/1.1\" 200 15 \"http://x/\" \"a \\x22b\\x22\"\n");
}

TASK_TEST(what_is_no_request_is_a_line_too)
{
    struct site site = { .opts = { .access_log = BIDE_LOG_COMMON, .access_line = take,
                                   .access_arg = lines } };
    SITE(&site);
    ask(&site, "nonsense\r\n\r\n");
    CHECK_HAS(lines, "] \"-\" 400 ");
}

/* ---- on standard error ---- */

static int saved;

/* From here on standard error is the writing end of a pipe. */
static int divert(void)
{
    int ends[2];
    CHECK_EQ(pipe(ends), 0);
    saved = dup(2);
    CHECK(dup2(ends[1], 2) == 2);
    close(ends[1]);
    return ends[0];
}

static void restore(void)
{
    dup2(saved, 2);
    close(saved);
}

TASK_TEST(without_a_function_lines_go_to_standard_error_before_the_server_ends)
{
    int out = divert();
    {
        struct site site = { .opts = { .access_log = BIDE_LOG_COMMON } };
        SITE(&site);
        ask(&site, "GET /none" H "\r\nGET /none" H "\r\n");
        bide_cancel(site_task);
        CHECK_EQ(bide_join(site_task), 0);
    }
    restore();
    ssize_t size = read(out, lines, sizeof lines - 1);
    close(out);
    CHECK(size > 0);
    lines[size] = '\0';
    const char *first = strchr(lines, '\n');
    CHECK(first && strchr(first + 1, '\n'));
    CHECK_HAS(lines, "\"GET /none HTTP/1.1\" 404 45\n127.0.0.1 - - [");
}

TASK_TEST(a_log_that_nobody_reads_holds_up_no_request)
{
    int out = divert();
    struct site site = { .opts = { .access_log = BIDE_LOG_COMBINED } };
    static char request[7000], agent[6000];
    memset(agent, 'x', sizeof agent - 1);
    snprintf(request, sizeof request, "GET /none" H "User-Agent: %s\r\n\r\n", agent);
    {
        SITE(&site);
        bide_auto(stream) s = bide_connect(site.address);
        char *answer;
        for (int i = 0; i < 400; i++) {         /* more than the pipe and the log take together */
            CHECK_EQ(bide_write(s, request, strlen(request)), 0);
            CHECK(bide_read_until(s, "path.\n", &answer) > 0);
        }
        double start = bide_now();
        bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
        bide_cancel(site_task);
        CHECK_EQ(bide_join(site_task), 0);
        CHECK(bide_now() - start < 3);
    }
    restore();
    close(out);
}
