/* Lines of the access log by patterns. */
#include "web/site.h"

#include <stdlib.h>
#include <unistd.h>

static int hello(bide_request *req)
{
    int rc = bide_respond_header(req, "X-Own", "its \"own\"");
    if (rc == 0)
        rc = bide_sleep(1.25);
    return rc < 0 ? rc : bide_respond_text(req, 200, "hello");
}

static int empty(bide_request *req)
{
    return bide_respond_status(req, 204);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/hello/{name}", hello, .name = "hello"), 0);
    CHECK_EQ(bide_route(app, "GET", "/empty", empty), 0);
    return app;
}

static char lines[4000];

static void take(void *arg, const char *line, size_t size)
{
    CHECK_PTR(arg, lines);
    strncat(lines, line, size);
    strcat(lines, "\n");
}

/* What a request is told as. */
static const char *told(const char *pattern, const char *request)
{
    char out[2000];
    struct site site = { .opts = { .access_format = pattern, .access_line = take,
                                   .access_arg = lines } };
    SITE(&site);
    lines[0] = '\0';
    exchange(&site, request, false, out, sizeof out);
    return lines;
}

TASK_TEST(the_parts_of_a_request_are_told_by_their_letters)
{
    CHECK_STR(told("%a %h|%r|%m %U %H|%v", "GET /hello/you?x=1" H "\r\n"),
              "127.0.0.1 127.0.0.1|GET /hello/you?x=1 HTTP/1.1|GET /hello/you HTTP/1.1|h\n");
    CHECK_STR(told("%R", "GET /hello/you" H "\r\n"), "hello\n");
    CHECK_HAS(told("%t", "GET /empty" H "\r\n"), " +0000]\n");
}

TASK_TEST(the_answer_is_told_with_its_size_and_its_time)
{
    CHECK_STR(told("%s %>s %b %B %T %Tf %D", "GET /hello/you" H "\r\n"),
              "200 200 5 5 1 1.250000 1250000\n");
    CHECK_STR(told("%s %b %B", "GET /empty" H "\r\n"), "204 - 0\n");
}

TASK_TEST(headers_of_both_sides_and_the_environment_are_told_escaped)
{
    setenv("BIDE_TEST_FORMAT", "from outside", 1);
    CHECK_STR(told("\"%{User-Agent}i\" \"%{x-own}o\" \"%{X-None}i\" %{BIDE_TEST_FORMAT}e",
                   "GET /hello/you" H "User-Agent: a \"b\" \\c\r\n\r\n"),
              "\"a \\x22b\\x22 \\x5Cc\" \"its \\x22own\\x22\" \"-\" from outside\n");
}

TASK_TEST(apaches_combined_pattern_is_the_combined_form)
{
    CHECK_HAS(told("%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"",
                   "GET /hello/me" H "User-Agent: u\r\n\r\n"),
              "] \"GET /hello/me HTTP/1.1\" 200 5 \"-\" \"u\"\n");
}

TASK_TEST(what_is_no_request_has_dashes)
{
    CHECK_STR(told("%a \"%r\" %m %U %{Host}i %s", "nonsense\r\n\r\n"),
              "127.0.0.1 \"-\" - - - 400\n");
}

TASK_TEST(a_percent_sign_is_written_twice)
{
    char process[40];
    snprintf(process, sizeof process, "100%% of %d%%\n", (int)getpid());
    CHECK_STR(told("100%% of %P%%", "GET /empty" H "\r\n"), process);
}

static void refused(const char *pattern, const char *why)
{
    bide_auto(app) app = make_app();
    CHECK_EQ(bide_app_run(app, "127.0.0.1:0", .access_format = pattern), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), why);
}

TASK_TEST(a_pattern_that_cannot_be_read_is_refused_with_the_place)
{
    refused("%a %y", "there is no such directive, at byte 3 of '%a %y'");
    refused("%", "there is no such directive, at byte 0");
    refused("ab%{Host", "expected %{NAME} and a letter, at byte 2");
    refused("%{}i", "expected %{NAME}");
    refused("%{Host}", "there is no such directive");
    refused("%{Host}a", "there is no such directive");
    refused("a\nb", "a line end, at byte 1");
    refused("", "0 bytes; 1 to 4096");
}

TASK_TEST(a_pattern_and_a_form_exclude_each_other)
{
    bide_auto(app) app = make_app();
    CHECK_EQ(bide_app_run(app, "127.0.0.1:0", .access_format = "%a",
                          .access_log = BIDE_LOG_COMMON), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "access_log and access_format");
}
