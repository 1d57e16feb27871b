/* Error pages, by what clients accept. */
#include "web/site.h"

static int refuses(bide_request *req)
{
    CHECK_EQ(bide_respond_header(req, "WWW-Authenticate", "Basic"), 0);
    CHECK_EQ(bide_respond_header(req, "Content-Type", "text/csv"), 0);
    return bide_respond_error(req, 401, "no <b>\"%s\"\n", "user");
}

static int plain(bide_request *req)
{
    return bide_respond_error(req, 418, NULL);
}

static int fails(bide_request *req)
{
    return bide_fail(-7, "secret of %s", bide_request_path(req));
}

static int page(bide_request *req, int status, const char *why)
{
    if (bide_request_header(req, "X-Fail"))
        return bide_fail(-8, "no page");
    if (bide_request_header(req, "X-Nothing"))
        return 0;
    if (bide_request_header(req, "X-Again"))
        return bide_respond_error(req, status, "again: %s", why);
    return bide_respond_text(req, status, "own page: %s", why);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL), *own = bide_app_new(NULL);
    CHECK_EQ(bide_app_on_error(own, page), 0);
    CHECK_EQ(bide_route(own, "GET", "/fails", fails), 0);
    CHECK_EQ(bide_mount(app, "/own", own, NULL), 0);
    CHECK_EQ(bide_route(app, "GET", "/refuses", refuses), 0);
    CHECK_EQ(bide_route(app, "GET", "/plain", plain), 0);
    CHECK_EQ(bide_route(app, "GET", "/fails", fails), 0);
    return app;
}

static char logged[500];

static void catch_log(void *unused, enum bide_log_level level, const char *text)
{
    (void)unused;
    (void)level;
    snprintf(logged, sizeof logged, "%s", text);
}

static void ask(struct site *site, const char *path, const char *fields, char out[2000])
{
    char request[300];
    snprintf(request, sizeof request, "GET %s" H "%s\r\n", path, fields);
    exchange(site, request, false, out, 2000);
}

TASK_TEST(a_page_is_in_the_form_that_the_client_names)
{
    static const char text[] = "text/plain; charset=utf-8", html[] = "text/html; charset=utf-8",
                      problem[] = "application/problem+json";
    static const struct {
        const char *accept, *type;
    } cases[] = {
        { "", text }, { "Accept: */*\r\n", text }, { "Accept: text/html\r\n", html },
        { "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n", html },
        { "Accept: application/json\r\n", problem },
        { "Accept: application/json, text/plain, */*\r\n", problem },
        { "Accept: application/problem+json\r\n", problem },
        { "Accept: text/html;q=0.5, application/json\r\n", problem },
        { "Accept: text/html, application/json;q=0.5\r\n", html },
        { "Accept: text/plain, text/html;q=0.5\r\n", text },
        { "Accept: image/png\r\n", text }, { "Accept: application/json;q=0\r\n", text },
    };
    struct site site = { .opts = { .idle = 10 } };
    char out[2000], line[100];
    SITE(&site);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ask(&site, "/none", cases[i].accept, out);
        CHECK(begins(out, "HTTP/1.1 404 Not Found\r\n"));
        snprintf(line, sizeof line, "\r\nContent-Type: %s\r\n", cases[i].type);
        CHECK_HAS(out, line);
        CHECK_HAS(out, "\r\nVary: Accept\r\n");
    }
}

TASK_TEST(what_a_page_says_is_escaped)
{
    struct site site = { .opts = { .idle = 10 } };
    char out[2000];
    SITE(&site);
    ask(&site, "/refuses", "Accept: text/html\r\n", out);
    CHECK_HAS(out, "\r\nWWW-Authenticate: Basic\r\n");
    CHECK_HAS(out, "\r\nContent-Type: text/html; charset=utf-8\r\n");
    CHECK(!strstr(out, "text/csv"));
    CHECK_HAS(out, "<h1>401 Unauthorized</h1>\n<p>no &lt;b&gt;&quot;user&quot;");
    ask(&site, "/refuses", "Accept: application/json\r\n", out);
    check_body(out, "{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,"
               "\"detail\":\"no <b>\\\"user\\\"\\u000a\"}\n");
    ask(&site, "/refuses", "", out);
    check_body(out, "401 Unauthorized\nno <b>\"user\"\n\n");
    ask(&site, "/plain", "", out);
    CHECK(begins(out, "HTTP/1.1 418 "));
}

TASK_TEST(a_failure_is_told_to_the_log_with_the_requests_id)
{
    struct site site = { .opts = { .idle = 10, .trusted_proxies = "127.0.0.1" } };
    char out[2000];
    bide_log_to(catch_log, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    ask(&site, "/fails", "X-Request-Id: id-1\r\n", out);
    CHECK(begins(out, "HTTP/1.1 500 Internal Server Error\r\n"));
    CHECK(!strstr(out, "secret"));
    CHECK_HAS(logged, "GET /fails: secret of /fails");
    CHECK_HAS(logged, "id-1");
}

TASK_TEST(a_program_may_write_the_pages_itself)
{
    struct site site = { .opts = { .idle = 10 } };
    char out[2000];
    bide_log_to(catch_log, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    ask(&site, "/own/none", "", out);
    check_body(out, "own page: There is nothing at this path.");
    ask(&site, "/own/fails", "", out);
    CHECK(begins(out, "HTTP/1.1 500 "));
    check_body(out, "own page: The handler failed.");
    ask(&site, "/own/none", "X-Again: 1\r\n", out);
    check_body(out, "404 Not Found\nagain: There is nothing at this path.\n");
}

TASK_TEST(where_the_programs_page_fails_the_librarys_is_sent)
{
    struct site site = { .opts = { .idle = 10 } };
    char out[2000];
    bide_log_to(catch_log, NULL, BIDE_LOG_WARNING);
    SITE(&site);
    ask(&site, "/own/none", "X-Fail: 1\r\n", out);
    check_body(out, "404 Not Found\nThere is nothing at this path.\n");
    CHECK_HAS(logged, "no page");
    ask(&site, "/own/none", "X-Nothing: 1\r\n", out);
    check_body(out, "404 Not Found\nThere is nothing at this path.\n");
    CHECK_HAS(logged, "did not respond");
}
