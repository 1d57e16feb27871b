/* tests/web/test_relay.c -- one task serves several that have woken, and who waits holds up none of
 * them. */
#include "web/site.h"

#include <stdlib.h>

enum { CLIENTS = 8 };

static bide_event gone_on;

static int wait_for_others(bide_request *req)
{
    int rc = bide_event_wait(&gone_on);
    return rc < 0 ? rc : bide_respond_text(req, 200, "waited");
}

static int let_go(bide_request *req)
{
    bide_event_set(&gone_on);
    return bide_respond_text(req, 200, "let go");
}

static int fails(bide_request *req)
{
    (void)req;
    return bide_fail(-7, "this is nobody else's");
}

static int looks_for_errors(bide_request *req)
{
    return bide_respond_text(req, 200, "<%s>", bide_errmsg());
}

static int plain(bide_request *req)
{
    static const char text[] = "Hello";
    return bide_respond(req, 200, "text/plain", text, sizeof text - 1);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    bide_route(app, "GET", "/waits", wait_for_others);
    bide_route(app, "GET", "/lets-go", let_go);
    bide_route(app, "GET", "/fails", fails);
    bide_route(app, "GET", "/looks", looks_for_errors);
    bide_route(app, "GET", "/plain", plain);
    return app;
}

static void read_answer(bide_stream *s, char *out, size_t size)
{
    ssize_t got = bide_read(s, out, size - 1);
    CHECK(got > 0);
    out[got] = '\0';
}

/* All of these come in one look of the poller's, in this order. */
static void ask_together(const struct site *site, bide_stream **clients,
                         const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK((clients[i] = bide_connect(site->address)) != NULL);
    CHECK_EQ(bide_sleep(1), 0);
    for (size_t i = 0; i < count; i++)
        CHECK_EQ(bide_printf(clients[i], "GET %s" H "\r\n", paths[i]), 0);
}

static void close_all(bide_stream **clients, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bide_stream_close(clients[i]);
}

TASK_TEST(who_waits_holds_up_nobody_who_woke_together_with_it)
{
    static const char *const paths[] = { "/waits", "/waits", "/plain", "/waits", "/lets-go" };
    static const char *const bodies[] = { "waited", "waited", "Hello", "waited", "let go" };
    enum { COUNT = sizeof paths / sizeof *paths };
    struct site site = { .opts = { .idle = 100 } };
    bide_stream *clients[COUNT];
    char out[1000];
    SITE(&site);
    bide_event_clear(&gone_on);
    ask_together(&site, clients, paths, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        read_answer(clients[i], out, sizeof out);
        check_body(out, bodies[i]);
    }
    close_all(clients, COUNT);
    bide_cancel(site_task);
}

TASK_TEST(the_sentence_of_a_failure_is_not_left_for_who_is_served_next)
{
    static const char *const paths[] = { "/fails", "/looks", "/fails", "/looks" };
    enum { COUNT = sizeof paths / sizeof *paths };
    struct site site = { .opts = { .idle = 100 } };
    bide_stream *clients[COUNT];
    char out[1000];
    bide_log_to(quiet, NULL, BIDE_LOG_ERROR);
    SITE(&site);
    ask_together(&site, clients, paths, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        read_answer(clients[i], out, sizeof out);
        if (i % 2)
            check_body(out, "<>");
    }
    close_all(clients, COUNT);
    bide_cancel(site_task);
}

/* ---- memory ---- */

static size_t allocations;

static void *count_alloc(size_t size)
{
    allocations++;
    return malloc(size);
}

static void *count_resize(void *memory, size_t size)
{
    allocations++;
    return realloc(memory, size);
}

static void ask_all(bide_stream **clients)
{
    char out[1000];
    for (size_t i = 0; i < CLIENTS; i++)
        CHECK_EQ(bide_write(clients[i], "GET /plain" H "\r\n", strlen("GET /plain" H "\r\n")), 0);
    for (size_t i = 0; i < CLIENTS; i++)
        read_answer(clients[i], out, sizeof out);
}

static int count_them(void *unused)
{
    (void)unused;
    struct site site = { .opts = { .idle = 100 } };
    bide_stream *clients[CLIENTS];
    SITE(&site);
    for (size_t i = 0; i < CLIENTS; i++)
        CHECK((clients[i] = bide_connect(site.address)) != NULL);
    for (size_t i = 0; i < 3; i++)
        ask_all(clients);       /* until everything is warm */
    allocations = 0;
    for (size_t i = 0; i < 10; i++)
        ask_all(clients);
    CHECK_EQ(allocations, 0);
    close_all(clients, CLIENTS);
    bide_cancel(site_task);
    return 0;
}

TEST(a_plain_answer_on_a_kept_connection_takes_no_memory)
{
    static const struct bide_allocator counting = { count_alloc, count_resize, free };
    CHECK_EQ(bide_allocator_set(&counting), 0);
    CHECK_EQ(bide_run(count_them, NULL), 0);
    CHECK_EQ(bide_allocator_set(NULL), 0);
}
