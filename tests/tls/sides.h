/* Two sides of a TLS connection in one loop, for tests. */
#ifndef SIDES_H
#define SIDES_H
#include "certificates.h"
#include "test.h"

#include <bide.h>
#include <stdio.h>
#include <string.h>

/* The accepting side, as a task: its stream, or why there is none. */
struct side {
    bide_stream *plain, *secure;
    bide_tls *tls;
    struct bide_start_tls_opts opts;
    struct bide_error error;    /* code 0: it went well */
};

static int side_start(void *arg)
{
    struct side *side = arg;
    side->opts.abi_ = sizeof side->opts;
    side->opts.tls = side->tls;
    side->secure = bide_start_tls_opts(side->plain, &side->opts);
    if (side->secure) {
        side->plain = NULL;
        return 0;
    }
    side->error.code = bide_errcode();
    snprintf(side->error.text, sizeof side->error.text, "%s", bide_errmsg());
    bide_stream_close(side->plain);     /* so that the other one does not wait for it */
    side->plain = NULL;
    return 0;
}

static void side_close(struct side *side)
{
    bide_stream_close(side->secure);
    bide_stream_close(side->plain);
    side->secure = side->plain = NULL;
}

/* Both handshakes at once. */
static void sides_start(struct side *server, struct side *client)
{
    BIDE_GROUP(g);
    bide_spawn(g, side_start, server);
    bide_spawn(g, side_start, client);
    CHECK(bide_group_wait(g) == 0);
}

__attribute__((unused)) static void sides_meet(struct side *server, struct side *client)
{
    bide_stream *ends[2];
    CHECK(bide_stream_pair(ends) == 0);
    server->plain = ends[0];
    client->plain = ends[1];
    sides_start(server, client);
}

__attribute__((unused)) static void sides_close(struct side *server, struct side *client)
{
    side_close(client);
    side_close(server);
}

/* Both sides' usual settings. */
__attribute__((unused)) static bide_tls *server_tls(struct certificates *c, const char *name)
{
    bide_tls *tls = bide_tls_new(.server = true, .cert_file = certificate(c, name));
    if (!tls)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    return tls;
}

__attribute__((unused)) static bide_tls *client_tls(struct certificates *c)
{
    bide_tls *tls = bide_tls_new(.ca_file = certificate(c, "root"));
    if (!tls)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    return tls;
}

#endif
