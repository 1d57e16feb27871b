/* What cli/work_settle.c and its scripts must hold, with a real Redis: of all workers that had an
 * item one is told that it was the first, as often as it asks. */
#include "cli/work_queue.h"
#include "db/cutter.h"
#include "redis/server.h"

#define LINE "{\"status\":200}"

/* Two workers of one list, and what each has in hand: the same item. */
struct team {
    char url[64];
    struct work_options options;
    struct work_queue one, other;
    struct work_item *his, *hers;
};

/* Who takes over waits for nobody. */
static void join(struct team *t, struct work_queue *q, int port)
{
    snprintf(t->url, sizeof t->url, "redis://127.0.0.1:%d/list", port);
    t->options = (struct work_options){ .url = t->url, .claim = 0, .patience = 60, .length = 100,
                                        .tries = t->options.tries ? t->options.tries : 5 };
    CHECK_EQ(work_queue_open(q, &t->options, "test", "item"), 0);
    CHECK_EQ(work_queue_join(q, "test", 1), 0);
}

static void add(struct work_queue *q, const char *text)
{
    CHECK_EQ(work_queue_add(q, &(struct work_new){ .text = text }, 1), 1);
}

BIDE_WAITS static struct work_item *take(struct work_queue *q)
{
    struct work_item *item = NULL;
    CHECK_EQ(work_queue_take(q, &item), 1);
    return item;
}

static void assemble(struct team *t, int port)
{
    join(t, &t->one, port);
    join(t, &t->other, port);
    add(&t->one, "item");
    t->his = take(&t->one);
}

static void assemble_and_share(struct team *t, int port)
{
    assemble(t, port);
    t->hers = take(&t->other);
    CHECK_STR(t->his->id, t->hers->id);
}

/* Gives nothing back. */
static void part(struct work_queue *q)
{
    work_queue_close(q);
    q->worker[0] = '\0';
    work_queue_leave(q, NULL, NULL);
}

/* What the list says that was done and buried; nothing is left. */
static void check_list(bide_redis *redis, int64_t done, int64_t dead)
{
    bide_auto(redis_reply) count = bide_redis_call(redis, "HGET", "list:counts", "done");
    bide_auto(redis_reply) letters = bide_redis_call(redis, "XLEN", "list:dead");
    bide_auto(redis_reply) left = bide_redis_call(redis, "XLEN", "list");
    CHECK_EQ(bide_redis_int(count, 0), done);
    CHECK_EQ(bide_redis_int(letters, -1), dead);
    CHECK_EQ(bide_redis_int(left, -1), 0);
}

static void dissolve(struct team *t, bide_redis *redis, int64_t done, int64_t dead)
{
    check_list(redis, done, dead);
    part(&t->one);
    part(&t->other);
}

SERVER_TEST(of_two_workers_with_the_same_line_one_is_the_first, NULL)
{
    struct team t = { .url = "" };
    assemble_and_share(&t, server->port);
    CHECK_EQ(work_queue_finish(&t.one, t.his, LINE), 1);
    CHECK_EQ(work_queue_finish(&t.other, t.hers, LINE), 0);
    CHECK_EQ(t.other.repeats, 1);
    dissolve(&t, redis, 1, 0);
}

SERVER_TEST(of_two_workers_that_fail_alike_one_is_the_first, NULL)
{
    struct team t = { .url = "" };
    assemble_and_share(&t, server->port);
    CHECK_EQ(work_queue_fail(&t.other, t.hers, LINE, false), 1);
    CHECK_EQ(work_queue_fail(&t.one, t.his, LINE, false), 0);
    dissolve(&t, redis, 0, 1);
}

SERVER_TEST(who_succeeds_after_another_has_told_of_a_failure_is_not_the_first, NULL)
{
    struct team t = { .url = "" };
    assemble_and_share(&t, server->port);
    CHECK_EQ(work_queue_fail(&t.other, t.hers, LINE, false), 1);
    CHECK_EQ(work_queue_finish(&t.one, t.his, LINE), 0);
    dissolve(&t, redis, 0, 1);
}

