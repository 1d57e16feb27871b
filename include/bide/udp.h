/* bide/udp.h -- datagrams: UDP.
 *
 * A datagram arrives whole or not at all, in any order, perhaps twice; one sent is gone.  A
 * socket is bound to an address of this machine and talks to everybody, or it is given a peer
 * and talks to that one alone: then a peer that is not there may answer with -ECONNREFUSED, at
 * the next send or receive, which is news and no end.  One task may receive and another send
 * at a time; a second gets BIDE_EBUSY.  Counterpart: loop.create_datagram_endpoint(). */
#ifndef BIDE_UDP_H
#define BIDE_UDP_H
#include <bide/resolve.h>
BIDE_BEGIN_

/* The largest that IPv4 carries, in bytes; what fits a network without being cut up is 1472 and
   less. */
#define BIDE_DATAGRAM_MAX 65507

typedef struct bide_udp bide_udp;
/* Options of bide_udp_open(). */
struct bide_udp_opts {
    size_t abi_;
    const char *address;        /* "127.0.0.1:5353", "[::]:0": where it is; numbers or localhost.
                                   NULL: any, if there is a peer */
    const char *peer;           /* "example.org:53": the only one it talks to; looked up */
    bool reuse_port;            /* several sockets share the port (SO_REUSEPORT) */
    bool broadcast;             /* may send to a broadcast address */
    size_t receive_buffer;      /* bytes that the system keeps for it; default the system's */
};
/* bide_udp_open("0.0.0.0:5353") or (NULL, .peer = "127.0.0.1:53").  Waits only for a peer's
 * name.  NULL: BIDE_EINVAL (no such address, neither of the two), BIDE_EDNS, -EADDRINUSE, ... */
#define bide_udp_open(...) bide_udp_open_opts(BIDE_OPTS_(bide_udp_opts, .address = __VA_ARGS__))
BIDE_WAITS bide_udp *bide_udp_open_opts(const struct bide_udp_opts *opts);

/* The next datagram: its size, 0 for an empty one, and *from (or NULL) who sent it.  One larger
 * than size: BIDE_ELIMIT; buf then holds its beginning, the rest is lost. */
BIDE_WAITS ssize_t bide_udp_receive(bide_udp *u, void *buf, size_t size,
                                    struct bide_address *from);
/* Sends one, to `to` or (NULL) the peer: 0.  Waits while the system's buffer is full.
 * -EMSGSIZE: too large; -EDESTADDRREQ: no peer. */
BIDE_WAITS int bide_udp_send(bide_udp *u, const void *data, size_t size,
                             const struct bide_address *to);

/* One of several datagrams. */
struct bide_datagram {
    void *data;                 /* yours */
    size_t room;                /* to receive: bytes there are at data */
    size_t size;                /* bytes of the datagram; at most room is there */
    struct bide_address address;        /* who sent it; to whom: size 0 is the peer */
};
/* Receives as many as are there, at least one, at most count (64 of them) in one system call:
 * how many.  One larger than its room has a size that tells so. */
BIDE_WAITS int bide_udp_receive_many(bide_udp *u, struct bide_datagram *list, size_t count);
/* Sends all, up to 64 by one system call: 0.  < 0: the first that failed is list[*sent]. */
BIDE_WAITS int bide_udp_send_many(bide_udp *u, const struct bide_datagram *list, size_t count,
                                  size_t *sent);

/* Takes part in a multicast group, "224.0.0.251" or "ff02::fb", on an interface ("eth0"; NULL:
 * the system's choice): 0; < 0: BIDE_EINVAL (no such address, not of the socket's family),
 * -ENODEV, ... */
int bide_udp_join(bide_udp *u, const char *group, const char *interface);
/* Leaves it. */
int bide_udp_leave(bide_udp *u, const char *group, const char *interface);
/* How far what is sent to groups goes (hops, 0 to 255; 1 is this network), whether this machine
 * hears it too, and by which interface it leaves (NULL: the system's choice). */
int bide_udp_multicast(bide_udp *u, int hops, bool loop, const char *interface);

/* "127.0.0.1:40001": where it is; the socket's. */
const char *bide_udp_address(const bide_udp *u);
/* The descriptor, still the socket's; -1 for NULL. */
int bide_udp_fd(const bide_udp *u);
/* Closes and frees it; who is still in it fails with BIDE_ECLOSED.  NULL: nothing. */
void bide_udp_close(bide_udp *u);
BIDE_AUTO_(udp, bide_udp_close)

BIDE_END_
#endif
