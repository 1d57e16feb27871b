/* bide/net.h -- TCP: connect, listen, accept.
 *
 * An address is "host:port", "[::1]:80" or "127.0.0.1:0"; port by number, 0 to listen means
 * any free one.  How names are looked up is told in bide/resolve.h.  "unix:/run/x.sock" is a
 * Unix socket (bide/unix.h), wherever an address is taken here.  To listen, "fd:3" and
 * "systemd:web" are sockets that this process was given (bide/service.h). */
#ifndef BIDE_NET_H
#define BIDE_NET_H
#include <bide/stream.h>
BIDE_BEGIN_

typedef struct bide_listener bide_listener;
/* Options of bide_connect(). */
struct bide_connect_opts {
    size_t abi_;
    const char *address;        /* "host:port" */
    double timeout;             /* seconds for the whole call; default none (put a scope
                                   around) */
    int family;                 /* AF_INET or AF_INET6 alone; default both */
    double delay;               /* seconds until the next address is tried beside one that does
                                   not answer; default 0.25; BIDE_FOREVER: when it has failed */
    const char *local_address;  /* where it comes from, "192.0.2.1" or "[::1]:4000"; the family
                                   is then this one's; default: the system's choice */
};
/* Options of bide_listen(); all but backlog are for TCP, and not for sockets that were given. */
struct bide_listen_opts {
    size_t abi_;
    const char *address;        /* "host:port" */
    int backlog;                /* default 4096, capped by the system */
    bool reuse_port;            /* several listeners share the port (SO_REUSEPORT) */
    bool v6_only;               /* "[::]:80" is for IPv6 alone; default: for IPv4 as well, whose
                                   peers are told as "192.0.2.1:4000" */
    bool free_bind;             /* also an address that this machine does not have yet */
    double defer_accept;        /* seconds in which a connection on which nothing was said is
                                   kept from bide_accept() (TCP_DEFER_ACCEPT; the system rounds
                                   up); default 0: none is.  Negative or NaN: BIDE_EINVAL */
};
/* A TCP connection: bide_connect("example.org:80", .timeout = 5).  Tries the addresses of the
 * name (16 at most), IPv6 and IPv4 in turn, the next when one has failed or has not answered
 * within the delay; the first connection wins, the others are closed (RFC 8305).  NULL:
 * BIDE_EINVAL (no address, no time), BIDE_EDNS, -ECONNREFUSED, BIDE_ETIMEDOUT, ...; if several were
 * tried, with all their reasons.  Counterpart:
 * asyncio.open_connection(happy_eyeballs_delay=). */
#define bide_connect(...) \
    bide_connect_opts(BIDE_OPTS_(bide_connect_opts, .address = __VA_ARGS__))
BIDE_WAITS bide_stream *bide_connect_opts(const struct bide_connect_opts *opts);
/* A listening socket; the name must be a number or localhost.  "fd:3" and "systemd:web" listen
 * with a duplicate of the descriptor that was given, so the loops of several threads may do so at
 * once, and it is still there when they have closed theirs.  NULL: -EADDRINUSE, ... */
#define bide_listen(...) bide_listen_opts(BIDE_OPTS_(bide_listen_opts, .address = __VA_ARGS__))
bide_listener *bide_listen_opts(const struct bide_listen_opts *opts);
/* A listener of a descriptor, a listening stream socket of TCP or Unix, which becomes its own,
 * non-blocking (for whomever it is shared with, too) and close-on-exec.  A Unix socket's file stays
 * when it is closed.  NULL: -EBADF, BIDE_EINVAL (no such socket), BIDE_EBUSY (this loop uses it
 * already), BIDE_ENOMEM, BIDE_EPERM outside a loop; then the descriptor is still yours.
 * Counterpart: loop.create_server(sock=). */
bide_listener *bide_listener_of_fd(int fd);
/* "127.0.0.1:40001", or a Unix socket's path, "@name" for an abstract one: where it listens; the
 * listener's. */
const char *bide_listener_address(const bide_listener *l);
/* Its descriptor, still the listener's; NULL: -1.  A duplicate of it, fcntl(fd, F_DUPFD_CLOEXEC,
 * 0), makes a listener for another loop. */
int bide_listener_fd(const bide_listener *l);
/* The next connection.  Out of descriptors or memory it tries again every 0.1 s, saying so
 * once through the log.  One task at a time, else BIDE_EBUSY.  NULL: BIDE_ECANCELED,
 * BIDE_ECLOSED, ... */
BIDE_WAITS bide_stream *bide_accept(bide_listener *l);
/* The next connection if there is one, for taking several at a time; ask bide_yield() for a turn
 * for others once in a while.  NULL: BIDE_EAGAIN (there is none), BIDE_EBUSY (a task is in
 * bide_accept()), BIDE_ECLOSED; -EMFILE and the like when out of descriptors or memory: nothing
 * was told, and bide_accept() waits for better times. */
bide_stream *bide_accept_nowait(bide_listener *l);
/* Runs fn(stream, arg) as a task per connection; the stream is closed when fn returns (a TLS
 * stream over it, by fn), a failing one goes to on_failure, not up.  Returns only when cancelled
 * or when accepting fails; then its connections are cancelled and joined.  Counterpart:
 * asyncio.start_server(). */
BIDE_WAITS int bide_serve(bide_listener *l, int (*fn)(bide_stream *s, void *arg), void *arg);
/* Stops listening and frees it; who waits in bide_accept() fails with BIDE_ECLOSED.  NULL:
 * nothing. */
void bide_listener_close(bide_listener *l);
BIDE_AUTO_(listener, bide_listener_close)

BIDE_END_
#endif
