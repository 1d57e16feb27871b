/* tests/web/asked.h -- one request to a server with one handler, and what came back.
 *
 *     post(handler, "text/plain", "X-More: headers\r\n", "body");
 *     CHECK_ANSWER(200, "part of the answer");
 *
 * The server lives as long as the request.  asked_use, if set, adds middlewares to it. */
#ifndef ASKED_H
#define ASKED_H
#include "test.h"

#include <bide.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The end of a request line, and the headers that all have. */
#define H " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"

enum { ASKED_AT_ONCE = 1 << 30 };       /* a step: all in one piece */

static bide_handler *asked_handler;
static int (*asked_use)(bide_app *app);
static char asked_answer[16384];

static int asked_serve(void *listener)
{
    static const char *const methods[] = { "GET", "POST", "PUT" };
    bide_auto(app) app = bide_app_new(NULL);
    int rc = app ? 0 : bide_errcode();
    for (size_t i = 0; rc == 0 && i < sizeof methods / sizeof *methods; i++)
        rc = bide_route(app, methods[i], "/", asked_handler);
    if (rc == 0 && asked_use)
        rc = asked_use(app);
    return rc < 0 ? rc : bide_app_run(app, NULL, .listener = listener, .grace = -1, .idle = 20,
                                      .slow = 5);
}

static int asked_exchange(bide_stream *s, const char *text, size_t size, size_t step)
{
    size_t got = 0;
    for (size_t i = 0; i < size; i += step)
        if (bide_write(s, text + i, size - i < step ? size - i : step) < 0 ||
            (step < size && bide_yield() < 0))
            break;              /* it may have answered already */
    while (got < sizeof asked_answer - 1) {
        BIDE_TIMEOUT(limit, 10);
        ssize_t n = bide_read(s, asked_answer + got, sizeof asked_answer - 1 - got);
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    asked_answer[got] = '\0';
    return 0;
}

/* Sends a request in pieces: 0, or why that could not be. */
static int try_asking(bide_handler *handler, const char *text, size_t size, size_t step)
{
    bide_auto(listener) listener = bide_listen("127.0.0.1:0");
    asked_handler = handler;
    asked_answer[0] = '\0';
    if (!listener)
        return bide_errcode();
    BIDE_GROUP(server);
    int rc = bide_spawn(server, asked_serve, listener);
    bide_auto(stream) s = rc < 0 ? NULL : bide_connect(bide_listener_address(listener));
    return s ? asked_exchange(s, text, size, step) : bide_errcode();
}

__attribute__((unused)) static void ask(bide_handler *handler, const char *text)
{
    if (try_asking(handler, text, strlen(text), ASKED_AT_ONCE) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

/* A POST of a body with this type, and more header lines ("" or "Name: value\r\n"), in pieces. */
static int try_posting(bide_handler *handler, const char *type, const char *more,
                       const char *body, size_t size, size_t step)
{
    size_t room = size + strlen(type) + strlen(more) + 200;
    char *text = malloc(room);
    CHECK(text != NULL);
    int head = snprintf(text, room, "POST /" H "%s%s%s%sContent-Length: %zu\r\n\r\n",
                        *type ? "Content-Type: " : "", type, *type ? "\r\n" : "", more, size);
    if (size > 0)
        memcpy(text + head, body, size);
    int rc = try_asking(handler, text, (size_t)head + size, step);
    free(text);
    return rc;
}

__attribute__((unused)) static void post_sized(bide_handler *handler, const char *type,
                                               const char *more, const char *body, size_t size,
                                               size_t step)
{
    if (try_posting(handler, type, more, body, size, step) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

__attribute__((unused)) static void post(bide_handler *handler, const char *type,
                                         const char *more, const char *body)
{
    post_sized(handler, type, more, body, strlen(body), ASKED_AT_ONCE);
}

/* A GET with these header lines. */
__attribute__((unused)) static void get(bide_handler *handler, const char *headers)
{
    char text[4000];
    snprintf(text, sizeof text, "GET /" H "%s\r\n", headers);
    ask(handler, text);
}

/* The status, and a part of the answer. */
#define CHECK_ANSWER(status, part) check_answer(__FILE__, __LINE__, status, part)
__attribute__((unused)) static void check_answer(const char *file, int line, int status,
                                                 const char *part)
{
    int got = strncmp(asked_answer, "HTTP/1.1 ", 9) == 0 ? atoi(asked_answer + 9) : 0;
    if (got != status || !strstr(asked_answer, part))
        test_fail(file, line, "not %d, %s: %s", status, part, asked_answer);
}

/* Has the answer this header line, "Name: value"? */
__attribute__((unused)) static bool has_line(const char *line)
{
    char whole[1000];
    snprintf(whole, sizeof whole, "\r\n%s\r\n", line);
    return strstr(asked_answer, whole) != NULL;
}

/* ---- faults ---- */

__attribute__((unused)) static void quiet(void *arg, enum bide_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

__attribute__((unused)) static void unheard(const bide_task *task, const struct bide_error *why)
{
    (void)task;
    CHECK(why->code < 0);
}

/* Every allocation of it may fail, and every wait be cancelled. */
__attribute__((unused)) static void check_faults(bide_fn *fn, int at_least)
{
    bide_log_to(quiet, NULL, BIDE_LOG_WARNING);
    int faults = bide_test_each_allocation(fn, NULL, .on_failure = unheard);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults >= at_least);
    faults = bide_test_each_wait(fn, NULL, .on_failure = unheard);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

#endif
