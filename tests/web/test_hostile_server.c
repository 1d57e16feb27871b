/* Slow clients: a head, a body or a pause that takes for ever, and answers that nobody reads. */
#include "web/hostile.h"

/* ---- slow to send ---- */

struct drip {
    const struct site *site;
    const char *start, *again;  /* sent at once; and then a byte of this each `pause` seconds */
    double pause;
    char status[16];            /* what the server said last */
    double took;
};

/* Until the server says something or ends it. */
static int drip(void *arg)
{
    struct drip *d = arg;
    char out[2000];
    double start = bide_now();
    bide_auto(stream) s = bide_connect(d->site->address);
    CHECK(s != NULL && bide_write(s, d->start, strlen(d->start)) == 0);
    for (size_t i = 0; !bide_stream_readable(s); i++) {
        CHECK(bide_now() < start + 500);
        CHECK_EQ(bide_sleep(d->pause), 0);
        if (bide_write(s, d->again + i % strlen(d->again), 1) < 0)
            break;
    }
    d->took = bide_now() - start;
    CHECK(hear_out(s, out, sizeof out) >= 0);
    snprintf(d->status, sizeof d->status, "%.12s", out);
    return 0;
}

static const struct { const char *start, *again; } drips[] = {
    { "", "G" },
    { "GET /", "a" },
    { "GET /ok HTTP/1.1\r\n", "X-Header: value\r\n" },
    { "GET /ok" H, "X: y\r\n" },
    { "\r\n", "GET /ok HTTP/1.1" },
    { "POST /echo" H "Content-Length: 1000\r\n\r\n", "x" },
    { "POST /count" H "Content-Length: 1000\r\n\r\n", "x" },
    { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n" },
    { "POST /count" H "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n" },
    { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\n1;", "extension" },
    { "POST /echo" H "Transfer-Encoding: chunked\r\n\r\n0\r\n", "X: trailer\r\n" },
};

TASK_TEST(what_drips_in_is_given_up_in_time_however_steadily)
{
    struct site site = { .opts = { .slow = 20 } };
    SITE(&site);
    for (size_t i = 0; i < sizeof drips / sizeof *drips; i++) {
        struct drip d = { .site = &site, .start = drips[i].start, .again = drips[i].again,
                          .pause = 1.5 };
        CHECK_EQ(drip(&d), 0);
        if (strcmp(d.status, "HTTP/1.1 408") != 0 || d.took < 19 || d.took > 24)
            test_fail(__FILE__, __LINE__, "%s, %s, ...: %s after %g s", d.start, d.again, d.status,
                      d.took);
        is_healthy(&site);
    }
}

TASK_TEST(many_slow_clients_hold_nobody_up_and_go_together)
{
    enum { CLIENTS = 220 };
    static struct drip d[CLIENTS];
    struct site site = { .opts = { .slow = 20 } };
    SITE(&site);
    BIDE_GROUP(clients);
    for (size_t i = 0; i < CLIENTS; i++) {
        size_t kind = i % (sizeof drips / sizeof *drips);
        d[i] = (struct drip){ .site = &site, .start = drips[kind].start,
                              .again = drips[kind].again, .pause = 1 + (double)(i % 7) / 8 };
        bide_spawn(clients, drip, &d[i]);
    }
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(bide_sleep(3), 0);
        is_healthy(&site);
    }
    CHECK_EQ(bide_group_wait(clients), 0);
    for (size_t i = 0; i < CLIENTS; i++)
        CHECK(strcmp(d[i].status, "HTTP/1.1 408") == 0 && d[i].took < 24);
    CHECK_EQ(handled.now, 0);
}

TASK_TEST(a_silent_connection_ends_without_a_word)
{
    struct site site = { .opts = { .idle = 10 } };
    char out[2000];
    SITE(&site);
    for (int requests = 0; requests < 3; requests++) {
        char *line;
        bide_auto(stream) s = bide_connect(site.address);
        for (int i = 0; i < requests; i++) {
            CHECK_EQ(bide_sleep(8), 0);         /* each request buys another ten seconds */
            CHECK_EQ(bide_printf(s, "GET /ok" H "\r\n"), 0);
            CHECK(bide_read_until(s, "\r\n\r\nok", &line) > 0);
        }
        CHECK_NEAR(hear_out(s, out, sizeof out), 10, 0.2);
        CHECK_STR(out, "");
    }
}

/* ---- slow to read ---- */

/* Asks for an answer of 32 MiB and takes `step` bytes of it each `pause` seconds: how many. */
static size_t sip(const struct site *site, size_t step, double pause)
{
    char *into = malloc(step);
    size_t sum = 0;
    bide_auto(stream) s = bide_connect(site->address);
    CHECK(into && s && bide_printf(s, "GET /large/512" H "Connection: close\r\n\r\n") == 0);
    for (ssize_t got = 1; got > 0; sum += got > 0 ? (size_t)got : 0) {
        CHECK_EQ(bide_sleep(pause), 0);
        got = bide_read(s, into, step);
    }
    free(into);
    return sum;
}

static void is_over(const struct site *site, unsigned failed)
{
    CHECK_EQ(bide_sleep(20), 0);
    CHECK_EQ(handled.now, 0);
    CHECK_EQ(handled.failed, failed);
    is_healthy(site);
}

TASK_TEST(an_answer_that_is_sipped_is_given_up)
{
    struct site site = { .opts = { .idle = 10 } };
    SITE(&site);
    CHECK(sip(&site, 1 << 12, 1) < 32 << 20);
    is_over(&site, 1);
}

TASK_TEST(a_slow_reader_that_takes_enough_gets_it_all)
{
    struct site site = { .opts = { .idle = 10 } };
    SITE(&site);
    CHECK(sip(&site, 1 << 18, 4) > 32 << 20);
    is_over(&site, 0);
}

struct deaf { const struct site *site; const char *ask; };

/* Asks, and never reads; until the server has ended it. */
static int ask_deafly(void *arg)
{
    const struct deaf *deaf = arg;
    bide_auto(stream) s = bide_connect(deaf->site->address);
    CHECK(s != NULL);
    while (bide_write(s, deaf->ask, strlen(deaf->ask)) == 0)
        CHECK_EQ(bide_sleep(1), 0);
    return 0;
}

TASK_TEST(answers_that_nobody_reads_cost_little_and_end)
{
    enum { CLIENTS = 20 };
    struct site site = { .opts = { .idle = 10 } };
    struct deaf deaf = { &site, "GET /large/1000" H "\r\n" };
    SITE(&site);
    is_healthy(&site);
    size_t before = allocated();
    BIDE_GROUP(clients);
    for (int i = 0; i < CLIENTS; i++)
        bide_spawn(clients, ask_deafly, &deaf);
    CHECK_EQ(bide_sleep(5), 0);
    CHECK_EQ(handled.now, CLIENTS);
    CHECK(allocated() < before + CLIENTS * (256 << 10));
    is_healthy(&site);
    CHECK_EQ(bide_group_wait(clients), 0);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_EQ(handled.now, 0);
    CHECK_EQ(handled.failed, CLIENTS);
    is_healthy(&site);
}

/* ---- and then it stops ---- */

static int stay(void *arg)
{
    const struct site *site = arg;
    char out[100];
    bide_auto(stream) s = bide_connect(site->address);
    CHECK(s && hear_out(s, out, sizeof out) >= 0);
    return 0;
}

TASK_TEST(a_stop_is_not_held_up_by_clients_that_neither_send_nor_read)
{
    enum { FORMS = sizeof drips / sizeof *drips };
    static struct drip d[FORMS];
    struct site site = { .opts = { .grace = 2 } };
    struct deaf deaf = { &site, "GET /large/1000" H "\r\n" };
    SITE(&site);
    BIDE_GROUP(clients);
    for (int i = 0; i < FORMS; i++) {
        d[i] = (struct drip){ .site = &site, .start = drips[i].start, .again = drips[i].again,
                              .pause = 1 };
        bide_spawn(clients, drip, &d[i]);
        bide_spawn(clients, ask_deafly, &deaf);
        bide_spawn(clients, stay, &site);
    }
    CHECK_EQ(bide_sleep(5), 0);
    double start = bide_now();
    bide_cancel(site_task);
    CHECK_EQ(bide_join(site_task), 0);
    CHECK_NEAR(site.ended - start, 2, 0.5);
    CHECK_EQ(handled.now, 0);
    CHECK_EQ(bide_group_wait(clients), 0);
}
