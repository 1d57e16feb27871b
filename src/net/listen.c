/* Listening. */
#include "base/memory.h"
#include "base/sys.h"
#include "core/error.h"
#include "core/fd.h"
#include "io/stream.h"
#include "net/connect.h"
#include "net/listener.h"
#include <bide/unix.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

static int set_option(int fd, int level, int name, int value)
{
    return bide__sys.setsockopt(fd, level, name, &value, sizeof value) == 0
        ? 0 : bide__fail_errno("");
}

static int set_deferred(int fd, double seconds)
{
    if (isnan(seconds) || seconds < 0)
        return bide_fail(BIDE_EINVAL, "defer_accept of %g s", seconds);
    int whole = seconds < INT_MAX ? (int)ceil(seconds) : INT_MAX;
    return whole ? set_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, whole) : 0;
}

/* What was asked for is there, or it fails. */
static int set_options(int fd, int family, const struct bide_listen_opts *o)
{
    bool v6 = family == AF_INET6;
    int rc = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (rc == 0 && o->reuse_port)
        rc = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (rc == 0 && v6)
        rc = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, o->v6_only);
    if (rc == 0 && o->free_bind)
        rc = v6 ? set_option(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1)
                : set_option(fd, IPPROTO_IP, IP_FREEBIND, 1);
    return rc < 0 ? rc : set_deferred(fd, o->defer_accept);
}

static int bind_to(int fd, const struct bide_address *a, const struct bide_listen_opts *opts)
{
    int rc = set_options(fd, a->is.any.sa_family, opts);
    if (rc < 0)
        return rc;
    bide__tcp_tune(fd);
    if (bide__sys.bind(fd, &a->is.any, a->size) < 0 ||
        bide__sys.listen(fd, opts->backlog > 0 ? opts->backlog : LISTEN_BACKLOG) < 0)
        return bide__fail_errno("");
    return bide__fd_watch(fd, WATCH_SOCKET | WATCH_LISTENER);
}

static int open_listener(bide_listener *l, const struct bide_address *a,
                         const struct bide_listen_opts *opts)
{
    l->fd = bide__sys.socket(a->is.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0)
        return bide__fail_errno("");
    int rc = bind_to(l->fd, a, opts);
    return rc < 0 ? rc : bide__listener_name(l);
}

/* A Unix socket's name may have no NUL after it; '@' stands for the one before an abstract name. */
static void write_path(char to[LISTENER_TEXT], const struct sockaddr_un *a, socklen_t size)
{
    size_t before = offsetof(struct sockaddr_un, sun_path);
    size_t length = size > before ? size - before : 0;
    memcpy(to, a->sun_path, length);
    to[length] = '\0';
    if (length && !*to)
        *to = '@';
}

int bide__listener_name(bide_listener *l)
{
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_in6 v6;
    } real = { .any.sa_family = AF_UNSPEC };
    socklen_t size = sizeof real;
    if (getsockname(l->fd, &real.any, &size) < 0)
        return bide__fail_errno("");
    if (real.any.sa_family == AF_UNIX)
        write_path(l->address, &real.local, size);
    else
        bide__sockaddr_format(&real.any, l->address);
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
    if (opts->address && bide__is_given(opts->address))
        return bide__listen_given(opts->address);
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

static int make_twin(bide_listener *twin, const bide_listener *l)
{
    twin->fd = bide__sys.fcntl(l->fd, F_DUPFD_CLOEXEC, 3);
    if (twin->fd < 0)
        return bide__fail_errno("");
    memcpy(twin->address, l->address, sizeof twin->address);
    return bide__fd_watch(twin->fd, WATCH_SOCKET);
}

bide_listener *bide__listener_twin(const bide_listener *l)
{
    bide_listener *twin = bide__listener_new();
    if (!twin || make_twin(twin, l) == 0)
        return twin;
    bide_within("listen: %s", l->address);
    bide_listener_close(twin);
    return NULL;
}

bool bide__listener_is_tcp(const bide_listener *l)
{
    struct sockaddr_storage own;
    socklen_t size = sizeof own;
    return getsockname(l->fd, (struct sockaddr *)&own, &size) == 0 && own.ss_family != AF_UNIX;
}

const char *bide_listener_address(const bide_listener *l)
{
    return l ? l->address : "";
}

int bide_listener_fd(const bide_listener *l)
{
    return l ? l->fd : -1;
}

void bide__listener_free(bide_listener *l)
{
    if (l->gone)
        l->gone(l);
    /* Where others have the same socket open, closing alone would leave it with the poller. */
    bide__fd_unwatch(l->fd);
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
