/* Several certificates of one server, and which of them a client gets. */
#include "sides.h"

#include "tls/stream.h"

#include <openssl/pem.h>

/* The common name of what the server shows who asks for `name` (NULL: for none). */
static const char *shown(bide_tls *server, bide_tls *client, const char *name)
{
    static char subject[64];
    struct side s = { .tls = server }, t = { .tls = client, .opts.server_name = name };
    struct bide_tls_info info;
    sides_meet(&s, &t);
    if (!t.secure || !s.secure)
        test_fail(__FILE__, __LINE__, "%s; %s", t.error.text, s.error.text);
    CHECK_EQ(bide_tls_info(s.secure, &info), 0);
    CHECK_STR(info.server_name, name ? name : "");
    CHECK_EQ(bide_tls_info(t.secure, &info), 0);
    snprintf(subject, sizeof subject, "%s", info.subject);
    sides_close(&s, &t);
    return subject;
}

static void added(bide_tls *tls, struct certificates *c, const char *name)
{
    if (bide_tls_add_certificate(tls, certificate(c, name), NULL) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

static SSL_CTX *context_of(bide_tls *tls)
{
    return tls->material->context;
}

TASK_TEST(a_client_gets_the_certificate_of_the_name_that_it_asks_for)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    added(server, c, "wildcard");
    added(server, c, "www");
    added(server, c, "other");
    CHECK_STR(shown(server, client, "other.example"), "CN=other");
    CHECK_STR(shown(server, client, "www.example.org"), "CN=www");
    CHECK_STR(shown(server, client, "WWW.example.ORG"), "CN=www");
    CHECK_STR(shown(server, client, "web.example.org"), "CN=www");
    CHECK_STR(shown(server, client, "api.example.org"), "CN=wildcard");
    CHECK_STR(shown(server, client, "example.org"), "CN=direct");
}

TASK_TEST(who_asks_for_no_name_or_an_unknown_one_gets_the_first)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = bide_tls_new(.insecure = true);
    added(server, c, "wildcard");
    added(server, c, "other");
    CHECK_STR(shown(server, client, NULL), "CN=direct");
    CHECK_STR(shown(server, client, "a.b.example.org"), "CN=direct");
    CHECK_STR(shown(server, client, "example"), "CN=direct");
    CHECK_STR(shown(server, client, "sub.other.example"), "CN=direct");
    CHECK_STR(shown(server, client, "xother.example"), "CN=direct");
}

TASK_TEST(a_name_of_the_first_goes_before_a_wildcard_of_another)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "www");
    bide_auto(tls) client = client_tls(c);
    added(server, c, "wildcard");
    CHECK_STR(shown(server, client, "www.example.org"), "CN=www");
    CHECK_STR(shown(server, client, "a.example.org"), "CN=wildcard");
}

TASK_TEST(of_two_for_one_name_the_first_is_shown)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "other");
    bide_auto(tls) client = client_tls(c);
    added(server, c, "direct");
    added(server, c, "good");
    CHECK_STR(shown(server, client, "example.org"), "CN=direct");
    CHECK_STR(shown(server, client, "localhost"), "CN=direct");
}

TASK_TEST(certificates_with_other_kinds_of_keys_are_for_clients_that_need_them)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) modern = client_tls(c);
    bide_auto(tls) old = bide_tls_new(.ca_file = certificate(c, "root"),
                                      .ciphers = "ECDHE-RSA-AES128-GCM-SHA256");
    bide_auto(tls) of_rsa = bide_tls_new(.insecure = true);
    SSL_CTX_set_max_proto_version(context_of(old), TLS1_2_VERSION);
    static char algorithms[] = "rsa_pss_rsae_sha256";
    SSL_CTX_set1_sigalgs_list(context_of(of_rsa), algorithms);
    added(server, c, "rsa");
    CHECK_STR(shown(server, modern, "example.org"), "CN=direct");
    CHECK_STR(shown(server, old, "example.org"), "CN=rsa");
    CHECK_STR(shown(server, of_rsa, "example.org"), "CN=rsa");
}

TASK_TEST(a_session_with_an_added_certificate_is_resumed)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    added(server, c, "other");
    for (int version = TLS1_3_VERSION; version >= TLS1_2_VERSION; version--) {
        SSL_CTX_set_max_proto_version(context_of(client), version);
        for (int i = 0; i < 3; i++) {
            struct side s = { .tls = server };
            struct side t = { .tls = client, .opts.server_name = "other.example",
                              .opts.session_key = version == TLS1_2_VERSION ? "old" : NULL };
            struct bide_tls_info info;
            char byte;
            sides_meet(&s, &t);
            CHECK_EQ(bide_write(s.secure, "x", 1), 0);
            CHECK_EQ(bide_read(t.secure, &byte, 1), 1);
            CHECK_EQ(bide_tls_info(t.secure, &info), 0);
            CHECK_STR(info.subject, "CN=other");
            CHECK_EQ(info.resumed, i > 0);
            CHECK_EQ(bide_tls_info(s.secure, &info), 0);
            CHECK_STR(info.server_name, "other.example");
            CHECK_EQ(info.resumed, i > 0);
            sides_close(&s, &t);
        }
    }
}

