/* Connecting and logging in.  All that has to be said is one write: HELLO with user, password and
 * name where the reader knows RESP3, and AUTH and CLIENT SETNAME where it does not, or where the
 * server does not know HELLO (before Redis 6); then SELECT; and PING, which tells whether the
 * server lets us in and has its data. */
#include "redis/link.h"

#include "base/memory.h"

#include <bide/net.h>
#include <bide/scope.h>

#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

enum { GREETINGS_MAX = 5, KEEPALIVE_MOST = 7200, PROBES = 3 };

/* ---- bytes and replies ----------------------------------------------------------------------- */

int bide__link_read(struct redis_link *link, bide_redis_reply **reply)
{
    for (;;) {
        int rc = bide__decoder_next(&link->decoder, reply);
        if (rc != 0)
            return rc < 0 ? rc : 0;
        const char *data;
        ssize_t size = bide_stream_peek(link->stream, &data);
        if (size <= 0)
            return size < 0 ? bide_within("redis")
                            : bide_fail(BIDE_EEOF, "redis: the server closed the connection");
        rc = bide__decoder_feed(&link->decoder, data, (size_t)size);
        bide_stream_consume(link->stream, (size_t)size);
        if (rc < 0)
            return rc;
    }
}

int bide__link_ask(struct redis_link *link, const struct bytes *out, bide_redis_reply **replies,
                   size_t count)
{
    int rc = bide_write(link->stream, out->at, out->size);
    if (rc < 0)
        return bide_within("redis");
    for (size_t i = 0; i < count; i++) {
        rc = bide__link_read(link, &replies[i]);
        if (rc == 0 && replies[i]->type == BIDE_REDIS_PUSH) {   /* nobody's reply */
            bide_redis_reply_free(replies[i--]);
            continue;
        }
        if (rc == 0)
            continue;
        while (i)
            bide_redis_reply_free(replies[--i]);
        return rc;
    }
    return 0;
}

/* ---- logging in ------------------------------------------------------------------------------ */

struct greetings {
    struct bytes out;
    const char *said[GREETINGS_MAX];    /* their first words */
    size_t count;
    int rc;
};

static void greet(struct greetings *g, const char *const *argv)
{
    struct command c = { .argv = argv };
    while (argv[c.count])
        c.count++;
    g->said[g->count++] = argv[0];
    if (g->rc == 0)
        g->rc = bide__command_put(&g->out, &c);
}
#define GREET(g, ...) greet(g, (const char *const[]){ __VA_ARGS__, NULL })

/* A user without one may be let in with any (ACL SETUSER ... nopass). */
static const char *password_of(const struct redis_place *p)
{
    return p->password ? p->password : "";
}

static void say_hello(struct greetings *g, const struct redis_place *p)
{
    const char *argv[8] = { "HELLO", "3" };
    int count = 2;
    if (p->user || p->password) {
        argv[count++] = "AUTH";
        argv[count++] = p->user ? p->user : "default";
        argv[count++] = password_of(p);
    }
    if (p->name) {
        argv[count++] = "SETNAME";
        argv[count++] = p->name;
    }
    greet(g, argv);
}

static void say_old_hello(struct greetings *g, const struct redis_place *p)
{
    if (p->user)
        GREET(g, "AUTH", p->user, password_of(p));
    else if (p->password)
        GREET(g, "AUTH", p->password);
    if (p->name)
        GREET(g, "CLIENT", "SETNAME", p->name);
}

static void compose(struct greetings *g, const struct redis_place *p, bool resp3)
{
    if (resp3)
        say_hello(g, p);
    else
        say_old_hello(g, p);
    if (p->database)
        GREET(g, "SELECT", p->database);
    GREET(g, "PING");
}

static bool is_unknown(const bide_redis_reply *r)
{
    return bide__reply_is_error(r, "NOPROTO") ||
           (r->type == BIDE_REDIS_ERROR && strstr(r->text, "unknown command"));
}

/* 0; 1: the server does not know RESP3; < 0. */
static int judge(const struct greetings *g, bide_redis_reply **replies, bool resp3)
{
    int rc = 0;
    for (size_t i = 0; i < g->count; i++) {
        const bide_redis_reply *r = replies[i];
        bool nameless = strcmp(g->said[i], "CLIENT") == 0;      /* a name is nice to have */
        if (rc == 0 && i == 0 && resp3 && is_unknown(r))
            rc = 1;
        else if (rc == 0 && r->type == BIDE_REDIS_ERROR && !nameless)
            rc = bide_fail(BIDE_EDB, "redis: %s", r->text);
        bide_redis_reply_free(replies[i]);
    }
    return rc;
}

BIDE_WAITS static int say(struct redis_link *link, const struct redis_place *p, bool resp3)
{
    struct greetings g = { .rc = 0 };
    bide_redis_reply *replies[GREETINGS_MAX];
    compose(&g, p, resp3);
    int rc = g.rc;
    if (rc == 0)
        rc = bide__link_ask(link, &g.out, replies, g.count);
    if (rc == 0)
        rc = judge(&g, replies, resp3);
    bide__bytes_free(&g.out);
    return rc;
}

BIDE_WAITS static int log_in(struct redis_link *link, const struct redis_place *p)
{
    int rc = 1;
    if (bide__decoder_reads_resp3)
        rc = say(link, p, true);
    link->resp3 = rc == 0;
    return rc == 1 ? say(link, p, false) : rc;
}

/* ---- connecting ------------------------------------------------------------------------------ */

BIDE_WAITS static int secure(struct redis_link *link, const struct redis_place *p)
{
    bide_stream *s = bide_start_tls(link->stream, .tls = p->tls, .server_name = p->host,
                                    .timeout = BIDE_FOREVER);
    if (!s)
        return bide_within("redis");
    link->stream = s;
    return 0;
}

/* A command that blocks may wait for ever: that its server is gone only the system can find out. */
static void keep_alive(int fd, double heartbeat)
{
    int on = 1, idle = heartbeat < KEEPALIVE_MOST ? (int)ceil(heartbeat) : KEEPALIVE_MOST;
    int between = idle / PROBES > 0 ? idle / PROBES : 1, probes = PROBES;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);       /* all refused but by TCP */
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof between);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

BIDE_WAITS static int connect_link(struct redis_link *link, const struct redis_place *p)
{
    link->stream = bide_connect(p->address);
    if (!link->stream)
        return bide_within("redis");
    keep_alive(bide_stream_fd(link->stream), p->heartbeat);
    int rc = p->secure ? secure(link, p) : 0;
    return rc < 0 ? rc : log_in(link, p);
}

struct redis_link *bide__link_open(const struct redis_place *place, size_t reply_max,
                                   double timeout)
{
    struct redis_link *link = bide__zalloc(sizeof *link);
    if (!link || bide__decoder_open(&link->decoder, reply_max) < 0) {
        bide__free(link);
        bide_fail(BIDE_ENOMEM, "redis: out of memory");
        return NULL;
    }
    BIDE_TIMEOUT(limit, timeout);
    int rc = bide_scope_result(limit, connect_link(link, place));
    if (rc == BIDE_ETIMEDOUT)
        bide_within("redis: %s", place->address);
    if (rc == 0)
        return link;
    BIDE_KEEP_ERROR(why);
    bide__link_close(link);
    return NULL;
}

void bide__link_close(struct redis_link *link)
{
    if (!link)
        return;
    bide_stream_close(link->stream);
    bide__decoder_close(&link->decoder);
    bide__free(link);
}
