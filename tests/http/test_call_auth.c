/* Credentials and cookies of calls: whose are sent where, and challenges answered. */
#include "answers.h"

#include <bide/cookies.h>

#define CHALLENGE(value) \
    "HTTP/1.1 401 Who\r\nWWW-Authenticate: " value "\r\nContent-Length: 0\r\n\r\n"

static const struct answer open_doors[] = { { "/", OK(0) }, { "/a", OK(0) } };

TASK_TEST(basic_credentials_go_at_once)
{
    struct stand stand = SCRIPT(open_doors);
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_response_close(bide_get(session, stand.url,
                                 .auth = { .user = "ann", .password = "se cret" }));
    CHECK_HAS(stand.last, "Authorization: Basic YW5uOnNlIGNyZXQ=\r\n");
    bide_response_close(bide_get(session, stand.url, .auth.bearer = "abc.def"));
    CHECK_HAS(stand.last, "Authorization: Bearer abc.def\r\n");
    bide_response_close(bide_get(session, stand.url));
    CHECK(!strstr(stand.last, "Authorization"));
}

TASK_TEST(a_header_of_the_programs_own_goes_before_credentials)
{
    struct stand stand = SCRIPT(open_doors);
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.auth = { .user = "ann", .password = "x" });
    bide_response_close(bide_get(session, stand.url,
                                 .headers = BIDE_PAIRS({ "authorization", "Mine 1" })));
    CHECK_HAS(stand.last, "authorization: Mine 1\r\n");
    CHECK(!strstr(stand.last, "Basic"));
}

TASK_TEST(user_and_password_may_stand_in_the_url_and_are_nowhere_told)
{
    struct stand stand = SCRIPT(open_doors);
    STAND(&stand);
    char url[128];
    snprintf(url, sizeof url, "http://ann:p%%40ss@%sa", stand.url + 7);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, url);
    CHECK_HAS(stand.last, "GET /a HTTP/1.1\r\n");
    CHECK_HAS(stand.last, "Authorization: Basic YW5uOnBAc3M=\r\n");
    CHECK_STR(bide_response_url(r), at(&stand, "/a"));
    CHECK_PTR(bide_get(session, "http://ann:secret@127.0.0.1:1/"), NULL);
    CHECK(!strstr(bide_errmsg(), "secret"));
}

TASK_TEST(a_netrc_that_cannot_be_read_is_named_once)
{
    setenv("NETRC", "/", 1);
    bide_auto(session) session = bide_session_open(.trust_env = true);
    CHECK_PTR(bide_get(session, "http://127.0.0.1:1/", .proxy = ""), NULL);
    const char *named = strstr(bide_errmsg(), "netrc: ");
    CHECK(named && !strstr(named + 1, "netrc: "));
    unsetenv("NETRC");
}

TASK_TEST(a_sessions_credentials_are_for_its_base)
{
    struct stand stand = SCRIPT(open_doors), other = { .reply = OK(0) };
    STAND_AS(group, &other);
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.base_url = stand.url,
                                    .auth = { .user = "ann", .password = "x" });
    bide_response_close(bide_get(session, "a"));
    CHECK_HAS(stand.last, "Authorization: Basic");
    bide_response_close(bide_get(session, other.url));
    CHECK(!strstr(other.last, "Authorization"));
}

/* Lets in who answers a challenge of Digest. */
static int digest_talk(bide_stream *s, struct stand *stand)
{
    while (stand_read(s, stand) > 0) {
        bool said = strstr(stand->last, "Authorization: Digest username=\"ann\"") &&
                    strstr(stand->last, "uri=\"/a?b=c\"") && strstr(stand->last, "response=\"");
        const char *reply = said ? OK(2) "in" : CHALLENGE("Digest realm=\"r\", nonce=\"n1\", "
                                                          "qop=\"auth\", algorithm=SHA-256");
        if (bide_write(s, reply, strlen(reply)) < 0)
            break;
    }
    return 0;
}

TASK_TEST(a_digest_challenge_is_answered_and_remembered)
{
    struct stand stand = { .talk = digest_talk };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(
                                    .auth = { .user = "ann", .password = "x", .digest = true });
    bide_auto(response) r = bide_get(session, at(&stand, "/a?b=c"));
    CHECK_STR(bide_response_text(r, NULL), "in");
    CHECK_EQ(stand.requests, 2);
    bide_auto(response) again = bide_post(session, at(&stand, "/a?b=c"), .data = "x",
                                          .data_size = 1);
    CHECK_STR(bide_response_text(again, NULL), "in");
    CHECK_EQ(stand.requests, 3);
    CHECK_HAS(stand.last, "nc=00000002");
    CHECK_EQ(stand.connections, 1);
}

TASK_TEST(what_was_said_in_one_way_is_not_said_so_for_another)
{
    struct stand stand = SCRIPT(open_doors);
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_response_close(bide_get(session, stand.url, .auth = { .user = "ann", .password = "x" }));
    CHECK_HAS(stand.last, "Authorization: Basic");
    bide_response_close(bide_get(session, stand.url,
                                 .auth = { .user = "ann", .password = "x", .digest = true }));
    CHECK(!strstr(stand.last, "Authorization"));
    bide_response_close(bide_get(session, stand.url, .auth.bearer = "ann"));
    CHECK_HAS(stand.last, "Authorization: Bearer ann\r\n");
}

