/* Redirects that are traps: circles, chains without end, places that are no place, and those that
 * want to take something along which is not theirs. */
#include "hostile.h"

struct trap {
    struct stand stand;
    char location[120000];      /* with %u: how many it is */
    const char *status;         /* default 302 */
    const char *more;           /* further headers */
    const char *body;
    char asked[8192];           /* all heads */
};

static int trap_talk(bide_stream *s, struct stand *stand)
{
    struct trap *trap = (struct trap *)(void *)stand;
    while (stand_read(s, stand) > 0) {
        size_t at = strlen(trap->asked);
        snprintf(trap->asked + at, sizeof trap->asked - at, "%s", stand->last);
        static char place[sizeof trap->location + 16];      /* more than a stack has */
        if (strstr(stand->last, " /ok HTTP/1.1\r\n") || !trap->location[0]) {
            if (bide_printf(s, OK(7) "healthy") < 0)
                break;
            continue;
        }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(place, sizeof place, trap->location, (unsigned)stand->requests);
#pragma GCC diagnostic pop
        if (bide_printf(s, "HTTP/1.1 %s Elsewhere\r\n%sContent-Length: %zu\r\nLocation: ",
                        trap->status ? trap->status : "302", trap->more ? trap->more : "",
                        strlen(trap->body ? trap->body : "")) < 0 ||
            bide_write(s, place, strlen(place)) < 0 ||
            bide_printf(s, "\r\n\r\n%s", trap->body ? trap->body : "") < 0)
            break;
    }
    return 0;
}

static struct trap *trap_new(const char *location)
{
    struct trap *trap = calloc(1, sizeof *trap);
    CHECK(trap != NULL);
    trap->stand.talk = trap_talk;
    snprintf(trap->location, sizeof trap->location, "%s", location);
    return trap;
}

static void trap_free(struct trap **trap)
{
    free(*trap);
}
/* Goes when its stand has ended. */
#define TRAP(name, location) \
    __attribute__((cleanup(trap_free))) struct trap *name = trap_new(location)

