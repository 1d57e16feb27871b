/* What people paste, as it goes on the wire: normal, without user, password and fragment. */
#include "stand.h"

/* The line of the request for url, or the sentence why not. */
static const char *asked(struct stand *stand, const char *url)
{
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, url);
    if (!r)
        return bide_errmsg();
    stand->last[strcspn(stand->last, "\r")] = '\0';
    return stand->last;
}

TASK_TEST(a_pasted_url_is_sent_as_a_browser_sends_it)
{
    struct stand stand = { .reply = OK(0) };
    STAND(&stand);
    char port[8];
    snprintf(port, sizeof port, "%.*s", (int)strcspn(strrchr(stand.url, ':') + 1, "/"),
             strrchr(stand.url, ':') + 1);
    static const char *const cases[][2] = {
        { "  HTTP://127.0.0.1:%s \n", "GET / HTTP/1.1" },
        { "http://127.0.0.1:%s?x y", "GET /?x%20y HTTP/1.1" },
        { "http://127.0.0.1:%s/\xc3\xa4/../b\\c/%%41%%", "GET /b/c/%41%25 HTTP/1.1" },
        { "http://127.0.0.1:%s/a#never sent", "GET /a HTTP/1.1" },
        { "http://me:secret@127.0.0.1:%s/a", "GET /a HTTP/1.1" },
        { "http://me too:sec ret@127.0.0.1:%s/a", "GET /a HTTP/1.1" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char url[300];
        snprintf(url, sizeof url, cases[i][0], port);
        CHECK_STR(asked(&stand, url), cases[i][1]);
    }
}

TASK_TEST(a_password_in_a_url_is_told_to_nobody)
{
    struct stand stand = { .reply = OK(0) };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    char url[300];
    snprintf(url, sizeof url, "http://me:secret@%s#x", stand.url + 7);
    bide_auto(response) r = bide_get(session, url);
    CHECK(r != NULL);
    CHECK(!strstr(stand.last, "secret"));
    CHECK_STR(strchr(bide_response_url(r), '@'), NULL);
    static const char *const bad[] = {
        "http://me:secret@127.0.0.1:99999/", "http://me:secret@127.0.0.1:1/",
        "http://me:sec/ret@127.0.0.1/", "http://me:secret@a\x01/", "http://me@secret@a/",
        "http://me:secret@a\\b", "//me:secret@a/", "ftp://me:secret@a/", "me:secret@a/",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_PTR(bide_get(session, bad[i]), NULL);
        CHECK(!strstr(bide_errmsg(), "ret"));
    }
}

TASK_TEST(a_pasted_reference_is_joined_to_the_sessions_base)
{
    struct stand stand = { .reply = OK(0) };
    STAND(&stand);
    char base[100];
    snprintf(base, sizeof base, "%sa/b", stand.url);
    bide_auto(session) session = bide_session_open(.base_url = base);
    static const char *const cases[][2] = {
        { " c d ", "GET /a/c%20d HTTP/1.1\r\n" }, { "/../\xc3\xa4", "GET /%C3%A4 HTTP/1.1\r\n" },
        { "?q=1 2", "GET /a/b?q=1%202 HTTP/1.1\r\n" }, { "#x", "GET /a/b HTTP/1.1\r\n" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bide_auto(response) r = bide_get(session, cases[i][0]);
        if (!r)
            test_fail(__FILE__, __LINE__, "%s: %s", cases[i][0], bide_errmsg());
        CHECK_HAS(stand.last, cases[i][1]);
    }
}

TASK_TEST(a_user_is_not_told_to_the_trace_of_a_redirect)
{
    struct stand stand = { .reply = "HTTP/1.1 302 Found\r\nLocation: /\xc3\xa4 b\r\n"
                                    "Content-Length: 0\r\n\r\n" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    char url[300];
    snprintf(url, sizeof url, "http://me:secret@%s", stand.url + 7);
    CHECK_PTR(bide_get(session, url, .redirect_max = 1), NULL);
    CHECK_HAS(stand.last, "GET /%C3%A4%20b HTTP/1.1\r\n");
    CHECK(!strstr(bide_errmsg(), "secret"));
}
