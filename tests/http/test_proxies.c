/* The client through proxies that work, and what it says when one does not.  Names are looked up by
 * a stand-in, so that it can be seen who asks. */
#include "stand.h"

#include "http/response.h"
#include "net/resolve.h"

/* ---- an HTTP proxy that forwards: it answers itself ---- */

static int forward(bide_stream *s, struct stand *stand)
{
    while (stand_read(s, stand) > 0)
        if (stand_say(s, stand) < 0)
            break;
    return 0;
}

/* ---- a SOCKS5 proxy ---- */

struct socks_server { struct stand stand; bide_group *group; char asked[300]; int reply; };

static int pump(void *arg)
{
    bide_stream **ends = arg;
    bide_ignore((int)bide_copy(ends[1], ends[0], NULL, NULL));
    bide_ignore(bide_write_end(ends[1]));
    return 0;
}

static int tunnel_bytes(bide_stream *client, bide_stream *server)
{
    bide_stream *there[] = { client, server }, *back[] = { server, client };
    BIDE_GROUP(group);
    bide_spawn(group, pump, there);
    bide_spawn(group, pump, back);
    return bide_group_wait(group);
}

/* Understands a name or an IPv4 address; whatever the name, it is 127.0.0.1. */
static int socks_talk(bide_stream *s, struct stand *stand)
{
    struct socks_server *server = (struct socks_server *)(void *)stand;
    uint8_t head[300];
    if (bide_read_exactly(s, head, 2) < 0 || bide_read_exactly(s, head + 2, head[1]) < 0 ||
        bide_write(s, "\5\0", 2) < 0 || bide_read_exactly(s, head, 5) < 0)
        return -1;
    size_t size = head[3] == 1 ? 3 : head[4];
    if (bide_read_exactly(s, head + 5, size + 2) < 0)
        return -1;
    unsigned port = (unsigned)head[5 + size] << 8 | head[6 + size];
    if (head[3] == 1)
        snprintf(server->asked, sizeof server->asked, "%u.%u.%u.%u", head[4], head[5], head[6],
                 head[7]);
    else
        snprintf(server->asked, sizeof server->asked, "%.*s", (int)size, (char *)head + 5);
    uint8_t reply[10] = { 5, (uint8_t)server->reply, 0, 1 };
    if (server->reply)
        return bide_write(s, reply, sizeof reply);
    char address[40];
    snprintf(address, sizeof address, "127.0.0.1:%u", port);
    bide_auto(stream) target = bide_connect(address);
    if (!target || bide_write(s, reply, sizeof reply) < 0)
        return -1;
    return tunnel_bytes(s, target);
}

/* ---- */

static int known_here(const char *host, struct bide_addresses *found)
{
    found->count = 0;
    if (strncmp(host, "known", 5) != 0)
        return 1;
    return bide_address_read(&found->list[found->count++], "127.0.0.1:0") < 0;
}

static const char *proxy_text(const struct stand *stand, const char *scheme)
{
    static char text[128];
    snprintf(text, sizeof text, "%s%.*s", scheme, (int)strcspn(stand->url + 7, "/"),
             stand->url + 7);
    return text;
}

static size_t open_count(const bide_session *s)
{
    return s->pool.open;
}

TASK_TEST(a_proxy_is_asked_for_plain_http_by_the_whole_url)
{
    struct stand proxy = { .reply = OK(2) "ok", .talk = forward };
    STAND(&proxy);
    bide_auto(session) session = bide_session_open(.proxy = proxy_text(&proxy, "http://a:b@"),
                                                   .proxy_headers = BIDE_PAIRS({ "X-P", "1" }));
    for (int i = 0; i < 2; i++) {
        struct bide_report report;
        bide_auto(response) r = bide_get(session, "http://nowhere.invalid:81/path?q",
                                         .headers = BIDE_PAIRS({ "X-Own", "2" }),
                                         .report = &report);
        CHECK_STR(bide_response_text(r, NULL), "ok");
        CHECK(strncmp(proxy.last, "GET http://nowhere.invalid:81/path?q HTTP/1.1\r\n", 47) == 0);
        CHECK_HAS(proxy.last, "\r\nHost: nowhere.invalid:81\r\n");
        CHECK_HAS(proxy.last, "\r\nProxy-Authorization: Basic YTpi\r\nX-P: 1\r\n");
        CHECK_STR(bide_response_url(r), "http://nowhere.invalid:81/path?q");
        CHECK_EQ(report.reused, i > 0);
        CHECK_STR(report.remote, bide_listener_address(proxy.listener));
    }
    CHECK_EQ(proxy.connections, 1);
}

