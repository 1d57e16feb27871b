/* tests/http/stand.h -- a server in the test's own loop that says exactly what the test wants.
 *
 *     struct stand stand = { .reply = "HTTP/1.1 200 OK\r\n..." };
 *     STAND(&stand);
 *     ... stand.url ...
 *
 * Each connection runs talk(), by default: read a request, send `reply`, and so on until the
 * client closes or `close_after` requests were answered.  Requests are kept for inspection. */
#ifndef STAND_H
#define STAND_H
#include "test.h"

#include <bide.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stand {
    const char *reply;          /* what follows every request */
    size_t reply_size;          /* 0: strlen */
    bool slowly;                /* byte by byte, 10 ms apart */
    int close_after;            /* requests on one connection; 0: never */
    double delay;               /* seconds before each reply */
    int (*talk)(bide_stream *s, struct stand *stand);
    bide_listener *listener;
    char url[64];
    int connections, open, most_open, requests;
    char last[4096];            /* the last request's head */
};

/* A request's head, and its body if it has a length; 1, 0: the client has closed. */
__attribute__((unused)) static int stand_read(bide_stream *s, struct stand *stand)
{
    char *line;
    ssize_t size = bide_read_until(s, "\r\n\r\n", &line);
    if (size <= 0)
        return (int)size;
    snprintf(stand->last, sizeof stand->last, "%s", line);
    const char *length = strcasestr(stand->last, "\r\nContent-Length: ");
    char waste[512];
    for (size_t left = length ? strtoul(length + 18, NULL, 10) : 0; left > 0;) {
        ssize_t got = bide_read(s, waste, left < sizeof waste ? left : sizeof waste);
        if (got <= 0)
            return (int)got;
        left -= (size_t)got;
    }
    stand->requests++;
    return 1;
}

__attribute__((unused)) static int stand_say(bide_stream *s, struct stand *stand)
{
    const char *reply = stand->reply;
    size_t size = stand->reply_size ? stand->reply_size : strlen(reply);
    if (stand->delay > 0 && bide_sleep(stand->delay) < 0)
        return bide_errcode();
    if (!stand->slowly)
        return bide_write(s, reply, size);
    for (size_t i = 0; i < size; i++)
        if (bide_write(s, reply + i, 1) < 0 || bide_sleep(0.01) < 0)
            return bide_errcode();
    return 0;
}

__attribute__((unused)) static int stand_talk(bide_stream *s, struct stand *stand)
{
    for (int i = 1; stand_read(s, stand) > 0; i++)
        if (stand_say(s, stand) < 0 || i == stand->close_after)
            break;
    return 0;
}

static int stand_connection(bide_stream *s, void *arg)
{
    struct stand *stand = arg;
    stand->connections++;
    if (++stand->open > stand->most_open)
        stand->most_open = stand->open;
    int rc = stand->talk ? stand->talk(s, stand) : stand_talk(s, stand);
    stand->open--;
    return rc == BIDE_ECANCELED ? rc : 0;
}

static int stand_serve(void *arg)
{
    struct stand *stand = arg;
    int rc = bide_serve(stand->listener, stand_connection, stand);
    bide_listener_close(stand->listener);
    return rc;
}

static void stand_open(bide_group *group, struct stand *stand)
{
    stand->listener = bide_listen("127.0.0.1:0");
    CHECK(stand->listener != NULL);
    snprintf(stand->url, sizeof stand->url, "http://%s/", bide_listener_address(stand->listener));
    bide_spawn(group, stand_serve, stand);
}

/* Leaving the block ends it. */
#define STAND_AS(name, stand) BIDE_GROUP(name); stand_open(name, stand)
#define STAND(stand) STAND_AS(stand_group, stand)

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define EMPTY(status) "HTTP/1.1 " status "\r\nContent-Length: 0\r\n\r\n"
#define OK(length) "HTTP/1.1 200 OK\r\nContent-Length: " #length "\r\n\r\n"

#endif
