/* How long connections are kept, what tells them apart, and what happens once one carries many
 * requests: the pool by itself, over streams in memory. */
#include "test.h"

#include "core/loop.h"
#include "http/pool_hosts.h"

#include <bide.h>
#include <string.h>

struct bench { struct pool pool; bide_stream *far[64]; int made, closed; };

static void bench_open(struct bench *b, double keep_alive)
{
    *b = (struct bench){ .pool = { .limit = 4, .limit_per_host = 4, .keep_alive = keep_alive } };
    CHECK_EQ(bide__pool_open(&b->pool), 0);
}

static void bench_close(struct bench *b)
{
    bide__pool_close(&b->pool);
    CHECK_EQ(b->pool.open, 0);
    CHECK_EQ(b->pool.host_count, 0);
    CHECK(!b->pool.alarm.loop);
    bide__pool_free(&b->pool);
    while (b->made > 0)
        bide_stream_close(b->far[--b->made]);
}

static struct url url_of(const char *text)
{
    struct url url;
    const char *why = "";
    if (bide__url_parse(&url, text, strlen(text), &why) < 0)
        test_fail(__FILE__, __LINE__, "%s: %s", text, why);
    return url;
}

/* Makes the stream if there is none. */
static struct connection *take_by(struct bench *b, const struct route *route)
{
    struct connection *c = bide__pool_take(&b->pool, route, true);
    CHECK(c != NULL);
    if (!c->stream) {
        bide_stream *ends[2];
        CHECK_EQ(bide_stream_pair(ends), 0);
        c->stream = ends[0];
        b->far[b->made++] = ends[1];
    }
    return c;
}

static struct connection *take(struct bench *b, const char *text)
{
    struct url url = url_of(text);
    return take_by(b, &(struct route){ .url = &url });
}

static bool is_closed(const struct bench *b, int which)
{
    return bide_stream_readable(b->far[which]);
}

/* ---- time ---- */

TASK_TEST(an_unused_connection_is_closed_when_its_time_is_over)
{
    struct bench b;
    bench_open(&b, 10);
    struct connection *first = take(&b, "http://a/"), *second = take(&b, "http://b/");
    bide__pool_give(first, true);
    CHECK_EQ(bide_sleep(4), 0);
    bide__pool_give(second, true);
    CHECK_EQ(bide_sleep(5), 0);
    CHECK_EQ(b.pool.open, 2);
    CHECK_EQ(bide_sleep(2), 0);
    CHECK_EQ(b.pool.open, 1);
    CHECK(is_closed(&b, 0) && !is_closed(&b, 1));
    CHECK_EQ(bide_sleep(4), 0);
    CHECK_EQ(b.pool.open, 0);
    CHECK(!b.pool.alarm.loop);
    bench_close(&b);
}

TASK_TEST(what_is_used_again_is_not_closed)
{
    struct bench b;
    bench_open(&b, 10);
    for (int i = 0; i < 5; i++) {
        bide__pool_give(take(&b, "http://a/"), true);
        CHECK_EQ(bide_sleep(9), 0);
    }
    CHECK_EQ(b.made, 1);
    struct connection *c = take(&b, "http://a/");
    CHECK_EQ(bide_sleep(100), 0);
    CHECK(!b.pool.alarm.loop);          /* nothing is idle */
    bide__pool_give(c, true);
    CHECK_EQ(b.made, 1);
    bench_close(&b);
}

static struct bench lasting;

static int keep_one(void *unused)
{
    (void)unused;
    bench_open(&lasting, 10);
    bide__pool_give(take(&lasting, "http://a/"), true);
    return 0;
}

static int keep_another(void *unused)
{
    (void)unused;
    bide__pool_give(take(&lasting, "http://b/"), true);
    CHECK_EQ(bide_sleep(20), 0);
    CHECK_EQ(lasting.pool.open, 0);
    bench_close(&lasting);
    return 0;
}

TEST(a_kept_connection_holds_no_loop_up_and_the_next_loop_closes_it)
{
    CHECK_EQ(bide_run(keep_one, NULL, .jumping_clock = true), 0);
    CHECK_EQ(bide_run(keep_another, NULL, .jumping_clock = true), 0);
}

/* ---- many at once ---- */

enum { MANY = 64 };             /* a look at each of them for each that ends would be 2080 */

static void (*close_expired)(struct alarm *alarm);
static int rings;

static void count_rings(struct alarm *alarm)
{
    rings++;
    close_expired(alarm);
}

/* They become idle one millionth of a second after the other; the first is closed sooner if the
 * server has said so. */
static void keep_many(struct bench *b, double first_said)
{
    struct connection *taken[MANY];
    bench_open(b, 10);
    b->pool.limit = b->pool.limit_per_host = MANY;
    close_expired = b->pool.alarm.fn;
    b->pool.alarm.fn = count_rings;
    rings = 0;
    for (int i = 0; i < MANY; i++)
        taken[i] = take(b, "http://a/");
    bide__pool_note_keep_alive(taken[0], first_said, -1);
    for (int i = 0; i < MANY; i++) {
        bide__pool_give(taken[i], true);
        CHECK_EQ(bide_sleep(1e-6), 0);
    }
}

