/* tests/web/site.h -- a server in the test's own loop, and raw exchanges with it.
 *
 *     struct site site = { .opts = { .idle = 10 } };
 *     SITE(&site);
 *     exchange(&site, "GET /" H "\r\n", false, out, sizeof out);
 *
 * What it serves is the including file's make_app(). */
#ifndef SITE_H
#define SITE_H
#include "test.h"

#include <bide.h>
#include <stdio.h>
#include <string.h>

/* The end of a request line, and the one header that must be there. */
#define H " HTTP/1.1\r\nHost: h\r\n"

static bide_app *make_app(void);

struct site {
    struct bide_app_run_opts opts;
    char address[64];
    int rc;
    double ended;
};

static int run_site(void *arg)
{
    struct site *site = arg;
    bide_auto(app) app = make_app();
    site->rc = bide_app_run_opts(app, &site->opts);
    site->ended = bide_now();
    bide_listener_close(site->opts.listener);
    return site->rc;
}

__attribute__((unused)) static void open_site(bide_group *group, struct site *site,
                                              bide_task **task)
{
    site->opts.abi_ = sizeof site->opts;
    site->opts.listener = bide_listen("127.0.0.1:0");
    CHECK(site->opts.listener != NULL);
    snprintf(site->address, sizeof site->address, "%s",
             bide_listener_address(site->opts.listener));
    bide_spawn(group, run_site, site, .handle = task);
}

#define SITE(site) \
    BIDE_GROUP(site_group); \
    bide_task *site_task; \
    open_site(site_group, site, &site_task)

__attribute__((unused)) static void quiet(void *arg, enum bide_log_level level, const char *text)
{
    (void)level;
    if (arg)
        snprintf(arg, 300, "%s", text);
}

/* Sends text, byte by byte if `slowly`, and reads what comes until the server closes or is
 * silent for a second. */
__attribute__((unused)) static void exchange(const struct site *site, const char *text,
                                             bool slowly, char *out, size_t size)
{
    bide_auto(stream) s = bide_connect(site->address);
    CHECK(s != NULL);
    size_t length = strlen(text), got = 0;
    for (size_t i = 0; i < length; i += slowly ? 1 : length)
        if (bide_write(s, text + i, slowly ? 1 : length) < 0 || (slowly && bide_yield() < 0))
            break;
    while (got < size - 1) {
        BIDE_TIMEOUT(limit, 1);
        ssize_t n = bide_read(s, out + got, size - 1 - got);
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    out[got] = '\0';
}

__attribute__((unused)) static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Does it end in "\r\n\r\n" and this body? */
__attribute__((unused)) static void check_body(const char *answer, const char *body)
{
    const char *end = strstr(answer, "\r\n\r\n");
    CHECK(end != NULL);
    CHECK_STR(end + 4, body);
}

#define H " HTTP/1.1\r\nHost: h\r\n"

#endif
