/* Several workers: all of them serve, one call from anywhere stops all, and one that cannot begin
 * ends all of them, named. */
#include "test.h"
#include "base/sys.h"

#include <bide.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define H " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

enum { WORKERS = 4, CLIENTS = 60 };

/* A run, and what is heard of it. */
static struct {
    bide_app *app;
    char address[64];
    atomic_int told, holding, serving, may_answer;
    bide_event *listening;      /* of the loop that asks */
    bide_loop *loop;
} here;

/* ---- what is served ---- */

static int who(bide_request *req)
{
    return bide_respond_text(req, 200, "%u", bide_worker_index(bide_request_worker(req)));
}

static int stops(bide_request *req)
{
    bide_app_stop(bide_request_app(req));
    return bide_respond_text(req, 200, "stopped");
}

static int slow(bide_request *req)
{
    atomic_fetch_add(&here.serving, 1);
    while (!atomic_load(&here.may_answer)) {
        int rc = bide_sleep(0.01);
        if (rc < 0)
            return rc;
    }
    return bide_respond_text(req, 200, "slow");
}

static int counted(bide_worker *worker, void *unused)
{
    (void)unused;
    atomic_fetch_add(&here.holding, 1);
    int rc = bide_context_hold(worker);
    atomic_fetch_sub(&here.holding, 1);
    return rc;
}

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/who", who), 0);
    CHECK_EQ(bide_route(app, "GET", "/stops", stops), 0);
    CHECK_EQ(bide_route(app, "GET", "/slow", slow), 0);
    CHECK_EQ(bide_app_context(app, counted, NULL), 0);
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
    CHECK_EQ(atomic_load(&here.holding), WORKERS);
    snprintf(here.address, sizeof here.address, "%s", address);
    atomic_fetch_add(&here.told, 1);
    CHECK_EQ(bide_loop_post(here.loop, set_listening, NULL), 0);
}

static int serve(void *address)
{
    int rc = bide_app_run(here.app, address ? address : "127.0.0.1:0", .workers = WORKERS,
                          .listening = told);
    CHECK_EQ(atomic_load(&here.holding), 0);
    return rc;
}

