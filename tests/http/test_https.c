/* https: directly, through tunnels of every kind of proxy, and what is refused. */
#include "stand.h"

#include "../tls/certificates.h"
#include "http/response.h"

/* A stand behind TLS. */
struct secure_stand { struct stand stand; bide_tls *tls; int handshakes, failed; bool silent; };

static int secure_talk(bide_stream *s, struct stand *stand)
{
    struct secure_stand *secure = (struct secure_stand *)(void *)stand;
    if (secure->silent)
        return bide_sleep(10000);
    bide_stream *inner = NULL;
    /* bide_serve() closes s: TLS gets a descriptor of its own. */
    inner = bide_stream_of_fd(dup(bide_stream_fd(s)));
    CHECK(inner != NULL);
    bide_stream *outer = bide_start_tls(inner, .tls = secure->tls);
    if (!outer) {
        bide_stream_close(inner);
        secure->failed++;
        return 0;
    }
    secure->handshakes++;
    int rc = stand_talk(outer, stand);
    bide_stream_close(outer);
    return rc;
}

static void secure_open(struct secure_stand *secure, struct certificates *c, const char *which)
{
    *secure = (struct secure_stand){ .stand = { .reply = OK(2) "ok", .talk = secure_talk } };
    secure->tls = bide_tls_new(.server = true, .cert_file = certificate(c, which));
    CHECK(secure->tls != NULL);
}

/* The URL by which a stand's certificate is good. */
static const char *https(const struct stand *stand)
{
    static char url[100];
    snprintf(url, sizeof url, "https://localhost%s", strrchr(stand->url, ':'));
    return url;
}

TASK_TEST(https_is_verified_and_connections_are_kept)
{
    CERTIFICATES(c);
    struct secure_stand secure;
    secure_open(&secure, c, "good");
    STAND(&secure.stand);
    bide_auto(tls) tls = bide_tls_new(.ca_file = certificate(c, "root"));
    bide_auto(session) session = bide_session_open(.tls = tls);
    for (int i = 0; i < 3; i++) {
        struct bide_report report;
        bide_auto(response) r = bide_get(session, https(&secure.stand), .report = &report);
        CHECK_STR(bide_response_text(r, NULL), "ok");
        CHECK_EQ(report.reused, i > 0);
        CHECK_STR(report.remote, bide_listener_address(secure.stand.listener));
    }
    CHECK_EQ(secure.handshakes, 1);
    bide_tls_free(secure.tls);
}

TASK_TEST(who_cannot_be_verified_is_refused_unless_that_is_wanted)
{
    CERTIFICATES(c);
    struct secure_stand secure;
    secure_open(&secure, c, "self");
    STAND(&secure.stand);
    bide_auto(session) session = bide_session_open();
    CHECK_PTR(bide_get(session, https(&secure.stand)), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETLS);
    CHECK_HAS(bide_errmsg(), "get https://localhost:");
    CHECK_HAS(bide_errmsg(), ": tls: localhost");
    CHECK_EQ(session->pool.open, 0);
    bide_auto(session) careless = bide_session_open(.insecure = true);
    bide_auto(response) r = bide_get(careless, https(&secure.stand));
    CHECK_STR(bide_response_text(r, NULL), "ok");
    bide_tls_free(secure.tls);
}

TASK_TEST(a_call_s_own_settings_share_no_connection_with_the_session_s)
{
    CERTIFICATES(c);
    struct secure_stand secure;
    secure_open(&secure, c, "other");
    STAND(&secure.stand);
    bide_auto(tls) tls = bide_tls_new(.ca_file = certificate(c, "root"));
    bide_auto(session) session = bide_session_open(.tls = tls);
    bide_auto(response) a = bide_get(session, https(&secure.stand),
                                     .server_name = "other.example");
    CHECK_STR(bide_response_text(a, NULL), "ok");
    CHECK_PTR(bide_get(session, https(&secure.stand)), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETLS);
    {
        bide_auto(tls) any = bide_tls_new(.insecure = true);
        bide_auto(response) b = bide_get(session, https(&secure.stand), .tls = any);
        CHECK_STR(bide_response_text(b, NULL), "ok");
    }
    CHECK_PTR(bide_get(session, https(&secure.stand)), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETLS);
    CHECK_EQ(bide_session_connections(session), 2);
    bide_tls_free(secure.tls);
}

/* ---- events ---- */

static char events[1000];

static void note(void *arg, const struct bide_trace_event *event)
{
    (void)arg;
    strncat(strncat(events, bide_trace_name(event->kind), 40), " ", 2);
    if (event->kind == BIDE_TRACE_TLS_END)
        CHECK_HAS(event->text, "TLS 1.3 ");
}

