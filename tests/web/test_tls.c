/* What a handler learns of TLS, and what it makes of cookies. */
#include "tls/certificates.h"
#include "web/site.h"

#define KEY "0123456789abcdef0123456789abcdef"

static int tell(bide_request *req)
{
    const struct bide_tls_info *tls = bide_request_tls(req);
    if (!tls)
        return bide_respond_text(req, 200, "none");
    return bide_respond_text(req, 200, "[%s] [%s] [%s] [%s] [%s] [%d] [%zu]", tls->version,
                             *tls->cipher ? "cipher" : "", tls->server_name, tls->subject,
                             tls->alpn, tls->verified, strlen(tls->fingerprint));
}

static int count(bide_request *req)
{
    bide_json *s = bide_request_session(req);
    if (!s)
        return bide_errcode();
    int64_t times = bide_json_int(s, "times", 0) + 1;
    bide_json_set(s, "times", bide_value(times));
    return bide_respond_text(req, 200, "[%lld]", (long long)times);
}

static int cookie(bide_request *req)
{
    int rc = bide_respond_cookie(req, "theme", "dark");
    return rc < 0 ? rc : bide_respond_text(req, 200, "ok");
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_use_session(app, BIDE_KEYS(KEY)), 0);
    CHECK_EQ(bide_route(app, "GET", "/tls", tell), 0);
    CHECK_EQ(bide_route(app, "GET", "/count", count), 0);
    CHECK_EQ(bide_route(app, "GET", "/cookie", cookie), 0);
    return app;
}

#define SECURE_SITE(site, ...) \
    CERTIFICATES(c); \
    bide_auto(tls) server = bide_tls_new(.server = true, .cert_file = certificate(c, "good"), \
                                         __VA_ARGS__); \
    struct site site = { .opts = { .tls = server } }; \
    SITE(&site)

static char out[4000];

/* Asks once; header: whole lines, or "". */
static const char *ask(const struct site *site, bide_tls *tls, const char *path,
                       const char *header)
{
    bide_stream *plain = bide_connect(site->address);
    CHECK(plain != NULL);
    bide_auto(stream) s = bide_start_tls(plain, .tls = tls, .server_name = "localhost");
    if (!s)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_EQ(bide_printf(s, "GET %s" H "Connection: close\r\n%s\r\n", path, header), 0);
    size_t got = 0;
    for (ssize_t n; (n = bide_read(s, out + got, sizeof out - 1 - got)) > 0;)
        got += (size_t)n;
    out[got] = '\0';
    return out;
}

TASK_TEST(a_handler_learns_what_the_handshake_agreed_on)
{
    SECURE_SITE(site, .alpn = "http/1.1");
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"), .alpn = "http/1.1");
    check_body(ask(&site, client, "/tls", ""),
               "[TLS 1.3] [cipher] [localhost] [] [http/1.1] [0] [0]");
}

TASK_TEST(a_handler_learns_who_the_client_is)
{
    SECURE_SITE(site, .ca_file = certificate(c, "root"));
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"),
                                         .cert_file = certificate(c, "client"));
    check_body(ask(&site, client, "/tls", ""),
               "[TLS 1.3] [cipher] [localhost] [CN=client] [] [1] [64]");
}

TASK_TEST(without_tls_there_is_nothing_to_learn)
{
    struct site site = { 0 };
    SITE(&site);
    exchange(&site, "GET /tls" H "\r\n", false, out, sizeof out);
    check_body(out, "none");
}

/* The cookie's name and value as the client sends them back. */
static const char *cookie_header(void)
{
    static char header[2000];
    const char *set = strstr(out, "\r\nSet-Cookie: ");
    CHECK(set != NULL);
    set += strlen("\r\nSet-Cookie: ");
    snprintf(header, sizeof header, "Cookie: %.*s\r\n", (int)strcspn(set, ";\r"), set);
    return header;
}

TASK_TEST(cookies_over_tls_are_for_tls_alone)
{
    SECURE_SITE(site, .alpn = NULL);
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"));
    ask(&site, client, "/cookie", "");
    CHECK_HAS(out, "\r\nSet-Cookie: theme=dark; ");
    CHECK_HAS(out, "; Secure");
    exchange(&site, "GET /cookie" H "\r\n", false, out, sizeof out);
    CHECK(!strstr(out, "HTTP/1.1 200"));
}

TASK_TEST(a_session_over_tls_is_the_hosts_own)
{
    char other[2000];
    SECURE_SITE(site, .alpn = NULL);
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"));
    check_body(ask(&site, client, "/count", ""), "[1]");
    CHECK_HAS(out, "\r\nSet-Cookie: __Host-session=");
    CHECK_HAS(out, "; Path=/");
    CHECK_HAS(out, "; Secure");
    CHECK_HAS(out, "; HttpOnly");
    CHECK(!strstr(out, "Domain="));
    const char *header = cookie_header();
    check_body(ask(&site, client, "/count", header), "[2]");
    /* The same value under the name that any host near by could set is no session. */
    snprintf(other, sizeof other, "Cookie: %s", header + strlen("Cookie: __Host-"));
    check_body(ask(&site, client, "/count", other), "[1]");
}

static void ask_without_tls(void)
{
    struct site site = { 0 };
    SITE(&site);
    exchange(&site, "GET /count" H "\r\n", false, out, sizeof out);
}

TASK_TEST(a_session_without_tls_is_none_over_tls)
{
    SECURE_SITE(site, .alpn = NULL);
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"));
    ask_without_tls();
    CHECK_HAS(out, "\r\nSet-Cookie: session=");
    CHECK(!strstr(out, "; Secure"));
    check_body(ask(&site, client, "/count", cookie_header()), "[1]");
}
