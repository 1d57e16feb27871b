/* What an application starts and ends: in which order, and what if one fails. */
#include "web/site.h"

#include <stdatomic.h>

static char trace[400];

static void note(const char *what)
{
    strncat(trace, what, sizeof trace - strlen(trace) - 1);
}

/* What a part is called, and where it fails. */
struct part_of_test {
    const char *name, *fails;   /* "before", "after", "" */
    double slow;                /* seconds of its clean-up */
};

static int context(bide_worker *worker, void *arg)
{
    const struct part_of_test *part = arg;
    note("+");
    note(part->name);
    if (strcmp(part->fails, "before") == 0)
        return bide_fail(-7, "%s cannot", part->name);
    if (strcmp(part->fails, "returns") == 0)
        return 0;
    if (strcmp(part->fails, "sleeps") == 0 && bide_sleep(1000) < 0) {
        note("!");
        return bide_errcode();
    }
    int rc = bide_context_hold(worker);
    if (rc == 0)
        rc = bide_sleep(part->slow);
    note(rc < 0 ? "!" : "-");
    note(part->name);
    return rc < 0 || strcmp(part->fails, "after") != 0 ? rc : bide_fail(-8, "too late");
}

static int hook(bide_worker *worker, void *arg)
{
    const struct part_of_test *part = arg;
    CHECK_EQ(bide_worker_index(worker), 0);
    note(part->name);
    int rc = bide_sleep(part->slow);
    return rc < 0 || !*part->fails ? rc : bide_fail(-9, "%s fails", part->name);
}

static int background(bide_worker *worker, void *arg)
{
    const struct part_of_test *part = arg;
    (void)worker;
    note(part->name);
    if (*part->fails)
        return bide_fail(-9, "in the background");
    int rc = bide_sleep(1000);
    note(rc == BIDE_ECANCELED ? "c" : "?");
    return rc;
}

static struct part_of_test a = { "a", "", 0 }, b = { "b", "", 0 }, c = { "c", "", 0 },
                           s = { "s", "", 0 }, d = { "d", "", 0 }, e = { "e", "", 0 },
                           g = { "g", "", 0 };

static int spawned(void *arg)
{
    (void)arg;
    int rc = bide_sleep(2);
    note(rc < 0 ? "x" : "w");
    return rc;
}

static int spawns(bide_request *req)
{
    bide_spawn(bide_request_background(req), spawned, NULL);
    return bide_respond_text(req, 200, "spawned");
}

static int stops(bide_request *req)
{
    bide_app_stop(bide_request_app(req));
    return bide_respond_text(req, 200, "stopped");
}

static const char key;

static int with_value(bide_worker *worker, void *unused)
{
    int value = 42;
    (void)unused;
    CHECK_PTR(bide_worker_get(worker, &key), NULL);
    CHECK_EQ(bide_worker_set(worker, &key, &value), 0);
    CHECK_PTR(bide_worker_get(worker, &key), &value);
    CHECK_EQ(bide_context_hold(worker), 0);
    CHECK_EQ(bide_context_hold(worker), BIDE_EINVAL);
    return 0;
}

static int tell(bide_request *req)
{
    const int *value = bide_request_get(req, &key);
    CHECK_PTR(bide_worker_app(bide_request_worker(req)), bide_request_app(req));
    CHECK_EQ(bide_context_hold(bide_request_worker(req)), BIDE_EINVAL);
    return bide_respond_text(req, 200, "%d", value ? *value : -1);
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL), *in = bide_app_new(NULL);
    CHECK_EQ(bide_app_context(app, context, &a), 0);
    CHECK_EQ(bide_app_on(app, BIDE_ON_CLEANUP, hook, &e), 0);
    CHECK_EQ(bide_app_on(app, BIDE_ON_SHUTDOWN, hook, &d), 0);
    CHECK_EQ(bide_app_on(app, BIDE_ON_STARTUP, hook, &s), 0);
    CHECK_EQ(bide_app_context(app, context, &b), 0);
    CHECK_EQ(bide_app_background(app, background, &g), 0);
    CHECK_EQ(bide_app_context(app, with_value, NULL), 0);
    CHECK_EQ(bide_app_context(in, context, &c), 0);
    CHECK_EQ(bide_app_on(app, 7, hook, NULL), BIDE_EINVAL);
    CHECK_EQ(bide_mount(app, "/in", in, NULL), 0);
    CHECK_EQ(bide_route(app, "GET", "/spawns", spawns), 0);
    CHECK_EQ(bide_route(app, "GET", "/stops", stops), 0);
    CHECK_EQ(bide_route(app, "GET", "/", tell), 0);
    return app;
}

