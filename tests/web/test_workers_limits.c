/* Limits on connections count for a run, however many workers it has: exactly so many at once, of
 * an address and in all; what one worker gives back, another may take. */
#include "test.h"

#include <bide.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define H " HTTP/1.1\r\nHost: h\r\n"

enum { SHARE = 5, ROOM = 7, TRIES = 24 };

/* A run, and what is seen of it. */
static struct {
    struct bide_app_run_opts opts;
    bide_app *app;
    char address[64];
    bide_event *listening;      /* of the loop that asks */
    bide_loop *loop;
    atomic_int inside, most;
} here;

static int ok(bide_request *req)
{
    return bide_respond_text(req, 200, "ok");
}

/* How many of these are there at once? */
static int crowded(bide_request *req)
{
    int inside = atomic_fetch_add(&here.inside, 1) + 1, most = atomic_load(&here.most);
    while (inside > most && !atomic_compare_exchange_weak(&here.most, &most, inside))
        ;
    int rc = bide_sleep(0.002);
    atomic_fetch_sub(&here.inside, 1);
    return rc < 0 ? rc : bide_respond_text(req, 200, "ok");
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/ok", ok), 0);
    CHECK_EQ(bide_route(app, "GET", "/crowded", crowded), 0);
    return app;
}

static int set_listening(void *unused)
{
    (void)unused;
    bide_event_set(here.listening);
    return 0;
}

/* On a worker's thread. */
static void told(void *unused, const char *address)
{
    (void)unused;
    snprintf(here.address, sizeof here.address, "%s", address);
    CHECK_EQ(bide_loop_post(here.loop, set_listening, NULL), 0);
}

static int serve(void *unused)
{
    (void)unused;
    here.opts.abi_ = sizeof here.opts;
    here.opts.address = "127.0.0.1:0";
    here.opts.listening = told;
    here.opts.grace = -1;
    return bide_app_run_opts(here.app, &here.opts);
}

/* Opens a run with these options, and waits until it serves. */
#define RUN(...) \
    bide_auto(app) app = make_app(); \
    bide_auto(loop) loop = bide_loop_hold(); \
    bide_event listening = { 0 }; \
    here.opts = (struct bide_app_run_opts){ __VA_ARGS__ }; \
    here.app = app, here.loop = loop, here.listening = &listening; \
    BIDE_GROUP(run); \
    bide_spawn(run, serve, NULL); \
    CHECK_EQ(bide_event_wait(&listening), 0)

