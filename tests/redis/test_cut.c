/* A connection that is cut at every byte, either way and in each manner: what was done is what was
 * acknowledged, or may have been done, and nothing was done twice. */
#include "redis/cuts.h"
#include "redis/toy.h"

/* Time goes on also for alarms, which make no clock jump. */
static int tick(void *unused)
{
    (void)unused;
    while (bide_sleep(0.1) == 0)
        continue;
    return 0;
}

/* 0: not so many bytes went that way. */
static int try_one(work_fn *work, enum cutter_way way, size_t after, enum cutter_end end)
{
    struct account a = { 0, 0 };
    TOY(toy);
    int struck = do_cut(work, toy.address, way, after, end, &a);
    if (toy.counter < a.acknowledged || toy.counter > a.acknowledged + a.unknown)
        test_fail(__FILE__, __LINE__, "way %d, cut %d after %zu: %lld done, %lld acknowledged, "
                  "%lld unknown", way, end, after, (long long)toy.counter,
                  (long long)a.acknowledged, (long long)a.unknown);
    CHECK(struck || a.unknown == 0);
    TOY_END(toy);
    return struck;
}

static void cut_everywhere(work_fn *work)
{
    BIDE_KEEP_GOING(clock);
    bide_spawn(clock, tick, NULL);
    for (int end = CUTTER_CLOSE; end < CUTTER_ENDS; end++)
        for (int way = CUTTER_TO_SERVER; way <= CUTTER_TO_CLIENT; way++) {
            size_t after = 0, step = test_is_slow() ? 7 : 1;
            while (try_one(work, (enum cutter_way)way, after, (enum cutter_end)end))
                after += step;
            CHECK(after > 40);
        }
    bide_group_cancel(clock);
}

TASK_TEST(commands_of_many_tasks_cut_anywhere_are_done_once_or_may_have_been)
{
    cut_everywhere(do_commands);
}

TASK_TEST(batches_cut_anywhere_are_done_once_or_may_have_been)
{
    cut_everywhere(do_batches);
}

TASK_TEST(transactions_cut_anywhere_are_done_once_or_may_have_been)
{
    cut_everywhere(do_transactions);
}

TASK_TEST(commands_that_block_cut_anywhere_are_done_once_or_may_have_been)
{
    cut_everywhere(do_pops);
}

/* Three messages without a gap between them, or after one. */
static void listen_through(bide_redis *redis, struct account *a)
{
    static const char *const news[] = { "one", "two", "three" };
    bide_auto(redis_subscription) sub = NULL;
    for (int tries = 0; !sub && tries < 3; tries++)
        sub = bide_redis_subscribe(redis, (const char *[]){ "news", NULL }, NULL);
    CHECK(sub != NULL);
    for (int heard = 0; heard < 3;) {
        struct bide_redis_message m;
        int rc = bide_redis_next(sub, &m);
        if (rc < 0 || m.gap) {
            heard = 0;
            continue;
        }
        CHECK_STR(m.channel, "news");
        CHECK_STR(m.data, news[heard++]);
    }
    (void)a;
}

TASK_TEST(messages_cut_anywhere_come_in_order_or_after_a_gap)
{
    cut_everywhere(listen_through);
}