TASK_TEST(of_many_that_are_kept_for_the_same_time_each_is_closed_in_time)
{
    struct bench b;
    keep_many(&b, -1);
    CHECK_EQ(bide_sleep(10 - MANY * 1e-6 + 5e-7), 0);
    for (int left = MANY - 1; left >= 0; left--) {
        CHECK_EQ(b.pool.open, left);
        CHECK_EQ(bide_sleep(1e-6), 0);
    }
    bench_close(&b);
}

/* All must be looked at then, for any may be one whose server has said so. */
TASK_TEST(of_many_that_are_kept_for_different_times_several_are_closed_at_a_look)
{
    struct bench b;
    keep_many(&b, 5);
    CHECK_EQ(bide_sleep(5), 0);
    CHECK_EQ(b.pool.open, MANY - 1);
    CHECK_EQ(bide_sleep(4.9), 0);
    CHECK_EQ(b.pool.open, MANY - 1);
    rings = 0;
    while (b.pool.open > 0)
        CHECK_EQ(bide_sleep(1e-6), 0);
    CHECK(rings < 8);
    bench_close(&b);
}

/* How long the first connection lives after the server has said so. */
static double lives(double own, double said)
{
    struct bench b;
    bench_open(&b, own);
    struct connection *c = take(&b, "http://a/");
    bide__pool_note_keep_alive(c, said, -1);
    double start = bide_now();
    bide__pool_give(c, true);
    while (b.pool.open > 0)
        CHECK_EQ(bide_sleep(0.25), 0);
    double seconds = bide_now() - start;
    bench_close(&b);
    return seconds;
}

TASK_TEST(the_server_s_time_counts_if_it_is_shorter)
{
    CHECK_NEAR(lives(10, -1), 10, 0.3);
    CHECK_NEAR(lives(10, 5), 4, 0.3);
    CHECK_NEAR(lives(10, 1.5), 0.5, 0.3);
    CHECK_NEAR(lives(10, 1), 0, 0.01);
    CHECK_NEAR(lives(10, 0), 0, 0.01);
    CHECK_NEAR(lives(10, 60), 10, 0.3);
    CHECK_NEAR(lives(10, 1e300), 10, 0.3);
}

TASK_TEST(the_time_that_was_said_last_counts)
{
    struct bench b;
    bench_open(&b, 10);
    struct connection *c = take(&b, "http://a/");
    bide__pool_note_keep_alive(c, 3, -1);
    bide__pool_note_keep_alive(c, 100, -1);
    bide__pool_give(c, true);
    CHECK_EQ(bide_sleep(9), 0);
    CHECK_EQ(b.pool.open, 1);
    bench_close(&b);
}

TASK_TEST(after_so_many_requests_a_connection_is_closed)
{
    for (int max = 0; max < 4; max++) {
        struct bench b;
        bench_open(&b, 10);
        struct connection *c = take(&b, "http://a/");
        bide__pool_note_keep_alive(c, -1, max);
        bide__pool_give(c, true);
        for (int i = 0; i < max; i++) {
            CHECK_EQ(b.pool.open, 1);
            bide__pool_give(take(&b, "http://a/"), true);
        }
        CHECK_EQ(b.made, 1);
        CHECK_EQ(b.pool.open, 0);
        bide__pool_give(take(&b, "http://a/"), true);
        CHECK_EQ(b.pool.open, 1);       /* another knows nothing of that */
        bench_close(&b);
    }
}

TASK_TEST(no_connection_is_used_twice_if_that_is_wanted)
{
    struct bench b = { .pool = { .limit = 4, .limit_per_host = 4, .keep_alive = 10,
                                 .force_close = true } };
    CHECK_EQ(bide__pool_open(&b.pool), 0);
    for (int i = 0; i < 3; i++) {
        bide__pool_give(take(&b, "http://a/"), true);
        CHECK_EQ(b.pool.open, 0);
    }
    CHECK_EQ(b.made, 3);
    bench_close(&b);
}

/* ---- what tells connections apart ---- */

TASK_TEST(a_connection_serves_no_other_way_than_its_own)
{
    struct bench b;
    struct url url = url_of("https://a/");
    struct proxy p, q;
    const char *why;
    CHECK_EQ(bide__proxy_parse(&p, "http://x:y@p", 12, &why), 0);
    CHECK_EQ(bide__proxy_parse(&q, "http://x:z@p", 12, &why), 0);
    const struct route routes[] = {
        { .url = &url }, { .url = &url, .special = true },
        { .url = &url, .special = true, .proxy = &p },
        { .url = &url, .special = true, .proxy = &q },
        { .url = &url, .special = true, .server_name = "n" },
        { .url = &url, .special = true, .server_name = "nn" },
        { .url = &url, .special = true, .unix_path = "n" },
        { .url = &url, .special = true, .local_address = "n" },
        { .url = &url, .special = true, .server_name = "n", .unix_path = "n" },
        { .url = &url, .special = true, .family = 2 },
        { .url = &url, .special = true, .family = 10 },
    };
    enum { COUNT = sizeof routes / sizeof *routes };
    bench_open(&b, 10);
    b.pool.limit = b.pool.limit_per_host = 2 * COUNT;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < COUNT; i++) {
            struct connection *c = take_by(&b, &routes[i]);
            CHECK_EQ(c->reused, round > 0);
            bide__pool_give(c, true);
        }
    CHECK_EQ(b.made, COUNT);
    CHECK_EQ(b.pool.host_count, COUNT);
    bench_close(&b);
}