#define TEST_OF(name_, arg_) \
    TEST(name_) \
    { \
        static unsigned workers = arg_; \
        bide_log_to(quiet, NULL, BIDE_LOG_WARNING); \
        if (bide_test(name_##_body, &workers, .real_clock = true) < 0) \
            test_fail(__FILE__, __LINE__, "%s", bide_errmsg()); \
    }
/* With two workers, and with four. */
#define TESTS_OF(name_) \
    static int name_##_body(void *workers); \
    TEST_OF(name_, 2) \
    static int name_##_of_four_body(void *workers) \
    { \
        return name_##_body(workers); \
    } \
    TEST_OF(name_##_of_four, 4) \
    static int name_##_body(void *workers)

static void quiet(void *unused, enum bide_log_level level, const char *text)
{
    (void)unused;
    (void)level;
    (void)text;
}

/* ---- of one address ---- */

/* One more connection from an address, which stays: does it get an answer, or is it closed? */
static bool is_served(bide_stream **s, const char *from)
{
    char *line;
    *s = bide_connect(here.address, .local_address = from);
    CHECK(*s != NULL);
    BIDE_TIMEOUT(limit, 5);
    bool served = bide_printf(*s, "GET /ok" H "\r\n") == 0 &&
                  bide_read_until(*s, "\r\n\r\nok", &line) > 0;
    CHECK(!bide_scope_cancelled(limit));        /* who is refused hears of it */
    return served;
}

static void close_all(bide_stream **s, int count)
{
    for (int i = 0; i < count; i++) {
        bide_stream_close(s[i]);
        s[i] = NULL;
    }
}

/* Until the server has noticed that they have gone: then it takes one again. */
static void come_back(bide_stream **s, const char *from)
{
    for (int tries = 0; !is_served(s, from); tries++) {
        CHECK(tries < 500);
        bide_stream_close(*s);
        CHECK_EQ(bide_sleep(0.01), 0);
    }
}

TESTS_OF(an_address_has_its_share_over_all_workers)
{
    bide_stream *greedy[TRIES], *other[SHARE], *again;
    RUN(.workers = *(unsigned *)workers, .connections_per_address = SHARE);
    for (int i = 0; i < TRIES; i++)
        CHECK_EQ(is_served(&greedy[i], "127.0.0.1"), i < SHARE);
    for (int i = 0; i < SHARE; i++)
        CHECK(is_served(&other[i], "127.0.0.2"));
    for (int i = 0; i < SHARE; i++) {           /* what it gives back it may have again */
        bide_stream_close(greedy[i]);
        come_back(&greedy[i], "127.0.0.1");
    }
    CHECK(!is_served(&again, "127.0.0.1"));
    bide_stream_close(again);
    close_all(greedy, TRIES);
    close_all(other, SHARE);
    bide_app_stop(here.app);
    return bide_group_wait(run);
}

/* ---- in all ---- */

static int one_of_many(void *unused)
{
    char *line;
    (void)unused;
    bide_auto(stream) s = bide_connect(here.address);
    CHECK(s != NULL);
    CHECK_EQ(bide_printf(s, "GET /crowded" H "\r\n"), 0);
    CHECK(bide_read_until(s, "\r\n\r\nok", &line) > 0);
    return 0;
}

/* Each is served in the end, so no worker sleeps while there is room; and there are never more. */
TESTS_OF(there_are_never_more_than_there_is_room_for_and_all_get_in)
{
    atomic_store(&here.most, 0);
    RUN(.workers = *(unsigned *)workers, .connections = ROOM);
    for (int round = 0; round < 5; round++) {
        BIDE_TIMEOUT(limit, 30);
        BIDE_GROUP(clients);
        for (int i = 0; i < 60; i++)
            bide_spawn(clients, one_of_many, NULL);
        CHECK_EQ(bide_group_wait(clients), 0);
    }
    CHECK(atomic_load(&here.most) <= ROOM);
    CHECK(atomic_load(&here.most) >= ROOM - 2);
    bide_app_stop(here.app);
    return bide_group_wait(run);
}

static int keep_one(void *served)
{
    char *line;
    bide_auto(stream) s = bide_connect(here.address);
    CHECK(s != NULL);
    CHECK_EQ(bide_printf(s, "GET /ok" H "\r\n"), 0);
    if (bide_read_until(s, "\r\n\r\nok", &line) <= 0)
        return 0;
    ++*(int *)served;
    return bide_sleep(BIDE_FOREVER);
}

/* Until so many are served as there is room for, and a moment more, in which none is. */
static void wait_until_full(const int *served)
{
    while (*served < ROOM)
        CHECK_EQ(bide_sleep(0.01), 0);
    CHECK_EQ(bide_sleep(0.2), 0);
    CHECK_EQ(*served, ROOM);
}

/* Those who keep their place leave the others waiting, wherever these are; a stop does not mind. */
TESTS_OF(who_finds_no_room_waits_and_does_not_hold_up_a_stop)
{
    int served = 0;
    RUN(.workers = *(unsigned *)workers, .connections = ROOM);
    {
        BIDE_GROUP(clients);
        for (int i = 0; i < TRIES; i++)
            bide_spawn(clients, keep_one, &served);
        wait_until_full(&served);
        bide_group_cancel(clients);     /* all leave, and leave room */
    }
    served = 0;
    BIDE_GROUP(clients);
    for (int i = 0; i < TRIES; i++)
        bide_spawn(clients, keep_one, &served);
    wait_until_full(&served);
    bide_app_stop(here.app);
    CHECK_EQ(bide_group_wait(run), 0);          /* or it does not end before the test's limit */
    bide_group_cancel(clients);
    return 0;
}

/* Refused ones give back what they have taken of the room. */
TESTS_OF(a_flood_of_refused_ones_leaves_room_for_others)
{
    bide_stream *greedy[TRIES], *other[SHARE];
    RUN(.workers = *(unsigned *)workers, .connections = 2 * SHARE,
        .connections_per_address = SHARE);
    for (int i = 0; i < TRIES; i++)
        CHECK_EQ(is_served(&greedy[i], "127.0.0.1"), i < SHARE);
    for (int i = 0; i < SHARE; i++)
        CHECK(is_served(&other[i], "127.0.0.2"));
    close_all(greedy, TRIES);
    close_all(other, SHARE);
    bide_app_stop(here.app);
    return bide_group_wait(run);
}