static char logged[2000];

static void catch_log(void *unused, enum bide_log_level level, const char *text)
{
    (void)unused;
    (void)level;
    strncat(logged, text, sizeof logged - strlen(logged) - 1);
}

/* Asks for a path, and the server is told to stop. */
static void ask_and_stop(const char *path)
{
    struct site site = { .opts = { .grace = 5 } };
    char out[2000], request[100];
    SITE(&site);
    snprintf(request, sizeof request, "GET %s" H "\r\n", path);
    exchange(&site, request, false, out, sizeof out);
    CHECK(begins(out, "HTTP/1.1 200 OK\r\n"));
    bide_cancel(site_task);
    CHECK_EQ(bide_join(site_task), 0);
}

TASK_TEST(contexts_hold_in_order_and_end_in_reverse)
{
    ask_and_stop("/");
    CHECK_STR(trace, "+a+b+csgdce-c-b-a");
}

TASK_TEST(what_is_kept_for_a_worker_is_found_by_its_requests)
{
    struct site site = { .opts = { .grace = 5 } };
    char out[2000];
    SITE(&site);
    exchange(&site, "GET /" H "\r\n", false, out, sizeof out);
    check_body(out, "42");
}

TASK_TEST(a_task_of_a_request_is_joined_within_the_grace)
{
    ask_and_stop("/spawns");
    CHECK_STR(trace, "+a+b+csgdwce-c-b-a");
}

TASK_TEST(a_task_of_a_request_is_cancelled_after_the_grace)
{
    struct site site = { .opts = { .grace = 0.5 } };
    char out[2000];
    SITE(&site);
    exchange(&site, "GET /spawns" H "\r\n", false, out, sizeof out);
    bide_cancel(site_task);
    CHECK_EQ(bide_join(site_task), 0);
    CHECK_HAS(trace, "dxc");
}

TASK_TEST(an_application_can_be_stopped_by_its_handler)
{
    struct site site = { .opts = { .grace = 5 } };
    char out[2000];
    SITE(&site);
    exchange(&site, "GET /stops" H "\r\n", false, out, sizeof out);
    check_body(out, "stopped");
    CHECK_EQ(bide_join(site_task), 0);
    CHECK_EQ(site.rc, 0);
    CHECK_STR(trace, "+a+b+csgdce-c-b-a");
}

/* Runs it until it ends by itself; its result. */
static int run(void)
{
    struct site site = { .opts = { .cleanup = 3 } };
    bide_log_to(catch_log, NULL, BIDE_LOG_WARNING);
    BIDE_KEEP_GOING(group);
    bide_task *task;
    open_site(group, &site, &task);
    CHECK_EQ(bide_join(task), 0);
    bide_fail(site.rc, "%s", bide_task_error(task)->text);
    bide_ignore(bide_group_wait(group));
    return site.rc;
}

TASK_TEST(a_context_that_fails_undoes_those_before_it)
{
    c.fails = "before";
    CHECK_EQ(run(), -7);
    CHECK_STR(trace, "+a+b+c-b-a");
}

TASK_TEST(a_context_that_returns_without_holding_has_failed)
{
    b.fails = "returns";
    CHECK_EQ(run(), BIDE_EINVAL);
    CHECK_STR(trace, "+a+b-a");
}

TASK_TEST(a_hook_for_the_start_that_fails_undoes_all)
{
    s.fails = "yes";
    CHECK_EQ(run(), -9);
    CHECK_STR(trace, "+a+b+cse-c-b-a");
}

