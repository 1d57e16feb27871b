/* A real server that is killed and comes back, and connections to it that are cut at every byte:
 * what was acknowledged has been done, what failed may have been, and nothing was done twice.  The
 * server keeps what it has said (appendfsync always). */
#include "redis/cuts.h"
#include "redis/server.h"

#define DURABLE "--appendonly", "yes", "--appendfsync", "always"

static int64_t number_of(bide_redis *redis, const char *command, const char *key)
{
    bide_auto(redis_reply) r = bide_redis_command(redis, ((const char *[]){ command, key }), 2,
                                                  .repeatable = true);
    if (!r)
        test_fail(__FILE__, __LINE__, "%s %s: %s", command, key, bide_errmsg());
    return bide_redis_int(r, 0);
}

static void check_account(const struct account *a, int64_t done)
{
    if (done < a->acknowledged || done > a->acknowledged + a->unknown)
        test_fail(__FILE__, __LINE__, "%lld done, %lld acknowledged, %lld unknown", (long long)done,
                  (long long)a->acknowledged, (long long)a->unknown);
}

/* ---- killed ---------------------------------------------------------------------------------- */

struct worker { bide_redis *redis; struct account account; bool *over; };

/* One command after the other: single, in batches, in transactions. */
static int increment(void *arg)
{
    struct worker *w = arg;
    bide_auto(redis_batch) b = bide_redis_batch_new(w->redis);
    for (int i = 0; !*w->over; i++) {
        for (int k = 0; i % 3 && k < 20; k++)
            bide_ignore(bide_redis_add(b, "INCR", "n"));
        bide_auto(redis_reply) r = i % 3 == 0 ? bide_redis_call(w->redis, "INCR", "n")
                                 : i % 3 == 1 ? bide_redis_send(b) : bide_redis_exec(b);
        account_for(&w->account, r != NULL, i % 3 ? 20 : 1);
        if (bide_cancelled())
            return BIDE_ECANCELED;
    }
    return 0;
}

static int pop(void *arg)
{
    struct worker *w = arg;
    while (!*w->over) {
        bide_auto(redis_reply) r = bide_redis_call(w->redis, "BLPOP", "l", "0.05");
        if (!r || !bide_redis_is_null(r))
            account_for(&w->account, r != NULL, 1);
        if (bide_cancelled())
            return BIDE_ECANCELED;
    }
    return 0;
}

static int push(void *arg)
{
    struct worker *w = arg;
    while (!*w->over) {
        bide_auto(redis_reply) r = bide_redis_call(w->redis, "RPUSH", "l", "x");
        account_for(&w->account, r != NULL, 1);
        if (bide_sleep(0.0005) < 0)
            return bide_errcode();
    }
    return 0;
}

static struct account sum(const struct worker *workers, size_t count)
{
    struct account all = { 0, 0 };
    for (size_t i = 0; i < count; i++) {
        all.acknowledged += workers[i].account.acknowledged;
        all.unknown += workers[i].account.unknown;
    }
    return all;
}

/* Kills the server again and again while they work, each time when some more has been done: how
 * long that takes is the disk's affair. */
static void work_under_kills(struct server *server, bide_fn *const *works, struct worker *workers,
                             size_t count, bool *over)
{
    BIDE_GROUP(g);
    for (size_t i = 0; i < count; i++)
        bide_spawn(g, works[i], &workers[i]);
    for (int i = 0; i < 5; i++) {
        int64_t before = sum(workers, count).acknowledged;
        while (sum(workers, count).acknowledged < before + 40)
            CHECK_EQ(bide_sleep(0.005), 0);
        server_kill(server);
        CHECK_EQ(bide_sleep(0.01), 0);
        server_start(server);
    }
    *over = true;
    CHECK_EQ(bide_group_wait(g), 0);
}

SERVER_TEST(a_counter_is_never_ahead_of_what_was_asked_for, DURABLE)
{
    enum { COUNT = 20 };
    bool over = false;
    bide_auto(redis) quick = bide_redis_open(server->url, .retry_base = 0.002);
    struct worker workers[COUNT];
    bide_fn *works[COUNT];
    for (int i = 0; i < COUNT; i++) {
        workers[i] = (struct worker){ .redis = quick, .over = &over };
        works[i] = increment;
    }
    work_under_kills(server, works, workers, COUNT, &over);
    struct account all = sum(workers, COUNT);
    CHECK(all.unknown > 0);
    check_account(&all, number_of(redis, "GET", "n"));
}

SERVER_TEST(what_is_popped_and_what_is_pushed_adds_up, DURABLE)
{
    bool over = false;
    bide_auto(redis) quick = bide_redis_open(server->url, .retry_base = 0.002);
    struct worker workers[6];
    bide_fn *const works[] = { push, push, pop, pop, pop, pop };
    for (int i = 0; i < 6; i++)
        workers[i] = (struct worker){ .redis = quick, .over = &over };
    work_under_kills(server, works, workers, 6, &over);
    struct account in = sum(workers, 2), out = sum(workers + 2, 4);
    int64_t left = number_of(redis, "LLEN", "l");
    CHECK(in.acknowledged > 0 && out.acknowledged > 0);
    CHECK(left + out.acknowledged <= in.acknowledged + in.unknown);
    CHECK(left + out.acknowledged + out.unknown >= in.acknowledged);
}

/* ---- cut ------------------------------------------------------------------------------------- */

static int64_t list_size = 100000;

/* How many have been done so far. */
static int64_t count_done(bide_redis *direct)
{
    return number_of(direct, "GET", "n") + list_size - number_of(direct, "LLEN", "l");
}

static void cut_everywhere(const struct server *server, bide_redis *direct, work_fn *work)
{
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%d", server->port);
    for (int way = CUTTER_TO_SERVER; way <= CUTTER_TO_CLIENT; way++) {
        enum cutter_end end = CUTTER_CLOSE;
        int struck = 1;
        for (size_t after = 0; struck; after += test_is_slow() ? 17 : 1) {
            int64_t before = count_done(direct);
            struct account a = { 0, 0 };
            struck = do_cut(work, address, (enum cutter_way)way, after, end, &a);
            check_account(&a, count_done(direct) - before);
            CHECK(struck || a.unknown == 0);
            end = end == CUTTER_CLOSE ? CUTTER_RESET : CUTTER_CLOSE;
        }
    }
}

static void fill(bide_redis *redis)
{
    bide_auto(redis_reply) r = bide_redis_call(redis, "EVAL",
        "redis.call('SET', KEYS[2], 0) "
        "for i = 1, tonumber(ARGV[1]) do redis.call('RPUSH', KEYS[1], i) end", "2", "l", "n",
        "100000");
    CHECK(r != NULL);
}

SERVER_TEST(commands_of_many_tasks_cut_anywhere_are_done_once_or_may_have_been, NULL)
{
    fill(redis);
    cut_everywhere(server, redis, do_commands);
}

SERVER_TEST(batches_cut_anywhere_are_done_once_or_may_have_been, NULL)
{
    fill(redis);
    cut_everywhere(server, redis, do_batches);
}

SERVER_TEST(transactions_cut_anywhere_are_done_once_or_may_have_been, NULL)
{
    fill(redis);
    cut_everywhere(server, redis, do_transactions);
}

SERVER_TEST(commands_that_block_cut_anywhere_are_done_once_or_may_have_been, NULL)
{
    fill(redis);
    cut_everywhere(server, redis, do_pops);
}
