/* The same over TLS: clients that begin a handshake and do not go on, say something else, or leave
 * in the middle of it or behind it. */
#include "tls/certificates.h"
#include "web/hostile.h"

#define SECURE_SITE(site) \
    CERTIFICATES(site##_certificates); \
    bide_auto(tls) site##_tls = bide_tls_new( \
        .server = true, .cert_file = certificate(site##_certificates, "good")); \
    CHECK(site##_tls != NULL); \
    bide_auto(tls) site##_trust = bide_tls_new( \
        .ca_file = certificate(site##_certificates, "root")); \
    struct site site = { .opts = { .tls = site##_tls, .slow = 20, .idle = 20 } }; \
    SITE(&site)

/* A client that means well is answered at once. */
static void is_safe(const struct site *site, bide_tls *trust)
{
    char *line;
    bide_auto(stream) plain = bide_connect(site->address);
    BIDE_TIMEOUT(limit, 2);
    CHECK(plain != NULL);
    bide_stream *secure = bide_start_tls(plain, .tls = trust, .server_name = "localhost");
    if (!secure)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    bide_ignore(bide_steal(plain));
    bide_auto(stream) s = secure;
    CHECK_EQ(bide_printf(s, "GET /ok" H "\r\n"), 0);
    CHECK(bide_read_until(s, "\r\n\r\nok", &line) > 0);
}

/* What a client says first. */
static size_t first_words(bide_tls *trust, char *out, size_t size);

TASK_TEST(who_says_nothing_before_the_handshake_is_given_up)
{
    SECURE_SITE(site);
    char out[200];
    bide_auto(stream) s = bide_connect(site.address);
    CHECK_EQ(bide_sleep(5), 0);
    is_safe(&site, site_trust);
    double took = hear_out(s, out, sizeof out);
    CHECK(took > 0 && took < BIDE_TLS_TIMEOUT);
}

TASK_TEST(what_is_no_handshake_ends_at_once)
{
    static const char *const words[] = {
        "GET /ok" H "\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01\xff\xff", "\n\n\n\n\n\n\n\n",
        "\x80\x2e\x01\x03\x01", "\x15\x03\x01\x00\x02\x02\x28", "EHLO example.org\r\n",
    };
    SECURE_SITE(site);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char out[200];
        bide_auto(stream) s = bide_connect(site.address);
        CHECK_EQ(bide_write(s, words[i], strlen(words[i])), 0);
        double took = hear_out(s, out, sizeof out);
        CHECK(took >= 0 && took < BIDE_TLS_TIMEOUT + 1);
        CHECK(!strstr(out, "HTTP/"));
        is_safe(&site, site_trust);
    }
}

static int read_first(void *arg)
{
    struct { bide_stream *s; char *out; size_t size, got; } *first = arg;
    ssize_t got = bide_read(first->s, first->out, first->size);
    first->got = got > 0 ? (size_t)got : 0;
    bide_stream_abort(first->s);
    return 0;
}

static size_t first_words(bide_tls *trust, char *out, size_t size)
{
    bide_stream *ends[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    struct { bide_stream *s; char *out; size_t size, got; } first = { ends[1], out, size, 0 };
    BIDE_GROUP(group);
    bide_spawn(group, read_first, &first);
    CHECK_PTR(bide_start_tls(ends[0], .tls = trust, .server_name = "localhost"), NULL);
    CHECK_EQ(bide_group_wait(group), 0);
    bide_stream_close(ends[0]);
    bide_stream_close(ends[1]);
    CHECK(first.got > 100);
    return first.got;
}

TASK_TEST(a_client_may_leave_at_any_byte_of_the_handshake)
{
    SECURE_SITE(site);
    char hello[4096], out[200];
    size_t size = first_words(site_trust, hello, sizeof hello);
    for (size_t cut = 0; cut <= size; cut += test_is_slow() ? 17 : 3) {
        bide_stream *s = bide_connect(site.address);
        CHECK(s && bide_write(s, hello, cut) == 0);
        CHECK_EQ(bide_sleep(0.001), 0);
        if (cut % 2) {
            reset(s);
            continue;
        }
        CHECK_EQ(bide_write_end(s), 0);
        CHECK_NEAR(hear_out(s, out, sizeof out), 0, 0.5);
        bide_stream_close(s);
    }
    is_safe(&site, site_trust);
}

struct slow_hello { const struct site *site; const char *hello; size_t size; double took; };

static int say_hello_slowly(void *arg)
{
    struct slow_hello *slow = arg;
    double start = bide_now();
    bide_auto(stream) s = bide_connect(slow->site->address);
    CHECK(s != NULL);
    for (size_t i = 0; i < slow->size && !bide_stream_readable(s); i++)
        if (bide_sleep(1) < 0 || bide_write(s, slow->hello + i, 1) < 0)
            break;
    slow->took = bide_now() - start;
    return 0;
}

TASK_TEST(many_slow_handshakes_hold_nobody_up)
{
    enum { CLIENTS = 60 };
    static struct slow_hello slow[CLIENTS];
    char hello[4096];
    SECURE_SITE(site);
    size_t size = first_words(site_trust, hello, sizeof hello);
    BIDE_GROUP(clients);
    for (int i = 0; i < CLIENTS; i++) {
        slow[i] = (struct slow_hello){ &site, hello, size, 0 };
        bide_spawn(clients, say_hello_slowly, &slow[i]);
    }
    CHECK_EQ(bide_sleep(10), 0);
    is_safe(&site, site_trust);
    CHECK_EQ(bide_group_wait(clients), 0);
    for (int i = 0; i < CLIENTS; i++)
        CHECK(slow[i].took < BIDE_TLS_TIMEOUT + 2);
    is_safe(&site, site_trust);
}

/* Behind the handshake: half a request, half a body, no close_notify. */
TASK_TEST(a_client_may_leave_in_the_middle_of_what_it_says)
{
    static const char *const halves[] = {
        "", "GET /ok HT", "POST /echo" H "Content-Length: 5\r\n\r\nhel", "GET /slow" H "\r\n",
        "GET /large/9" H "\r\n",
    };
    SECURE_SITE(site);
    for (size_t i = 0; i < 2 * sizeof halves / sizeof *halves; i++) {
        const char *half = halves[i / 2];
        bide_stream *plain = bide_connect(site.address);
        bide_stream *s = bide_start_tls(plain, .tls = site_trust, .server_name = "localhost");
        CHECK(s && bide_write(s, half, strlen(half)) == 0);
        CHECK_EQ(bide_sleep(0.001), 0);
        if (i % 2)
            reset(s);
        else
            bide_stream_close(s);
        is_safe(&site, site_trust);
    }
    CHECK_EQ(bide_sleep(30), 0);
    CHECK_EQ(handled.now, 0);
}

TASK_TEST(what_drips_in_is_given_up_over_tls_too)
{
    SECURE_SITE(site);
    char out[500];
    double start = bide_now();
    bide_stream *plain = bide_connect(site.address);
    bide_auto(stream) s = bide_start_tls(plain, .tls = site_trust, .server_name = "localhost");
    CHECK(s && bide_printf(s, "POST /echo" H "Content-Length: 1000\r\n\r\n") == 0);
    while (!bide_stream_readable(s)) {
        CHECK_EQ(bide_sleep(1), 0);
        if (bide_write(s, "x", 1) < 0)
            break;
        CHECK(bide_now() < start + 100);
    }
    CHECK_NEAR(bide_now() - start, 20, 2);
    CHECK(hear_out(s, out, sizeof out) >= 0);
    CHECK(begins(out, "HTTP/1.1 408 "));
    is_safe(&site, site_trust);
}
