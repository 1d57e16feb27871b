/* tests/base/test_table.c -- the hash, and what holds inside the table whatever is done to it. */
#include "test.h"

#include "base/siphash.h"
#include "base/table.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash_2_4(const unsigned char *bytes, size_t size)
{
    static const uint64_t key[2] = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
    return siphash(key, bytes, size, 2, 4);
}

TEST(the_hash_gives_what_its_authors_published)
{
    unsigned char bytes[16];
    for (unsigned char i = 0; i < 16; i++)
        bytes[i] = i;
    CHECK(hash_2_4(bytes, 0) == UINT64_C(0x726fdb47dd0e0e31));
    CHECK(hash_2_4(bytes, 1) == UINT64_C(0x74f839c593dc67fd));
    CHECK(hash_2_4(bytes, 8) == UINT64_C(0x93f5f5799a932462));
    CHECK(hash_2_4(bytes, 15) == UINT64_C(0xa129ca6149be45e5));
}

/* Those before the first have moved, and are no longer meant. */
static uint32_t indexed(const struct table_part *p)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->places; i++)
        count += p->index[i] > p->first;
    CHECK(p->used <= p->places / 2);
    return count;
}

static void check(const struct table *t)
{
    uint32_t live = 0;
    uint64_t at = 0, last = 0;
    for (struct table_entry *e; (e = bide__table_next(t, &at)); last = e->number) {
        live++;
        CHECK(e->number > last);
        CHECK_PTR(bide__table_find(t, e->key, e->size), e);
    }
    CHECK_EQ(live, t->count);
    CHECK_EQ(indexed(&t->now) + indexed(&t->before), t->count);
}

static char *name_of(int i)
{
    static char name[16];
    snprintf(name, sizeof name, "key %d", i);
    return name;
}

static void put(struct table *t, int i)
{
    const char *name = name_of(i);
    CHECK(!bide__table_find(t, name, strlen(name)));
    CHECK(bide__table_add(t, name, strlen(name)));
}

static void take(struct table *t, int i)
{
    const char *name = name_of(i);
    struct table_entry *e = bide__table_find(t, name, strlen(name));
    CHECK(e);
    bide__table_remove(t, e);
    CHECK(!bide__table_find(t, name, strlen(name)));
}

TEST(it_holds_together_while_it_grows_and_shrinks)
{
    struct table t = { 0 };
    for (int i = 0; i < 500; i++) {
        put(&t, i);
        check(&t);
    }
    for (int i = 0; i < 500; i += 3) {
        take(&t, i);
        check(&t);
    }
    for (int i = 0; i < 500; i += 3)
        put(&t, i);
    check(&t);
    for (int i = 499; i >= 0; i--) {
        take(&t, i);
        check(&t);
    }
    CHECK_EQ(t.count, 0);
    bide__table_clear(&t, NULL);
}

TEST(as_a_line_it_does_not_grow)
{
    struct table t = { 0 };
    for (int i = 0; i < 5000; i++) {
        put(&t, i);
        if (i >= 5)
            take(&t, i - 5);
    }
    check(&t);
    CHECK_EQ(t.count, 5);
    CHECK_EQ(t.now.places, 16);
    bide__table_clear(&t, NULL);
}

TEST(a_cursor_finds_its_place_after_holes_were_closed)
{
    struct table t = { 0 };
    uint64_t at = 0;
    for (int i = 0; i < 8; i++)
        put(&t, i);
    for (int i = 0; i < 4; i++)
        CHECK(bide__table_next(&t, &at));
    for (int i = 0; i < 8; i++)
        if (i != 2 && i != 6)
            take(&t, i);
    for (int i = 10; i < 20; i++)
        put(&t, i);
    struct table_entry *e = bide__table_next(&t, &at);
    CHECK_STR(e->key, "key 6");
    e = bide__table_next(&t, &at);
    CHECK_STR(e->key, "key 10");
    bide__table_clear(&t, NULL);
}

TEST(a_cursor_from_before_clearing_meets_what_came_after)
{
    struct table t = { 0 };
    uint64_t at = 0;
    for (int i = 0; i < 3; i++)
        put(&t, i);
    while (bide__table_next(&t, &at))
        ;
    bide__table_clear(&t, NULL);
    CHECK_PTR(bide__table_next(&t, &at), NULL);
    put(&t, 7);
    CHECK_STR(bide__table_next(&t, &at)->key, "key 7");
    bide__table_clear(&t, NULL);
}

/* ---- large ones ---- */

enum { LARGE = 12000, EACH = 16 };

TEST(a_large_one_moves_a_few_with_each_that_is_added)
{
    struct table t = { 0 };
    int moving = 0;
    for (int i = 0; i < LARGE; i++) {
        uint32_t left = t.before.used - t.before.first, places = t.now.places;
        put(&t, i);
        bool began = t.now.places != places && t.before.places;
        uint32_t left_now = t.before.used - t.before.first;
        CHECK(began || left_now + EACH >= left);
        moving += left_now > 0;
        if (i % 1000 == 0)
            check(&t);
    }
    CHECK(moving > LARGE / 64 && moving < LARGE / 4);
    for (int i = 0; i < LARGE; i++)
        CHECK_STR(bide__table_at(&t, (uint32_t)i)->key, name_of(i));
    check(&t);
    bide__table_clear(&t, NULL);
}

TEST(a_large_one_holds_together_whatever_comes_and_goes_while_it_moves)
{
    static bool there[LARGE];
    struct table t = { 0 };
    uint32_t seed = 1;
    for (int i = 0; i < 6 * LARGE; i++) {
        seed = seed * 1664525 + 1013904223;
        int which = (int)(seed >> 8) % LARGE;
        bool takes = there[which] && (i / LARGE % 2 || seed >> 30 == 0);
        if (takes)
            take(&t, which);
        else if (!there[which])
            put(&t, which);
        there[which] = !takes;
        if (i % 4999 == 0 || (t.before.places && i % 499 == 0))
            check(&t);
    }
    for (int i = 0; i < LARGE; i++)
        CHECK_EQ(bide__table_find(&t, name_of(i), strlen(name_of(i))) != NULL, there[i]);
    bide__table_clear(&t, NULL);
}

TEST(a_cursor_goes_on_while_entries_move)
{
    struct table t = { 0 };
    uint64_t at = 0;
    int i = 0, seen = 0;
    while (!t.before.places || i < 3000)
        put(&t, i++);
    for (struct table_entry *e; (e = bide__table_next(&t, &at)) && i < LARGE; seen++) {
        CHECK_STR(e->key, name_of(seen));
        put(&t, i++);
        if (seen % 3 == 2)
            take(&t, seen - 1);
    }
    CHECK(seen > 3000);
    check(&t);
    bide__table_clear(&t, NULL);
}

static int portions_of(int count)
{
    struct table t = { 0 };
    int portions = 1;
    for (int i = 0; i < count; i++)
        put(&t, i);
    for (int i = 0; i < count; i += 7)
        take(&t, i);
    while (!bide__table_clear_some(&t, 100))
        portions++;
    CHECK(!t.now.entries && !t.before.entries);
    return portions;
}

/* Holes count as well. */
TEST(one_that_is_not_used_any_more_is_freed_in_portions)
{
    CHECK_EQ(portions_of(0), 1);
    CHECK_EQ(portions_of(10), 1);
    CHECK(portions_of(1000) >= 9);
    for (int count = 4000; count < 4200; count += 13)
        CHECK(portions_of(count) >= count / 100 - 1);       /* half moved, somewhere among these */
}
