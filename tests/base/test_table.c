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

static void check(const struct table *t)
{
    uint32_t live = 0, indexed = 0;
    for (uint32_t i = t->first; i < t->used; i++) {
        const struct table_entry *e = &t->entries[i];
        if (!e->key)
            continue;
        live++;
        CHECK_PTR(bide__table_find(t, e->key, e->size), e);
        CHECK(i == t->first || e->number > t->entries[i - 1].number);
    }
    for (uint32_t i = 0; i < t->places; i++)
        indexed += t->index[i] != 0;
    CHECK_EQ(live, t->count);
    CHECK_EQ(indexed, t->count);
    CHECK(t->used <= t->places / 2);
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
    CHECK_EQ(t.places, 16);
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
