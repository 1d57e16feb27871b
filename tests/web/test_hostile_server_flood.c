/* Too much of something: of connections, of bytes that never end a message, of requests whose
 * answers nobody reads; clients that break off; and descriptors that run out. */
#include "web/hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- without end ---- */

enum { FLOOD_MAX = 8 << 20 };   /* whoever has taken so much will take anything */

static const struct { const char *start, *again, *status; } floods[] = {
    { "", "A", "501" },
    { "", "GET ", "414" },
    { "GET /", "a", "414" },
    { "GET /ok HTTP/1.1", "1", "414" },
    { "", "\r\n", "400" },
    { "GET /ok" H, "X: y\r\n", "431" },
    { "GET /ok" H "X: ", "y", "431" },
    { "GET /ok" H, "X", "431" },
    { "GET /ok" H "X:", " ", "431" },
    { "GET /ok" H, "Cookie: a=b\r\n", "431" },
    { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\n", "0", "400" },
    { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\n5;", "a=b;", "413" },
    { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\n5;a=\"", "b", "413" },
    { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\n5", " ", "413" },
    { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n", "413" },
    { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\n0\r\nA: ", "b", "413" },
    { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\n", "2\r\nno\r\n", "413" },
    { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n", "x", "413" },
    { "POST /echo" H "Content-Length: 9000000000000\r\n\r\n", "x", "413" },
    { "POST /echo" H "Content-Length: 9000000000000\r\nExpect: 100-continue\r\n\r\n", "x", "413" },
    { "POST /unread" H "Content-Length: 9000000000000\r\n\r\n", "x", "200" },
    { "POST /unread" H "Transfer-Encoding: chunked\r\n\r\n", "2\r\nno\r\n", "200" },
    { "POST /nothing" H "Content-Length: 9000000000000\r\n\r\n", "x", "404" },
    { "GET /ok" H "Connection: close\r\n\r\n", "GET /ok" H "\r\n", "200" },
};

static void keep_what_came(bide_stream *s, char *out, size_t size, size_t *got)
{
    while (bide_stream_readable(s) && *got + 1 < size) {
        ssize_t n = bide_read(s, out + *got, size - 1 - *got);
        if (n <= 0)
            return;
        *got += (size_t)n;
        out[*got] = '\0';
    }
}

/* Sends `again` until nobody listens: how much that was. */
static size_t pour(const struct site *site, const char *start, const char *again, char *out,
                   size_t size)
{
    static char block[32768];
    size_t unit = strlen(again), filled = 0, sum = 0, got = 0;
    for (; filled + unit <= sizeof block; filled += unit)
        memcpy(block + filled, again, unit);
    out[0] = '\0';
    bide_auto(stream) s = bide_connect(site->address);
    CHECK(s && bide_write(s, start, strlen(start)) == 0);
    while (sum < FLOOD_MAX && bide_write(s, block, filled) == 0) {
        sum += filled;
        CHECK_EQ(bide_sleep(0.001), 0);
        keep_what_came(s, out, size, &got);
    }
    keep_what_came(s, out, size, &got);
    return sum;
}

/* The status of the last answer. */
static const char *last_status(const char *out)
{
    const char *last = NULL;
    for (const char *at = out; (at = strstr(at, "HTTP/1.1 ")); at += 9)
        last = at + 9;
    return last ? last : "";
}

TASK_TEST(nothing_is_read_without_end)
{
    struct site site = { 0 };
    SITE(&site);
    is_healthy(&site);
    for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
        char out[4000];
        size_t sum = pour(&site, floods[i].start, floods[i].again, out, sizeof out);
        if (sum >= FLOOD_MAX || !begins(last_status(out), floods[i].status))
            test_fail(__FILE__, __LINE__, "\"%s\", and \"%s\" for ever: %zu bytes, not %s: %s",
                      floods[i].start, floods[i].again, sum, floods[i].status, out);
        is_healthy(&site);
        CHECK_EQ(bide_sleep(2), 0);
        CHECK_EQ(handled.now, 0);
    }
}

/* ---- requests whose answers nobody reads ---- */

TASK_TEST(pipelined_requests_without_end_wait_for_their_answers_to_be_read)
{
    static const char *const asks[] = { "GET /ok" H "\r\n", "GET /nothing" H "\r\n",
                                        "POST /echo" H "Content-Length: 5\r\n\r\nhello" };
    struct site site = { .opts = { .idle = 10 } };
    SITE(&site);
    is_healthy(&site);
    for (int i = 0; i < 3; i++) {
        static char block[32768];
        size_t unit = strlen(asks[i]), filled = 0, most = 0, before = allocated();
        for (; filled + unit <= sizeof block; filled += unit)
            memcpy(block + filled, asks[i], unit);
        bide_auto(stream) s = bide_connect(site.address);
        double start = bide_now();
        int rc = 0;
        while (rc == 0) {
            rc = bide_write(s, block, filled);
            CHECK(bide_now() < start + 100);
            most = allocated() > most ? allocated() : most;
        }
        CHECK_NEAR(bide_now() - start, 10.5, 1);  /* it is the idle time that ends it */
        CHECK(most < before + (1 << 20));
        is_healthy(&site);
    }
}

/* One that reads after all gets every answer. */
TASK_TEST(pipelined_requests_are_answered_as_they_are_read)
{
    enum { REQUESTS = 30000 };
    struct site site = { .opts = { .idle = 10 } };
    SITE(&site);
    bide_auto(stream) s = bide_connect(site.address);
    size_t answers = 0, sent = 0;
    while (answers < REQUESTS) {
        char *line;
        for (; sent < REQUESTS && sent < answers + 100; sent++)
            CHECK_EQ(bide_printf(s, "GET /ok" H "\r\n"), 0);
        CHECK(bide_read_until(s, "\r\n\r\nok", &line) > 0);
        answers++;
    }
    CHECK_EQ(bide_stream_buffered(s), 0);
}

/* ---- connections ---- */

static int ask_slowly(void *arg)
{
    const struct site *site = arg;
    char *line;
    bide_auto(stream) s = bide_connect(site->address);
    CHECK(s && bide_printf(s, "GET /slow" H "Connection: close\r\n\r\n") == 0);
    CHECK(bide_read_until(s, "slept", &line) > 0);
    return 0;
}

TASK_TEST(no_more_are_served_at_once_than_allowed_and_none_is_forgotten)
{
    struct site site = { .opts = { .connections = 20 } };
    SITE(&site);
    BIDE_GROUP(clients);
    double start = bide_now();
    for (int i = 0; i < 200; i++)
        bide_spawn(clients, ask_slowly, &site);
    CHECK_EQ(bide_group_wait(clients), 0);
    CHECK_EQ(handled.most, 20);
    CHECK_EQ(handled.done, 200);
    CHECK_NEAR(bide_now() - start, 30, 2);      /* ten times twenty, three seconds each */
}

TASK_TEST(connections_that_come_and_go_leave_nothing)
{
    struct site site = { 0 };
    SITE(&site);
    is_healthy(&site);
    size_t before = allocated();
    for (int i = 0; i < 2000; i++) {
        bide_stream *s = bide_connect(site.address);
        CHECK(s != NULL);
        if (i % 2)
            reset(s);
        else
            bide_stream_close(s);
    }
    CHECK_EQ(bide_sleep(1), 0);
    is_healthy(&site);
    CHECK(allocated() < before + (256 << 10));
}

/* ---- breaking off ---- */

static const char *const conversations[] = {
    "GET /ok" H "\r\n" "GET /ok" H "\r\n",
    "POST /echo" H "Content-Length: 11\r\n\r\nhello world" "GET /ok" H "\r\n",
    "POST /count" H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
    "POST /unread" H "Content-Length: 11\r\n\r\nhello world",
    "POST /echo" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
    "GET /slow" H "\r\n",
    "GET /large/9" H "\r\n",
};

/* Sends the first bytes of a conversation and leaves, by a reset or by ending its side. */
static void break_off(const struct site *site, const char *text, size_t size, bool by_reset)
{
    char out[2000];
    bide_stream *s = bide_connect(site->address);
    CHECK(s && bide_write(s, text, size) == 0);
    CHECK_EQ(bide_sleep(0.001), 0);
    if (by_reset) {
        reset(s);
        return;
    }
    CHECK_EQ(bide_write_end(s), 0);
    double took = hear_out(s, out, sizeof out);
    if (took < 0 || took > 3.5)
        test_fail(__FILE__, __LINE__, "%zu bytes of \"%s\": %g s until the end", size, text, took);
    bide_stream_close(s);
}

TASK_TEST(a_client_may_break_off_at_any_byte)
{
    struct site site = { 0 };
    size_t step = test_is_slow() ? 5 : 1;
    SITE(&site);
    for (size_t i = 0; i < sizeof conversations / sizeof *conversations; i++) {
        size_t size = strlen(conversations[i]);
        for (size_t cut = 0; cut <= size; cut += step)
            break_off(&site, conversations[i], cut, true);
        for (size_t cut = 0; cut <= size; cut += step)
            break_off(&site, conversations[i], cut, false);
        CHECK_EQ(bide_sleep(5), 0);
        CHECK_EQ(handled.now, 0);
        is_healthy(&site);
    }
}

/* ---- descriptors ---- */

/* Takes every descriptor that is left: how many. */
static int take_all(int *taken, int max)
{
    int count = 0;
    while (count < max && (taken[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        count++;
    CHECK(count < max);
    CHECK_EQ(errno, EMFILE);
    return count;
}

/* More clients than descriptors: they wait until there are some, and who is connected goes on. */
TASK_TEST(when_descriptors_run_out_others_wait_and_nobody_is_lost)
{
    enum { CLIENTS = 10, MAX = 256 };
    bide_stream *clients[CLIENTS];
    int taken[MAX];
    char *line;
    struct rlimit few = { MAX, MAX };
    struct site site = { 0 };
    SITE(&site);
    bide_auto(stream) early = bide_connect(site.address);
    CHECK_EQ(bide_printf(early, "GET /ok" H "\r\n"), 0);
    CHECK(bide_read_until(early, "\r\n\r\nok", &line) > 0);
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = bide_connect(site.address);
        CHECK(clients[i] != NULL);
        if (i == 0)
            CHECK_EQ(bide_sleep(1), 0);         /* this one is accepted */
    }
    int count = take_all(taken, MAX);
    for (int i = 0; i < CLIENTS; i++)
        CHECK_EQ(bide_printf(clients[i], "GET /ok" H "\r\n"), 0);
    CHECK_EQ(bide_sleep(60), 0);
    CHECK_EQ(bide_printf(early, "GET /ok" H "\r\n"), 0);
    CHECK(bide_read_until(early, "\r\n\r\nok", &line) > 0);
    while (count > 0)
        close(taken[--count]);
    for (int i = 0; i < CLIENTS; i++) {
        BIDE_TIMEOUT(limit, 5);
        CHECK(bide_read_until(clients[i], "\r\n\r\nok", &line) > 0);
        bide_stream_close(clients[i]);
    }
    is_healthy(&site);
}
