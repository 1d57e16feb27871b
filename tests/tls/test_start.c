/* Handshakes: what is agreed on, and how they fail. */
#include "sides.h"

#include <bide/testing.h>

/* A handshake between two settings; the tests close what is left of it. */
static void meet(struct side *s, struct side *t, bide_tls *server, bide_tls *client)
{
    CHECK(server != NULL && client != NULL);
    s->tls = server;
    t->tls = client;
    if (!t->opts.server_name)
        t->opts.server_name = "example.org";
    sides_meet(s, t);
}

static struct bide_tls_info info_of(bide_stream *s)
{
    struct bide_tls_info info;
    if (bide_tls_info(s, &info) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    return info;
}

TASK_TEST(what_was_agreed_on_is_told)
{
    CERTIFICATES(c);
    bide_auto(tls) server = bide_tls_new(.server = true, .cert_file = certificate(c, "direct"),
                                         .alpn = "http/1.1");
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"), .alpn = "h2,http/1.1");
    struct side s = { 0 }, t = { 0 };
    meet(&s, &t, server, client);
    struct bide_tls_info info = info_of(t.secure);
    CHECK_STR(info.version, "TLS 1.3");
    CHECK_HAS(info.cipher, "TLS_");
    CHECK_STR(info.alpn, "http/1.1");
    CHECK_STR(info.server_name, "example.org");
    CHECK_STR(info.subject, "CN=direct");
    CHECK_STR(info.issuer, "CN=root");
    CHECK(info.verified && !info.resumed && info.expires > 1700000000);
    CHECK_EQ(strlen(info.fingerprint), 64);
    CHECK_HAS(info.pin, "sha256/");
    info = info_of(s.secure);
    CHECK_STR(info.server_name, "example.org");
    CHECK_STR(info.alpn, "http/1.1");
    CHECK(!info.verified && !*info.subject);
    sides_close(&s, &t);
}

TASK_TEST(a_plain_stream_has_no_tls_to_tell_of)
{
    bide_stream *ends[2];
    struct bide_tls_info info;
    CHECK_EQ(bide_stream_pair(ends), 0);
    CHECK_EQ(bide_tls_info(ends[0], &info), BIDE_EINVAL);
    CHECK_STR(info.version, "");
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(alpn_without_a_protocol_in_common_is_refused)
{
    CERTIFICATES(c);
    bide_auto(tls) server = bide_tls_new(.server = true, .cert_file = certificate(c, "direct"),
                                         .alpn = "spdy/1");
    bide_auto(tls) client = client_tls(c);
    struct side s = { 0 }, t = { .opts.alpn = "h2" };
    meet(&s, &t, server, client);
    CHECK_STR(t.error.text,
              "tls: example.org: the server speaks none of the protocols offered (ALPN)");
    CHECK_HAS(s.error.text, "the client offers none of our protocols (ALPN)");
}

/* ---- sessions ---- */

/* One exchange, so that tickets arrive; was it a resumed connection? */
static bool exchange(bide_tls *server, bide_tls *client, const char *name, const char *key)
{
    struct side s = { 0 }, t = { .opts.server_name = name, .opts.session_key = key };
    char c;
    meet(&s, &t, server, client);
    if (t.error.code)
        test_fail(__FILE__, __LINE__, "%s", t.error.text);
    CHECK_EQ(bide_write(s.secure, "x", 1), 0);
    CHECK_EQ(bide_read(t.secure, &c, 1), 1);
    bool resumed = info_of(t.secure).resumed;
    CHECK(info_of(t.secure).verified);
    CHECK_STR(info_of(t.secure).subject, "CN=direct");
    sides_close(&s, &t);
    return resumed;
}

TASK_TEST(a_second_connection_resumes_the_session_of_the_first)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    CHECK(!exchange(server, client, "example.org", NULL));
    for (int i = 0; i < 5; i++)
        CHECK(exchange(server, client, "example.org", NULL));
}

TASK_TEST(a_session_is_resumed_for_the_same_name_key_and_settings_only)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    bide_auto(tls) another = client_tls(c);
    CHECK(!exchange(server, client, "example.org", "a"));
    CHECK(!exchange(server, client, "localhost", "a"));
    CHECK(!exchange(server, client, "example.org", "b"));
    CHECK(!exchange(server, another, "example.org", "a"));
    CHECK(exchange(server, client, "example.org", "a"));
}

