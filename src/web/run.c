/* bide_app_run(): accepting, and ending well.
 *
 * Two groups: accepting is cancelled with the caller; the connections live behind a shield, so
 * that a cancelled server can still give them their grace. */
#include "web/peer.h"

#include "base/memory.h"

#include <bide/task.h>

#include <math.h>

static void end_peer(void *arg)
{
    struct peer *peer = arg;
    bide_stream_close(peer->stream);
    bide_permit_release(peer->permit);
    if (peer->out)
        bide__server_keep_out(peer->server, peer->out);
    bide__free(peer);
}

static int add_peer(struct server *server, bide_stream *stream, bide_permit *permit)
{
    struct peer *peer = bide__zalloc(sizeof *peer);
    if (!peer) {
        bide_stream_close(stream);
        bide_permit_release(permit);
        return 0;               /* this client was unlucky; the server goes on */
    }
    peer->server = server;
    peer->stream = stream;
    peer->permit = permit;
    bide_spawn(server->peers, bide__peer_serve, peer, .drop = end_peer);
    return 0;
}

/* Until it is cancelled or cannot accept any more. */
static int accept_peers(void *arg)
{
    struct server *server = arg;
    for (;;) {
        bide_auto(permit) permit = bide_semaphore_acquire(&server->room);
        bide_stream *stream = permit ? bide_accept(server->listener) : NULL;
        if (!stream)
            return bide_errcode();
        add_peer(server, stream, bide_steal(permit));
    }
}

/* No new requests; those that run get their time, then they are cancelled. */
BIDE_WAITS static int end_peers(struct server *server, double grace)
{
    server->stopping = true;
    for (struct peer *peer = server->idlers; peer; peer = peer->next)
        bide_scope_cancel(peer->idle);
    if (grace > 0) {
        BIDE_TIMEOUT(limit, grace);
        bide_ignore(bide_group_wait(server->peers));
    }
    bide_group_cancel(server->peers);
    return bide_group_wait(server->peers);
}

BIDE_WAITS static int serve(struct server *server, double grace)
{
    bide_task *accepting;
    struct bide_error why;
    BIDE_KEEP_GOING(front);
    BIDE_SHIELD(shelter, BIDE_FOREVER);
    BIDE_KEEP_GOING(peers);
    server->peers = peers;
    bide_spawn(front, accept_peers, server, .handle = &accepting);
    if (!accepting)
        return bide_errcode();
    int rc = bide_join(accepting);
    if (rc < 0)
        return rc;
    why = *bide_task_error(accepting);
    rc = bide_task_result(accepting);
    bide_ignore(bide_group_wait(front));        /* heard: it is reported below */
    bide_ignore(end_peers(server, grace));
    return bide_fail(rc, "%s", why.text[0] ? why.text : "cancelled");
}

static bool is_time(double seconds)
{
    return !isnan(seconds);
}

static size_t head_size(size_t given)
{
    if (given == 0)
        return HEAD_SIZE;
    return given < HEAD_SIZE_MAX ? given : HEAD_SIZE_MAX;
}

static double either(double given, double otherwise)
{
    return given != 0 ? given : otherwise;
}

int bide_app_run_opts(bide_app *app, const struct bide_app_run_opts *opts)
{
    if (!app)
        return bide_errcode();
    if (!is_time(opts->grace) || !is_time(opts->idle) || !is_time(opts->slow))
        return bide_fail(BIDE_EINVAL, "app_run: a time limit is not a number");
    if (!opts->address && !opts->listener)
        return bide_fail(BIDE_EINVAL, "app_run: neither address nor listener given");
    bide_auto(listener) own = opts->listener ? NULL : bide_listen(opts->address);
    if (!opts->listener && !own)
        return bide_errcode();
    struct server server = {
        .app = app, .listener = own ? own : opts->listener,
        .limits = { .size = head_size(opts->header_max) },
        .body_max = opts->body_max ? opts->body_max : 1 << 20,
        .idle = either(opts->idle, 75), .slow = either(opts->slow, 30),
        .room = BIDE_SEMAPHORE(opts->connections ? opts->connections : 10000),
    };
    int rc = bide__app_start(app);
    if (rc < 0)
        return rc;
    rc = serve(&server, either(opts->grace, 5));
    bide__app_stopped(app);
    bide__server_free_spares(&server);
    return rc;
}
