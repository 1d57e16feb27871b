/* Replies from bytes: each type, cut at every byte, too large, broken. */
#include <bide.h>

#include "redis/decoder.h"

#include "test.h"

#include <string.h>

/* Fed in two pieces; NULL: it failed. */
static bide_redis_reply *decode(const char *text, size_t size, size_t cut, size_t most)
{
    struct decoder d;
    bide_redis_reply *reply = NULL;
    CHECK_EQ(bide__decoder_open(&d, most), 0);
    int rc = bide__decoder_feed(&d, text, cut);
    if (rc == 0)
        rc = bide__decoder_next(&d, &reply);
    if (rc == 0)
        rc = bide__decoder_feed(&d, text + cut, size - cut);
    if (rc == 0)
        rc = bide__decoder_next(&d, &reply);
    bide__decoder_close(&d);
    return rc == 1 ? reply : NULL;
}

static const char tree[] =
    "*6\r\n:-7\r\n$5\r\na\r\nbc\r\n$-1\r\n+OK\r\n-ERR no\r\n*2\r\n*0\r\n:1\r\n";

TASK_TEST(a_tree_is_the_same_wherever_it_is_cut)
{
    for (size_t cut = 0; cut < sizeof tree - 1; cut++) {
        bide_auto(redis_reply) r = decode(tree, sizeof tree - 1, cut, 10000);
        CHECK_EQ(bide_redis_count(r), 6);
        CHECK_EQ(bide_redis_int(bide_redis_at(r, 0), 0), -7);
        CHECK_MEM(bide_redis_text(bide_redis_at(r, 1)), "a\r\nbc", 6);
        CHECK(bide_redis_is_null(bide_redis_at(r, 2)));
        CHECK(bide_redis_bool(bide_redis_at(r, 3)));
        CHECK(bide__reply_is_error(bide_redis_at(r, 4), "ERR"));
        CHECK_EQ(bide_redis_count(bide_redis_at(bide_redis_at(r, 5), 0)), 0);
    }
}

TASK_TEST(half_a_tree_leaves_nothing_behind)
{
    for (size_t size = 0; size < sizeof tree - 1; size++)
        CHECK(!decode(tree, size, size / 2, 10000));
}

TASK_TEST(what_is_announced_larger_than_allowed_is_refused_before_it_comes)
{
    CHECK(!decode("*1000000000\r\n", 13, 0, 1 << 20));
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    char many[64] = "*100\r\n";
    CHECK(!decode(many, strlen(many), 0, 1000));
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK(!decode("!!\r\n", 4, 0, 1000));
    CHECK_EQ(bide_errcode(), BIDE_EDB);
}

TASK_TEST(numbers_are_read_from_texts_that_are_nothing_else)
{
    bide_auto(redis_reply) r = decode("$3\r\n1x2\r\n", 9, 4, 1000);
    CHECK_EQ(bide_redis_int(r, -1), -1);
    CHECK_NEAR(bide_redis_real(r, -1), -1, 0);
    bide_auto(redis_reply) e = decode("$0\r\n\r\n", 6, 4, 1000);
    CHECK_EQ(bide_redis_int(e, 5), 5);
    CHECK_STR(bide_redis_text(e), "");
    CHECK(!bide_redis_field(NULL, "x"));
}

TASK_TEST(several_are_gathered_into_one)
{
    bide_redis_reply *r[3] = { decode(tree, sizeof tree - 1, 0, 10000),
                               decode("$2\r\nhi\r\n", 8, 0, 100), decode(":4\r\n", 4, 0, 100) };
    bide_auto(redis_reply) all = bide__reply_gather(r, 3);
    CHECK_EQ(bide_redis_count(bide_redis_at(all, 0)), 6);
    CHECK_STR(bide_redis_text(bide_redis_at(all, 1)), "hi");
    CHECK_EQ(bide_redis_int(bide_redis_at(all, 2), 0), 4);
}

/* Where the reader knows RESP3 and where it does not. */
TASK_TEST(attributes_are_refused)
{
    CHECK(!decode("|1\r\n+ttl\r\n:3600\r\n:1\r\n", 22, 5, 1000));
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    CHECK(!decode("*2\r\n|1\r\n+k\r\n+v\r\n:1\r\n:2\r\n", 24, 5, 1000));
    CHECK_EQ(bide_errcode(), BIDE_EDB);
    bide_auto(redis_reply) push = decode(">2\r\n+invalidate\r\n*0\r\n", 21, 9, 1000);
    if (bide__decoder_reads_resp3)
        CHECK_EQ(bide_redis_type(push), BIDE_REDIS_PUSH);
    else
        CHECK_HAS(bide_errmsg(), "does not keep to the protocol");
}

TASK_TEST(resp3_has_more_types)
{
    if (!bide__decoder_reads_resp3)
        return;
    static const char text[] =
        "*6\r\n%1\r\n+k\r\n:1\r\n~1\r\n:2\r\n,2.5\r\n#t\r\n_\r\n=7\r\ntxt:abc\r\n";
    bide_auto(redis_reply) r = decode(text, sizeof text - 1, 10, 10000);
    CHECK_EQ(bide_redis_type(bide_redis_at(r, 0)), BIDE_REDIS_MAP);
    CHECK_EQ(bide_redis_int(bide_redis_field(bide_redis_at(r, 0), "k"), 0), 1);
    CHECK_EQ(bide_redis_type(bide_redis_at(r, 1)), BIDE_REDIS_SET);
    CHECK_NEAR(bide_redis_real(bide_redis_at(r, 2), 0), 2.5, 0);
    CHECK_EQ(bide_redis_type(bide_redis_at(r, 3)), BIDE_REDIS_BOOL);
    CHECK(bide_redis_is_null(bide_redis_at(r, 4)));
    CHECK_STR(bide_redis_text(bide_redis_at(r, 5)), "abc");
}