TASK_TEST(sessions_can_be_switched_off_by_either_side)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) without = bide_tls_new(.server = true, .no_resumption = true,
                                          .cert_file = certificate(c, "direct"));
    bide_auto(tls) client = client_tls(c);
    bide_auto(tls) forgetful = bide_tls_new(.ca_file = certificate(c, "root"),
                                            .no_resumption = true);
    for (int i = 0; i < 2; i++) {
        CHECK(!exchange(without, client, "example.org", NULL));
        CHECK(!exchange(server, forgetful, "example.org", NULL));
    }
}

TASK_TEST(the_oldest_sessions_go_when_there_are_too_many)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"), .session_max = 2);
    CHECK(!exchange(server, client, "example.org", "a"));
    CHECK(!exchange(server, client, "example.org", "b"));
    CHECK(!exchange(server, client, "example.org", "a"));
    CHECK(exchange(server, client, "example.org", "a"));
}

/* ---- idle connections ---- */

TASK_TEST(a_late_ticket_is_no_news_but_data_and_the_end_are)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    struct side s = { 0 }, t = { 0 };
    char byte;
    meet(&s, &t, server, client);
    CHECK(!bide_stream_readable(t.secure));         /* two tickets were there */
    CHECK_EQ(bide_write(s.secure, "x", 1), 0);
    CHECK(bide_stream_readable(t.secure));
    CHECK(bide_stream_readable(t.secure));
    CHECK_EQ(bide_read(t.secure, &byte, 1), 1);
    CHECK(!bide_stream_readable(t.secure));
    CHECK_EQ(bide_write_end(s.secure), 0);
    CHECK(bide_stream_readable(t.secure));
    CHECK_EQ(bide_read(t.secure, &byte, 1), 0);
    CHECK_EQ(bide_read(t.secure, &byte, 1), 0);
    sides_close(&s, &t);
}

/* ---- what is no TLS, or too old ---- */

struct saying { bide_stream *s; const char *text; size_t size; };
static int say(void *arg)
{
    struct saying *what = arg;
    char heard[4096];
    if (bide_read(what->s, heard, sizeof heard) < 0)
        return bide_errcode();
    bide_ignore(bide_write(what->s, what->text, what->size));
    return bide_write_end(what->s);
}

