/* The pool's rules, checked after every step of random programs, each from a printed seed: limits
 * hold, nobody waits who need not, and room goes to the first in line who can use it. */
#include "test.h"

#include "base/random.h"
#include "http/pool_hosts.h"

#include <bide.h>
#include <stdio.h>
#include <string.h>

enum { HOSTS = 5, CLIENTS = 40, ROUNDS = 6 };

static struct pool pool;
static uint64_t state;
static int in_use[HOSTS];       /* connections that clients hold */

static unsigned draw(unsigned below)
{
    return (unsigned)(bide__random(&state) % below);
}

static struct host *host_of(int number)
{
    for (size_t i = 0; i < pool.bucket_count; i++)
        for (struct host *h = pool.buckets[i]; h; h = h->next)
            if (h->key[8] == 'a' + number)
                return h;
    return NULL;
}

/* The number of the first in a host's line; NOBODY. */
static const uint64_t NOBODY = UINT64_MAX;

static uint64_t first_in_line(int number)
{
    const struct host *h = host_of(number);
    return h && h->waiters.head ? bide__hosts_ticket(h) : NOBODY;
}

static void check_rules(void)
{
    size_t sum = 0, ready = 0;
    for (int i = 0; i < HOSTS; i++) {
        const struct host *h = host_of(i);
        size_t open = h ? h->open : 0;
        CHECK(open <= pool.limit_per_host);
        sum += open;
        if (!h)
            continue;
        bool room = open < pool.limit_per_host;
        bool waited_for = h->waiters.head != NULL;
        ready += room && waited_for;
        CHECK_EQ(h->place > 0, room && waited_for);
        CHECK(!waited_for || !h->newest);
        CHECK(!waited_for || !room || (pool.open == pool.limit && !pool.oldest));
        CHECK(open > 0 || waited_for);
    }
    CHECK_EQ(sum, pool.open);
    CHECK_EQ(ready, pool.ready_count);
    CHECK(pool.open <= pool.limit);
}

/* Gives a connection back and checks who got it, or its room: the first of all who can use it. */
static void give(struct connection *c, bool reusable)
{
    uint64_t before[HOSTS], best = NOBODY;
    int to = -1;
    for (int i = 0; i < HOSTS; i++) {
        const struct host *h = host_of(i);
        before[i] = first_in_line(i);
        if (h && before[i] < best && (h == c->host || h->open < pool.limit_per_host)) {
            best = before[i];
            to = i;
        }
    }
    bide__pool_give(c, reusable);
    check_rules();
    for (int i = 0; i < HOSTS; i++)
        CHECK_EQ(first_in_line(i) == before[i], i != to);
}

static bide_stream *ends_of_no_use[2000];
static size_t end_count;

static bide_stream *new_stream(void)
{
    bide_stream *ends[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    CHECK(end_count < sizeof ends_of_no_use / sizeof *ends_of_no_use);
    ends_of_no_use[end_count++] = ends[1];
    return ends[0];
}

static int use_one(void)
{
    char text[32];
    struct url url;
    const char *why;
    int host = (int)draw(HOSTS);
    snprintf(text, sizeof text, "http://x%c/", 'a' + host);
    CHECK_EQ(bide__url_parse(&url, text, strlen(text), &why), 0);
    struct connection *c = bide__pool_take(&pool, &(struct route){ .url = &url }, true);
    check_rules();
    if (!c)
        return bide_errcode();
    CHECK_PTR(c->host, host_of(host));
    in_use[host]++;
    if (!c->stream)
        c->stream = new_stream();
    int rc = bide_sleep(draw(10));
    in_use[host]--;
    give(c, draw(3) > 0);
    return rc < 0 ? rc : bide_sleep(draw(4) ? 0 : draw(10));
}

static int live(void *unused)
{
    int rc = 0;
    (void)unused;
    for (int i = 0; rc == 0 && i < ROUNDS; i++)
        rc = use_one();
    return rc;
}

static int play(void *unused)
{
    bide_task *tasks[CLIENTS];
    (void)unused;
    BIDE_KEEP_GOING(group);
    for (int i = 0; i < CLIENTS; i++)
        bide_spawn(group, live, NULL, .handle = &tasks[i]);
    for (int i = 0; i < 20; i++) {
        int rc = bide_sleep(draw(8));
        if (rc < 0)
            return rc;
        bide_cancel(tasks[draw(CLIENTS)]);
        check_rules();
    }
    return bide_group_wait(group);
}

static int play_all(void *seed)
{
    state = (uint64_t)(uintptr_t)seed;
    memset(in_use, 0, sizeof in_use);
    end_count = 0;
    pool = (struct pool){ .limit = 1 + draw(12), .keep_alive = 1 + draw(20) };
    pool.limit_per_host = 1 + draw((unsigned)pool.limit);
    CHECK_EQ(bide__pool_open(&pool), 0);
    int rc = play(NULL);
    for (int i = 0; i < HOSTS; i++)
        CHECK_EQ(in_use[i], 0);
    CHECK_EQ(pool.ready_count, 0);
    bide__pool_close(&pool);
    CHECK_EQ(pool.open, 0);
    CHECK_EQ(pool.host_count, 0);
    bide__pool_free(&pool);
    while (end_count > 0)
        bide_stream_close(ends_of_no_use[--end_count]);
    return rc;
}

TEST(random_programs_keep_the_pool_s_rules)
{
    int seeds = test_is_slow() ? 100 : 1000;
    for (int seed = 1; seed <= seeds; seed++)
        if (bide_run(play_all, (void *)(uintptr_t)seed, .jumping_clock = true,
                     .shuffle_seed = seed % 2 ? 0 : (uint64_t)seed) != 0)
            test_fail(__FILE__, __LINE__, "seed %d: %s", seed, bide_errmsg());
}
