/* The load of the server rows: what it is told, a connection of it, and what is different between
 * HTTP and WebSocket. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

enum { DEPTH_MAX = 64, REQUEST_MAX = 256, ANSWER_MAX = 1 << 16 };

struct load {
    int port;
    char path[128];
    char text[128];             /* what each body must contain; "": anything */
    size_t size;                /* of each body or message; 0: as the first one */
    int connections, depth;     /* depth: requests in one write, answered before the next */
    double warm, seconds;
    long count;                 /* of answers, to end before the seconds are over; 0: does not */
    double share;               /* of the saturated rate, to measure latency at; 0: do not */
    long server;                /* the session whose processor time is asked for */
    char ca[256];               /* TLS, with this certificate to trust; "": none */
    bool websocket, awake;      /* awake: never sleeps, where it has a core for itself */
};

struct link {
    struct wire wire;
    int flying;                 /* asked and not answered */
    long answered;              /* since the clock started */
    uint32_t asked_id, answered_id;     /* of messages, to tell them apart */
    int64_t due;                /* when the request should have been sent */
    struct link *next;          /* of the idle ones */
    size_t carried;             /* of an answer that has come in part */
    char *carry;
};

struct protocol {
    /* Before the clock starts, and while the socket still blocks. */
    void (*open)(const struct load *load, struct link *link);
    /* The bytes that ask `depth` times, valid until the next call. */
    size_t (*ask)(const struct load *load, struct link *link, const char **bytes);
    /* The size of the answer that stands whole at `data`, checked; 0: there is more to come. */
    size_t (*answer)(const struct load *load, struct link *link, const char *data, size_t size);
};

extern const struct protocol load_http, load_websocket;

/* Ends the program: what came instead is shown. */
_Noreturn void load_refuse(const char *why, const char *data, size_t size);
#endif
