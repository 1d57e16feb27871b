/* TLS with something going wrong at each moment: cut, cancelled, out of memory. */
#include "sides.h"

#include <bide/testing.h>
#include <sys/socket.h>

/* ---- one conversation, the faults of the test kit around it ---- */

static int talk_back(void *arg)
{
    bide_stream *s = arg;
    char heard[4];
    int rc = bide_read_exactly(s, heard, 4);
    if (rc == 0)
        rc = bide_write(s, "pong", 4);
    if (rc == 0)
        rc = bide_write_end(s);
    return rc < 0 ? rc : (int)bide_read(s, heard, 1);
}

static int talk(bide_stream *s)
{
    char heard[5];
    int rc = bide_write(s, "ping", 4);
    if (rc == 0)
        rc = bide_read_exactly(s, heard, 4);
    if (rc < 0)
        return rc;
    return bide_read(s, heard, 1) == 0 ? bide_write_end(s) : bide_errcode();
}

struct conversation {
    struct certificates *c;
    struct bide_test_stream_opts below;
    bide_stream *ends[2];
    bide_tls *server, *client;  /* shared by all runs; NULL: made in each */
};

static int serve(void *arg)
{
    struct conversation *v = arg;
    bide_auto(tls) own = v->server ? NULL
        : bide_tls_new(.server = true, .cert_file = certificate(v->c, "direct"));
    bide_tls *tls = v->server ? v->server : own;
    bide_stream *s = tls ? bide_start_tls(v->ends[0], .tls = tls) : NULL;
    int rc = s ? talk_back(s) : bide_errcode();
    bide_stream_close(s ? s : v->ends[0]);
    return rc;
}

static int visit(void *arg)
{
    struct conversation *v = arg;
    bide_auto(tls) own = v->client ? NULL : bide_tls_new(.ca_file = certificate(v->c, "root"));
    bide_tls *tls = v->client ? v->client : own;
    bide_stream *s = tls ? bide_start_tls(v->ends[1], .tls = tls, .server_name = "example.org")
                         : NULL;
    int rc = s ? talk(s) : bide_errcode();
    bide_stream_close(s ? s : v->ends[1]);
    return rc;
}

static int converse(void *arg)
{
    struct conversation *v = arg;
    v->below.abi_ = sizeof v->below;
    int rc = bide_test_stream_pair_opts(v->ends, &v->below);
    if (rc < 0)
        return rc;
    BIDE_GROUP(g);
    bide_task *server = NULL;
    if (bide_spawn(g, serve, v, .handle = &server) < 0) {
        bide_stream_close(v->ends[0]);
        bide_stream_close(v->ends[1]);
        return bide_errcode();
    }
    rc = visit(v);
    int other = bide_group_wait(g);
    return rc < 0 ? rc : other;
}

/* The first run makes what the others only read. */
static struct conversation prepared(struct certificates *c)
{
    struct conversation v = { .c = c };
    certificate(c, "direct");
    certificate(c, "root");
    if (bide_test(converse, &v) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    return v;
}

TEST(it_may_be_cancelled_at_each_wait)
{
    CERTIFICATES(c);
    struct conversation v = prepared(c);
    v.below.delay = 0.1;
    if (bide_test_each_wait(converse, &v) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

TEST(it_may_run_out_of_memory_at_each_allocation)
{
    CERTIFICATES(c);
    struct conversation v = prepared(c);
    if (bide_test_each_allocation(converse, &v) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

/* ---- truncation ---- */

static struct conversation *cut;
static int converse_cut(void *unused)
{
    (void)unused;
    int rc = converse(cut);
    return rc < 0 ? rc : 0;
}

/* After each byte (each seventh for a reset) from either side the connection ends: always a failure
 * with a sentence, until the cut comes behind all that is said. */
static void cut_at_each_byte(bool back, int how)
{
    CERTIFICATES(c);
    struct conversation v = prepared(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"), .no_resumption = true);
    size_t step = test_is_slow() ? 37 : how ? 1 : 7;
    cut = &v;
    v.server = server;
    v.client = client;
    v.below.code = how;
    for (size_t at = 1; ; at += step) {
        *(back ? &v.below.cut_back : &v.below.cut) = at;
        int rc = bide_test(converse_cut, NULL);
        if (rc == 0) {
            CHECK(at > 300);
            return;
        }
        if (rc == BIDE_ETEST || rc == BIDE_ETIMEDOUT || rc == BIDE_EDEADLK || rc == BIDE_EUNKNOWN)
            test_fail(__FILE__, __LINE__, "cut after %zu: %s", at, bide_errmsg());
        CHECK(*bide_errmsg());
        CHECK(at < 20000);
    }
}

TEST(a_servers_words_may_be_cut_after_each_byte) { cut_at_each_byte(false, 1); }
TEST(a_clients_words_may_be_cut_after_each_byte) { cut_at_each_byte(true, 1); }
TEST(the_connection_may_be_reset_after_what_a_server_says) { cut_at_each_byte(false, 0); }

/* ---- data cut short ---- */

TASK_TEST(an_end_without_close_notify_is_a_failure)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    struct side s = { .tls = server }, t = { .tls = client, .opts.server_name = "localhost" };
    char byte;
    t.plain = bide_connect(bide_listener_address(l));
    s.plain = bide_accept(l);
    sides_start(&s, &t);
    CHECK_EQ(bide_write(s.secure, "x", 1), 0);
    CHECK_EQ(shutdown(bide_stream_fd(s.secure), SHUT_WR), 0);
    CHECK_EQ(bide_read(t.secure, &byte, 1), 1);
    CHECK(bide_stream_readable(t.secure));
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(bide_read(t.secure, &byte, 1), BIDE_EEOF);
        CHECK_STR(bide_errmsg(), "read: tls: localhost: the connection ended without TLS's "
                  "close_notify: the data may be cut short");
    }
    CHECK_EQ(bide_write(t.secure, "y", 1), 0);
    CHECK_EQ(bide_read(s.secure, &byte, 1), 1);
    sides_close(&s, &t);
}

TASK_TEST(nobody_else_uses_the_inner_stream)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    bide_stream *ends[2];
    struct side s = { .tls = server }, t = { .tls = client, .opts.server_name = "example.org" };
    char byte;
    CHECK_EQ(bide_stream_pair(ends), 0);
    s.plain = ends[0];
    t.plain = ends[1];
    sides_start(&s, &t);
    CHECK_EQ(bide_read(ends[0], &byte, 1), BIDE_EBUSY);
    CHECK_EQ(bide_write(ends[0], "x", 1), BIDE_EBUSY);
    CHECK(bide_start_tls(ends[0], .tls = server) == NULL);
    CHECK_EQ(bide_errcode(), BIDE_EBUSY);
    bide_stream_close(ends[0]);             /* it goes with its owner */
    CHECK_EQ(bide_write(s.secure, "x", 1), BIDE_ECLOSED);
    side_close(&s);
    CHECK_EQ(bide_read(t.secure, &byte, 1), BIDE_EEOF);
    side_close(&t);
}
