/* A server with contexts, hooks, background tasks, middlewares and a log, again and again, each
 * time with another allocation or wait going wrong: it ends in order, and leaves nothing behind. */
#include "web/site.h"

static int held;

static int context(bide_worker *worker, void *key)
{
    held++;
    int rc = bide_worker_set(worker, key, key);
    if (rc == 0)
        rc = bide_context_hold(worker);
    held--;
    return rc;
}

static int hook(bide_worker *worker, void *unused)
{
    (void)worker;
    (void)unused;
    return bide_yield();
}

static int background(bide_worker *worker, void *unused)
{
    (void)worker;
    (void)unused;
    return bide_sleep(1000);
}

static int short_task(void *unused)
{
    (void)unused;
    return bide_sleep(0.1);
}

static int pass(bide_request *req)
{
    return bide_next(req);
}

static int hello(bide_request *req)
{
    bide_spawn(bide_request_background(req), short_task, NULL);
    bide_event *gone = bide_request_gone(req);
    return gone ? bide_respond_text(req, 200, "hello") : bide_errcode();
}

static int add_all(bide_app *app)
{
    static char key[2];
    int rc = bide_use(app, pass);
    rc = rc < 0 ? rc : bide_app_context(app, context, &key[0]);
    rc = rc < 0 ? rc : bide_app_context(app, context, &key[1]);
    rc = rc < 0 ? rc : bide_app_on(app, BIDE_ON_STARTUP, hook, NULL);
    rc = rc < 0 ? rc : bide_app_on(app, BIDE_ON_SHUTDOWN, hook, NULL);
    rc = rc < 0 ? rc : bide_app_on(app, BIDE_ON_CLEANUP, hook, NULL);
    rc = rc < 0 ? rc : bide_app_background(app, background, NULL);
    return rc < 0 ? rc : bide_route(app, "GET", "/{x}", hello, .timeout = 5,
                                    .on_disconnect = BIDE_DISCONNECT_TELL);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    if (!app || add_all(app) == 0)
        return app;
    bide_app_free(app);
    return NULL;
}

static void ignore_line(void *arg, const char *line, size_t size)
{
    (void)arg;
    (void)line;
    (void)size;
}

static int serve(void *listener)
{
    bide_auto(app) app = make_app();
    return bide_app_run(app, NULL, .listener = listener, .access_log = BIDE_LOG_JSON,
                        .access_line = ignore_line, .trusted_proxies = "127.0.0.1", .grace = 1);
}

static int ask(const char *address)
{
    char *line;
    bide_auto(stream) s = bide_connect(address);
    int rc = s ? bide_printf(s, "GET /x" H "X-Forwarded-For: 1.2.3.4\r\nConnection: close\r\n\r\n")
               : bide_errcode();
    BIDE_TIMEOUT(limit, 20);
    ssize_t got = rc < 0 ? rc : bide_read_until(s, "hello", &line);
    rc = bide_scope_result(limit, got < 0 ? (int)got : 0);
    return rc == 0 && got == 0 ? bide_fail(BIDE_EHTTP, "no answer") : rc;
}

static int talk(void *unused)
{
    (void)unused;
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    if (!l)
        return bide_errcode();
    bide_task *server;
    BIDE_GROUP(group);
    bide_spawn(group, serve, l, .handle = &server);
    int rc = ask(bide_listener_address(l));
    bide_cancel(server);
    int end = bide_group_wait(group);
    return rc < 0 ? rc : end;
}

static int whole(void *unused)
{
    int rc = talk(unused);
    CHECK_EQ(held, 0);
    return rc;
}

TEST(whatever_allocation_fails_all_that_began_is_ended)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    CHECK(bide_test_each_allocation(whole, NULL) > 20);
}

TEST(whatever_wait_is_cancelled_all_that_began_is_ended)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    CHECK(bide_test_each_wait(whole, NULL) > 5);
}
