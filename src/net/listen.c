/* Listening. */
#include "base/memory.h"
#include "base/sys.h"
#include "core/error.h"
#include "core/fd.h"
#include "io/stream.h"
#include "net/connect.h"
#include "net/listener.h"
#include <bide/unix.h>
#include <string.h>

static void set_option(int fd, int level, int name)
{
    int on = 1;
    bide__sys.setsockopt(fd, level, name, &on, sizeof on);
}

static int bind_to(int fd, const struct bide_address *a, const struct bide_listen_opts *opts)
{
    set_option(fd, SOL_SOCKET, SO_REUSEADDR);
    if (opts->reuse_port)
        set_option(fd, SOL_SOCKET, SO_REUSEPORT);
    if (a->is.any.sa_family == AF_INET6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    bide__tcp_tune(fd);
    if (bide__sys.bind(fd, &a->is.any, a->size) < 0 ||
        bide__sys.listen(fd, opts->backlog > 0 ? opts->backlog : LISTEN_BACKLOG) < 0)
        return bide__fail_errno("");
    return bide__fd_watch(fd, WATCH_SOCKET);
}

static int open_listener(bide_listener *l, const struct bide_address *a,
                         const struct bide_listen_opts *opts)
{
    l->fd = bide__sys.socket(a->is.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0)
        return bide__fail_errno("");
    int rc = bind_to(l->fd, a, opts);
    if (rc < 0)
        return rc;
    struct bide_address real = { .size = sizeof real.is };
    if (getsockname(l->fd, &real.is.any, &real.size) < 0)
        return bide__fail_errno("");
    bide__sockaddr_format(&real.is.any, l->address);
    return 0;
}

bide_listener *bide__listener_new(void)
{
    bide_listener *l = bide__zalloc(sizeof *l);
    if (l)
        l->fd = -1;
    else
        bide_fail(BIDE_ENOMEM, "listen: out of memory");
    return l;
}

bide_listener *bide_listen_opts(const struct bide_listen_opts *opts)
{
    struct bide_addresses found;
    if (opts->address && strncmp(opts->address, "unix:", 5) == 0)
        return bide_unix_listen(opts->address + 5, .backlog = opts->backlog);
    if (bide__address_own(opts->address, &found) < 0) {
        bide_within("listen");
        return NULL;
    }
    bide_listener *l = bide__listener_new();
    if (!l)
        return NULL;
    if (open_listener(l, &found.list[0], opts) == 0)
        return l;
    bide_within("listen: %s", opts->address);
    bide_listener_close(l);
    return NULL;
}

const char *bide_listener_address(const bide_listener *l)
{
    return l ? l->address : "";
}

void bide__listener_free(bide_listener *l)
{
    if (l->gone)
        l->gone(l);
    bide__fd_close(l->fd);
    bide_stream_close(l->spare);
    bide__free(l);
}

void bide_listener_close(bide_listener *l)
{
    if (!l)
        return;
    l->closed = true;
    bide__fd_abort(l->fd);
    if (!l->accepting)
        bide__listener_free(l);
}
