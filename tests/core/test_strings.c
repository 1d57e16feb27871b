/* tests/core/test_strings.c -- sets and maps of strings. */
#include "test.h"

#include "core/loop.h"

#include <bide/memory.h>
#include <bide/strings.h>
#include <bide/task.h>
#include <stdio.h>
#include <stdlib.h>

static int dropped;
static char one[] = "1", two[] = "2";

static void drop(void *value)
{
    CHECK(value);
    dropped++;
}

TEST(a_set_knows_each_key_once_and_keeps_a_copy)
{
    char key[] = "http://a/";
    bide_auto(strset) set = bide_strset_new();
    CHECK_EQ(bide_strset_add(set, key), 1);
    CHECK_EQ(bide_strset_add(set, key), 0);
    key[7] = 'b';
    CHECK(!bide_strset_has(set, key));
    CHECK(bide_strset_has(set, "http://a/"));
    CHECK_EQ(bide_strset_add(set, ""), 1);
    CHECK(bide_strset_has(set, ""));
    CHECK_EQ(bide_strset_count(set), 2);
    CHECK(bide_strset_remove(set, "http://a/"));
    CHECK(!bide_strset_remove(set, "http://a/"));
    CHECK_EQ(bide_strset_count(set), 1);
    bide_strset_clear(set);
    CHECK_EQ(bide_strset_count(set), 0);
    CHECK(!bide_strset_has(set, ""));
    CHECK_EQ(bide_strset_add(set, ""), 1);
}

TEST(keys_may_hold_any_bytes)
{
    bide_auto(strset) set = bide_strset_new();
    CHECK_EQ(bide_strset_add_sized(set, "a\0b", 3), 1);
    CHECK_EQ(bide_strset_add_sized(set, "a\0c", 3), 1);
    CHECK_EQ(bide_strset_add(set, "a"), 1);
    CHECK(bide_strset_has_sized(set, "a\0b", 3));
    CHECK(!bide_strset_has_sized(set, "a\0", 2));
    uint64_t at = 0;
    size_t size;
    const char *key = bide_strset_next_sized(set, &at, &size);
    CHECK_EQ(size, 3);
    CHECK_MEM(key, "a\0b", 4);                  /* there is a NUL behind it */
    CHECK(bide_strset_remove_sized(set, "a\0b", 3));
    CHECK_EQ(bide_strset_count(set), 2);
}

static void spell(const bide_strset *set, char *text)
{
    uint64_t at = 0;
    *text = '\0';
    for (const char *key; (key = bide_strset_next(set, &at));)
        strcat(text, key);
}

TEST(iterating_goes_in_the_order_of_adding)
{
    char text[16];
    bide_auto(strset) set = bide_strset_new();
    for (const char *key = "e\0d\0c\0b\0a\0"; *key; key += 2)
        CHECK_EQ(bide_strset_add(set, key), 1);
    CHECK_EQ(bide_strset_add(set, "d"), 0);
    spell(set, text);
    CHECK_STR(text, "edcba");
    CHECK(bide_strset_remove(set, "e"));
    CHECK(bide_strset_remove(set, "c"));
    CHECK_EQ(bide_strset_add(set, "e"), 1);
    spell(set, text);
    CHECK_STR(text, "dbae");
}

TEST(what_is_removed_while_iterating_is_not_met_and_what_is_added_is)
{
    char text[16] = "";
    bide_auto(strset) set = bide_strset_new();
    for (const char *key = "a\0b\0c\0d\0e\0"; *key; key += 2)
        CHECK_EQ(bide_strset_add(set, key), 1);
    uint64_t at = 0;
    for (const char *key; (key = bide_strset_next(set, &at));) {
        strcat(text, key);
        if (*key == 'b') {
            CHECK(bide_strset_remove(set, "d"));
            CHECK_EQ(bide_strset_add(set, "f"), 1);
        }
        char current[2] = { *key, '\0' };
        CHECK(bide_strset_remove(set, current));
    }
    CHECK_STR(text, "abcef");
    CHECK_EQ(bide_strset_count(set), 0);
    CHECK_EQ(bide_strset_add(set, "g"), 1);
    CHECK_STR(bide_strset_next(set, &at), "g");
    CHECK_PTR(bide_strset_next(set, &at), NULL);
}

TEST(a_walk_goes_on_where_it_was_however_much_has_changed)
{
    char key[2] = "a";
    uint64_t at = 0;
    bide_auto(strset) set = bide_strset_new();
    for (; *key <= 'h'; ++*key)
        CHECK_EQ(bide_strset_add(set, key), 1);
    for (int i = 0; i < 4; i++)
        CHECK(bide_strset_next(set, &at));
    for (*key = 'a'; *key <= 'h'; ++*key)
        if (!strchr("cg", *key))
            CHECK(bide_strset_remove(set, key));
    for (*key = 'k'; *key <= 't'; ++*key)
        CHECK_EQ(bide_strset_add(set, key), 1);
    CHECK_STR(bide_strset_next(set, &at), "g");
    CHECK_STR(bide_strset_next(set, &at), "k");
    CHECK_STR(bide_strset_next(set, &at), "l");
}