TASK_TEST(each_phase_is_told)
{
    CERTIFICATES(c);
    struct secure_stand secure;
    secure_open(&secure, c, "good");
    STAND(&secure.stand);
    bide_auto(tls) tls = bide_tls_new(.ca_file = certificate(c, "root"));
    bide_auto(session) session = bide_session_open(.tls = tls, .trace = note);
    bide_auto(response) r = bide_get(session, https(&secure.stand));
    CHECK_STR(bide_response_text(r, NULL), "ok");
    CHECK_HAS(events, "dns_start dns_end connect_start connect_end tls_start tls_end sent_head");
    bide_tls_free(secure.tls);
}

TASK_TEST(the_handshake_has_a_limit)
{
    struct secure_stand secure = { .stand = { .talk = secure_talk }, .silent = true };
    STAND(&secure.stand);
    bide_auto(session) session = bide_session_open(.timeouts.tls = 3, .insecure = true);
    struct bide_report report;
    double start = bide_now();
    CHECK_PTR(bide_get(session, https(&secure.stand), .report = &report), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), ": tls: localhost: timed out after 3 s");
    CHECK_NEAR(bide_now() - start, 3, 0.1);
    CHECK_NEAR(report.tls, 3, 0.1);
    CHECK_EQ(session->pool.open, 0);
    CHECK_PTR(bide_get(session, https(&secure.stand), .timeout = 2), NULL);
    CHECK_HAS(bide_errmsg(), "tls: timed out after 2 s in all");
}

/* ---- tunnels ---- */

struct tunneler {
    struct secure_stand secure; /* tls NULL: the proxy is spoken to in plain text */
    int (*grant)(bide_stream *s, struct tunneler *t, char *port);
    const char *refusal;
    char target[300];
};

static int pump(void *arg)
{
    bide_stream **ends = arg;
    bide_ignore((int)bide_copy(ends[1], ends[0], NULL, NULL));
    bide_ignore(bide_write_end(ends[1]));
    return 0;
}

static int connect_through(bide_stream *client, const char *port)
{
    char address[40];
    snprintf(address, sizeof address, "127.0.0.1:%s", port);
    bide_auto(stream) server = bide_connect(address);
    CHECK(server != NULL);
    bide_stream *there[] = { client, server }, *back[] = { server, client };
    BIDE_GROUP(group);
    bide_spawn(group, pump, there);
    bide_spawn(group, pump, back);
    return bide_group_wait(group);
}

static int grant_connect(bide_stream *s, struct tunneler *t, char *port)
{
    if (stand_read(s, &t->secure.stand) <= 0 ||
        sscanf(t->secure.stand.last, "CONNECT %250[^ ] HTTP/1.1", t->target) != 1)
        return -1;
    if (t->refusal && !strstr(t->secure.stand.last, "\r\nProxy-Authorization: Digest "))
        return bide_write(s, t->refusal, strlen(t->refusal)) < 0 ? -1 : 0;
    snprintf(port, 8, "%s", strrchr(t->target, ':') + 1);
    return bide_printf(s, "HTTP/1.1 200 Connection established\r\n\r\n") < 0 ? -1 : 1;
}

static int grant_socks(bide_stream *s, struct tunneler *t, char *port)
{
    unsigned char head[300];
    if (bide_read_exactly(s, head, 3) < 0 || bide_write(s, "\5\0", 2) < 0 ||
        bide_read_exactly(s, head, 5) < 0 || bide_read_exactly(s, head + 5, head[4] + 2u) < 0)
        return -1;
    snprintf(t->target, sizeof t->target, "%.*s", head[4], (char *)head + 5);
    snprintf(port, 8, "%d", head[5 + head[4]] << 8 | head[6 + head[4]]);
    return bide_write(s, "\5\0\0\1\0\0\0\0\0\0", 10) < 0 ? -1 : 1;
}

static int tunnel_talk(bide_stream *s, struct stand *stand)
{
    struct tunneler *t = (struct tunneler *)(void *)stand;
    char port[8];
    bide_stream *mine = bide_stream_of_fd(dup(bide_stream_fd(s)));
    CHECK(mine != NULL);
    if (t->secure.tls) {
        bide_stream *outer = bide_start_tls(mine, .tls = t->secure.tls);
        if (!outer) {
            bide_stream_close(mine);
            return 0;
        }
        mine = outer;
    }
    int rc = t->grant(mine, t, port);
    if (rc > 0)
        rc = connect_through(mine, port);
    bide_stream_close(mine);
    return rc == BIDE_ECANCELED ? rc : 0;
}

static const char *proxy_text(const struct tunneler *t, const char *scheme)
{
    static char text[128];
    snprintf(text, sizeof text, "%slocalhost%.*s", scheme,
             (int)strcspn(strrchr(t->secure.stand.url, ':'), "/"),
             strrchr(t->secure.stand.url, ':'));
    return text;
}

