/* A client and its server in one loop talk again and again, each time with another fault: the nth
 * allocation fails, the nth wait is cancelled, the nth system call is refused or does little, the
 * ready tasks are shuffled.  It ends, with a code and a sentence if not well; what was answered was
 * right; and nothing is left behind. */
#include "redis/toy.h"

#include <bide/redis.h>

static int ask_one(bide_redis *redis, const char *first, const char *second, double timeout)
{
    const char *argv[] = { first, second };
    bide_auto(redis_reply) r = bide_redis_command(redis, argv, 2, .timeout = timeout,
                                                  .repeatable = true,
                                                  .own_connection = timeout > 0);
    if (!r)
        return bide_errcode();
    if (strcmp(first, "ECHO") == 0)
        CHECK_STR(bide_redis_text(r), second);
    return 0;
}

static int echo_one(void *redis)
{
    return ask_one(redis, "ECHO", "hello", 0);
}

static int ask_many(bide_redis *redis)
{
    BIDE_GROUP(g);
    for (int i = 0; i < 3; i++)
        bide_spawn(g, echo_one, redis);
    return bide_group_wait(g);
}

static int transact(bide_redis *redis)
{
    bide_auto(redis_batch) b = bide_redis_batch_new(redis);
    for (int i = 0; i < 3; i++)
        bide_ignore(bide_redis_add(b, "INCR", "n"));
    bide_auto(redis_reply) sent = bide_redis_send(b);
    if (!sent || bide_redis_watch(b, "k") < 0)
        return bide_errcode();
    CHECK_EQ(bide_redis_count(sent), 3);
    bide_auto(redis_reply) looked = bide_redis_look(b, "GET", "k");
    bide_ignore(bide_redis_add(b, "INCR", "n"));
    bide_auto(redis_reply) done = bide_redis_exec(b);
    if (!done)
        return bide_errcode();
    CHECK(looked != NULL);
    CHECK_EQ(bide_redis_count(done), 1);
    return 0;
}

static int listen_for_three(bide_redis *redis)
{
    bide_auto(redis_subscription) sub =
        bide_redis_subscribe(redis, (const char *[]){ "a", "b", NULL }, NULL);
    if (!sub)
        return bide_errcode();
    for (int i = 0; i < 3; i++) {
        struct bide_redis_message m;
        int rc = bide_redis_next(sub, &m);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int talk(const char *url)
{
    bide_auto(redis) redis = bide_redis_open(url, .attempts = 3, .size_max = 2, .name = "talker");
    int rc = redis ? ask_many(redis) : bide_errcode();
    if (rc == 0)
        rc = ask_one(redis, "BLPOP", "l", 5);
    if (rc == 0 && (rc = ask_one(redis, "HUSH", "now", 2)) == BIDE_ETIMEDOUT)
        rc = 0;
    if (rc == 0)
        rc = transact(redis);
    if (rc == 0)
        rc = listen_for_three(redis);
    if (rc == 0)
        rc = ask_one(redis, "ECHO", "goodbye", 0);
    return rc;
}

static int converse(void *unused)
{
    (void)unused;
    struct toy toy = { .counter = 0 };
    BIDE_KEEP_GOING(g);
    int rc = toy_open(&toy, g);
    if (rc == 0)
        rc = talk(toy.url);
    BIDE_KEEP_ERROR(why);
    toy_end(&toy, g);
    return rc;
}

static void quiet(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

static void survives(int faults, int least)
{
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults > least);
}

TEST(they_survive_every_allocation_that_fails)
{
    bide_log_to(quiet, NULL, BIDE_LOG_ERROR);
    survives(bide_test_each_allocation(converse, NULL, .seconds = BIDE_FOREVER), 30);
}

TEST(they_survive_every_wait_that_is_cancelled)
{
    bide_log_to(quiet, NULL, BIDE_LOG_ERROR);
    survives(bide_test_each_wait(converse, NULL, .seconds = BIDE_FOREVER), 20);
    survives(bide_test_each_wait(converse, NULL, .seconds = BIDE_FOREVER, .seed = 5), 20);
}

TEST(they_survive_every_call_that_is_refused)
{
    bide_log_to(quiet, NULL, BIDE_LOG_ERROR);
    survives(bide_test_each_call(converse, NULL, .seconds = BIDE_FOREVER), 20);
}

TEST(they_talk_through_calls_that_do_little_or_are_interrupted)
{
    survives(bide_test_each_call(converse, NULL, .seconds = BIDE_FOREVER,
                                 .fault = BIDE_TEST_SHORT), 1);
    survives(bide_test_each_call(converse, NULL, .seconds = BIDE_FOREVER,
                                 .fault = BIDE_TEST_INTERRUPT), 1);
}

TEST(they_talk_in_every_order)
{
    if (bide_test_shuffled(converse, NULL, .seconds = BIDE_FOREVER, .count = 50) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}