TASK_TEST(too_much_said_about_a_connection_is_refused)
{
    static char name[5000];
    struct bench b;
    struct url url = url_of("https://a/");
    memset(name, 'n', sizeof name - 1);
    bench_open(&b, 10);
    struct route route = { .url = &url, .special = true, .server_name = name };
    CHECK_PTR(bide__pool_take(&b.pool, &route, true), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_EQ(b.pool.host_count, 0);
    bench_close(&b);
}

/* ---- many requests on one connection ---- */

TASK_TEST(a_connection_with_streams_has_many_places)
{
    struct bench b;
    bench_open(&b, 10);
    struct connection *c = take(&b, "http://a/");
    bide__pool_set_streams(c, 3);
    CHECK_PTR(take(&b, "http://a/"), c);
    CHECK_PTR(take(&b, "http://a/"), c);
    CHECK_EQ(c->streams_open, 3);
    struct connection *other = take(&b, "http://a/");
    CHECK(other != c);
    bide__pool_give(c, true);
    CHECK_PTR(take(&b, "http://a/"), c);
    CHECK_EQ(b.pool.open, 2);
    for (int i = 0; i < 3; i++) {
        CHECK_PTR(b.pool.oldest, NULL);
        bide__pool_give(c, true);
    }
    CHECK_PTR(b.pool.oldest, c);        /* idle only now */
    CHECK_PTR(take(&b, "http://a/"), c);
    CHECK_PTR(take(&b, "http://a/"), c);        /* and shared again */
    bide__pool_give(c, true);
    bide__pool_give(c, true);
    bide__pool_give(other, false);
    CHECK_EQ(b.made, 2);
    bench_close(&b);
}

TASK_TEST(a_connection_that_ends_takes_no_more_streams_and_closes_after_the_last)
{
    struct bench b;
    bench_open(&b, 10);
    struct connection *c = take(&b, "http://a/");
    bide__pool_set_streams(c, 10);
    CHECK_PTR(take(&b, "http://a/"), c);
    CHECK_PTR(take(&b, "http://a/"), c);
    bide__pool_give(c, false);
    CHECK(!is_closed(&b, 0));
    struct connection *next = take(&b, "http://a/");
    CHECK(next != c);
    bide__pool_give(c, true);
    CHECK(!is_closed(&b, 0));
    bide__pool_give(c, true);
    CHECK(is_closed(&b, 0));
    CHECK_EQ(b.pool.open, 1);
    bide__pool_give(next, true);
    bench_close(&b);
}

struct taker { struct bench *b; struct connection *got; };

static int take_one(void *arg)
{
    struct taker *t = arg;
    t->got = take(t->b, "http://a/");
    return 0;
}

TASK_TEST(who_waits_gets_a_place_as_soon_as_there_is_one)
{
    struct bench b;
    struct taker takers[5];
    bench_open(&b, 10);
    b.pool.limit = b.pool.limit_per_host = 1;
    struct connection *c = take(&b, "http://a/");
    BIDE_GROUP(group);
    for (int i = 0; i < 5; i++) {
        takers[i] = (struct taker){ &b, NULL };
        bide_spawn(group, take_one, &takers[i]);
    }
    CHECK_EQ(bide_test_blocked(), 0);
    bide__pool_set_streams(c, 3);
    CHECK_EQ(bide_test_blocked(), 0);
    for (int i = 0; i < 5; i++)
        CHECK_PTR(takers[i].got, i < 2 ? c : NULL);
    bide__pool_give(c, true);
    CHECK_EQ(bide_test_blocked(), 0);
    CHECK_PTR(takers[2].got, c);
    CHECK_PTR(takers[3].got, NULL);
    bide__pool_set_streams(c, 100);
    CHECK_EQ(bide_group_wait(group), 0);
    CHECK_EQ(c->streams_open, 5);
    for (int i = 0; i < 5; i++)
        bide__pool_give(c, true);
    CHECK_EQ(b.made, 1);
    bench_close(&b);
}

TASK_TEST(the_number_of_requests_limits_streams_too)
{
    struct bench b;
    bench_open(&b, 10);
    struct connection *c = take(&b, "http://a/");
    bide__pool_note_keep_alive(c, -1, 2);
    bide__pool_set_streams(c, 10);
    CHECK_PTR(take(&b, "http://a/"), c);
    CHECK_PTR(take(&b, "http://a/"), c);
    struct connection *other = take(&b, "http://a/");
    CHECK(other != c);
    for (int i = 0; i < 3; i++)
        bide__pool_give(c, true);
    CHECK(is_closed(&b, 0));
    bide__pool_give(other, true);
    bench_close(&b);
}
