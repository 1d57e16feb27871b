/* Limits that keep one client from taking what is meant for all: connections of an address,
 * requests of a connection, headers of a request. */
#include "web/hostile.h"

/* One more connection from an address: does it get an answer? */
static bool is_served(const struct site *site, bide_stream **s, const char *from)
{
    char *line;
    *s = bide_connect(site->address, .local_address = from);
    CHECK(*s != NULL);
    BIDE_TIMEOUT(limit, 2);
    return bide_printf(*s, "GET /ok" H "\r\n") == 0 &&
           bide_read_until(*s, "\r\n\r\nok", &line) > 0;
}

static void close_all(bide_stream **s, int count)
{
    for (int i = 0; i < count; i++)
        bide_stream_close(s[i]);
}

TASK_TEST(an_address_takes_no_more_connections_than_its_share)
{
    enum { SHARE = 5, TRIES = 40 };
    struct site site = { .opts = { .connections_per_address = SHARE } };
    bide_stream *greedy[TRIES], *other[SHARE], *again;
    SITE(&site);
    for (int i = 0; i < TRIES; i++)
        CHECK_EQ(is_served(&site, &greedy[i], "127.0.0.1"), i < SHARE);
    for (int i = 0; i < SHARE; i++)
        CHECK(is_served(&site, &other[i], "127.0.0.2"));
    for (int i = 0; i < SHARE; i++) {           /* what it gives back it may have again */
        bide_stream_close(greedy[i]);
        CHECK_EQ(bide_sleep(0.1), 0);
        CHECK(is_served(&site, &greedy[i], "127.0.0.1"));
    }
    CHECK(!is_served(&site, &again, "127.0.0.1"));
    close_all(greedy, TRIES);
    close_all(other, SHARE);
    bide_stream_close(again);
}

/* Those that are turned away at once leave room for others. */
TASK_TEST(a_flood_from_one_address_does_not_fill_the_server)
{
    enum { ROOM = 20, FLOOD = 300 };
    struct site site = { .opts = { .connections = ROOM, .connections_per_address = 10 } };
    bide_stream *flood[FLOOD], *other;
    SITE(&site);
    for (int i = 0; i < FLOOD; i++)
        CHECK((flood[i] = bide_connect(site.address)) != NULL);
    CHECK_EQ(bide_sleep(0.1), 0);
    CHECK(is_served(&site, &other, "127.0.0.3"));
    close_all(flood, FLOOD);
    bide_stream_close(other);
    CHECK_EQ(bide_sleep(0.1), 0);
    is_healthy(&site);
}

TASK_TEST(a_connection_ends_behind_as_many_requests_as_it_may_ask)
{
    struct site site = { .opts = { .requests_per_connection = 3 } };
    char out[2000], asked[500] = "";
    int answers = 0;
    SITE(&site);
    for (int i = 0; i < 10; i++)
        strcat(asked, "GET /ok" H "\r\n");
    bide_auto(stream) s = bide_connect(site.address);
    CHECK_EQ(bide_printf(s, "%s", asked), 0);
    CHECK_NEAR(hear_out(s, out, sizeof out), 0, 1.5);
    for (const char *at = out; (at = strstr(at, "HTTP/1.1 200 ")); at++)
        answers++;
    CHECK_EQ(answers, 3);
    const char *close = strstr(out, "Connection: close\r\n");
    CHECK(close && !strstr(close, "HTTP/1.1 "));        /* the last one says so, and no other */
    is_healthy(&site);
}

TASK_TEST(a_request_has_no_more_headers_than_it_may)
{
    struct site site = { .opts = { .headers_max = 3 } };
    char out[2000];
    SITE(&site);
    exchange(&site, "GET /ok" H "A: b\r\nC: d\r\n\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 200 "));
    exchange(&site, "GET /ok" H "A: b\r\nC: d\r\nE: f\r\n\r\n", false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 431 "));
    CHECK_HAS(out, "\r\nConnection: close\r\n");
}
