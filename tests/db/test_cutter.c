/* The proxy that other tests break connections with: it passes everything on, and cuts at the byte
 * that it was told. */
#include "db/cutter.h"

#include <bide/scope.h>
#include <errno.h>

struct answering { bide_listener *listener; unsigned heard, served; };

/* A server that answers each byte with two of the same. */
static int answer(bide_stream *s, void *arg)
{
    char byte;
    struct answering *a = arg;
    while (bide_read(s, &byte, 1) > 0) {
        a->heard++;
        if (bide_printf(s, "%c%c", byte, byte) < 0)
            break;
    }
    a->served++;
    return 0;
}

static int serve(void *arg)
{
    struct answering *a = arg;
    return bide_serve(a->listener, answer, a);
}

/* waits: until the server has heard the end of each connection */
static void await_served(const struct answering *a, const struct cutter *c)
{
    while (a->served < c->connections)
        CHECK_EQ(bide_yield(), 0);
}

#define SERVED_CUTTER(name) \
    struct answering name##_server = { .listener = bide_listen("127.0.0.1:0") }; \
    BIDE_KEEP_GOING(name##_answering); \
    bide_spawn(name##_answering, serve, &name##_server); \
    CUTTER(name, bide_listener_address(name##_server.listener))
#define SERVED_CUTTER_END(name) \
    do { \
        CUTTER_END(name); \
        bide_group_cancel(name##_answering); \
        bide_ignore(bide_group_wait(name##_answering)); \
        bide_listener_close(name##_server.listener); \
    } while (0)

BIDE_WAITS static bide_stream *connect_to(const struct cutter *c)
{
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%d", c->port);
    bide_stream *s = bide_connect(address);
    CHECK(s != NULL);
    return s;
}

/* Says five bytes; what came of the ten, and how it ended: 0 or < 0. */
BIDE_WAITS static int talk(struct cutter *c, size_t *got)
{
    bide_auto(stream) s = connect_to(c);
    char bytes[10];
    *got = 0;
    bide_ignore(bide_write(s, "abcde", 5));
    for (;;) {
        BIDE_TIMEOUT(limit, 1);
        ssize_t n = bide_read(s, bytes, sizeof bytes - *got);
        if (n <= 0)
            return bide_scope_result(limit, (int)n);
        *got += (size_t)n;
        if (*got == sizeof bytes)
            return 1;
    }
}

TASK_TEST(without_a_cut_all_is_passed_on_and_counted)
{
    SERVED_CUTTER(cutter);
    size_t got;
    for (unsigned i = 1; i <= 2; i++) {
        CHECK_EQ(talk(&cutter, &got), 1);
        CHECK_EQ(cutter.passed[CUTTER_TO_SERVER], 5);
        CHECK_EQ(cutter.passed[CUTTER_TO_CLIENT], 10);
        CHECK_EQ(cutter.connections, i);
    }
    CHECK(!cutter.struck);
    SERVED_CUTTER_END(cutter);
}

TASK_TEST(each_byte_to_the_client_can_be_the_last)
{
    static const int ends[CUTTER_ENDS] = { 0, -ECONNRESET, 0, BIDE_ETIMEDOUT };
    SERVED_CUTTER(cutter);
    size_t got;
    for (int end = 0; end < CUTTER_ENDS; end++)
        for (size_t after = 0; after < 10; after++) {
            cutter_arm(&cutter, CUTTER_TO_CLIENT, after, (enum cutter_end)end);
            CHECK_EQ(talk(&cutter, &got), ends[end]);
            CHECK(cutter.struck);
            CHECK_EQ(got, after);
            CHECK_EQ(talk(&cutter, &got), 1);   /* the next one gets through */
            cutter_release(&cutter);
        }
    SERVED_CUTTER_END(cutter);
    CHECK_EQ(cutter.open, 0);
}

TASK_TEST(each_byte_to_the_server_can_be_the_last)
{
    SERVED_CUTTER(cutter);
    size_t got;
    for (int end = 0; end < CUTTER_ENDS; end++)
        for (unsigned after = 0; after < 5; after++) {
            cutter_server.heard = 0;
            cutter_arm(&cutter, CUTTER_TO_SERVER, after, (enum cutter_end)end);
            CHECK(talk(&cutter, &got) <= 0);
            CHECK(cutter.struck);
            CHECK(cutter_server.heard <= after);
            if (end == CUTTER_HALF_CLOSE)
                CHECK_EQ(got, 2 * after);       /* what it had heard is answered */
            cutter_release(&cutter);
            await_served(&cutter_server, &cutter);
        }
    SERVED_CUTTER_END(cutter);
}