static void is_refused(struct trap *trap, int code, const char *why)
{
    STAND(&trap->stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    struct hostile_outcome o;
    hostile_ask(&o, session, trap->stand.url, 0);
    if (o.code != code || !strstr(o.text, why))
        test_fail(__FILE__, __LINE__, "to \"%.100s\": %d, \"%s\"", trap->location, o.code, o.text);
    hostile_ask(&o, session, trap->stand.url, 0);
    CHECK_EQ(o.code, code);
    bide_auto(response) r = bide_get(session, trap->stand.url, .no_redirects = true);
    CHECK_EQ(bide_response_status(r), 302);
    CHECK(strlen(bide_response_header(r, "location")) > 0 || trap->location[0] == ' ');
    CHECK(bide_session_connections(session) <= 1);
}

TASK_TEST(circles_and_endless_chains_end)
{
    static const struct { const char *location, *why; } traps[] = {
        { "/", "redirects lead in a circle" }, { "?", "circle" }, { "?a", "circle" },
        { "/#%u", "" }, { "/%u", "more than 10 redirects" },
        { "?%u", "more than 10 redirects" }, { "a/%u/", "more than 10 redirects" },
    };
    for (size_t i = 0; i < 7; i++) {
        TRAP(trap, traps[i].location);
        is_refused(trap, BIDE_EHTTP, traps[i].why);
    }
}

TASK_TEST(places_that_are_none_for_a_redirect_are_refused)
{
    static const char *const places[] = {
        "file:///etc/passwd", "javascript:alert(1)", "ftp://example.org/", "data:text/plain,x",
        "gopher://127.0.0.1:25/_HELO", "mailto:a@example.org", "about:blank", "ws://example.org/",
        "unix:/run/docker.sock", "FILE:///etc/passwd", "dict://127.0.0.1:11211/stats",
        "http://", "http:///path", "https://", "//", "http://:80/", "http://a:b:c/",
        "http://example.org:99999/", "http://example.org:-1/", "http://example.org:80x/",
        "http://[::1/", "http://[zz]/", "http://ex ample.org/", "http://exa<mple.org/",
        "http://1.2.3.4.5/", "http://256.1.1.1/", "http://0x7f.1.2.3.4/", "http://a..b/",
        "http://%%00/", "http://a%%2fb/", "http://\xff\xfe/",
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        TRAP(trap, places[i]);
        is_refused(trap, BIDE_EURL, "redirect");
    }
}

TASK_TEST(a_place_may_not_be_longer_than_a_url)
{
    TRAP(trap, "/");
    memset(trap->location + 1, 'a', 20000);
    is_refused(trap, BIDE_EURL, "URL");
    memset(trap->location + 1, 'a', 100000);
    trap->stand.requests = 0;
    STAND(&trap->stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    struct hostile_outcome o;
    hostile_ask(&o, session, trap->stand.url, 0);
    CHECK_EQ(o.code, BIDE_ELIMIT);
    hostile_is_over(session, trap->stand.url, "100 KB");
}

/* What is not followed costs the connection, or is read to keep it; it is never the next reply. */
TASK_TEST(the_body_of_a_redirect_is_no_reply)
{
    TRAP(trap, "/ok");
    trap->body = OK(2) "no";
    STAND(&trap->stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    for (int i = 0; i < 3; i++) {
        struct hostile_outcome o;
        hostile_ask(&o, session, trap->stand.url, 0);
        CHECK_STR(o.text, "healthy");
    }
    CHECK_EQ(trap->stand.connections, 1);
}

/* ---- what goes along ---- */

#define SECRETS BIDE_PAIRS({ "Authorization", "Bearer secret" }, { "Cookie", "own=secret" }, \
                           { "Proxy-Authorization", "Basic secret" }, { "X-Plain", "1" })

TASK_TEST(another_origin_hears_no_secret)
{
    static const char *const forms[] = { "http://localhost%s", "http://x:y@127.0.0.1%s",
                                         "//localhost%s", "http://127.0.0.1%s" };
    for (size_t i = 0; i < 4; i++) {
        TRAP(other, "");
        TRAP(trap, "");
        STAND_AS(one, &other->stand);
        STAND_AS(two, &trap->stand);
        bide_auto(session) session = bide_session_open(
            .auth = { .user = "me", .password = "secret" }, .headers = SECRETS);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(trap->location, sizeof trap->location, forms[i], strrchr(other->stand.url, ':'));
#pragma GCC diagnostic pop
        trap->more = "Set-Cookie: jar=secret; Path=/\r\n";
        bide_auto(response) a = bide_get(session, trap->stand.url, .headers = SECRETS,
            .cookies = BIDE_PAIRS({ "call", "secret" }));
        CHECK_STR(bide_response_text(a, NULL), "healthy");
        CHECK_HAS(trap->asked, "secret");
        CHECK_HAS(other->asked, "X-Plain: 1\r\n");
        if (strstr(forms[i], "127.0.0.1")) {    /* cookies know no ports (RFC 6265, 8.5) */
            char *jar = strstr(other->asked, "Cookie: jar=secret\r\n");
            CHECK(jar != NULL);
            memcpy(jar, "Cookie: jar=------", 18);
        }
        if (strstr(other->asked, "secret"))
            test_fail(__FILE__, __LINE__, "%s: %s", trap->location, other->asked);
        CHECK(!strstr(other->asked, "Authorization"));  /* x:y neither */
    }
}

/* Back at home it is still the other who wanted this request. */
TASK_TEST(who_was_away_does_not_come_home_with_the_secret)
{
    TRAP(other, "");
    TRAP(trap, "");
    STAND_AS(one, &other->stand);
    STAND_AS(two, &trap->stand);
    snprintf(trap->location, sizeof trap->location, "%sx", other->stand.url);
    snprintf(other->location, sizeof other->location, "%sok", trap->stand.url);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, trap->stand.url, .headers = SECRETS);
    CHECK_STR(bide_response_text(r, NULL), "healthy");
    CHECK_HAS(trap->asked, "secret");
    CHECK(!strstr(trap->stand.last, "secret"));
}

TASK_TEST(a_host_that_was_named_for_one_server_is_not_named_to_another)
{
    TRAP(other, "");
    TRAP(trap, "");
    char host[80];
    STAND_AS(one, &other->stand);
    STAND_AS(two, &trap->stand);
    snprintf(trap->location, sizeof trap->location, "%s", other->stand.url);
    bide_auto(session) session = bide_session_open();
    bide_auto(response) r = bide_get(session, trap->stand.url,
                                     .headers = BIDE_PAIRS({ "Host", "inside.example" }));
    CHECK_STR(bide_response_text(r, NULL), "healthy");
    CHECK_HAS(trap->asked, "\r\nHost: inside.example\r\n");
    snprintf(host, sizeof host, "\r\nHost: %s\r\n", bide_listener_address(other->stand.listener));
    CHECK_HAS(other->asked, host);
    CHECK(!strstr(other->asked, "inside"));
}

TASK_TEST(who_stands_in_the_url_is_known_to_its_origin_alone)
{
    TRAP(other, "");
    TRAP(trap, "/ok");
    char url[100];
    STAND_AS(one, &other->stand);
    STAND_AS(two, &trap->stand);
    bide_auto(session) session = bide_session_open();
    snprintf(url, sizeof url, "http://me:secret@%s", trap->stand.url + 7);
    static const char line[] = "\r\nAuthorization: Basic bWU6c2VjcmV0\r\n";
    for (int absolute = 0; absolute < 2; absolute++) {
        bide_auto(response) r = bide_get(session, url);
        CHECK_STR(bide_response_text(r, NULL), "healthy");
        CHECK_STR(strchr(bide_response_url(r), '@'), NULL);
        CHECK_HAS(trap->stand.last, "GET /ok ");
        CHECK_HAS(trap->stand.last, line);
        snprintf(trap->location, sizeof trap->location, "%sok", trap->stand.url);
    }
    snprintf(trap->location, sizeof trap->location, "%s", other->stand.url);
    bide_auto(response) r = bide_get(session, url);
    CHECK_STR(bide_response_text(r, NULL), "healthy");
    CHECK(!strstr(other->asked, "Authorization"));
}

TASK_TEST(a_fragment_is_neither_sent_nor_told)
{
    TRAP(trap, "/ok#there");
    STAND(&trap->stand);
    char url[100];
    bide_auto(session) session = bide_session_open();
    snprintf(url, sizeof url, "%sok#here", trap->stand.url);
    for (int i = 0; i < 2; i++) {
        bide_auto(response) r = bide_get(session, i ? url : trap->stand.url);
        CHECK_STR(bide_response_text(r, NULL), "healthy");
        CHECK_STR(strchr(bide_response_url(r), '#'), NULL);
        CHECK_HAS(trap->stand.last, "GET /ok HTTP/1.1\r\n");
    }
}

TASK_TEST(cookies_are_said_in_one_header)
{
    TRAP(trap, "");
    STAND(&trap->stand);
    bide_auto(session) plain = bide_session_open();
    bide_auto(session) own = bide_session_open(.headers = BIDE_PAIRS({ "Cookie", "own=1" }),
                                               .cookies = bide_session_cookies(plain));
    bide_auto(response) a = bide_get(plain, trap->stand.url,
                                     .cookies = BIDE_PAIRS({ "call", "1" }, { "more", "2" }));
    CHECK_HAS(trap->stand.last, "\r\nCookie: call=1; more=2\r\n");
    bide_auto(response) b = bide_get(own, trap->stand.url, .cookies = BIDE_PAIRS({ "x", "y" }));
    CHECK_HAS(trap->stand.last, "\r\nCookie: own=1\r\n");
    CHECK_PTR(strcasestr(strcasestr(trap->stand.last, "\r\nCookie:") + 2, "\r\nCookie:"), NULL);
}

/* A body that can be had but once does not go twice. */
static ssize_t once(void *arg, void *buf, size_t size)
{
    int *calls = arg;
    memset(buf, 'x', size < 5 ? size : 5);
    return (*calls)++ ? 0 : 5;
}

TASK_TEST(a_body_that_is_gone_is_not_sent_again)
{
    static const char *const statuses[] = { "307", "308", "301", "302", "303" };
    for (int i = 0; i < 5; i++) {
        TRAP(trap, "/ok");
        int calls = 0;
        trap->status = statuses[i];
        STAND(&trap->stand);
        bide_auto(session) session = bide_session_open(.limit = 1);
        bide_auto(response) r = bide_post(session, trap->stand.url, .source = once,
                                          .source_arg = &calls, .data_length = 5);
        if (i >= 2) {
            CHECK_STR(bide_response_text(r, NULL), "healthy");
            CHECK_HAS(trap->stand.last, "GET /ok ");
            CHECK(!strstr(trap->stand.last, "Content-Length"));
        } else {
            CHECK_PTR(r, NULL);
            CHECK_EQ(trap->stand.requests, 1);
            CHECK_HAS(bide_errmsg(), "body");
        }
        CHECK(bide_session_connections(session) <= 1);
    }
}
