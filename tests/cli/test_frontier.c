/* What cli/frontier.c must hold: each URL once, breadth first, and no origin more often or sooner
 * than it may be asked. */
#include "cli/frontier.c"
#include "cli/robots.c"
#include "test.h"
#include <stdio.h>

static struct frontier f;

static size_t find(const char *url, size_t depth, const char *origin)
{
    CHECK_EQ(frontier_add(&f, url, strlen(url), depth), 1);
    CHECK_EQ(frontier_queue(&f, f.count - 1, origin), 0);
    return f.count - 1;
}

/* The URL that is next at that time; NULL: none. */
static struct frontier_host *host;
static size_t at;
static const char *take(double now)
{
    return frontier_take(&f, now, &at, &host) ? f.urls[at].text : NULL;
}

/* The same, where robots.txt is known already. */
static const char *take_open(double now)
{
    const char *url = take(now);
    if (url && host->state == FRONTIER_OPENING)
        frontier_opened(&f, host, now);
    return url;
}

TEST(a_url_is_found_once)
{
    CHECK_EQ(frontier_open(&f, 1, 0, FRONTIER_ANY_DEPTH), 0);
    CHECK_EQ(frontier_add(&f, "a", 1, 0), 1);
    CHECK_EQ(frontier_add(&f, "a", 1, 3), 0);
    CHECK(frontier_has(&f, "a") && !frontier_has(&f, "b"));
    CHECK_EQ(frontier_add(&f, "b", 1, FRONTIER_DEPTH_MAX + 1), 0);
    CHECK_EQ(f.count, 1);
    CHECK_PTR(frontier_host(&f, "o"), NULL);
    CHECK_PTR(take(0), NULL);
    frontier_close(&f);
}

TEST(urls_come_in_the_order_in_which_they_were_found)
{
    char url[16], origin[16];
    CHECK_EQ(frontier_open(&f, 1, 0, FRONTIER_ANY_DEPTH), 0);
    for (int i = 0; i < 1000; i++) {
        sprintf(url, "%d", i);
        sprintf(origin, "o%d", i * i % 31);
        find(url, 0, origin);
    }
    for (int i = 0; i < 1000; i++) {
        sprintf(url, "%d", i);
        CHECK_STR(take_open(0), url);
        frontier_done(&f, at, host);
    }
    CHECK_PTR(take(0), NULL);
    CHECK_EQ(f.waiting + f.running, 0);
    frontier_close(&f);
}

TEST(an_origin_gets_one_url_until_its_robots_txt_is_seen_to)
{
    CHECK_EQ(frontier_open(&f, 2, 0, FRONTIER_ANY_DEPTH), 0);
    find("a1", 0, "a");
    find("a2", 0, "a");
    find("b1", 0, "b");
    find("a3", 0, "a");
    CHECK_STR(take(0), "a1");
    struct frontier_host *a = host;
    size_t first = at;
    CHECK_STR(take(0), "b1");
    CHECK_PTR(take(0), NULL);
    frontier_opened(&f, a, 0);
    CHECK_STR(take(0), "a2");
    CHECK_PTR(take(0), NULL);                   /* two at once */
    frontier_done(&f, first, a);
    CHECK_STR(take(0), "a3");
    frontier_close(&f);
}

TEST(an_origin_is_left_alone_for_its_delay_and_the_others_go_on)
{
    CHECK_EQ(frontier_open(&f, 5, 2, FRONTIER_ANY_DEPTH), 0);
    find("a1", 0, "a");
    find("a2", 0, "a");
    find("a3", 0, "a");
    find("b1", 0, "b");
    CHECK_STR(take_open(10), "a1");
    CHECK_STR(take_open(10), "b1");
    CHECK_PTR(take(10), NULL);
    CHECK_NEAR(frontier_next(&f), 12, 0);
    CHECK_PTR(take(11.9), NULL);
    CHECK_STR(take(12.5), "a2");
    host->delay = 5;
    CHECK_NEAR(frontier_next(&f), 14.5, 0);
    CHECK_STR(take(15), "a3");
    CHECK(frontier_next(&f) == BIDE_FOREVER);
    frontier_close(&f);
}

TEST(with_a_limit_of_depth_the_less_deep_are_done_first)
{
    CHECK_EQ(frontier_open(&f, 5, 0, 2), 0);
    find("a", 0, "o");
    CHECK_STR(take_open(0), "a");
    size_t first = at;
    find("b", 1, "o");
    CHECK_EQ(frontier_add(&f, "deep", 4, 3), 0);
    CHECK_PTR(take(0), NULL);
    frontier_done(&f, first, host);
    CHECK_STR(take(0), "b");
    frontier_done(&f, at, host);
    find("d", 2, "o");
    find("late start", 0, "o");                 /* never in the way */
    CHECK_STR(take(0), "d");
    CHECK_STR(take(0), "late start");
    frontier_close(&f);
}

TEST(without_a_limit_nobody_waits_for_the_less_deep)
{
    CHECK_EQ(frontier_open(&f, 5, 0, FRONTIER_ANY_DEPTH), 0);
    find("a", 0, "o");
    CHECK_STR(take_open(0), "a");
    find("b", 1, "o");
    CHECK_STR(take(0), "b");
    frontier_close(&f);
}

TEST(many_urls_are_kept_in_little_room)
{
    size_t count = test_is_slow() ? 20000 : 200000, size = 0;
    CHECK_EQ(frontier_open(&f, 1, 0, FRONTIER_ANY_DEPTH), 0);
    for (size_t i = 0; i < count; i++) {
        char url[80];
        size += (size_t)sprintf(url, "http://example.org/some/page/with/a/name/%zu.html", i);
        find(url, 1, "http://example.org:80");
    }
    CHECK_EQ(f.waiting, count);
    CHECK(f.room * sizeof *f.urls <= count * 24 + 8192);
    CHECK(size > 0);
    frontier_close(&f);
}