TASK_TEST(what_is_refused_is_not_said_for_ever)
{
    static const struct answer answers[] = {
        { "/basic", CHALLENGE("Basic realm=\"r\"") },
        { "/digest", CHALLENGE("Digest realm=\"r\", nonce=\"n\", qop=\"auth\"") },
        { "/odd", CHALLENGE("Strange thing") },
    };
    struct stand stand = SCRIPT(answers);
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) a = bide_get(session, at(&stand, "/basic"),
                                    .auth = { .user = "a", .password = "b" });
    CHECK_EQ(bide_response_status(a), 401);
    CHECK_EQ(stand.requests, 1);
    bide_auto(response) b = bide_get(session, at(&stand, "/digest"),
                                     .auth = { .user = "c", .password = "d", .digest = true });
    CHECK_EQ(bide_response_status(b), 401);
    CHECK(stand.requests <= 4);
    int before = stand.requests;
    bide_auto(response) c = bide_get(session, at(&stand, "/odd"),
                                    .auth = { .user = "e", .password = "f" });
    CHECK_EQ(bide_response_status(c), 401);
    CHECK_EQ(stand.requests, before + 1);
}

TASK_TEST(credentials_that_cannot_be_said_are_refused)
{
    struct stand stand = SCRIPT(open_doors);
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(bide_get(session, stand.url, .auth = { .user = "a:b", .password = "c" }), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_PTR(bide_get(session, stand.url, .auth.bearer = "a\r\nb"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_EQ(stand.requests, 0);
}

/* ---- cookies ---- */

#define SET(cookie) "HTTP/1.1 200 OK\r\nSet-Cookie: " cookie "\r\nContent-Length: 0\r\n\r\n"

static const struct answer jars[] = {
    { "/set", SET("id=1; Path=/") }, { "/deep/set", SET("deep=2") }, { "/get", OK(0) },
    { "/deep/get", OK(0) }, { "/gone", SET("id=; Max-Age=0; Path=/") },
    { "/via", "HTTP/1.1 302 X\r\nSet-Cookie: via=3; Path=/\r\nLocation: /get\r\n"
              "Content-Length: 0\r\n\r\n" },
};

TASK_TEST(cookies_are_kept_and_sent_where_they_belong)
{
    struct stand stand = SCRIPT(jars);
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    bide_response_close(bide_get(session, at(&stand, "/set")));
    bide_response_close(bide_get(session, at(&stand, "/deep/set")));
    CHECK_HAS(stand.last, "Cookie: id=1\r\n");
    bide_response_close(bide_get(session, at(&stand, "/deep/get")));
    CHECK_HAS(stand.last, "Cookie: deep=2; id=1\r\n");
    bide_response_close(bide_get(session, at(&stand, "/get"), .cookies = BIDE_PAIRS({ "x", "y" })));
    CHECK_HAS(stand.last, "Cookie: id=1; x=y\r\n");
    bide_response_close(bide_get(session, at(&stand, "/gone")));
    bide_response_close(bide_get(session, at(&stand, "/get")));
    CHECK(!strstr(stand.last, "Cookie"));
    bide_response_close(bide_get(session, at(&stand, "/via")));
    CHECK_HAS(stand.last, "Cookie: via=3\r\n");
    CHECK_STR(bide_cookies_get(bide_session_cookies(session), stand.url, "via"), "3");
}

TASK_TEST(a_jar_may_be_shared_and_left_out)
{
    struct stand stand = SCRIPT(jars);
    STAND(&stand);
    bide_auto(cookies) jar = bide_cookies_new();
    bide_auto(session) one = bide_session_open(.cookies = jar);
    bide_auto(session) two = bide_session_open(.cookies = jar);
    bide_auto(session) none = bide_session_open(.no_cookies = true);
    bide_response_close(bide_get(one, at(&stand, "/set")));
    bide_response_close(bide_get(two, at(&stand, "/get")));
    CHECK_HAS(stand.last, "Cookie: id=1\r\n");
    bide_response_close(bide_get(none, at(&stand, "/set")));
    bide_response_close(bide_get(none, at(&stand, "/get")));
    CHECK(!strstr(stand.last, "Cookie"));
    CHECK_PTR(bide_session_cookies(none), NULL);
}

TASK_TEST(a_cookie_of_a_call_cannot_be_two)
{
    struct stand stand = SCRIPT(jars);
    STAND(&stand);
    bide_auto(session) session = bide_session_open();
    static const char *const bad[] = { "a; b=c", "a\r\nX: y", "a\nb" };
    for (int i = 0; i < 3; i++) {
        CHECK_PTR(bide_get(session, stand.url, .cookies = BIDE_PAIRS({ "x", bad[i] })), NULL);
        CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    }
    CHECK_PTR(bide_get(session, stand.url, .cookies = BIDE_PAIRS({ "x y", "z" })), NULL);
    CHECK_EQ(stand.requests, 0);
}