/* Opens a run in a group of the caller's, and waits until it serves. */
#define RUN(group, address) \
    bide_auto(app) group##_app = make_app(); \
    bide_auto(loop) group##_loop = bide_loop_hold(); \
    bide_event group##_listening = { 0 }; \
    here.app = group##_app, here.loop = group##_loop, here.listening = &group##_listening; \
    BIDE_GROUP(group); \
    bide_spawn(group, serve, address); \
    CHECK_EQ(bide_event_wait(&group##_listening), 0)

/* ---- who asks ---- */

/* The body of an answer; "": there was none. */
static void ask(const char *path, char out[100])
{
    char *line;
    bide_auto(stream) s = bide_connect(here.address);
    *out = '\0';
    if (!s || bide_printf(s, "GET %s" H, path) < 0 ||
        bide_read_until(s, "\r\n\r\n", &line) <= 0)
        return;
    CHECK(strncmp(line, "HTTP/1.1 200 OK\r\n", 17) == 0);
    ssize_t got = bide_read(s, out, 99);
    out[got > 0 ? got : 0] = '\0';
}

#define TEST_OF(name_) \
    static int name_##_body(void *unused); \
    TEST(name_) \
    { \
        bide_log_to(quiet, NULL, BIDE_LOG_WARNING); \
        if (bide_test(name_##_body, NULL, .real_clock = true) < 0) \
            test_fail(__FILE__, __LINE__, "%s", bide_errmsg()); \
    } \
    static int name_##_body(__attribute__((unused)) void *unused)

static void quiet(void *unused, enum bide_log_level level, const char *text)
{
    (void)unused;
    (void)level;
    (void)text;
}

static int ask_who(void *seen)
{
    char out[100];
    ask("/who", out);
    CHECK(strlen(out) == 1 && *out >= '0' && *out < '0' + WORKERS);
    *(unsigned *)seen |= 1u << (*out - '0');
    return 0;
}

/* Asked by many at once, which of them have answered? */
static unsigned who_answers(int rounds)
{
    unsigned seen = 0;
    for (int i = 0; i < rounds; i++) {
        BIDE_GROUP(clients);
        for (int j = 0; j < CLIENTS; j++)
            bide_spawn(clients, ask_who, &seen);
        CHECK_EQ(bide_group_wait(clients), 0);
    }
    return seen;
}

TEST_OF(each_worker_gets_its_part_of_the_clients)
{
    RUN(run, NULL);
    CHECK_EQ(who_answers(5), (1 << WORKERS) - 1);
    bide_app_stop(here.app);
    CHECK_EQ(bide_group_wait(run), 0);
    CHECK_EQ(atomic_load(&here.told), 1);
    return 0;
}

/* Its port is not to be had twice, so they share it. */
TEST_OF(workers_share_a_socket_that_was_handed_over)
{
    char address[20];
    bide_auto(listener) l = bide_listen("127.0.0.1:0");
    snprintf(address, sizeof address, "fd:%d", bide_listener_fd(l));
    RUN(run, address);
    CHECK_STR(here.address, bide_listener_address(l));
    CHECK(who_answers(1) != 0);
    bide_app_stop(here.app);
    CHECK_EQ(bide_group_wait(run), 0);
    bide_auto(stream) next = bide_connect(here.address);        /* waits for the next run */
    CHECK(next != NULL);
    return 0;
}

/* ---- stopping ---- */

TEST_OF(a_handler_stops_all_workers)
{
    char out[100];
    RUN(run, NULL);
    ask("/stops", out);
    CHECK_STR(out, "stopped");
    return bide_group_wait(run);
}

static void *stop_often(void *app)
{
    for (int i = 0; i < 100; i++)
        bide_app_stop(app);
    return NULL;
}

TEST_OF(threads_that_know_no_loop_stop_all_workers_at_once_and_again)
{
    pthread_t threads[3];
    RUN(run, NULL);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, stop_often, here.app), 0);
    int rc = bide_group_wait(run);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    return rc;
}

TEST_OF(what_does_not_run_yet_or_any_more_is_not_stopped)
{
    char out[100];
    bide_app_stop(NULL);
    for (int i = 0; i < 2; i++) {
        RUN(run, NULL);
        ask("/who", out);
        CHECK_EQ(strlen(out), 1);
        bide_app_stop(here.app);
        CHECK_EQ(bide_group_wait(run), 0);
        bide_app_stop(here.app);
    }
    return 0;
}

static int stop_at_start(bide_worker *worker, void *unused)
{
    (void)unused;
    if (bide_worker_index(worker) == WORKERS - 1)
        bide_app_stop(bide_worker_app(worker));
    return 0;
}

TEST_OF(what_is_just_starting_is_stopped)
{
    bide_auto(app) app = here.app = make_app();
    here.loop = bide_loop_hold();
    bide_event listening = { 0 };
    here.listening = &listening;
    CHECK_EQ(bide_app_on(app, BIDE_ON_STARTUP, stop_at_start, NULL), 0);
    int rc = serve(NULL);
    bide_loop_drop(here.loop);
    CHECK_EQ(atomic_load(&here.told), 0);
    return rc;
}

static __thread bool scarce;

static void *scarce_alloc(size_t size)
{
    return scarce ? NULL : malloc(size);
}

static void *scarce_resize(void *memory, size_t size)
{
    return scarce ? NULL : realloc(memory, size);
}

static void *stop_without_memory(void *app)
{
    scarce = true;
    bide_app_stop(app);
    return NULL;
}

static int starve(void *unused)
{
    pthread_t thread;
    (void)unused;
    RUN(run, NULL);
    CHECK_EQ(pthread_create(&thread, NULL, stop_without_memory, here.app), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    BIDE_TIMEOUT(limit, 5);
    return bide_group_wait(run);
}

TEST(a_stop_needs_no_memory)
{
    bide_ignore(bide_allocator_set(&(struct bide_allocator){ scarce_alloc, scarce_resize, free }));
    CHECK_EQ(bide_run(starve, NULL), 0);
}

static int ask_slowly(void *unused)
{
    char out[100];
    (void)unused;
    ask("/slow", out);
    CHECK_STR(out, "slow");
    return 0;
}

/* Refused, and not left in a backlog that nobody looks at. */
TEST_OF(who_comes_while_the_last_requests_are_answered_is_refused)
{
    RUN(run, NULL);
    BIDE_GROUP(client);
    bide_spawn(client, ask_slowly, NULL);
    while (atomic_load(&here.serving) == 0)
        CHECK_EQ(bide_sleep(0.01), 0);
    bide_app_stop(here.app);
    for (bide_stream *s; (s = bide_connect(here.address)); bide_stream_close(s))
        CHECK_EQ(bide_sleep(0.01), 0);          /* the stop has not come to all workers yet */
    CHECK_EQ(bide_errcode(), -ECONNREFUSED);
    atomic_store(&here.may_answer, 1);
    CHECK_EQ(bide_group_wait(client), 0);
    return bide_group_wait(run);
}

static int come_and_go(void *unused)
{
    (void)unused;
    for (;;) {
        BIDE_TIMEOUT(limit, 1);
        bide_auto(stream) s = bide_connect(here.address);
        if (!s)
            return 0;           /* refused: it has stopped */
        bide_ignore(bide_printf(s, "GET /who" H));
    }
}

TEST_OF(a_flood_does_not_keep_workers_from_stopping)
{
    RUN(run, NULL);
    BIDE_GROUP(flood);
    for (int i = 0; i < CLIENTS; i++)
        bide_spawn(flood, come_and_go, NULL);
    CHECK_EQ(bide_sleep(0.2), 0);
    double start = bide_now();
    bide_app_stop(here.app);
    CHECK_EQ(bide_group_wait(run), 0);
    CHECK(bide_now() - start < 5);              /* the grace, which nobody needs */
    return bide_group_wait(flood);
}

/* ---- who cannot begin ---- */

static int fails(bide_worker *worker, void *which)
{
    if (bide_worker_index(worker) != 1)
        return which ? bide_context_hold(worker) : 0;
    return bide_fail(-77, "there is no well");
}

/* It ends by itself; nothing holds any more, and nobody was told that it listens. */
static int fail_to_run(const char *address)
{
    int rc = serve((void *)(uintptr_t)address);
    CHECK_EQ(atomic_load(&here.told), 0);
    return rc;
}

TEST_OF(a_hook_that_fails_in_one_worker_ends_all)
{
    bide_auto(app) app = here.app = make_app();
    CHECK_EQ(bide_app_on(app, BIDE_ON_STARTUP, fails, NULL), 0);
    CHECK_EQ(fail_to_run(NULL), -77);
    CHECK_STR(bide_errmsg(), "loop 1: there is no well");
    return 0;
}

TEST_OF(a_context_that_fails_in_one_worker_ends_all)
{
    bide_auto(app) app = here.app = make_app();
    CHECK_EQ(bide_app_context(app, fails, app), 0);
    CHECK_EQ(fail_to_run(NULL), -77);
    CHECK_STR(bide_errmsg(), "loop 1: there is no well");
    return 0;
}

TEST_OF(a_port_that_somebody_has_is_named)
{
    char wanted[100];
    bide_auto(listener) taken = bide_listen("127.0.0.1:0");
    bide_auto(app) app = here.app = make_app();
    snprintf(wanted, sizeof wanted, "listen: %s: ", bide_listener_address(taken));
    CHECK_EQ(fail_to_run(bide_listener_address(taken)), -EADDRINUSE);
    CHECK_HAS(bide_errmsg(), wanted);
    return 0;
}

static int (*real_listen)(int fd, int backlog);
static atomic_int listens;

static int listen_once(int fd, int backlog)
{
    if (atomic_fetch_add(&listens, 1) == 0)
        return real_listen(fd, backlog);
    errno = EADDRINUSE;
    return -1;
}

/* They find out before anybody is told. */
TEST_OF(workers_that_cannot_share_the_port_end_all)
{
    bide_auto(app) app = here.app = make_app();
    real_listen = bide__sys.listen;
    bide__sys.listen = listen_once;
    int rc = fail_to_run("127.0.0.1:0");
    bide__sys.listen = real_listen;
    CHECK_EQ(rc, -EADDRINUSE);
    CHECK_HAS(bide_errmsg(), "loop ");
    CHECK_HAS(bide_errmsg(), "listen: 127.0.0.1:");
    return 0;
}

static int sleep_long(bide_worker *worker, void *unused)
{
    (void)worker;
    (void)unused;
    return bide_sleep(1000);
}

TEST_OF(a_start_that_is_cancelled_ends_all)
{
    bide_auto(app) app = here.app = make_app();
    CHECK_EQ(bide_app_on(app, BIDE_ON_STARTUP, sleep_long, NULL), 0);
    BIDE_KEEP_GOING(run);
    bide_task *task;
    bide_spawn(run, serve, NULL, .handle = &task);
    while (atomic_load(&here.holding) < WORKERS)
        CHECK_EQ(bide_sleep(0.01), 0);
    bide_cancel(task);
    CHECK_EQ(bide_join(task), 0);
    CHECK_EQ(bide_task_result(task), BIDE_ECANCELED);
    CHECK_EQ(atomic_load(&here.told), 0);
    return 0;
}

static int (*real_accept)(int fd, struct sockaddr *from, socklen_t *size, int flags);
static atomic_bool broken;

static int accept_unless_broken(int fd, struct sockaddr *from, socklen_t *size, int flags)
{
    if (!atomic_exchange(&broken, false))
        return real_accept(fd, from, size, flags);
    errno = EBADF;
    return -1;
}

static int come_once(void *unused)
{
    char out[100];
    (void)unused;
    ask("/who", out);
    return 0;
}

/* The others have their grace. */
TEST_OF(a_worker_that_cannot_accept_any_more_ends_all_gracefully)
{
    bide_auto(app) app = here.app = make_app();
    bide_auto(loop) loop = here.loop = bide_loop_hold();
    bide_event listening = { 0 };
    here.listening = &listening;
    real_accept = bide__sys.accept4;
    bide__sys.accept4 = accept_unless_broken;
    BIDE_KEEP_GOING(run);
    BIDE_GROUP(clients);
    bide_task *task;
    bide_spawn(run, serve, NULL, .handle = &task);
    CHECK_EQ(bide_event_wait(&listening), 0);
    for (int i = 0; i < CLIENTS; i++)
        bide_spawn(clients, ask_slowly, NULL);
    while (atomic_load(&here.serving) < CLIENTS)
        CHECK_EQ(bide_sleep(0.01), 0);
    atomic_store(&broken, true);
    bide_spawn(clients, come_once, NULL);
    CHECK_EQ(bide_sleep(0.2), 0);               /* in which it has most likely begun to end */
    atomic_store(&here.may_answer, 1);
    CHECK_EQ(bide_join(task), 0);
    bide__sys.accept4 = real_accept;
    CHECK_EQ(bide_task_result(task), -EBADF);
    CHECK_HAS(bide_task_error(task)->text, "loop ");
    CHECK_HAS(bide_task_error(task)->text, "accept");
    return bide_group_wait(clients);
}

/* ---- something goes wrong, anywhere ---- */

static void stop_there(void *app, const char *address)
{
    (void)address;
    bide_app_stop(app);
}

static int start_and_stop(void *unused)
{
    (void)unused;
    bide_auto(app) app = bide_app_new(NULL);
    if (!app || bide_app_context(app, counted, NULL) < 0 ||
        bide_route(app, "GET", "/who", who) < 0)
        return bide_errcode();
    return bide_app_run(app, "127.0.0.1:0", .workers = 2, .listening = stop_there,
                        .listening_arg = app);
}

static void survives(int faults)
{
    if (faults < 10)
        test_fail(__FILE__, __LINE__, "%d: %s", faults, bide_errmsg());
    CHECK_EQ(atomic_load(&here.holding), 0);
}

TEST(workers_for_whom_there_is_no_memory_leave_nothing_behind)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    survives(bide_test_each_allocation(start_and_stop, NULL, .real_clock = true));
}

TEST(workers_whom_the_system_refuses_a_call_leave_nothing_behind)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    survives(bide_test_each_call(start_and_stop, NULL, .real_clock = true,
                                 .fault = BIDE_TEST_REFUSE));
}