TASK_TEST(https_goes_through_every_kind_of_proxy)
{
    CERTIFICATES(c);
    static const struct { const char *scheme; bool secure, socks; } kinds[] = {
        { "http://a:b@", false, false }, { "https://a:b@", true, false },
        { "socks5h://", false, true },
    };
    bide_auto(tls) tls = bide_tls_new(.ca_file = certificate(c, "root"));
    for (int i = 0; i < 3; i++) {
        struct secure_stand secure;
        struct tunneler proxy = { .grant = kinds[i].socks ? grant_socks : grant_connect };
        secure_open(&secure, c, "good");
        if (kinds[i].secure)
            secure_open(&proxy.secure, c, "direct");
        proxy.secure.stand.talk = tunnel_talk;
        STAND_AS(one, &secure.stand);
        STAND_AS(two, &proxy.secure.stand);
        bide_auto(session) session = bide_session_open(.tls = tls,
                                                       .proxy = proxy_text(&proxy,
                                                                           kinds[i].scheme));
        for (int j = 0; j < 3; j++) {
            struct bide_report report;
            bide_auto(response) r = bide_post(session, https(&secure.stand), .data = "hello",
                                              .data_size = 5, .report = &report);
            CHECK_STR(bide_response_text(r, NULL), "ok");
            CHECK_EQ(report.reused, j > 0);
            CHECK(strncmp(secure.stand.last, "POST / HTTP/1.1\r\n", 17) == 0);
            CHECK(!strstr(secure.stand.last, "Proxy-"));
        }
        CHECK(strncmp(proxy.target, "localhost", 9) == 0);
        if (!kinds[i].socks)
            CHECK_HAS(proxy.secure.stand.last, "\r\nProxy-Authorization: Basic YTpi\r\n");
        CHECK_EQ(proxy.secure.stand.connections, 1);
        bide_tls_free(secure.tls);
        bide_tls_free(proxy.secure.tls);
    }
}

TASK_TEST(a_tunnel_that_is_refused_is_told_and_leaves_nothing)
{
    struct tunneler proxy = { .grant = grant_connect,
                              .refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno!" };
    proxy.secure.stand.talk = tunnel_talk;
    STAND(&proxy.secure.stand);
    bide_auto(session) session = bide_session_open(.proxy = proxy_text(&proxy, "http://"));
    CHECK_PTR(bide_get(session, "https://example.org/"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EHTTP);
    CHECK_HAS(bide_errmsg(), "get https://example.org/: proxy localhost:");
    CHECK_HAS(bide_errmsg(), ": CONNECT example.org:443: 403 Forbidden");
    CHECK_EQ(session->pool.open, 0);
}

TASK_TEST(a_proxy_that_wants_digest_gets_it)
{
    CERTIFICATES(c);
    struct secure_stand secure;
    struct tunneler proxy = {
        .grant = grant_connect,
        .refusal = "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Digest realm=\"r\", nonce=\"n\", "
                   "qop=\"auth\", algorithm=SHA-256\r\nContent-Length: 9\r\n\r\n",
    };
    secure_open(&secure, c, "good");
    proxy.secure.stand.talk = tunnel_talk;
    STAND_AS(one, &secure.stand);
    STAND_AS(two, &proxy.secure.stand);
    bide_auto(tls) tls = bide_tls_new(.ca_file = certificate(c, "root"));
    bide_auto(session) session = bide_session_open(.tls = tls,
                                                   .proxy = proxy_text(&proxy, "http://me:pw@"));
    bide_auto(response) r = bide_get(session, https(&secure.stand));
    CHECK_STR(bide_response_text(r, NULL), "ok");
    CHECK_EQ(proxy.secure.stand.connections, 2);
    CHECK_HAS(proxy.secure.stand.last, "username=\"me\"");
    CHECK_HAS(proxy.secure.stand.last, "uri=\"localhost:");
    CHECK(!strstr(proxy.secure.stand.last, "Basic"));
    bide_auto(session) nobody = bide_session_open(.tls = tls,
                                                  .proxy = proxy_text(&proxy, "http://"));
    CHECK_PTR(bide_get(nobody, https(&secure.stand)), NULL);
    CHECK_HAS(bide_errmsg(), "407 Who?");
    CHECK_EQ(nobody->pool.open, 0);
    bide_tls_free(secure.tls);
}

TASK_TEST(a_proxy_is_verified_too)
{
    CERTIFICATES(c);
    struct tunneler proxy = { .grant = grant_connect };
    secure_open(&proxy.secure, c, "self");
    proxy.secure.stand.talk = tunnel_talk;
    STAND(&proxy.secure.stand);
    bide_auto(session) session = bide_session_open(.proxy = proxy_text(&proxy, "https://"));
    static const char *const urls[] = { "https://example.org/", "http://example.org/" };
    for (int i = 0; i < 2; i++) {
        CHECK_PTR(bide_get(session, urls[i]), NULL);
        CHECK_EQ(bide_errcode(), BIDE_ETLS);
        CHECK_HAS(bide_errmsg(), ": proxy localhost:");
        CHECK_HAS(bide_errmsg(), ": tls: localhost");
        CHECK_EQ(session->pool.open, 0);
    }
    bide_tls_free(proxy.secure.tls);
}