SERVER_TEST(who_was_given_up_and_comes_to_an_end_is_the_first, NULL)
{
    struct team t = { .options.tries = 1 };
    struct work_item *none;
    assemble(&t, server->port);
    CHECK_EQ(work_queue_take(&t.other, &none), 0);
    CHECK_EQ(t.other.buried, 1);
    check_list(redis, 0, 1);
    CHECK_EQ(work_queue_finish(&t.one, t.his, LINE), 1);
    dissolve(&t, redis, 1, 0);
}

SERVER_TEST(with_another_entry_of_the_item_the_same_worker_is_not_the_first_again, NULL)
{
    struct team t = { .url = "" };
    assemble(&t, server->port);
    bide_auto(redis_reply) more = bide_redis_call(redis, "XADD", "list", "*", "item", "item");
    CHECK(more != NULL);
    struct work_item *second = take(&t.one);
    CHECK_EQ(work_queue_finish(&t.one, t.his, LINE), 1);
    CHECK_EQ(work_queue_finish(&t.one, second, LINE), 0);
    dissolve(&t, redis, 1, 0);
}

SERVER_TEST(what_was_buried_and_is_put_back_may_be_done, NULL)
{
    static const char *const all[] = { "-", "10" };
    struct team t = { .url = "" };
    assemble(&t, server->port);
    CHECK_EQ(work_queue_fail(&t.one, t.his, LINE, false), 1);
    bide_auto(redis_reply) back = work_queue_ask(&t.one, work_script_retry, all, 2);
    CHECK_EQ(bide_redis_int(bide_redis_at(back, 1), 0), 1);
    CHECK_EQ(work_queue_finish(&t.other, take(&t.other), LINE), 1);
    dissolve(&t, redis, 1, 0);
}

SERVER_TEST(what_is_deferred_has_not_been_tried, NULL)
{
    struct team t = { .options.tries = 1 };
    assemble(&t, server->port);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(work_queue_defer(&t.one, t.his), 0);
        t.one.look_at = 0;
        t.his = take(&t.one);
        CHECK_EQ(t.his->tries, 1);
    }
    CHECK_EQ(work_queue_finish(&t.one, t.his, LINE), 1);
    dissolve(&t, redis, 1, 0);
}

static void limit_memory(bide_redis *redis, const char *bytes)
{
    bide_auto(redis_reply) r = bide_redis_call(redis, "CONFIG", "SET", "maxmemory", bytes);
    CHECK(r != NULL);
}

SERVER_TEST(where_memory_is_full_nothing_is_added_but_work_ends, NULL)
{
    struct team t = { .url = "" };
    assemble(&t, server->port);
    add(&t.one, "another");
    limit_memory(redis, "1");
    t.one.patient = false;
    t.one.look_at = 0;          /* for what others left, too */
    struct work_item *another = take(&t.one);
    CHECK_EQ(work_queue_add(&t.one, &(struct work_new){ .text = "more" }, 1), BIDE_EDB);
    CHECK(strstr(bide_errmsg(), "OOM") != NULL);
    CHECK_EQ(work_queue_finish(&t.one, t.his, LINE), 1);
    CHECK_EQ(work_queue_fail(&t.one, another, LINE, false), 1);
    dissolve(&t, redis, 1, 1);
}

/* The first two are there because a server runs no script that it has yet to be told. */
SERVER_TEST(who_lost_the_reply_asks_again_and_is_still_the_first, NULL)
{
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%d", server->port);
    struct team t = { .url = "" };
    struct work_queue *q = &t.one;
    CUTTER(cutter, address);
    join(&t, q, cutter.port);
    for (int i = 0; i < 4; i++) {
        bool fails = i % 2, cut = i >= 2;
        add(q, (char[]){ (char)('a' + i), '\0' });
        struct work_item *item = take(q);
        if (cut)
            cutter_arm(&cutter, CUTTER_TO_CLIENT, 0, CUTTER_RESET);
        CHECK_EQ(fails ? work_queue_fail(q, item, LINE, false) : work_queue_finish(q, item, LINE),
                 1);
        CHECK_EQ(cutter.struck, cut);
    }
    CHECK_EQ(q->done, 2);
    CHECK_EQ(q->repeats, 0);
    check_list(redis, 2, 2);
    part(q);
    CUTTER_END(cutter);
}
