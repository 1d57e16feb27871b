/* https: with servers that are not who they say, or speak what nobody should, and with somebody on
 * the way who cuts the line. */
#include "hostile.h"

#include "../tls/certificates.h"

#include <unistd.h>

/* What the server says when the connection stands. */
enum ending { NOTIFY, NO_NOTIFY };

struct secure {
    struct stand stand;
    bide_tls *tls;
    enum ending ending;
    const char *raw;            /* says this instead of TLS */
    size_t raw_size;
    int handshakes;
};

static int secure_talk(bide_stream *s, struct stand *stand)
{
    struct secure *secure = (struct secure *)(void *)stand;
    char hello[4096];
    if (secure->raw) {
        if (bide_read(s, hello, sizeof hello) > 0)
            bide_ignore(bide_write(s, secure->raw, secure->raw_size));
        return 0;
    }
    bide_stream *inner = bide_stream_of_fd(dup(bide_stream_fd(s)));
    CHECK(inner != NULL);
    bide_stream *outer = bide_start_tls(inner, .tls = secure->tls);
    if (!outer) {
        bide_stream_close(inner);
        return 0;
    }
    secure->handshakes++;
    if (stand_read(outer, stand) > 0)
        bide_ignore(stand_say(outer, stand));
    if (secure->ending == NO_NOTIFY)
        shutdown(bide_stream_fd(s), SHUT_WR);
    bide_stream_close(outer);
    return 0;
}

static void secure_open(struct secure *secure, struct certificates *c, const char *which)
{
    *secure = (struct secure){ .stand = { .reply = OK(2) "ok", .talk = secure_talk } };
    /* The least version, so that weak keys and digests may be shown at all. */
    secure->tls = bide_tls_new(.server = true, .min_version = "1.0",
                               .cert_file = certificate(c, which));
    CHECK(secure->tls != NULL);
}

static const char *https(const char *url)
{
    static char text[100];
    snprintf(text, sizeof text, "https://localhost%s", strrchr(url, ':'));
    return text;
}

/* ---- certificates ---- */

static const struct {
    const char *shown, *name, *crl, *why;
} bad[] = {
    { "expired", NULL, NULL, "tls: localhost: the certificate has expired on 20" },
    { "early", NULL, NULL, "tls: localhost: the certificate is not valid before 20" },
    { "other", NULL, NULL, "tls: localhost: the certificate is for other.example, not for "
      "localhost" },
    { "self", NULL, NULL, "tls: localhost: the certificate is self-signed" },
    { "unknown", NULL, NULL, "tls: localhost: the certificate is signed by an authority that is "
      "not known here, 'unknown-root'" },
    { "unknown-root", NULL, NULL, "tls: localhost: the certificate is self-signed" },
    { "revoked", NULL, "crl", "tls: localhost: the certificate was revoked" },
    { "client", NULL, NULL, "tls: localhost: the certificate may not be used for servers" },
    { "outside", "example.org", NULL, "tls: example.org: the certificate is against the name "
      "constraints of 'constrained'" },
    { "weak", NULL, NULL, "tls: localhost: the certificate has a key that is too weak" },
    { "sha1", NULL, NULL, "tls: localhost: the certificate is signed with a digest that is too "
      "weak" },
    { "wildcard", "a.b.example.org", NULL, "is for *.example.org, not for a.b.example.org" },
    { "partial", "www.example.org", NULL, "is for w*.example.org, not for www.example.org" },
    { "common", "example.org", NULL, "tls: example.org: the certificate has no subjectAltName" },
};

/* Not a byte of the request goes to such a server, however often it is asked. */
TASK_TEST(each_bad_certificate_is_refused_with_its_reason_and_the_name)
{
    CERTIFICATES(c);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct secure secure;
        secure_open(&secure, c, bad[i].shown);
        STAND(&secure.stand);
        bide_auto(tls) tls = bide_tls_new(.ca_file = certificate(c, "root"),
            .crl_file = bad[i].crl ? certificate(c, bad[i].crl) : NULL);
        bide_auto(session) session = bide_session_open(.tls = tls, .limit = 1);
        for (int turn = 0; turn < 2; turn++) {
            bide_response *r = bide_post(session, https(secure.stand.url), .data = "secret",
                .data_size = 6, .server_name = bad[i].name, .timeout = 10, .retries = 2,
                .retry.all_methods = true);
            CHECK_PTR(r, NULL);
            if (bide_errcode() != BIDE_ETLS || !strstr(bide_errmsg(), bad[i].why))
                test_fail(__FILE__, __LINE__, "%s: %s", bad[i].shown, bide_errmsg());
            CHECK_HAS(bide_errmsg(), "post https://localhost:");
            CHECK_EQ(bide_session_connections(session), 0);
        }
        CHECK_EQ(secure.stand.requests, 0);
        bide_tls_free(secure.tls);
    }
}

