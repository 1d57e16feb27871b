/* A TLS stream keeps all that a byte stream promises, over any other stream. */
#include "sides.h"

#include <bide/testing.h>

/* How to make a pair: over what. */
struct make {
    struct bide_test_stream_opts below;
    bool sockets, in_tls;
};

static int socket_pair(bide_stream *ends[2])
{
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    ends[0] = bide_connect(bide_listener_address(l));
    ends[1] = bide_accept(l);
    return ends[0] && ends[1] ? 0 : bide_errcode();
}

/* One layer of TLS over what is in ends. */
static int wrap(bide_stream *ends[2])
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    struct side s = { .plain = ends[0], .tls = server };
    struct side t = { .plain = ends[1], .tls = client, .opts.server_name = "example.org" };
    sides_start(&s, &t);
    ends[0] = s.secure;
    ends[1] = t.secure;
    if (ends[0] && ends[1])
        return 0;
    sides_close(&s, &t);
    ends[0] = ends[1] = NULL;
    return bide_fail(t.error.code ? t.error.code : s.error.code, "%s; %s", t.error.text,
                     s.error.text);
}

static int make(void *arg, bide_stream *ends[2])
{
    const struct make *how = arg;
    int rc = how->sockets ? socket_pair(ends) : bide_test_stream_pair_opts(ends, &how->below);
    if (rc == 0)
        rc = wrap(ends);
    if (rc == 0 && how->in_tls)
        rc = wrap(ends);
    return rc;
}

#define ORDEAL(...) do { \
    struct make how = { __VA_ARGS__ }; \
    how.below.abi_ = sizeof how.below; \
    if (bide_test_ordeal(make, &how) < 0) \
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg()); \
} while (0)

TEST(over_memory_it_is_a_byte_stream) { ORDEAL(.sockets = false); }
TEST(over_sockets_it_is_a_byte_stream) { ORDEAL(.sockets = true); }
TEST(over_tls_it_is_a_byte_stream) { ORDEAL(.in_tls = true); }
TEST(over_tls_over_sockets_it_is_a_byte_stream) { ORDEAL(.sockets = true, .in_tls = true); }
TEST(byte_by_byte_it_is_a_byte_stream) { ORDEAL(.below = { .split = 1, .short_writes = 1 }); }
TEST(over_odd_pieces_it_is_a_byte_stream)
{
    for (uint64_t seed = 1; seed <= 3; seed++)
        ORDEAL(.below = { .seed = seed, .split = 700, .short_writes = 333 }, .in_tls = seed == 3);
}
TEST(over_a_slow_stream_it_is_a_byte_stream)
{
    ORDEAL(.below = { .delay = 0.1, .high_water = 4000 });
}
