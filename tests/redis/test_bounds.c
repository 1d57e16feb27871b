/* Time limits, connections that run out, and what must never be handed on: on the jumping clock,
 * with a server in the same loop. */
#include "db/cutter.h"
#include "redis/toy.h"

#include <bide/redis.h>

struct call { bide_redis *redis; const char *first, *second; int rc; double after; };

static int ask(void *arg)
{
    struct call *c = arg;
    const char *argv[] = { c->first, c->second };
    double begun = bide_now();
    bide_auto(redis_reply) r = bide_redis_command(c->redis, argv, 2,
                                                  .own_connection = strcmp(c->second, "own") == 0);
    c->rc = r ? 0 : bide_errcode();
    c->after = bide_now() - begun;
    return 0;
}

/* ---- time ------------------------------------------------------------------------------------ */

TASK_TEST(a_connection_that_owes_a_reply_for_too_long_is_given_up)
{
    TOY(toy);
    bide_auto(redis) redis = bide_redis_open(toy.url, .timeout = 3);
    struct call hush = { redis, "HUSH", "x", 0, 0 }, behind = { redis, "ECHO", "x", 0, 0 };
    BIDE_GROUP(g);
    bide_spawn(g, ask, &hush);
    bide_spawn(g, ask, &behind);
    CHECK_EQ(bide_sleep(10), 0);        /* an alarm makes no clock jump */
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(hush.rc, BIDE_ETIMEDOUT);
    CHECK(hush.after >= 3 && hush.after < 7);
    bide_auto(redis_reply) r = bide_redis_call(redis, "ECHO", "again");
    CHECK_STR(bide_redis_text(r), "again");
    CHECK_EQ(toy.connections, 2);
    bide_redis_close(bide_steal(redis));
    TOY_END(toy);
}

/* Listens, but lets nobody in for a while. */
static int accept_late(void *arg)
{
    struct toy *toy = arg;
    int rc = bide_sleep(2.9);
    return rc < 0 ? rc : toy_accept(toy);
}

TASK_TEST(time_spent_connecting_is_not_time_without_a_reply)
{
    struct toy toy = { .counter = 0 };
    BIDE_KEEP_GOING(g);
    toy.listener = bide_listen("127.0.0.1:0");
    snprintf(toy.url, sizeof toy.url, "redis://%s", bide_listener_address(toy.listener));
    bide_spawn(g, accept_late, &toy);
    bide_auto(redis) redis = bide_redis_open(toy.url, .timeout = 3, .connect_timeout = 20);
    struct call hush = { redis, "HUSH", "x", 0, 0 };
    bide_spawn(g, ask, &hush);
    CHECK_EQ(bide_sleep(20), 0);
    CHECK_EQ(hush.rc, BIDE_ETIMEDOUT);
    CHECK(hush.after >= 5.9);
    bide_redis_close(bide_steal(redis));
    toy_end(&toy, g);
}

TASK_TEST(a_call_s_own_limit_leaves_the_others_alone)
{
    TOY(toy);
    bide_auto(redis) redis = bide_redis_open(toy.url);
    const char *argv[] = { "HUSH", "x" };
    double begun = bide_now();
    CHECK(!bide_redis_command(redis, argv, 2, .timeout = 0.5, .own_connection = true));
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "redis: HUSH");
    CHECK_NEAR(bide_now() - begun, 0.5, 1e-6);
    CHECK_EQ(bide_redis_stats(redis).open, 0);
    bide_auto(redis_reply) r = bide_redis_call(redis, "ECHO", "again");
    CHECK_STR(bide_redis_text(r), "again");
    CHECK(!bide_redis_command(redis, argv, 2, .timeout = -1));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    bide_redis_close(bide_steal(redis));
    TOY_END(toy);
}

TASK_TEST(a_watching_connection_that_owes_a_reply_is_given_up)
{
    TOY(toy);
    bide_auto(redis) redis = bide_redis_open(toy.url, .timeout = 2);
    bide_auto(redis_batch) b = bide_redis_batch_new(redis);
    CHECK_EQ(bide_redis_watch(b, "k"), 0);
    CHECK(!bide_redis_look(b, "HUSH"));
    CHECK_EQ(bide_errcode(), BIDE_ETIMEDOUT);
    CHECK_HAS(bide_errmsg(), "no reply for 2 s");
    bide_redis_batch_free(bide_steal(b));
    bide_redis_close(bide_steal(redis));
    TOY_END(toy);
}