TASK_TEST(what_fails_in_the_clean_up_is_told_and_the_rest_goes_on)
{
    c.fails = "after";
    e.fails = d.fails = "yes";
    bide_log_to(catch_log, NULL, BIDE_LOG_WARNING);
    ask_and_stop("/");
    CHECK_STR(trace, "+a+b+csgdce-c-b-a");
    CHECK_HAS(logged, "d fails");
    CHECK_HAS(logged, "e fails");
    CHECK_HAS(logged, "too late");
}

TASK_TEST(a_background_task_that_fails_is_told_and_ends_nothing)
{
    g.fails = "yes";
    bide_log_to(catch_log, NULL, BIDE_LOG_WARNING);
    ask_and_stop("/");
    CHECK_STR(trace, "+a+b+csgde-c-b-a");
    CHECK_HAS(logged, "in the background");
}

TASK_TEST(a_clean_up_that_takes_too_long_is_cancelled)
{
    struct site site = { .opts = { .cleanup = 3 } };
    bide_log_to(catch_log, NULL, BIDE_LOG_WARNING);
    b.slow = 100;
    double start;
    char out[2000];
    SITE(&site);
    exchange(&site, "GET /" H "\r\n", false, out, sizeof out);
    start = bide_now();
    bide_cancel(site_task);
    CHECK_EQ(bide_join(site_task), 0);
    CHECK_NEAR(bide_now() - start, 3, 0.2);
    CHECK_STR(trace, "+a+b+csgdce-c!b!a");
}

TASK_TEST(a_start_that_is_cancelled_undoes_what_had_begun)
{
    struct site site = { .opts = { .cleanup = 3 } };
    BIDE_KEEP_GOING(group);
    bide_task *task;
    b.fails = "sleeps";
    open_site(group, &site, &task);
    CHECK_EQ(bide_sleep(1), 0);
    CHECK_STR(trace, "+a+b");
    bide_cancel(task);
    CHECK_EQ(bide_join(task), 0);
    CHECK_EQ(site.rc, BIDE_ECANCELED);
    CHECK_STR(trace, "+a+b!-a");
}

/* ---- several workers ---- */

static atomic_int contexts, backgrounds, indices;

static int counted(bide_worker *worker, void *unused)
{
    (void)unused;
    atomic_fetch_add(&contexts, 1);
    atomic_fetch_or(&indices, 1 << bide_worker_index(worker));
    int rc = bide_context_hold(worker);
    atomic_fetch_sub(&contexts, 1);
    return rc;
}

static int counted_background(bide_worker *worker, void *unused)
{
    (void)unused;
    CHECK_EQ(bide_worker_index(worker), 0);
    atomic_fetch_add(&backgrounds, 1);
    return bide_sleep(1000);
}

static void stop_soon(void *app, const char *address)
{
    CHECK(begins(address, "127.0.0.1:"));
    CHECK_EQ(atomic_load(&contexts), 3);
    bide_app_stop(app);
}

static int run_three(void *unused)
{
    (void)unused;
    bide_auto(app) app = bide_app_new(NULL);
    CHECK_EQ(bide_app_context(app, counted, NULL), 0);
    CHECK_EQ(bide_app_background(app, counted_background, NULL), 0);
    return bide_app_run(app, "127.0.0.1:0", .workers = 3, .listening = stop_soon,
                        .listening_arg = app);
}

TEST(each_worker_has_its_contexts_and_the_first_the_background)
{
    CHECK_EQ(bide_run(run_three, NULL), 0);
    CHECK_EQ(atomic_load(&contexts), 0);
    CHECK_EQ(atomic_load(&indices), 7);
    CHECK_EQ(atomic_load(&backgrounds), 1);
}

TEST(nothing_is_added_to_an_application_that_is_none)
{
    CHECK(bide_app_context(NULL, with_value, NULL) < 0);
    CHECK(bide_app_background(NULL, with_value, NULL) < 0);
    CHECK(bide_app_on(NULL, BIDE_ON_STARTUP, hook, NULL) < 0);
}
