/* What a stop does to each kind of client: who is idle goes at once, who asks has the grace, and
 * nobody makes it last longer. */
#include "core/modest.h"
#include "tls/certificates.h"
#include "web/site.h"

#include <bide/web.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GRACE = 5, CLEANUP = 3 };        /* seconds; the first is the default */

static bide_event went_on;      /* a handler is inside */

/* ---- what is served ---- */

static int seconds(bide_request *req)
{
    bide_event_set(&went_on);
    int rc = bide_sleep(strtod(bide_request_param(req, "seconds"), NULL));
    return rc < 0 ? rc : bide_respond_text(req, 200, "whole");
}

static int count(bide_request *req)
{
    char piece[1000];
    size_t size = 0;
    ssize_t got;
    bide_event_set(&went_on);
    while ((got = bide_request_read(req, piece, sizeof piece)) > 0)
        size += (size_t)got;
    return got < 0 ? (int)got : bide_respond_text(req, 200, "%zu", size);
}

/* An event a second, until it stops. */
static int events(bide_request *req)
{
    int rc = 0;
    while (rc >= 0 && !bide_request_stopping(req)) {
        rc = bide_respond_event(req, "tick");
        bide_event_set(&went_on);
        if (rc == 0)
            rc = bide_select(BIDE_ON_EVENT(bide_request_gone(req)), BIDE_AFTER(1));
    }
    return rc < 0 ? rc : 0;
}

/* Without an end, and without a look at what goes on. */
static int endless(bide_request *req)
{
    static char piece[65536];
    int rc = 0;
    bide_event_set(&went_on);
    while (rc == 0)
        rc = bide_respond_write(req, piece, sizeof piece);
    return rc;
}

static int hook_that_hangs(bide_worker *worker, void *unused)
{
    (void)worker;
    (void)unused;
    return bide_sleep(1e6);
}

static bool hangs;

static bide_app *make_app(void)
{
    bide_app *app = bide_app_new(NULL);
    CHECK_EQ(bide_route(app, "GET", "/seconds/{seconds}", seconds), 0);
    CHECK_EQ(bide_route(app, "POST", "/count", count), 0);
    CHECK_EQ(bide_route(app, "GET", "/events", events), 0);
    CHECK_EQ(bide_route(app, "GET", "/endless", endless), 0);
    if (hangs)
        CHECK_EQ(bide_app_on(app, BIDE_ON_SHUTDOWN, hook_that_hangs, NULL), 0);
    return app;
}

#define STOP_SITE(site, ...) \
    struct site site = { .opts = { .cleanup = CLEANUP, .slow = 100, .idle = 100, __VA_ARGS__ } }; \
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING); \
    SITE(&site)

/* A client that has sent this, and, if it is a request, whose handler has begun. */
static bide_stream *come(const struct site *site, const char *text)
{
    bide_stream *s = bide_connect(site->address);
    bide_event_clear(&went_on);
    CHECK_EQ(bide_write(s, text, strlen(text)), 0);
    if (strstr(text, "\r\n\r\n"))
        CHECK_EQ(bide_event_wait(&went_on), 0);
    CHECK_EQ(bide_sleep(0.5), 0);
    return s;
}

/* How long it took to stop. */
static double stop(bide_task *site)
{
    double start = bide_now();
    bide_cancel(site);
    CHECK_EQ(bide_join(site), 0);
    return bide_now() - start;
}

static int ended;

/* What comes until the end; ended is how that was. */
static const char *hear(bide_stream *s)
{
    static char out[2000];
    size_t size = 0;
    ssize_t got;
    while ((got = bide_read(s, out + size, sizeof out - 1 - size)) > 0)
        size += (size_t)got;
    out[size] = '\0';
    ended = (int)got;
    return out;
}

/* ---- within the grace ---- */