/* ---- connections ----------------------------------------------------------------------------- */

TASK_TEST(who_finds_no_connection_free_waits_his_time)
{
    TOY(toy);
    bide_auto(redis) redis = bide_redis_open(toy.url, .size_max = 1, .acquire_timeout = 2);
    struct call first = { redis, "HUSH", "own", 0, 0 }, second = { redis, "ECHO", "own", 0, 0 };
    BIDE_GROUP(g);
    bide_spawn(g, ask, &first);
    bide_spawn(g, ask, &second);
    CHECK_EQ(bide_sleep(3), 0);
    CHECK_EQ(second.rc, BIDE_ETIMEDOUT);
    CHECK_NEAR(second.after, 2, 1e-6);
    CHECK_EQ(bide_redis_stats(redis).waiting, 0);
    bide_redis_close(bide_steal(redis));
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(first.rc, BIDE_ECLOSED);
    TOY_END(toy);
}

TASK_TEST(a_connection_with_more_replies_than_were_asked_for_is_not_handed_on)
{
    TOY(toy);
    bide_auto(redis) redis = bide_redis_open(toy.url);
    const char *twice[] = { "TWICE" }, *echo[] = { "ECHO", "me" };
    bide_auto(redis_reply) once = bide_redis_command(redis, twice, 1, .own_connection = true);
    CHECK_STR(bide_redis_text(once), "once");
    CHECK_EQ(bide_redis_stats(redis).idle, 0);
    bide_auto(redis_reply) me = bide_redis_command(redis, echo, 2, .own_connection = true);
    CHECK_STR(bide_redis_text(me), "me");
    CHECK_EQ(bide_redis_stats(redis).idle, 1);
    bide_redis_close(bide_steal(redis));
    TOY_END(toy);
}

/* Takes over the connection in the very turn in which the client is closed. */
TASK_TEST(a_connection_that_is_handed_on_is_cut_with_the_client)
{
    TOY(toy);
    bide_auto(redis) redis = bide_redis_open(toy.url, .size_max = 1);
    bide_auto(redis_batch) b = bide_redis_batch_new(redis);
    CHECK_EQ(bide_redis_watch(b, "k"), 0);
    struct call next = { redis, "HUSH", "own", 0, 0 };
    BIDE_GROUP(g);
    bide_spawn(g, ask, &next);
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_redis_stats(redis).waiting, 1);
    bide_auto(redis_reply) nothing = bide_redis_exec(b);        /* gives it back */
    CHECK(nothing != NULL);
    CHECK_EQ(bide_redis_stats(redis).waiting, 0);
    bide_redis_close(bide_steal(redis));
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(next.rc, BIDE_ECLOSED);
    bide_redis_batch_free(bide_steal(b));
    TOY_END(toy);
}

TASK_TEST(who_is_connecting_ends_with_the_client)
{
    TOY(toy);
    CUTTER(silent, toy.address);
    char url[64];
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", silent.port);
    cutter_arm(&silent, CUTTER_TO_CLIENT, 0, CUTTER_STALL);
    bide_auto(redis) redis = bide_redis_open(url);
    bide_auto(redis) nobody = bide_redis_open("redis://127.0.0.1:1", .attempts = BIDE_UNLIMITED);
    struct call one = { redis, "ECHO", "own", 0, 0 }, two = { nobody, "ECHO", "own", 0, 0 };
    BIDE_GROUP(g);
    bide_spawn(g, ask, &one);
    bide_spawn(g, ask, &two);
    CHECK_EQ(bide_sleep(5), 0);
    bide_redis_close(bide_steal(redis));
    bide_redis_close(bide_steal(nobody));
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(one.rc, BIDE_ECLOSED);
    CHECK_NEAR(one.after, 5, 1e-6);
    CHECK_EQ(two.rc, BIDE_ECLOSED);
    CHECK_NEAR(two.after, 5, 1e-6);
    CUTTER_END(silent);
    TOY_END(toy);
}

TASK_TEST(what_may_be_repeated_is_also_on_a_connection_of_its_own)
{
    TOY(toy);
    bide_auto(redis) redis = bide_redis_open(toy.url, .attempts = 3, .retry_base = 0.001);
    const char *argv[] = { "DROP" };
    CHECK(!bide_redis_command(redis, argv, 1, .own_connection = true));
    CHECK_EQ(bide_errcode(), BIDE_EEOF);
    CHECK_HAS(bide_errmsg(), "may have been done");
    CHECK_EQ(toy.connections, 1);
    CHECK(!bide_redis_command(redis, argv, 1, .own_connection = true, .repeatable = true));
    CHECK_EQ(toy.connections, 4);
    bide_redis_close(bide_steal(redis));
    TOY_END(toy);
}

