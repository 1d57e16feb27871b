/* With a real server: TLS, with certificates good and bad on both sides. */
#include <bide.h>
#include <bide/redis.h>

#include "redis/server.h"
#include "tls/certificates.h"

/* A server with this certificate, and what it wants of clients ("yes", "no", "optional"). */
struct secure { struct certificates *certificates; struct server server; int port; };

static void secure_open(struct secure *s, const char *name, const char *clients)
{
    static char port[8];
    s->port = service_free_port();
    snprintf(port, sizeof port, "%d", s->port);
    const char *file = certificate(s->certificates, name);
    const char *more[] = { "--tls-port", port, "--tls-cert-file", file, "--tls-key-file", file,
                           "--tls-ca-cert-file", certificate(s->certificates, "root"),
                           "--tls-auth-clients", clients, NULL };
    memcpy((void *)s->server.more, (const void *)more, sizeof more);
    server_open(&s->server);
}

#define SECURE_TEST(name_, certificate_, clients_) \
    static void name_##_body(struct secure *s); \
    static int name_##_task(void *arg) \
    { \
        name_##_body(arg); \
        return 0; \
    } \
    TEST(name_) \
    { \
        CERTIFICATES(c); \
        struct secure s = { .certificates = c }; \
        secure_open(&s, certificate_, clients_); \
        test_run_task(name_##_task, __FILE__, __LINE__, &s, .real_clock = true, \
                      .seconds = BIDE_FOREVER); \
        server_close(&s.server); \
    } \
    static void name_##_body(struct secure *s)

/* What a client of this host says that trusts `root` and shows `own` (NULL: nothing). */
static int try(const struct secure *s, const char *host, const char *root, const char *own)
{
    char url[96];
    snprintf(url, sizeof url, "rediss://%s:%d/2", host, s->port);
    bide_auto(tls) tls = bide_tls_new(.ca_file = certificate(s->certificates, root),
                                      .cert_file = own ? certificate(s->certificates, own) : NULL);
    CHECK(tls != NULL);
    bide_auto(redis) redis = bide_redis_open(url, .tls = tls);
    const char *argv[] = { "BLPOP", "l", "0.01" };
    bide_auto(redis_reply) shared = bide_redis_call(redis, "SET", "k", "v");
    if (!shared)
        return bide_errcode();
    bide_auto(redis_reply) own_one = bide_redis_command(redis, argv, 3);
    bide_auto(redis_subscription) sub =
        bide_redis_subscribe(redis, (const char *[]){ "a", NULL }, NULL);
    CHECK(own_one && sub);
    CHECK_EQ(bide_redis_stats(redis).connected, 2);     /* it took over the other's */
    return 0;
}

SECURE_TEST(a_server_is_believed_by_its_authority_and_name, "good", "no")
{
    CHECK_EQ(try(s, "localhost", "root", NULL), 0);
    CHECK_EQ(try(s, "127.0.0.1", "root", NULL), 0);
    double begun = bide_now();
    CHECK_EQ(try(s, "localhost", "unknown-root", NULL), BIDE_ETLS);
    CHECK_HAS(bide_errmsg(), "localhost");
    CHECK(bide_now() - begun < 5);      /* there is no use in trying again */
}

SECURE_TEST(a_server_with_another_name_is_refused, "other", "no")
{
    CHECK_EQ(try(s, "localhost", "root", NULL), BIDE_ETLS);
    CHECK_HAS(bide_errmsg(), "localhost");
}

SECURE_TEST(an_expired_server_is_refused, "expired", "no")
{
    CHECK_EQ(try(s, "localhost", "root", NULL), BIDE_ETLS);
    CHECK_HAS(bide_errmsg(), "expired");
}

SECURE_TEST(a_client_shows_its_certificate_where_it_is_wanted, "good", "yes")
{
    CHECK_EQ(try(s, "localhost", "root", "client"), 0);
    CHECK_EQ(try(s, "localhost", "root", NULL), BIDE_ETLS);
    CHECK_EQ(try(s, "localhost", "root", "unknown"), BIDE_ETLS);
}

/* Redis takes a handshake for the beginning of a command, and waits for the rest of it. */
SECURE_TEST(the_wrong_kind_of_port_is_a_failure, "good", "no")
{
    char url[96];
    snprintf(url, sizeof url, "rediss://localhost:%d", s->server.port);
    bide_auto(redis) redis = bide_redis_open(url, .attempts = 1, .connect_timeout = 0.2);
    CHECK(!bide_redis_call(redis, "PING"));
    CHECK(bide_errcode() == BIDE_ETIMEDOUT || bide_errcode() == BIDE_ETLS);
    snprintf(url, sizeof url, "redis://localhost:%d", s->port);
    bide_auto(redis) plain = bide_redis_open(url, .attempts = 1);
    CHECK(!bide_redis_call(plain, "PING"));
    CHECK(bide_errcode() == BIDE_EEOF || bide_errcode() == -ECONNRESET);
}
