/* KeyUpdate (RFC 8446, 4.6.3): either side changes its keys while data is on its way. */
#include "sides.h"

#include "tls/stream.h"

static SSL *ssl_of(bide_stream *s)
{
    return ((struct tls_stream *)(void *)s)->ssl;
}

static void meet(struct certificates *c, struct side *s, struct side *t)
{
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    *s = (struct side){ .tls = server };
    *t = (struct side){ .tls = client, .opts.server_name = "example.org" };
    sides_meet(s, t);
    CHECK(s->secure && t->secure);
}

static void say(bide_stream *from, bide_stream *to, const char *text)
{
    char heard[64] = "";
    CHECK_EQ(bide_write(from, text, strlen(text)), 0);
    CHECK_EQ(bide_read_exactly(to, heard, strlen(text)), 0);
    CHECK_STR(heard, text);
}

/* The one asks the other to change its keys as well, which goes along with what that says next. */
static void update(bide_stream *from, bide_stream *to)
{
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(SSL_key_update(ssl_of(from), SSL_KEY_UPDATE_REQUESTED), 1);
        say(from, to, "with new keys");
        say(to, from, "with new keys, too");
        say(from, to, "once more");
    }
    CHECK_EQ(SSL_get_key_update_type(ssl_of(from)), SSL_KEY_UPDATE_NONE);
}

TASK_TEST(either_side_may_change_the_keys)
{
    CERTIFICATES(c);
    struct side s, t;
    meet(c, &s, &t);
    update(s.secure, t.secure);
    update(t.secure, s.secure);
    CHECK_EQ(SSL_key_update(ssl_of(s.secure), SSL_KEY_UPDATE_REQUESTED), 1);
    CHECK_EQ(SSL_key_update(ssl_of(t.secure), SSL_KEY_UPDATE_REQUESTED), 1);
    say(s.secure, t.secure, "both");
    say(t.secure, s.secure, "at once");
    sides_close(&s, &t);
}

struct talk { bide_stream *from, *to; size_t size; };
static int write_much(void *arg)
{
    struct talk *talk = arg;
    char piece[5000];
    for (size_t at = 0; at < talk->size; at += sizeof piece) {
        memset(piece, (int)(at / sizeof piece), sizeof piece);
        if (at % (20 * sizeof piece) == 0)
            CHECK_EQ(SSL_key_update(ssl_of(talk->from), SSL_KEY_UPDATE_REQUESTED), 1);
        if (bide_write(talk->from, piece, sizeof piece) < 0)
            return bide_errcode();
    }
    return 0;
}

static int read_much(void *arg)
{
    struct talk *talk = arg;
    char piece[5000];
    for (size_t at = 0; at < talk->size; at += sizeof piece) {
        if (bide_read_exactly(talk->to, piece, sizeof piece) < 0)
            return bide_errcode();
        for (size_t i = 0; i < sizeof piece; i++)
            CHECK_EQ(piece[i], (char)(at / sizeof piece));
    }
    return 0;
}

TASK_TEST(keys_change_under_data_that_goes_both_ways)
{
    CERTIFICATES(c);
    struct side s, t;
    meet(c, &s, &t);
    struct talk forth = { s.secure, t.secure, 2000000 }, back = { t.secure, s.secure, 2000000 };
    BIDE_GROUP(g);
    bide_spawn(g, write_much, &forth);
    bide_spawn(g, read_much, &forth);
    bide_spawn(g, write_much, &back);
    bide_spawn(g, read_much, &back);
    CHECK_EQ(bide_group_wait(g), 0);
    sides_close(&s, &t);
}

/* However often somebody asks for our new keys, the answer goes with what we say next. */
TASK_TEST(a_flood_of_updates_piles_nothing_up)
{
    CERTIFICATES(c);
    struct side s, t;
    meet(c, &s, &t);
    struct tls_stream *asked = (struct tls_stream *)(void *)s.secure;
    for (int i = 0; i < 1000; i++) {
        CHECK_EQ(SSL_key_update(ssl_of(t.secure), SSL_KEY_UPDATE_REQUESTED), 1);
        CHECK_EQ(SSL_do_handshake(ssl_of(t.secure)), 1);
    }
    say(t.secure, s.secure, "still here");
    CHECK(asked->filling.end - asked->filling.begin < 200 && !asked->sending.data);
    say(s.secure, t.secure, "so am I");
    sides_close(&s, &t);
}
