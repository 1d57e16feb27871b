/* Redirects: where an answer may send a browser. */
#include "web/asked.h"

static const char *wanted;
static int wanted_status = 303;

static int redirect(bide_request *req)
{
    int rc = bide_respond_redirect(req, wanted_status, wanted);
    if (rc == 0)
        return 0;
    CHECK_EQ(rc, BIDE_EINVAL);
    return bide_respond_text(req, 200, "%s", bide_errmsg());
}

static void check_location(const char *location, const char *sent)
{
    char line[400];
    wanted = location;
    get(redirect, "");
    CHECK_ANSWER(303, "");
    snprintf(line, sizeof line, "Location: %s", sent);
    if (!has_line(line) || !has_line("Content-Length: 0"))
        test_fail(__FILE__, __LINE__, "%s: %s", location, asked_answer);
}

TASK_TEST(a_location_is_encoded_where_it_must_be)
{
    static const char *const cases[][2] = {
        { "/a", "/a" }, { "/", "/" }, { "next", "next" }, { "?a=b", "?a=b" }, { "#x", "#x" },
        { "/a b?c=d e#f g", "/a%20b?c=d%20e#f%20g" }, { "/%20%zz", "/%20%25zz" },
        { "/\xc3\xa4", "/%C3%A4" }, { "/a\r\nX: y", "/a%0D%0AX:%20y" }, { "/a\\b", "/a%5Cb" },
        { "/?u=http://b//", "/?u=http://b//" }, { "/a:b", "/a:b" }, { "/a//b", "/a//b" },
        { "http://h", "http://h" }, { "HTTPS://h:8/a b", "HTTPS://h:8/a%20b" },
        { "http://[::1]:8/", "http://[::1]:8/" }, { " //h", "%20//h" }, { "\t//h", "%09//h" },
        { "/\t/h", "/%09/h" }, { "./b", "./b" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_location(cases[i][0], cases[i][1]);
}

TASK_TEST(a_path_does_not_lead_to_another_host)
{
    static const char *const bad[] = {
        "//h", "/\\h", "\\\\h", "\\/h", "\\h", "///h", "javascript:alert(1)", "data:,x", "x:",
        "ftp://h", "http:/h", "http:h", "http://", "https:///a", "http://u@h/", "http://h\\@b/",
        "http://h b/", "http://\xc3\xa4/", "java\tscript:x",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wanted = bad[i];
        get(redirect, "");
        CHECK_ANSWER(200, "redirect to ");
        CHECK(!strstr(asked_answer, "Location"));
    }
}

TASK_TEST(a_redirect_has_a_status_that_is_one)
{
    static const int good[] = { 301, 302, 303, 307, 308 }, bad[] = { 200, 300, 304, 305, 306, 400 };
    wanted = "/a";
    for (size_t i = 0; i < 5; i++) {
        wanted_status = good[i];
        get(redirect, "");
        CHECK_ANSWER(good[i], "Location: /a");
    }
    for (size_t i = 0; i < 6; i++) {
        wanted_status = bad[i];
        get(redirect, "");
        CHECK_ANSWER(200, "is no status of a redirect");
    }
}
