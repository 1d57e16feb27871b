/* How the steps to a host of the pool grow with the number of hosts. */
#include "steps.h"

#include "http/pool_hosts.h"

#include <bide.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 10, MANY = 10000, TIMES = 3 };

static struct url urls[TIMES];

static void find_hosts(void *pool)
{
    for (int i = 0; i < TIMES; i++)
        if (!bide__hosts_get(pool, &(struct route){ .url = &urls[i] }))
            abort();
}

static void parse(struct url *url, int host)
{
    static char texts[TIMES][40];
    const char *why = "";
    char *text = texts[host % TIMES];
    snprintf(text, sizeof texts[0], "http://host%d.example/", host);
    CHECK_EQ(bide__url_parse(url, text, strlen(text), &why), 0);
}

static void fill(struct pool *pool, int count)
{
    struct url url;
    CHECK_EQ(bide__hosts_open(pool), 0);
    for (int i = 0; i < count; i++) {
        parse(&url, i);
        CHECK(bide__hosts_get(pool, &(struct route){ .url = &url }) != NULL);
    }
    CHECK_EQ(pool->host_count, count);
}

/* Each of a chain is one of as many as there are places, so chance may add a few looks. */
TEST(finding_one_of_10000_hosts_takes_no_more_steps_than_one_of_10)
{
    struct pool small = { .limit = 1 }, large = { .limit = 1 };
    fill(&small, FEW);
    fill(&large, MANY);
    for (int i = 0; i < TIMES; i++)
        parse(&urls[i], i);
    long few = steps_of(find_hosts, &small), many = steps_of(find_hosts, &large);
    CHECK(many <= 2 * few || few < 0);
    bide__hosts_free(&small);
    bide__hosts_free(&large);
}
