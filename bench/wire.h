/* A connection of the floor's client and server: a socket, with OpenSSL on it or without.
 *
 * As little as there can be: no buffers, and no errors, for a connection that fails has ended.
 * OpenSSL goes through its handshake by itself, in the first read or write. Both calls return the
 * bytes moved, 0 at the connection's end, and -1 where nothing can be moved now; then epoll tells
 * when, edge by edge. Without OpenSSL (BENCH_TLS is 0) there are plain connections only. */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#if BENCH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#else
typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
#endif

#define WIRE_UNUSED __attribute__((unused))

struct wire {
    int fd;
    SSL *tls;                   /* NULL: plain */
};

WIRE_UNUSED static void fail(const char *what)
{
    perror(what);
    exit(1);
}

#if BENCH_TLS
WIRE_UNUSED static void fail_tls(const char *what)
{
    const char *why = ERR_reason_error_string(ERR_peek_error());
    fprintf(stderr, "%s: TLS failed: %s\n", what, why ? why : "no reason");
    exit(1);
}

/* What OpenSSL returned, in the terms above. */
static ssize_t tls_result(SSL *tls, int n)
{
    if (n > 0)
        return n;
    int why = SSL_get_error(tls, n);
    ERR_clear_error();
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? -1 : 0;
}

/* Begins TLS on the wire, as the server or as the client. */
WIRE_UNUSED static void wire_secure(struct wire *wire, SSL_CTX *context, int is_server)
{
    wire->tls = SSL_new(context);
    if (!wire->tls || SSL_set_fd(wire->tls, wire->fd) != 1)
        fail_tls("SSL_new");
    if (is_server)
        SSL_set_accept_state(wire->tls);
    else
        SSL_set_connect_state(wire->tls);
}

/* What both sides' contexts have in common. Reading ahead saves one of two reads per record. */
WIRE_UNUSED static void context_prepare(SSL_CTX *context)
{
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1)
        fail_tls("SSL_CTX_new");
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}
#endif

static inline ssize_t wire_receive(struct wire *wire, void *data, size_t size)
{
#if BENCH_TLS
    if (wire->tls)
        return tls_result(wire->tls, SSL_read(wire->tls, data, (int)size));
#endif
    ssize_t n = recv(wire->fd, data, size, MSG_DONTWAIT);
    return n < 0 && errno != EAGAIN ? 0 : n;
}

static inline ssize_t wire_send(struct wire *wire, const void *data, size_t size)
{
#if BENCH_TLS
    if (wire->tls)
        return tls_result(wire->tls, SSL_write(wire->tls, data, (int)size));
#endif
    ssize_t n = send(wire->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    return n < 0 && errno != EAGAIN ? 0 : n;
}

static inline void wire_close(struct wire *wire)
{
#if BENCH_TLS
    if (wire->tls) {
        SSL_shutdown(wire->tls);
        SSL_free(wire->tls);
        wire->tls = NULL;
    }
#endif
    close(wire->fd);
}

/* Tells once of each change: what came, and if `full` also that there is room again. */
static inline void wire_watch(int epoll, int how, struct wire *wire, void *owner, int full)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLET | (full ? EPOLLOUT : 0u),
                                 .data.ptr = owner };
    if (epoll_ctl(epoll, how, wire->fd, &event) < 0)
        fail("epoll_ctl");
}
#endif