TASK_TEST(what_is_no_tls_of_today_is_refused)
{
    static const struct { const char *raw; size_t size; const char *why; } all[] = {
        { BYTES("HTTP/1.1 400 Bad Request\r\n\r\n"), "the server does not speak TLS" },
        { BYTES("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), "does not speak TLS" },
        { BYTES("SSH-2.0-OpenSSH_9.2p1\r\n"), "does not speak TLS" },
        { BYTES("\x15\x03\x01\x00\x02\x02\x46"), "older than allowed here" },
        { BYTES("\x15\x03\x03\x00\x02\x02\x28"), "refuses the handshake" },
        { BYTES("\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01" "0123456789abcdef0123456789abcdef"
                "\x00\x00\x2f\x00"), "speaks only TLS 1.0" },
        { BYTES("\x16\x03\x02\x00\x2a\x02\x00\x00\x26\x03\x02" "0123456789abcdef0123456789abcdef"
                "\x00\x00\x2f\x00"), "speaks only TLS 1.1" },
        { BYTES("\x16\x03\x00\x00\x2a\x02\x00\x00\x26\x03\x00" "0123456789abcdef0123456789abcdef"
                "\x00\x00\x2f\x00"), "speaks only" },
        { BYTES("\x16\x03\x03"), "left in the middle of the handshake" },
        { BYTES("\x16\x03\x03\xff\xff"), "tls: localhost: " },
        { BYTES("\x17\x03\x03\x00\x05hello"), "tls: localhost: " },
        { BYTES("\0\0\0\0\0\0\0\0"), "tls: localhost: " },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct secure secure = { .stand.talk = secure_talk, .raw = all[i].raw,
                                 .raw_size = all[i].size };
        STAND(&secure.stand);
        bide_auto(session) session = bide_session_open(.limit = 1);
        struct hostile_outcome o;
        hostile_ask(&o, session, https(secure.stand.url), 0);
        if ((o.code != BIDE_ETLS && o.code != BIDE_EEOF) || !strstr(o.text, all[i].why))
            test_fail(__FILE__, __LINE__, "%zu: %d, \"%s\"", i, o.code, o.text);
        CHECK_EQ(bide_session_connections(session), 0);
    }
}

/* What is refused once is not believed after a redirect, nor is http taken instead. */
TASK_TEST(a_redirect_leads_around_no_verification)
{
    CERTIFICATES(c);
    struct secure secure;
    secure_open(&secure, c, "other");
    char reply[200];
    struct stand plain = { .reply = reply };
    STAND_AS(one, &secure.stand);
    STAND_AS(two, &plain);
    snprintf(reply, sizeof reply, "HTTP/1.1 302 X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
             https(secure.stand.url));
    bide_auto(tls) tls = bide_tls_new(.ca_file = certificate(c, "root"));
    bide_auto(session) session = bide_session_open(.tls = tls);
    CHECK_PTR(bide_get(session, plain.url), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETLS);
    /* A name to be verified belongs to the server that was asked, not to where it sends us. */
    CHECK_PTR(bide_get(session, plain.url, .server_name = "other.example"), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETLS);
    CHECK_HAS(bide_errmsg(), "is for other.example, not for localhost");
    CHECK_EQ(secure.stand.requests, 0);
    bide_tls_free(secure.tls);
}

/* The other way round: what was said in private is not said in the clear, not to the same host. */
TASK_TEST(nothing_secret_is_said_in_the_clear_after_a_redirect)
{
    CERTIFICATES(c);
    struct secure secure;
    char name[] = "/tmp/bide-hostile-XXXXXX", reply[300];
    static const char netrc[] = "machine localhost login me password secret\n";
    int fd = mkstemp(name);
    CHECK(fd >= 0 && write(fd, netrc, strlen(netrc)) == (ssize_t)strlen(netrc));
    close(fd);
    setenv("NETRC", name, 1);
    secure_open(&secure, c, "good");
    struct stand plain = { .reply = OK(2) "ok" };
    STAND_AS(one, &secure.stand);
    STAND_AS(two, &plain);
    snprintf(reply, sizeof reply, "HTTP/1.1 307 X\r\nLocation: http://localhost%s\r\n"
             "Content-Length: 0\r\n\r\n", strrchr(plain.url, ':'));
    secure.stand.reply = reply;
    bide_auto(tls) tls = bide_tls_new(.ca_file = certificate(c, "root"));
    bide_auto(session) session = bide_session_open(.tls = tls, .trust_env = true, .proxy = "",
        .headers = BIDE_PAIRS({ "Authorization", "secret" }));
    bide_auto(session) known = bide_session_open(.tls = tls, .trust_env = true, .proxy = "");
    for (int i = 0; i < 2; i++) {
        bide_auto(response) r = bide_get(i ? known : session, https(secure.stand.url));
        CHECK_STR(bide_response_text(r, NULL), "ok");
        CHECK_HAS(secure.stand.last, i ? "Authorization: Basic bWU6c2VjcmV0" : "secret");
        if (strstr(plain.last, "secret") || strstr(plain.last, "Authorization"))
            test_fail(__FILE__, __LINE__, "%d: %s", i, plain.last);
    }
    unlink(name);
    bide_tls_free(secure.tls);
}

/* ---- the end of the line ---- */

#define UNTIL_CLOSE "HTTP/1.1 200 OK\r\n\r\nto the end"

TASK_TEST(only_an_end_that_was_announced_is_one)
{
    static const struct { const char *reply; enum ending ending; const char *body; } all[] = {
        { OK(2) "ok", NOTIFY, "ok" }, { OK(2) "ok", NO_NOTIFY, "ok" },
        { CHUNKED "2\r\nok\r\n0\r\n\r\n", NO_NOTIFY, "ok" },
        { UNTIL_CLOSE, NOTIFY, "to the end" }, { UNTIL_CLOSE, NO_NOTIFY, NULL },
        { "HTTP/1.0 200 OK\r\n\r\n", NO_NOTIFY, NULL }, { OK(3) "ok", NOTIFY, NULL },
        { OK(3) "ok", NO_NOTIFY, NULL }, { "HTTP/1.1 200 OK\r\n", NOTIFY, NULL },
        { "", NOTIFY, NULL }, { "", NO_NOTIFY, NULL },
    };
    CERTIFICATES(c);
    bide_auto(tls) tls = bide_tls_new(.ca_file = certificate(c, "root"));
    struct secure secure;
    secure_open(&secure, c, "good");
    STAND(&secure.stand);
    for (size_t i = 0; i < 2 * sizeof all / sizeof *all; i++) {
        bide_auto(session) session = bide_session_open(.tls = tls, .limit = 1);
        struct hostile_outcome o;
        secure.stand.reply = all[i / 2].reply;
        secure.ending = all[i / 2].ending;
        hostile_ask(&o, session, https(secure.stand.url), i % 2);
        if (all[i / 2].body ? o.code != 0 || strcmp(o.text, all[i / 2].body) != 0
                            : o.code != BIDE_EEOF)
            test_fail(__FILE__, __LINE__, "%zu: %d, \"%s\"", i, o.code, o.text);
        if (!all[i / 2].body)
            CHECK_EQ(bide_session_connections(session), 0);
    }
    bide_tls_free(secure.tls);
}

/* Somebody on the way who passes on so many bytes of what the server says. */
struct cutter { struct stand stand; char target[40]; size_t left; bool breaks; };

static int pump(void *arg)
{
    bide_stream **ends = arg;
    bide_ignore((int)bide_copy(ends[1], ends[0], NULL, NULL));
    bide_ignore(bide_write_end(ends[1]));
    return 0;
}

static int cut_talk(bide_stream *s, struct stand *stand)
{
    struct cutter *cutter = (struct cutter *)(void *)stand;
    char bytes[4096];
    bide_auto(stream) server = bide_connect(cutter->target);
    CHECK(server != NULL);
    bide_stream *there[] = { s, server };
    BIDE_GROUP(group);
    bide_spawn(group, pump, there);
    while (cutter->left > 0) {
        size_t most = cutter->left < sizeof bytes ? cutter->left : sizeof bytes;
        ssize_t got = bide_read(server, bytes, most);
        if (got <= 0 || bide_write(s, bytes, (size_t)got) < 0)
            break;
        cutter->left -= (size_t)got;
    }
    if (cutter->breaks)
        hostile_break(s);
    return 0;
}

static void cut_each(const char *reply, const char *body, bool breaks)
{
    CERTIFICATES(c);
    struct secure secure;
    struct cutter cutter = { .stand.talk = cut_talk, .breaks = breaks };
    secure_open(&secure, c, "direct");
    secure.stand.reply = reply;
    STAND_AS(one, &secure.stand);
    STAND_AS(two, &cutter.stand);
    snprintf(cutter.target, sizeof cutter.target, "%s",
             bide_listener_address(secure.stand.listener));
    bide_auto(tls) tls = bide_tls_new(.ca_file = certificate(c, "root"), .no_resumption = true);
    int good = 0, bad_ones = 0;
    for (size_t cut = 0; good < 3; cut += cut < 500 ? 37 : 11) {
        bide_auto(session) session = bide_session_open(.tls = tls, .limit = 1);
        struct hostile_outcome o;
        cutter.left = cut;
        hostile_ask(&o, session, https(cutter.stand.url), cut % 2);
        if (o.code == 0 ? strcmp(o.text, body) != 0
                        : o.code != BIDE_EEOF && o.code != -ECONNRESET && o.code != -EPIPE)
            test_fail(__FILE__, __LINE__, "cut after %zu: %d, \"%s\"", cut, o.code, o.text);
        good += o.code == 0;
        bad_ones += o.code != 0;
        CHECK(cut < 20000);
        if (o.code != 0)
            CHECK_EQ(bide_session_connections(session), 0);
    }
    CHECK(bad_ones > 50);
    bide_tls_free(secure.tls);
}

TASK_TEST(a_line_that_is_cut_gives_no_result) { cut_each(OK(2) "ok", "ok", false); }
TASK_TEST(a_line_that_is_cut_is_no_end) { cut_each(UNTIL_CLOSE, "to the end", false); }
TASK_TEST(a_line_that_breaks_gives_no_result)
{
    cut_each(CHUNKED "2\r\nok\r\n0\r\n\r\n", "ok", true);
}
