/* tests/web/ws_ends.h -- a WebSocket over a pair of streams in memory, and its peer: raw bytes, or
 * another WebSocket.
 *
 *     struct ws_ends e;
 *     WS_ENDS(e, .server = { .message_max = 1000 });
 *     ... e.ws, e.raw ... */
#ifndef WS_ENDS_H
#define WS_ENDS_H
#include "test.h"

#include "http/ws_mask.h"
#include "web/ws.h"

#include <bide.h>
#include <bide/web.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(text) "" text "", sizeof(text) - 1

struct ws_ends_opts {
    struct bide_ws_opts ws;
    bool client;                /* we are one; else the server */
    struct ws_params params;
};

struct ws_ends {
    bide_ws *ws;
    bide_stream *ours, *raw;
    bool client;
};

__attribute__((unused)) static bide_ws *ws_over(bide_stream *stream, struct bide_ws_opts *opts,
                                                bool client, const struct ws_params *params)
{
    opts->abi_ = sizeof *opts;
    bide_ws *ws = bide__ws_new_own(stream, opts, !client, params);
    CHECK(ws != NULL);
    return ws;
}

__attribute__((unused)) static struct ws_ends ws_ends_open(struct ws_ends_opts o)
{
    bide_stream *ends[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    return (struct ws_ends){ .ws = ws_over(ends[0], &o.ws, o.client, &o.params), .ours = ends[0],
                             .raw = ends[1], .client = o.client };
}

#define WS_ENDS(...) ws_ends_open((struct ws_ends_opts){ __VA_ARGS__ })

__attribute__((unused)) static void ws_ends_close(struct ws_ends *e)
{
    bide_ws_close(e->ws);
    bide_stream_close(e->ours);
    bide_stream_close(e->raw);
}

/* A frame as the peer sends it: masked if we are the server. */
__attribute__((unused)) static size_t frame_of(char *to, bool masked, unsigned first,
                                               const void *data, size_t size)
{
    struct ws_frame f = { .opcode = first & 15, .last = first & 0x80, .deflated = first & 0x40,
                          .masked = masked, .mask = { 0xa1, 0x05, 0xff, 0x3c }, .size = size };
    size_t head = bide__ws_frame_write(to, &f);
    to[0] = (char)first;        /* also with bits that nobody may set */
    if (masked)
        bide__ws_mask(to + head, data, size, f.mask, 0);
    else
        memcpy(to + head, data, size);
    return head + size;
}

__attribute__((unused)) static void peer_says(const struct ws_ends *e, unsigned first,
                                              const void *data, size_t size)
{
    char *frame = malloc(size + WS_HEAD_MAX);
    CHECK(frame != NULL);
    size_t whole = frame_of(frame, !e->client, first, data, size);
    CHECK_EQ(bide_write(e->raw, frame, whole), 0);
    free(frame);
}

/* The next frame that was sent to the peer, unmasked, with a NUL behind it: its first byte;
 * -1: none has been; -2: the end. */
__attribute__((unused)) static int peer_hears(const struct ws_ends *e, char *out, size_t room,
                                              size_t *size)
{
    const struct ws_rules rules = { .masked = e->client, .deflate = true };
    struct ws_frame f;
    const char *data, *why;
    BIDE_TIMEOUT(limit, 1);
    for (size_t have = 0;;) {
        ssize_t n = bide_stream_peek_more(e->raw, &data, have);
        if (n <= 0)
            return n == 0 ? -2 : -1;
        have = (size_t)n;
        int head = bide__ws_frame_read(&f, &rules, data, have, &why);
        CHECK(head >= 0);
        if (head == 0 || have < (size_t)head + f.size)
            continue;
        CHECK(f.size < room);
        memcpy(out, data + head, f.size);
        if (f.masked)
            bide__ws_mask(out, out, f.size, f.mask, 0);
        out[f.size] = '\0';
        if (size)
            *size = f.size;
        int first = (uint8_t)data[0];
        bide_stream_consume(e->raw, (size_t)head + f.size);
        return first;
    }
}

/* The next frame is this one. */
__attribute__((unused)) static void check_heard(const struct ws_ends *e, int first,
                                                const char *text, size_t size)
{
    char out[2000];
    size_t got = 0;
    CHECK_EQ(peer_hears(e, out, sizeof out, &got), first);
    CHECK_EQ(got, size);
    CHECK_MEM(out, text, size);
}

__attribute__((unused)) static void check_close_heard(const struct ws_ends *e, int code)
{
    char out[200];
    size_t size = 0;
    CHECK_EQ(peer_hears(e, out, sizeof out, &size), 0x88);
    CHECK_EQ(size >= 2 ? (uint8_t)out[0] << 8 | (uint8_t)out[1] : 1005, code);
}

#endif
