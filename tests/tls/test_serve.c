/* TLS on the connections of bide_serve(), which closes them itself when their function returns. */
#include "sides.h"

static int greet(bide_stream *plain, void *tls)
{
    char *line;
    bide_auto(stream) s = bide_start_tls(plain, .tls = tls);
    ssize_t n = bide_read_until(s, "\n", &line);
    return n > 0 ? bide_printf(s, "hello, %s", line) : (int)n;
}

static int greet_and_go_on(bide_stream *plain, void *tls)
{
    int rc = greet(plain, tls);
    CHECK_EQ(bide_printf(plain, "and more"), BIDE_ECLOSED);
    return rc;
}

static int forget(bide_stream *plain, void *tls)
{
    bide_stream **kept = tls;
    CHECK(kept[1] = bide_start_tls(plain, .tls = (bide_tls *)(void *)kept[0]));
    return 0;
}

struct door { bide_listener *listener; int (*fn)(bide_stream *s, void *arg); void *arg; };
static int serve(void *arg)
{
    struct door *door = arg;
    return bide_serve(door->listener, door->fn, door->arg);
}

static bide_stream *come_in(bide_listener *listener, bide_tls *trust)
{
    bide_auto(stream) plain = bide_connect(bide_listener_address(listener));
    bide_stream *s = bide_start_tls(plain, .tls = trust, .server_name = "example.org");
    CHECK(s);
    bide_ignore(bide_steal(plain));
    return s;
}

static void ask(bide_listener *listener, bide_tls *trust)
{
    char *line, byte;
    bide_auto(stream) s = come_in(listener, trust);
    CHECK_EQ(bide_printf(s, "world\n"), 0);
    CHECK_EQ(bide_read_until(s, "\n", &line), 13);
    CHECK_STR(line, "hello, world\n");
    CHECK_EQ(bide_read(s, &byte, 1), 0);
}

static void serve_and_ask(int (*fn)(bide_stream *s, void *arg))
{
    CERTIFICATES(c);
    bide_auto(tls) tls = server_tls(c, "direct");
    bide_auto(tls) trust = client_tls(c);
    bide_auto(listener) listener = bide_listen("127.0.0.1:0");
    struct door door = { listener, fn, tls };
    BIDE_GROUP(g);
    bide_spawn(g, serve, &door);
    ask(listener, trust);
    ask(listener, trust);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
}

TASK_TEST(a_served_connection_may_be_secured_and_the_secure_one_closed)
{
    serve_and_ask(greet);
}

TASK_TEST(a_served_connection_is_still_there_when_the_secure_one_was_closed_but_says_nothing_more)
{
    serve_and_ask(greet_and_go_on);
}

TASK_TEST(a_secure_stream_that_outlives_its_function_is_closed_later)
{
    CERTIFICATES(c);
    char byte;
    bide_auto(tls) tls = server_tls(c, "direct");
    bide_auto(tls) trust = client_tls(c);
    bide_auto(listener) listener = bide_listen("127.0.0.1:0");
    bide_stream *kept[2] = { (bide_stream *)(void *)tls, NULL };
    struct door door = { listener, forget, kept };
    BIDE_GROUP(g);
    bide_spawn(g, serve, &door);
    bide_auto(stream) s = come_in(listener, trust);
    CHECK_EQ(bide_test_blocked(), 0);
    CHECK(kept[1]);
    CHECK_EQ(bide_read(kept[1], &byte, 1), BIDE_ECLOSED);
    bide_stream_close(kept[1]);
    bide_group_cancel(g);
    CHECK_EQ(bide_group_wait(g), 0);
}