TASK_TEST(who_is_idle_does_not_make_a_stop_wait)
{
    STOP_SITE(site);
    bide_auto(stream) silent = come(&site, "");
    bide_auto(stream) asked = come(&site, "GET /seconds/0" H "\r\n");
    CHECK_NEAR(stop(site_task), 0, 0.1);
    CHECK_STR(hear(silent), "");
    check_body(hear(asked), "whole");
}

/* 64 at a time. */
TASK_TEST(a_modest_task_has_turns_while_many_who_are_idle_are_dismissed)
{
    enum { MANY = 320 };
    bide_stream *idle[MANY];
    BIDE_GROUP(others);
    STOP_SITE(site);
    for (int i = 0; i < MANY; i++)
        idle[i] = bide_connect(site.address);
    CHECK_EQ(bide_sleep(0.5), 0);
    bide_spawn(others, modest, NULL);
    CHECK_NEAR(stop(site_task), 0, 0.1);
    CHECK(turns >= MANY / 64);
    for (int i = 0; i < MANY; i++) {
        CHECK_STR(hear(idle[i]), "");
        bide_stream_close(idle[i]);
    }
    bide_group_cancel(others);
}

/* ---- what has arrived, and nobody has looked at ---- */

static char listening_at[64];

static void note_address(void *unused, const char *address)
{
    (void)unused;
    snprintf(listening_at, sizeof listening_at, "%s", address);
}

static int run_own(void *unused)
{
    (void)unused;
    bide_auto(app) app = make_app();
    return bide_app_run(app, "127.0.0.1:0", .listening = note_address);
}

/* Without a turn of the loop: the server learns of it when it stops. */
static int come_unseen(const char *text)
{
    struct sockaddr_in to = { .sin_family = AF_INET };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)atoi(strrchr(listening_at, ':') + 1));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    CHECK_EQ(send(fd, text, strlen(text), 0), (ssize_t)strlen(text));
    return fd;
}

static void hear_unseen(int fd, const char *expected)
{
    char out[2000] = "";
    size_t size = 0;
    ssize_t got;
    while ((got = recv(fd, out + size, sizeof out - 1 - size, 0)) > 0)
        size += (size_t)got;
    out[size] = '\0';
    close(fd);
    CHECK_EQ(got, 0);
    CHECK_HAS(out, expected);
}

TASK_TEST(requests_that_arrived_just_before_the_stop_are_answered)
{
    BIDE_GROUP(group);
    bide_task *site;
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    bide_spawn(group, run_own, NULL, .handle = &site);
    while (!listening_at[0])
        CHECK_EQ(bide_yield(), 0);
    int known = come_unseen("");
    CHECK_EQ(bide_sleep(1), 0);                 /* accepted, and parked */
    CHECK_EQ(send(known, "GET /seconds/0" H "\r\n", strlen("GET /seconds/0" H "\r\n"), 0),
             (ssize_t)strlen("GET /seconds/0" H "\r\n"));
    int queued = come_unseen("GET /seconds/2" H "\r\n"), silent = come_unseen("");
    CHECK_NEAR(stop(site), 2, 0.1);
    hear_unseen(known, "whole");
    hear_unseen(queued, "whole");
    hear_unseen(silent, "");
}

TASK_TEST(a_handler_that_needs_less_than_the_grace_answers_whole)
{
    STOP_SITE(site);
    bide_auto(stream) s = come(&site, "GET /seconds/4" H "\r\n");
    CHECK_NEAR(stop(site_task), 3.5, 0.1);
    const char *answer = hear(s);
    check_body(answer, "whole");
    CHECK_HAS(answer, "Connection: close\r\n");
}

TASK_TEST(a_handler_that_needs_more_is_cancelled)
{
    STOP_SITE(site);
    bide_auto(stream) s = come(&site, "GET /seconds/100" H "\r\n");
    CHECK_NEAR(stop(site_task), GRACE, 0.1);
    CHECK_STR(hear(s), "");
}

TASK_TEST(without_a_grace_handlers_are_cancelled_at_once)
{
    STOP_SITE(site, .grace = -1);
    bide_auto(stream) s = come(&site, "GET /seconds/4" H "\r\n");
    CHECK_NEAR(stop(site_task), 0, 0.1);
    CHECK_STR(hear(s), "");
}