/* Connects, and is the session that the client has resumed? */
static bool resumes(bide_tls *server, bide_tls *client, const char *name, const char *subject)
{
    struct side s = { .tls = server };
    struct side t = { .tls = client, .opts.server_name = name };
    struct bide_tls_info info, of_server;
    char byte;
    sides_meet(&s, &t);
    if (!t.secure || !s.secure)
        test_fail(__FILE__, __LINE__, "%s; %s", t.error.text, s.error.text);
    CHECK_EQ(bide_write(s.secure, "x", 1), 0);
    CHECK_EQ(bide_read(t.secure, &byte, 1), 1);
    CHECK_EQ(bide_tls_info(t.secure, &info), 0);
    CHECK_EQ(bide_tls_info(s.secure, &of_server), 0);
    CHECK_STR(info.subject, subject);
    CHECK_STR(of_server.server_name, name);
    CHECK_EQ(info.resumed, of_server.resumed);
    sides_close(&s, &t);
    return info.resumed;
}

/* As a client that cares less: the session of one name is offered to another. */
static void move_session(bide_tls *client, const char *from, const char *to)
{
    struct session_cache *sessions = &client->material->sessions;
    SSL_SESSION *moved = bide__sessions_take(sessions, from);
    CHECK(moved != NULL);
    CHECK_EQ(SSL_SESSION_set1_hostname(moved, NULL), 1);
    bide__sessions_put(sessions, to, moved);
}

TASK_TEST(a_session_is_not_resumed_under_another_name)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "www");
    added(server, c, "other");
    for (int version = TLS1_3_VERSION; version >= TLS1_2_VERSION; version--) {
        bide_auto(tls) client = client_tls(c);
        SSL_CTX_set_max_proto_version(context_of(client), version);
        CHECK(!resumes(server, client, "www.example.org", "CN=www"));
        move_session(client, "www.example.org ", "other.example ");
        CHECK(!resumes(server, client, "other.example", "CN=other"));
        CHECK(resumes(server, client, "other.example", "CN=other"));
        move_session(client, "other.example ", "www.example.org ");
        CHECK(!resumes(server, client, "www.example.org", "CN=www"));
        move_session(client, "www.example.org ", "web.example.org ");   /* the same certificate */
        CHECK(!resumes(server, client, "web.example.org", "CN=www"));
    }
}

static void refused(int rc, int code, const char *sentence)
{
    CHECK_HAS(bide_errmsg(), sentence);
    CHECK_EQ(rc, code);
}

TASK_TEST(what_nobody_could_be_shown_is_not_added)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    const char *other = certificate(c, "other");
    refused(bide_tls_add_certificate(client, other, NULL), BIDE_EINVAL, "a client has one at most");
    refused(bide_tls_add_certificate(server, NULL, NULL), BIDE_EINVAL, "no file");
    refused(bide_tls_add_certificate(server, "/nowhere.pem", NULL), -ENOENT,
            "tls: certificate: /nowhere.pem: No such file");
    refused(bide_tls_add_certificate(server, other, "/nowhere.key"), -ENOENT,
            "tls: key: /nowhere.key: No such file");
    refused(bide_tls_add_certificate(server, other, certificate(c, "www")), BIDE_ETLS,
            "tls: key: ");
    refused(bide_tls_add_certificate(server, certificate(c, "weak"), NULL), BIDE_ETLS,
            "weak.pem: ee key too small");
    refused(bide_tls_add_certificate(server, certificate(c, "partial"), NULL), BIDE_EINVAL,
            "partial.pem: its subjectAltName names no host, so nobody would ask for it");
    refused(bide_tls_add_certificate(server, certificate(c, "common"), NULL), BIDE_EINVAL,
            "common.pem: its subjectAltName names no host");
    bide_fail(-ENOENT, "held");
    refused(bide_tls_add_certificate(NULL, other, NULL), -ENOENT, "held");
    CHECK_EQ(bide_tls_reload(server), 0);       /* they are not read again */
    bide_auto(tls) any = bide_tls_new(.insecure = true);
    CHECK_STR(shown(server, any, "other.example"), "CN=direct");
}

TASK_TEST(a_certificate_without_names_may_be_the_only_one)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "common");
    bide_auto(tls) client = bide_tls_new(.insecure = true);
    CHECK_STR(shown(server, client, "example.org"), "CN=example.org");
}

/* ---- a key that is encrypted ---- */