/* What a client says of a server that answers its hello with this. */
static struct bide_error answered(const char *text, size_t size)
{
    CERTIFICATES(c);
    bide_auto(tls) client = client_tls(c);
    bide_stream *ends[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    struct saying what = { ends[0], text, size };
    struct side t = { .plain = ends[1], .tls = client, .opts.server_name = "example.org" };
    BIDE_GROUP(g);
    bide_spawn(g, say, &what);
    side_start(&t);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK(t.secure == NULL);
    bide_stream_close(ends[0]);
    return t.error;
}
#define ANSWERED(text) answered(text, sizeof text - 1)

TASK_TEST(a_server_that_does_not_speak_tls_is_told_from_one_that_refuses)
{
    CHECK_STR(ANSWERED("HTTP/1.1 400 Bad Request\r\n\r\n").text,
              "tls: example.org: the server does not speak TLS");
    CHECK_STR(ANSWERED("220 mail.example ESMTP\r\n").text,
              "tls: example.org: the server does not speak TLS");
    CHECK_STR(ANSWERED("\x15\x03\x03\x00\x02\x02\x28").text, "tls: example.org: the server "
              "refuses the handshake: nothing in common (version, cipher, certificate), or a "
              "client certificate missing");
    CHECK_STR(ANSWERED("\x15\x03\x01\x00\x02\x02\x46").text, "tls: example.org: the server speaks "
              "only versions of TLS that are older than allowed here");
    CHECK_STR(ANSWERED("").text, "tls: example.org: the server left before the handshake");
    CHECK_STR(ANSWERED("\x16\x03\x03").text,
              "tls: example.org: the server left in the middle of the handshake");
    CHECK_EQ(ANSWERED("").code, BIDE_EEOF);
    CHECK_EQ(ANSWERED("HTTP/1.1 400 Bad Request\r\n\r\n").code, BIDE_ETLS);
}

TASK_TEST(a_server_of_an_old_version_is_named_with_it)
{
    static const char hello[] = "\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01"
        "0123456789abcdef0123456789abcdef\x00\x00\x2f\x00";
    struct bide_error e = answered(hello, sizeof hello - 1);
    CHECK_EQ(e.code, BIDE_ETLS);
    CHECK_STR(e.text, "tls: example.org: the server speaks only TLS 1.0");
}

TASK_TEST(garbage_from_a_server_is_refused)
{
    char text[3000];
    for (unsigned seed = 1; seed < 200; seed++) {
        unsigned x = seed;
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (char)((x = x * 1103515245 + 12345) >> 16);
        memcpy(text, "\x16\x03\x03", seed % 4);
        struct bide_error e = answered(text, sizeof text);
        CHECK(e.code == BIDE_ETLS || e.code == BIDE_EEOF);
    }
}

TASK_TEST(a_client_that_does_not_speak_tls_is_refused)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_stream *ends[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    CHECK_EQ(bide_write(ends[1], "GET / HTTP/1.1\r\n\r\n", 18), 0);
    CHECK(bide_start_tls(ends[0], .tls = server) == NULL);
    CHECK_STR(bide_errmsg(), "tls: a client: the client does not speak TLS");
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

/* Keeps back all but the first byte until that has been looked at. */
static int carry(void *arg)
{
    bide_stream **ends = arg;
    char bytes[4096];
    for (ssize_t n, first = 1; (n = bide_read(ends[0], bytes, sizeof bytes)) > 0; first = 0) {
        if (first) {
            CHECK_EQ(bide_write(ends[1], bytes, 1), 0);
            CHECK_EQ(bide_sleep(1), 0);
        }
        if (bide_write(ends[1], bytes + first, (size_t)(n - first)) < 0)
            break;
    }
    return bide_write_end(ends[1]);
}

static int look_first(void *arg)
{
    struct side *side = arg;
    const char *data;
    CHECK_EQ(bide_stream_peek(side->plain, &data), 1);
    CHECK_EQ(data[0], 0x16);
    return side_start(side);
}

TASK_TEST(the_first_bytes_may_have_been_looked_at_before)
{
    CERTIFICATES(c);
    bide_auto(tls) server_settings = server_tls(c, "direct");
    bide_auto(tls) client_settings = client_tls(c);
    struct side server = { .tls = server_settings };
    struct side client = { .tls = client_settings, .opts.server_name = "example.org" };
    bide_stream *near[2], *far[2];
    CHECK_EQ(bide_stream_pair(near), 0);
    CHECK_EQ(bide_stream_pair(far), 0);
    client.plain = near[0];
    server.plain = far[0];
    bide_stream *forth[] = { near[1], far[1] }, *back[] = { far[1], near[1] };
    {
        BIDE_GROUP(carriers);
        bide_spawn(carriers, carry, forth);
        bide_spawn(carriers, carry, back);
        {
            BIDE_GROUP(g);
            bide_spawn(g, look_first, &server);
            bide_spawn(g, side_start, &client);
            CHECK(bide_group_wait(g) == 0);
        }
        CHECK_STR(server.error.text, "");
        CHECK(client.secure && server.secure);
        bide_group_cancel(carriers);
    }
    sides_close(&server, &client);
    bide_stream_close(near[1]);
    bide_stream_close(far[1]);
}

TASK_TEST(a_silent_server_is_given_up)
{
    CERTIFICATES(c);
    bide_auto(tls) client = client_tls(c);
    bide_stream *ends[2];
    double before = bide_now();
    CHECK_EQ(bide_stream_pair(ends), 0);
    CHECK(bide_start_tls(ends[0], .tls = client, .server_name = "example.org") == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_STR(bide_errmsg(), "tls: example.org: timed out after 30 s");
    CHECK_NEAR(bide_now() - before, BIDE_TLS_TIMEOUT, 0.01);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

/* ---- certificates of clients, pins ---- */

static struct bide_error client_shows(const char *shown, bool optional, struct side *t)
{
    CERTIFICATES(c);
    bide_auto(tls) server = bide_tls_new(.server = true, .cert_file = certificate(c, "direct"),
                                         .ca_file = certificate(c, "root"),
                                         .client_optional = optional);
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"),
                                         .cert_file = shown ? certificate(c, shown) : NULL);
    struct side s = { 0 };
    char byte;
    meet(&s, t, server, client);
    if (s.secure && shown)
        CHECK(info_of(s.secure).verified);
    if (t->secure && !s.secure && bide_read(t->secure, &byte, 1) < 0) {
        t->error.code = bide_errcode();             /* TLS 1.3: told when it reads */
        snprintf(t->error.text, sizeof t->error.text, "%s", bide_errmsg());
    }
    sides_close(&s, t);
    return s.error;
}

TASK_TEST(a_server_may_want_its_clients_certificates)
{
    struct side t = { 0 };
    CHECK_EQ(client_shows("client", false, &t).code, 0);
    CHECK_EQ(client_shows(NULL, true, &t).code, 0);
    CHECK_STR(client_shows(NULL, false, &t).text, "tls: a client: the client shows no certificate");
    CHECK_STR(t.error.text, "read: tls: example.org: the server wants a client certificate");
    CHECK_STR(client_shows("unknown", true, &t).text, "tls: a client: the client's certificate is "
              "signed by an authority that is not known here, 'unknown-root'");
    CHECK_HAS(t.error.text, "the server does not know the authority of our certificate");
    CHECK_HAS(client_shows("direct", false, &t).text,
              "the client's certificate may not be used for clients");
}

/* Its server is gone when it says its first word. */
TASK_TEST(a_client_that_is_refused_learns_why_when_it_writes)
{
    CERTIFICATES(c);
    bide_auto(tls) server = bide_tls_new(.server = true, .cert_file = certificate(c, "direct"),
                                         .ca_file = certificate(c, "root"));
    bide_auto(tls) client = client_tls(c);
    struct side s = { 0 }, t = { 0 };
    meet(&s, &t, server, client);
    CHECK(!s.secure && t.secure);
    CHECK_EQ(bide_write(t.secure, "hello", 5), BIDE_ETLS);
    CHECK_HAS(bide_errmsg(), "tls: example.org: the server wants a client certificate");
    sides_close(&s, &t);
}

static struct bide_error pinned(const char *ca, const char *pin, bool insecure)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    struct side s = { 0 }, t = { 0 }, u = { 0 };
    meet(&s, &t, server, client);
    struct bide_tls_info info = info_of(t.secure);
    const char *texts[] = { "00000000000000000000000000000000000000000000000000000000000000Ff",
                            strcmp(pin, "key") == 0 ? info.pin
                            : strcmp(pin, "whole") == 0 ? info.fingerprint : pin, NULL };
    bide_auto(tls) strict = bide_tls_new(.ca_file = certificate(c, ca), .pins = texts,
                                         .insecure = insecure);
    sides_close(&s, &t);
    s = (struct side){ 0 };
    meet(&s, &u, server, strict);
    sides_close(&s, &u);
    return u.error;
}

TASK_TEST(a_pin_of_the_key_or_of_the_certificate_must_fit)
{
    static const char wrong[] = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    CHECK_EQ(pinned("root", "key", false).code, 0);
    CHECK_EQ(pinned("root", "whole", false).code, 0);
    CHECK_EQ(pinned("root", "whole", true).code, 0);
    CHECK_HAS(pinned("root", wrong, false).text, "tls: example.org: the certificate is not one of "
              "those pinned: its key is sha256/");
    CHECK_HAS(pinned("root", wrong, true).text, "not one of those pinned");
    CHECK_HAS(pinned("unknown-root", "key", false).text, "not known here");
}

/* ---- options ---- */

static void settings_refused(bide_tls *tls, int code, const char *sentence)
{
    CHECK(tls == NULL);
    CHECK_HAS(bide_errmsg(), sentence);
    CHECK_EQ(bide_errcode(), code);
}

TASK_TEST(settings_that_cannot_be_read_are_refused)
{
    CERTIFICATES(c);
    settings_refused(bide_tls_new(.ca_file = "/nowhere.pem"), -ENOENT,
                     "tls: authorities: /nowhere.pem: No such file or directory");
    settings_refused(bide_tls_new(.ca_file = "/dev/null"), BIDE_ETLS, "authorities: /dev/null: ");
    settings_refused(bide_tls_new(.ca_dir = "/nowhere"), -ENOENT, "authorities: /nowhere: No such");
    settings_refused(bide_tls_new(.ca_pem = "nothing"), BIDE_ETLS, "no certificate in it");
    settings_refused(bide_tls_new(.crl_file = "/nowhere.pem"), -ENOENT,
                     "revocation list: /nowhere");
    settings_refused(bide_tls_new(.min_version = "1.4"), BIDE_EINVAL, "min_version '1.4'");
    settings_refused(bide_tls_new(.ciphers = "rot13"), BIDE_EINVAL, "ciphers 'rot13'");
    settings_refused(bide_tls_new(.alpn = "h2,"), BIDE_EINVAL, "alpn 'h2,'");
    settings_refused(bide_tls_new(.pins = (const char *const[]){ "abc", NULL }), BIDE_EINVAL,
                     "pin 'abc'");
    settings_refused(bide_tls_new(.server = true), BIDE_EINVAL, "a server needs cert_file");
    settings_refused(bide_tls_new(.key_file = "x"), BIDE_EINVAL, "key_file without cert_file");
    settings_refused(bide_tls_new(.cert_file = "/nowhere.pem"), -ENOENT, "certificate: /nowhere");
    settings_refused(bide_tls_new(.cert_file = "/dev/null"), BIDE_ETLS,
                     "certificate: /dev/null: there is none in it");
    settings_refused(bide_tls_new(.cert_file = certificate(c, "direct"), .key_file = "/dev/null"),
                     BIDE_ETLS, "key: /dev/null: there is none in it");
    settings_refused(bide_tls_new(.cert_file = certificate(c, "direct"),
                                  .key_file = certificate(c, "other")), BIDE_ETLS, "key: ");
    settings_refused(bide_tls_new(.insecure = true, .crl_file = certificate(c, "crl")),
                     BIDE_EINVAL, "verification, which is off");
}

static void start_refused(bide_stream *s, const char *name, double timeout, const char *sentence)
{
    CHECK(bide_start_tls(s, .server_name = name, .timeout = timeout) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), sentence);
}

TASK_TEST(a_client_needs_a_name_to_verify)
{
    bide_stream *ends[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    start_refused(ends[0], NULL, 0, "tls: whose certificate?");
    start_refused(ends[0], "", 0, "not a host's name");
    start_refused(ends[0], ".example.org", 0, "server_name '.example.org': not a host's name");
    start_refused(ends[0], "example.org:443", 0, "not a host's name");
    start_refused(ends[0], "a b", 0, "not a host's name");
    start_refused(ends[0], "example.org", -1, "a timeout of -1 s");
    CHECK(!bide_stream_readable(ends[1]));
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(without_verification_whoever_answers_is_believed)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "self");
    bide_auto(tls) client = bide_tls_new(.insecure = true);
    struct side s = { 0 }, t = { 0 };
    meet(&s, &t, server, client);
    CHECK(t.secure && !info_of(t.secure).verified);
    CHECK_STR(info_of(t.secure).subject, "CN=self");
    sides_close(&s, &t);
}

TASK_TEST(authorities_may_come_as_text)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "good");
    bide_auto(bytes) text = bide_file_load(certificate(c, "root"));
    CHECK(text != NULL);
    bide_auto(tls) client = bide_tls_new(.ca_pem = text->data);
    struct side s = { 0 }, t = { 0 };
    meet(&s, &t, server, client);
    CHECK(t.secure && info_of(t.secure).verified);
    sides_close(&s, &t);
}

TASK_TEST(weak_keys_and_digests_are_refused)
{
    static const struct { const char *shown, *sentence; } weak[] = {
        { "weak", "tls: example.org: the certificate has a key that is too weak (1024 bits)" },
        { "sha1", "tls: example.org: the certificate is signed with a digest that is too weak "
          "(ecdsa-with-SHA1)" },
    };
    CERTIFICATES(c);
    bide_auto(tls) client = client_tls(c);
    for (size_t i = 0; i < 2; i++) {
        bide_auto(tls) server = bide_tls_new(.server = true, .min_version = "1.0",
                                             .cert_file = certificate(c, weak[i].shown));
        struct side s = { 0 }, t = { 0 };
        meet(&s, &t, server, client);
        CHECK_STR(t.error.text, weak[i].sentence);
        sides_close(&s, &t);
    }
}