/* ---- what is watched ------------------------------------------------------------------------- */

TASK_TEST(nothing_is_done_unguarded_when_the_watch_was_lost)
{
    TOY(toy);
    bide_auto(redis) redis = bide_redis_open(toy.url);
    bide_auto(redis_batch) b = bide_redis_batch_new(redis);
    CHECK_EQ(bide_redis_watch(b, "k"), 0);
    CHECK(!bide_redis_look(b, "DROP"));
    CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    CHECK(!bide_redis_exec(b));
    CHECK_EQ(bide_errcode(), BIDE_EEOF);
    CHECK_HAS(bide_errmsg(), "what was watched no longer is");
    CHECK_EQ(toy.counter, 0);
    CHECK_EQ(bide_redis_watch(b, NULL), BIDE_EINVAL);
    CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    CHECK(!bide_redis_exec(b));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    CHECK_EQ(toy.counter, 0);
    CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    bide_auto(redis_reply) done = bide_redis_exec(b);
    CHECK_EQ(bide_redis_count(done), 1);
    bide_redis_batch_free(bide_steal(b));
    bide_redis_close(bide_steal(redis));
    TOY_END(toy);
}

TASK_TEST(what_is_sent_between_leaves_the_watch_in_place)
{
    TOY(toy);
    bide_auto(redis) redis = bide_redis_open(toy.url);
    bide_auto(redis_batch) b = bide_redis_batch_new(redis);
    CHECK_EQ(bide_redis_watch(b, "k"), 0);
    CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    bide_auto(redis_reply) sent = bide_redis_send(b);
    CHECK_EQ(bide_redis_count(sent), 1);
    bide_auto(redis_reply) looked = bide_redis_look(b, "GET", "k");
    CHECK_STR(bide_redis_text(looked), "k");
    CHECK_EQ(bide_redis_stats(redis).open, 1);
    bide_redis_batch_free(bide_steal(b));
    bide_redis_close(bide_steal(redis));
    TOY_END(toy);
}

struct sender { bide_redis_batch *batch; int rc; };
static int send_it(void *arg)
{
    struct sender *s = arg;
    bide_auto(redis_reply) r = bide_redis_send(s->batch);
    s->rc = r ? (int)bide_redis_count(r) : bide_errcode();
    return 0;
}

TASK_TEST(a_batch_is_filled_again_while_it_is_sent)
{
    TOY(toy);
    bide_auto(redis) redis = bide_redis_open(toy.url);
    bide_auto(redis_batch) b = bide_redis_batch_new(redis);
    struct sender first = { b, 0 };
    BIDE_GROUP(g);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    bide_spawn(g, send_it, &first);
    CHECK_EQ(bide_yield(), 0);
    for (int i = 0; i < 200; i++)
        CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    bide_auto(redis_reply) second = bide_redis_send(b);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(first.rc, 100);
    CHECK_EQ(bide_redis_count(second), 200);
    CHECK_EQ(toy.counter, 300);
    CHECK_EQ(bide_redis_watch(b, "k"), 0);
    CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    bide_spawn(g, send_it, &first);
    CHECK_EQ(bide_yield(), 0);
    CHECK(!bide_redis_look(b, "GET", "k"));
    CHECK_EQ(bide_errcode(), BIDE_EBUSY);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(first.rc, 1);
    bide_redis_batch_free(bide_steal(b));
    bide_redis_close(bide_steal(redis));
    TOY_END(toy);
}

TASK_TEST(a_batch_has_a_limit)
{
    bide_auto(redis) redis = bide_redis_open("redis://localhost", .queue_max = 4);
    bide_auto(redis_batch) b = bide_redis_batch_new(redis);
    CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    CHECK_EQ(bide_redis_add(b, "INCR", "n"), 0);
    CHECK_EQ(bide_redis_add(b, "INCR", "n"), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), "more than 2 commands");
    CHECK(!bide_redis_send(b));
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    bide_auto(redis) tiny = bide_redis_open("redis://localhost", .queue_max = 1);
    bide_auto(redis_batch) none = bide_redis_batch_new(tiny);
    CHECK_EQ(bide_redis_add(none, "INCR", "n"), BIDE_ELIMIT);
    CHECK_HAS(bide_errmsg(), "more than 0 commands");
}