static void encrypt_key(const char *from, const char *to, const char *password)
{
    FILE *in = fopen(from, "r"), *out = fopen(to, "w");
    CHECK(in && out);
    EVP_PKEY *key = PEM_read_PrivateKey(in, NULL, NULL, NULL);
    CHECK_EQ(PEM_write_PrivateKey(out, key, EVP_aes_128_cbc(), (const unsigned char *)password,
                                  (int)strlen(password), NULL, NULL), 1);
    EVP_PKEY_free(key);
    fclose(in);
    fclose(out);
}

TASK_TEST(the_password_opens_keys_that_are_added_or_read_again)
{
    CERTIFICATES(c);
    char path[CERTIFICATE_PATH], password[] = "correct horse";
    const char *direct = certificate(c, "direct"), *other = certificate(c, "other");
    snprintf(path, sizeof path, "%s/key.pem", c->folder);
    encrypt_key(direct, path, password);
    bide_auto(tls) server = bide_tls_new(.server = true, .cert_file = direct, .key_file = path,
                                         .key_password = password);
    CHECK(server);
    memset(password, 'x', sizeof password - 1);             /* a copy was made */
    CHECK_EQ(bide_tls_reload(server), 0);
    encrypt_key(other, path, "correct horse");
    CHECK_EQ(bide_tls_add_certificate(server, other, path), 0);
    CHECK_EQ(bide_tls_reload(server), BIDE_ETLS);           /* the first one's key is gone */
    CHECK_HAS(bide_errmsg(), "tls: reload: key: ");
    encrypt_key(other, path, "battery staple");
    CHECK_EQ(bide_tls_add_certificate(server, other, path), BIDE_ETLS);
    bide_auto(tls) client = client_tls(c);
    CHECK_STR(shown(server, client, "other.example"), "CN=other");
    CHECK_STR(shown(server, client, "example.org"), "CN=direct");
    remove(path);
}

/* ---- protocols (RFC 7301) ---- */

/* The first record that the server answers a bare client's hello with. */
static void answer_to(bide_tls *server, const char *alpn, size_t size, unsigned char answer[7])
{
    bide_stream *ends[2];
    char hello[4096];
    CHECK_EQ(bide_stream_pair(ends), 0);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, in, out);
    SSL_set_alpn_protos(ssl, (const unsigned char *)alpn, (unsigned)size);
    SSL_connect(ssl);
    int n = BIO_read(out, hello, sizeof hello);
    CHECK_EQ(bide_write(ends[1], hello, (size_t)n), 0);
    CHECK_EQ(bide_write_end(ends[1]), 0);
    CHECK(bide_start_tls(ends[0], .tls = server) == NULL);
    CHECK_EQ(bide_read_exactly(ends[1], answer, 7), 0);
    SSL_free(ssl);
    SSL_CTX_free(context);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
}

TASK_TEST(a_protocol_that_the_server_does_not_speak_is_refused_with_its_own_alert)
{
    static const unsigned char no_application_protocol[] = { 21, 3, 3, 0, 2, 2, 120 };
    CERTIFICATES(c);
    bide_auto(tls) server = bide_tls_new(.server = true, .cert_file = certificate(c, "direct"),
                                         .alpn = "http/1.1");
    unsigned char answer[7];
    answer_to(server, "\2h2\10http/1.0", 12, answer);
    CHECK(memcmp(answer, no_application_protocol, 7) == 0);
    answer_to(server, "\2h2\10http/1.1", 12, answer);
    CHECK_EQ(answer[0], SSL3_RT_HANDSHAKE);
}

static const char *chosen(bide_tls *server, bide_tls *client)
{
    static char alpn[32];
    struct side s = { .tls = server }, t = { .tls = client, .opts.server_name = "example.org" };
    struct bide_tls_info info;
    sides_meet(&s, &t);
    CHECK_EQ(bide_tls_info(s.secure, &info), 0);
    snprintf(alpn, sizeof alpn, "%s", info.alpn);
    CHECK_EQ(bide_tls_info(t.secure, &info), 0);
    CHECK_STR(info.alpn, alpn);
    sides_close(&s, &t);
    return alpn;
}

TASK_TEST(the_servers_order_of_protocols_counts_and_none_is_fine)
{
    CERTIFICATES(c);
    bide_auto(tls) server = bide_tls_new(.server = true, .cert_file = certificate(c, "direct"),
                                         .alpn = "http/1.1,http/1.0");
    bide_auto(tls) none = server_tls(c, "direct");
    bide_auto(tls) silent = client_tls(c);
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"),
                                         .alpn = "h2,http/1.0,http/1.1");
    CHECK_STR(chosen(server, client), "http/1.1");
    CHECK_STR(chosen(server, silent), "");
    CHECK_STR(chosen(none, client), "");
}