TEST(a_map_finds_what_was_set_and_drops_what_is_replaced_or_removed)
{
    bide_auto(strmap) map = bide_strmap_new(.drop = drop);
    CHECK_EQ(bide_strmap_set(map, "a", one), 1);
    CHECK_EQ(bide_strmap_set(map, "b", NULL), 1);
    CHECK_PTR(bide_strmap_get(map, "a"), one);
    CHECK_PTR(bide_strmap_get(map, "b"), NULL);
    CHECK(bide_strmap_has(map, "b"));
    CHECK(!bide_strmap_has(map, "c"));
    CHECK_EQ(bide_strmap_set(map, "a", two), 0);
    CHECK_EQ(dropped, 1);
    CHECK_EQ(bide_strmap_set(map, "a", two), 0);
    CHECK_EQ(dropped, 1);                       /* the same is not replaced */
    CHECK(bide_strmap_remove(map, "a"));
    CHECK_EQ(dropped, 2);
    CHECK(bide_strmap_remove(map, "b"));
    CHECK_EQ(dropped, 2);
    CHECK(!bide_strmap_remove(map, "b"));
    CHECK_EQ(bide_strmap_count(map), 0);
}

TEST(what_is_taken_is_not_dropped)
{
    bide_auto(strmap) map = bide_strmap_new(.drop = drop);
    CHECK_EQ(bide_strmap_set(map, "a", one), 1);
    CHECK_PTR(bide_strmap_take(map, "a"), one);
    CHECK_PTR(bide_strmap_take(map, "a"), NULL);
    CHECK_EQ(dropped, 0);
}

TEST(a_map_is_iterated_with_its_values)
{
    bide_auto(strmap) map = bide_strmap_new();
    CHECK_EQ(bide_strmap_set(map, "a", one), 1);
    CHECK_EQ(bide_strmap_set(map, "b", two), 1);
    uint64_t at = 0;
    void *value;
    size_t size;
    CHECK_STR(bide_strmap_next(map, &at, &value), "a");
    CHECK_PTR(value, one);
    CHECK_STR(bide_strmap_next_sized(map, &at, &size, &value), "b");
    CHECK_PTR(value, two);
    CHECK_EQ(size, 1);
    CHECK_PTR(bide_strmap_next(map, &at, NULL), NULL);
}

TEST(clearing_and_freeing_drop_every_value_once)
{
    bide_strmap *map = bide_strmap_new(.drop = drop);
    for (int i = 0; i < 100; i++) {
        char key[8];
        snprintf(key, sizeof key, "%d", i);
        CHECK_EQ(bide_strmap_set(map, key, i % 2 ? one : NULL), 1);
    }
    bide_strmap_clear(map);
    CHECK_EQ(dropped, 50);
    CHECK_EQ(bide_strmap_set(map, "a", one), 1);
    bide_strmap_free(map);
    CHECK_EQ(dropped, 51);
    bide_strmap_free(NULL);
    bide_strset_free(NULL);
}

static bide_strmap *used_by_drop;

static void drop_and_use(void *value)
{
    (void)value;
    dropped++;
    if (dropped < 5)
        CHECK(bide_strmap_set(used_by_drop, "again", one) >= 0);
}

TEST(a_drop_may_use_the_map)
{
    bide_auto(strmap) map = used_by_drop = bide_strmap_new(.drop = drop_and_use);
    CHECK_EQ(bide_strmap_set(map, "a", one), 1);
    bide_strmap_clear(map);
    CHECK_EQ(bide_strmap_count(map), 1);
    CHECK(bide_strmap_remove(map, "again"));
    CHECK_EQ(bide_strmap_count(map), 1);
    dropped = 5;
}

TEST(at_the_limit_no_key_is_added_and_known_ones_go_on)
{
    bide_auto(strmap) map = bide_strmap_new(.count_max = 2, .drop = drop);
    CHECK_EQ(bide_strmap_set(map, "a", one), 1);
    CHECK_EQ(bide_strmap_set(map, "b", one), 1);
    CHECK_EQ(bide_strmap_set(map, "c", one), BIDE_ELIMIT);
    CHECK_STR(bide_errmsg(), "strings: no more than 2 keys");
    CHECK_EQ(bide_strmap_set(map, "b", two), 0);
    CHECK(bide_strmap_remove(map, "a"));
    CHECK_EQ(bide_strmap_set(map, "c", one), 1);
}

TEST(null_keys_are_refused_and_null_objects_pass_the_error_on)
{
    bide_auto(strset) set = bide_strset_new();
    CHECK_EQ(bide_strset_add(set, NULL), BIDE_EINVAL);
    CHECK_STR(bide_errmsg(), "strings: the key is NULL");
    CHECK(!bide_strset_has(set, NULL));
    CHECK(!bide_strset_remove(set, NULL));
    bide_fail(-EIO, "could not be made");
    CHECK_EQ(bide_strset_add(NULL, "a"), -EIO);
    CHECK_EQ(bide_strmap_set(NULL, "a", one), -EIO);
    CHECK(!bide_strset_has(NULL, "a"));
    CHECK_PTR(bide_strmap_get(NULL, "a"), NULL);
    CHECK_PTR(bide_strmap_take(NULL, "a"), NULL);
    CHECK(!bide_strmap_remove(NULL, "a"));
    CHECK_EQ(bide_strmap_count(NULL), 0);
    uint64_t at = 0;
    CHECK_PTR(bide_strset_next(NULL, &at), NULL);
    bide_strmap_clear(NULL);
}