static int go_on_sending(void *arg)
{
    bide_stream *s = arg;
    int rc = 0;
    for (int i = 0; rc == 0 && i < 4; i++) {
        rc = bide_sleep(1);
        rc = rc < 0 ? rc : bide_write(s, "x", 1);
    }
    return rc;
}

TASK_TEST(an_upload_that_ends_within_the_grace_is_answered)
{
    STOP_SITE(site);
    bide_auto(stream) s = come(&site, "POST /count" H "Content-Length: 5\r\n\r\nx");
    BIDE_GROUP(client);
    bide_spawn(client, go_on_sending, s);
    CHECK_NEAR(stop(site_task), 4, 0.1);
    check_body(hear(s), "5");
}

TASK_TEST(an_upload_that_does_not_end_ends_with_the_grace)
{
    STOP_SITE(site);
    bide_auto(stream) s = come(&site, "POST /count" H "Content-Length: 5\r\n\r\nx");
    bide_auto(stream) head = come(&site, "GET /seconds/0 HTTP/1.1\r\nHost:");
    CHECK_NEAR(stop(site_task), GRACE, 0.1);
    CHECK_STR(hear(s), "");
    CHECK_STR(hear(head), "");
}

TASK_TEST(events_end_with_their_last_chunk)
{
    STOP_SITE(site);
    bide_auto(stream) s = come(&site, "GET /events" H "\r\n");
    CHECK_NEAR(stop(site_task), 0, 0.1);
    CHECK_HAS(hear(s), "data: tick\n\n\r\n0\r\n\r\n");
}

TASK_TEST(who_never_reads_ends_with_the_grace)
{
    STOP_SITE(site);
    bide_auto(stream) s = come(&site, "GET /endless" H "\r\n");
    CHECK_NEAR(stop(site_task), GRACE, 0.1);
}

/* What came together was asked before the stop, or after: the last answer says that it was. */
TASK_TEST(of_requests_in_a_row_the_one_that_runs_is_the_last)
{
    STOP_SITE(site);
    bide_auto(stream) s = come(&site, "GET /seconds/1" H "\r\nGET /seconds/2" H "\r\n");
    CHECK_NEAR(stop(site_task), 0.5, 0.1);
    const char *answer = hear(s);
    check_body(answer, "whole");
    CHECK_PTR(strstr(answer + 1, "HTTP/1.1 "), NULL);
}

TASK_TEST(a_half_handshake_does_not_make_a_stop_wait)
{
    CERTIFICATES(made);
    bide_auto(tls) tls = bide_tls_new(.server = true, .cert_file = certificate(made, "good"));
    bide_auto(tls) trust = bide_tls_new(.ca_file = certificate(made, "root"));
    STOP_SITE(site, .tls = tls);
    bide_auto(stream) half = come(&site, "\x16\x03\x01\x01");
    bide_auto(stream) silent = come(&site, "");
    bide_auto(stream) plain = bide_connect(site.address);
    bide_auto(stream) idle = bide_start_tls(plain, .tls = trust, .server_name = "localhost");
    bide_ignore(bide_steal(plain));
    CHECK(idle != NULL);
    CHECK_EQ(bide_sleep(0.5), 0);       /* for the server to hear its end */
    CHECK_NEAR(stop(site_task), 0, 0.1);
    CHECK_STR(hear(idle), "");
    CHECK_EQ(ended, 0);         /* closed as TLS has it, not cut */
}

/* ---- what the application does ---- */

/* The grace goes on while the hook runs. */
TASK_TEST(a_hook_of_the_shut_down_that_hangs_is_cancelled)
{
    hangs = true;
    STOP_SITE(site);
    bide_auto(stream) s = come(&site, "GET /seconds/5" H "\r\n");
    CHECK_NEAR(stop(site_task), 4.5, 0.1);
    check_body(hear(s), "whole");
}
