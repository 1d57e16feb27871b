/* A TCP connection to a name: looked up, then one address tried after the other. */
#include "net/connect.h"
#include "base/sys.h"
#include "core/fd.h"
#include "io/stream.h"
#include <bide/scope.h>
#include <netinet/tcp.h>

/* Small writes go out at once (they are whole messages here), and no more than the high-water
 * mark waits in the kernel. */
void bide__tcp_tune(int fd)
{
    int on = 1, mark = BIDE_HIGH_WATER;
    bide__sys.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    bide__sys.setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &mark, sizeof mark);
}

static int open_socket(const struct bide_address *a)
{
    int fd = bide__sys.socket(a->is.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return bide_fail(-errno, "%s", bide_strerror(-errno));
    bide__tcp_tune(fd);
    return fd;
}

static int try_address(bide_stream *s, const struct bide_address *a)
{
    int fd = open_socket(a);
    int rc = fd < 0 ? fd : bide__fd_connect(fd, &a->is.any, a->size);
    if (rc == 0) {
        bide__socket_stream_set(s, fd, &a->is.any);
        return 0;
    }
    bide__fd_close(fd);
    if (rc != BIDE_ECANCELED) {
        char text[SOCKADDR_TEXT];
        bide__sockaddr_format(&a->is.any, text);
        bide_within("connect: %s", text);
    }
    return rc;
}

bide_stream *bide__connect_to(const struct bide_addresses *addresses)
{
    bide_auto(stream) s = bide__socket_stream();
    if (!s)
        return NULL;
    for (int i = 0; i < addresses->count; i++) {
        int rc = try_address(s, &addresses->list[i]);
        if (rc == 0)
            return bide_steal(s);
        if (rc == BIDE_ECANCELED)
            break;
    }
    return NULL;
}

static bide_stream *connect_name(const char *address)
{
    struct bide_addresses found;
    char host[HOST_SIZE];
    uint16_t port;
    if (bide__address_split(address, host, &port) < 0) {
        bide_within("connect");
        return NULL;
    }
    if (bide__resolve(host, port, &found) < 0)
        return NULL;
    return bide__connect_to(&found);
}

static bide_stream *connect_in_time(const char *address, double timeout)
{
    BIDE_TIMEOUT(t, timeout);
    bide_stream *s = connect_name(address);
    if (!s && bide_scope_result(t, bide_errcode()) == BIDE_ETIMEDOUT)
        bide_within("connect: %s", address);
    return s;
}

bide_stream *bide_connect_opts(const struct bide_connect_opts *opts)
{
    if (opts->timeout != 0)
        return connect_in_time(opts->address, opts->timeout);
    return connect_name(opts->address);
}