static int left;
static long blocks;

static void *alloc(size_t size)
{
    void *memory = left-- > 0 ? malloc(size) : NULL;
    blocks += memory != NULL;
    return memory;
}

static void release(void *memory)
{
    blocks -= memory != NULL;
    free(memory);
}

static void fill_with(int allocations)
{
    left = allocations;
    bide_strset *set = bide_strset_new();
    if (!set) {
        CHECK_EQ(bide_errcode(), BIDE_ENOMEM);
        return;
    }
    size_t count = 0;
    for (int i = 0; i < 40; i++) {
        char key[8];
        snprintf(key, sizeof key, "%d", i);
        int rc = bide_strset_add(set, key);
        CHECK(rc == 1 || rc == BIDE_ENOMEM);
        count += rc == 1;
        CHECK_EQ(bide_strset_has(set, key), rc == 1);
        CHECK_EQ(bide_strset_count(set), count);
        if (rc < 0)
            left = 1000;                        /* one is refused, the rest succeed */
    }
    CHECK(count >= 39);
    bide_strset_free(set);
}

TEST(without_memory_a_call_leaves_everything_as_it_was)
{
    struct bide_allocator some = { alloc, realloc, release };
    CHECK_EQ(bide_allocator_set(&some), 0);
    for (int allocations = 0; allocations < 50; allocations++) {
        fill_with(allocations);
        CHECK_EQ(blocks, 0);
    }
    CHECK_EQ(bide_allocator_set(NULL), 0);
}

TEST(a_hundred_thousand_keys_are_found_again)
{
    int count = test_is_slow() ? 10000 : 100000;
    char key[16];
    bide_auto(strmap) map = bide_strmap_new();
    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        CHECK_EQ(bide_strmap_set(map, key, (void *)(intptr_t)(i + 1)), 1);
    }
    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        CHECK_EQ((intptr_t)bide_strmap_get(map, key), i + 1);
    }
    CHECK_EQ(bide_strmap_count(map), count);
}

TEST(a_set_used_as_a_list_of_what_is_to_do_is_quick)
{
    int count = test_is_slow() ? 10000 : 200000;
    char key[16];
    const char *next;
    uint64_t at;
    bide_auto(strset) set = bide_strset_new();
    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof key, "%d", i);
        CHECK_EQ(bide_strset_add(set, key), 1);
    }
    for (int i = 0; at = 0, (next = bide_strset_next(set, &at)); i++) {
        CHECK_EQ(atoi(next), i);
        CHECK(bide_strset_remove(set, next));
    }
    CHECK_EQ(bide_strset_count(set), 0);
}

/* ---- freed by the loop ---- */

enum { MUCH = 5000, FREED_AT_ONCE = 256 };

static bide_strset *make_large(int count)
{
    char key[16];
    bide_strset *set = bide_strset_new();
    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof key, "%d", i);
        CHECK_EQ(bide_strset_add(set, key), 1);
    }
    return set;
}

static void check_goes_slowly(void)
{
    uint32_t before = bide__here->turns;
    CHECK_EQ(bide__here->put_off, 1);
    while (bide__here->put_off)
        CHECK_EQ(bide_yield(), 0);
    CHECK(bide__here->turns - before >= MUCH / FREED_AT_ONCE);
}

TASK_TEST(the_keys_of_a_large_set_go_some_at_a_time)
{
    bide_strset *set = make_large(MUCH);
    bide_strset_clear(set);
    CHECK_EQ(bide_strset_count(set), 0);
    CHECK(!bide_strset_has(set, "1"));
    CHECK_EQ(bide_strset_add(set, "1"), 1);
    check_goes_slowly();
    CHECK(bide_strset_has(set, "1"));
    bide_strset_free(set);
    CHECK_EQ(bide__here->put_off, 0);
    bide_strset_free(make_large(MUCH));
    check_goes_slowly();
}

TASK_TEST(of_many_large_sets_that_are_freed_two_wait_at_most)
{
    for (int i = 0; i < 5; i++) {
        bide_strset_free(make_large(2 * FREED_AT_ONCE));
        CHECK(bide__here->put_off <= 2);
    }
}

TASK_TEST(values_are_dropped_at_once)
{
    char key[16];
    bide_strmap *map = bide_strmap_new(.drop = drop);
    for (int i = 0; i < MUCH; i++) {
        snprintf(key, sizeof key, "%d", i);
        CHECK_EQ(bide_strmap_set(map, key, one), 1);
    }
    bide_strmap_free(map);
    CHECK_EQ(dropped, MUCH);
    CHECK_EQ(bide__here->put_off, 0);
}