TASK_TEST(a_call_may_have_its_own_proxy_or_none)
{
    struct stand proxy = { .reply = OK(5) "proxy", .talk = forward };
    struct stand other = { .reply = OK(5) "other", .talk = forward };
    struct stand direct = { .reply = OK(6) "direct" };
    STAND_AS(a, &proxy);
    STAND_AS(b, &other);
    STAND_AS(c, &direct);
    bide_auto(session) session = bide_session_open(.proxy = proxy_text(&proxy, "http://"));
    static const char *const bodies[] = { "proxy", "other", "direct" };
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 3; i++) {
            struct bide_report report;
            const char *via = i == 0 ? NULL : i == 1 ? proxy_text(&other, "") : "";
            bide_auto(response) r = bide_get(session, direct.url, .proxy = via,
                                             .report = &report);
            CHECK_STR(bide_response_text(r, NULL), bodies[i]);
            CHECK_EQ(report.reused, round > 0);
        }
    CHECK_EQ(bide_session_connections(session), 3);
}

TASK_TEST(a_bad_proxy_is_told_without_its_password)
{
    CHECK_PTR(bide_session_open(.proxy = "gopher://a:secret@p"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EURL);
    CHECK_STR(bide_errmsg(), "session: proxy: a proxy is http, https, socks5 or socks5h");
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(bide_get(session, "http://127.0.0.1/", .proxy = "http://a:secret@"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EURL);
    CHECK_STR(bide_errmsg(), "get http://127.0.0.1/: proxy: a proxy's URL names no host");
}

TASK_TEST(a_proxy_that_is_not_there_is_named)
{
    bide_auto(session) session = bide_session_open(.proxy = "127.0.0.1:1");
    CHECK_PTR(bide_get(session, "http://example.org/"), NULL);
    CHECK_EQ(bide_errcode(), -ECONNREFUSED);
    CHECK_STR(bide_errmsg(), "get http://example.org/: proxy 127.0.0.1:1: connect: 127.0.0.1:1: "
                             "Connection refused");
    CHECK_EQ(open_count(session), 0);
}

TASK_TEST(the_environment_counts_only_if_it_is_trusted)
{
    struct stand proxy = { .reply = OK(5) "proxy", .talk = forward };
    struct stand direct = { .reply = OK(6) "direct" };
    STAND_AS(a, &proxy);
    STAND_AS(b, &direct);
    setenv("http_proxy", proxy_text(&proxy, "http://"), 1);
    unsetenv("no_proxy");
    unsetenv("NO_PROXY");
    for (int i = 0; i < 4; i++) {
        bide_auto(session) session = bide_session_open(.trust_env = i > 0,
                                                       .proxy = i == 2 ? "" : NULL);
        if (i == 3)
            setenv("no_proxy", "127.0.0.0/8", 1);
        bide_auto(response) r = bide_get(session, direct.url);
        CHECK_STR(bide_response_text(r, NULL), i == 1 ? "proxy" : "direct");
    }
    setenv("http_proxy", "socks4://a:secret@p", 1);
    unsetenv("no_proxy");
    bide_auto(session) session = bide_session_open(.trust_env = true);
    CHECK_PTR(bide_get(session, direct.url), NULL);
    CHECK_HAS(bide_errmsg(), "the environment's proxy: a proxy is http");
}

static int use_socks(void *unused)
{
    (void)unused;
    struct stand stand = { .reply = OK(2) "ok" };
    struct socks_server proxy = { .stand.talk = socks_talk };
    STAND_AS(a, &stand);
    STAND_AS(b, &proxy.stand);
    bide_auto(session) session = bide_session_open();
    static const struct { const char *scheme, *host, *asked; } all[] = {
        { "socks5://", "known.example", "127.0.0.1" },
        { "socks5h://", "known.example", "known.example" },
        { "socks5h://", "far.example", "far.example" },
        { "socks5h://", "127.0.0.1", "127.0.0.1" },
    };
    for (int i = 0; i < 8; i++) {
        struct bide_report report;
        char url[100], asked[40];
        snprintf(url, sizeof url, "http://%s%s", all[i / 2].host, strrchr(stand.url, ':'));
        snprintf(asked, sizeof asked, "%s", proxy.asked);
        bide_auto(response) r = bide_get(session, url, .report = &report,
                                         .proxy = proxy_text(&proxy.stand, all[i / 2].scheme));
        CHECK_STR(bide_response_text(r, NULL), "ok");
        CHECK_EQ(report.reused, i % 2);
        CHECK_STR(proxy.asked, all[i / 2].asked);
        CHECK(strncmp(stand.last, "GET / HTTP/1.1\r\n", 16) == 0);
    }
    CHECK_EQ(proxy.stand.connections, 4);
    CHECK_PTR(bide_get(session, "http://far.example/",
                       .proxy = proxy_text(&proxy.stand, "socks5://")), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EDNS);
    proxy.reply = 5;
    CHECK_PTR(bide_get(session, "http://far.example/",
                       .proxy = proxy_text(&proxy.stand, "socks5h://")), NULL);
    CHECK_EQ(bide_errcode(), -ECONNREFUSED);
    CHECK_HAS(bide_errmsg(), "get http://far.example/: proxy 127.0.0.1:");
    CHECK_HAS(bide_errmsg(), ": SOCKS: the connection was refused");
    return 0;
}

TEST(a_socks_proxy_looks_names_up_or_has_them_looked_up)
{
    bide__resolve_with(known_here);
    test_run_task(use_socks, __FILE__, __LINE__, NULL, .seconds = BIDE_FOREVER,
                  .allow = BIDE_TEST_BYTES);
}

/* ---- time ---- */

static int say_nothing(bide_stream *s, struct stand *stand)
{
    (void)s;
    (void)stand;
    return bide_sleep(10000);
}

TASK_TEST(the_proxy_s_consent_has_a_limit)
{
    struct stand proxy = { .talk = say_nothing };
    STAND(&proxy);
    bide_auto(session) session = bide_session_open(.timeouts.proxy = 3,
                                                   .proxy = proxy_text(&proxy, "socks5h://"));
    double start = bide_now();
    struct bide_report report;
    CHECK_PTR(bide_get(session, "http://example.org/", .report = &report), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "get http://example.org/: proxy 127.0.0.1:");
    CHECK_HAS(bide_errmsg(), ": timed out after 3 s");
    CHECK_NEAR(bide_now() - start, 3, 0.1);
    CHECK_NEAR(report.proxy, 3, 0.1);
    CHECK_EQ(open_count(session), 0);
    CHECK_PTR(bide_get(session, "http://example.org/", .timeout = 2), NULL);
    CHECK_HAS(bide_errmsg(), "proxy: timed out after 2 s in all");
    CHECK_EQ(open_count(session), 0);
    BIDE_TIMEOUT(limit, 1);
    CHECK_PTR(bide_get(session, "http://example.org/"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ECANCELED);
    CHECK_EQ(open_count(session), 0);
}

/* ---- other ways ---- */

static int answer(bide_stream *s, void *arg)
{
    return stand_talk(s, arg);
}

static int serve_unix(void *arg)
{
    struct stand *stand = arg;
    int rc = bide_serve(stand->listener, answer, stand);
    bide_listener_close(stand->listener);
    return rc;
}

TASK_TEST(a_unix_socket_stands_for_any_host)
{
    struct stand stand = { .reply = OK(2) "ok" };
    BIDE_GROUP(group);
    stand.listener = bide_unix_listen("@bide-test-proxies");
    CHECK(stand.listener != NULL);
    bide_spawn(group, serve_unix, &stand);
    bide_auto(session) session = bide_session_open();
    for (int i = 0; i < 2; i++) {
        struct bide_report report;
        bide_auto(response) r = bide_get(session, "http://docker/x", .report = &report,
                                         .unix_path = "@bide-test-proxies",
                                         .proxy = "http://127.0.0.1:1");
        CHECK_STR(bide_response_text(r, NULL), "ok");
        CHECK(strncmp(stand.last, "GET /x HTTP/1.1\r\nHost: docker\r\n", 31) == 0);
        CHECK_EQ(report.reused, i > 0);
        CHECK_STR(report.remote, "@bide-test-proxies");
    }
    CHECK_PTR(bide_get(session, "http://docker/", .unix_path = "/nowhere/at/all"), NULL);
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK_EQ(open_count(session), 1);
}

static char from[64];

static int note_peer(bide_stream *s, struct stand *stand)
{
    snprintf(from, sizeof from, "%s", bide_stream_peer(s));
    return stand_talk(s, stand);
}

TASK_TEST(connections_come_from_where_they_are_told_to)
{
    struct stand stand = { .reply = OK(2) "ok", .talk = note_peer };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.local_address = "127.0.0.5");
    bide_auto(response) r = bide_get(session, stand.url);
    CHECK_STR(bide_response_text(r, NULL), "ok");
    CHECK(strncmp(from, "127.0.0.5:", 10) == 0);
    bide_auto(session) v6 = bide_session_open(.family = AF_INET6);
    CHECK_PTR(bide_get(v6, stand.url), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EDNS);
    bide_auto(session) wrong = bide_session_open(.local_address = "::1", .family = AF_INET);
    CHECK_PTR(bide_get(wrong, stand.url), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_EQ(open_count(wrong), 0);
}
