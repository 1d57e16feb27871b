/* UDP: one datagram per call, or as many as there are per system call. */
#include "base/memory.h"
#include "base/sys.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/park.h"
#include "net/resolve.h"
#include "net/udp.h"

enum { MANY = 64 };

/* ---- Opening ---- */

BIDE_WAITS static int peer_address(const char *text, int family, struct bide_addresses *found)
{
    char host[HOST_SIZE];
    uint16_t port;
    int rc = bide__address_split(text, host, &port);
    if (rc < 0)
        return rc;
    return bide_resolve(host, found, .port = port, .family = family);
}

static int set_options(int fd, const struct bide_udp_opts *o)
{
    int on = 1, size = o->receive_buffer < INT32_MAX ? (int)o->receive_buffer : INT32_MAX;
    if (o->reuse_port && bide__sys.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
        return bide__fail_errno("reuse_port: ");
    if (o->broadcast && bide__sys.setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) < 0)
        return bide__fail_errno("broadcast: ");
    if (size && bide__sys.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) < 0)
        return bide__fail_errno("receive_buffer: ");
    return 0;
}

static int set_up(bide_udp *u, const struct bide_udp_opts *o, const struct bide_addresses *own,
                  const struct bide_addresses *peer)
{
    const struct bide_address *to = &peer->list[0];
    u->family = own->count ? own->list[0].is.any.sa_family : to->is.any.sa_family;
    u->fd = bide__sys.socket(u->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (u->fd < 0)
        return bide__fail_errno("");
    int rc = set_options(u->fd, o);
    if (rc < 0)
        return rc;
    if (own->count && bide__sys.bind(u->fd, &own->list[0].is.any, own->list[0].size) < 0)
        return bide__fail_errno("");
    if (peer->count && bide__sys.connect(u->fd, &to->is.any, to->size) < 0)
        return bide__fail_errno("");
    struct bide_address real = { .size = sizeof real.is };
    if (getsockname(u->fd, &real.is.any, &real.size) == 0)
        bide_address_text(&real, u->address);
    return bide__fd_watch(u->fd, READY_READ | READY_WRITE);
}

BIDE_WAITS static int find(const struct bide_udp_opts *o, struct bide_addresses *own,
                           struct bide_addresses *peer)
{
    if (!o->address && !o->peer)
        return bide_fail(BIDE_EINVAL, "neither an address nor a peer");
    if (o->address && bide__address_own(o->address, own) < 0)
        return bide_within("%s", o->address);
    int family = o->address ? own->list[0].is.any.sa_family : AF_UNSPEC;
    if (o->peer && peer_address(o->peer, family, peer) < 0)
        return bide_within("%s", o->peer);
    return 0;
}

bide_udp *bide_udp_open_opts(const struct bide_udp_opts *o)
{
    struct bide_addresses own = { .count = 0 }, peer = { .count = 0 };
    if (bide__enter() < 0)
        return NULL;
    if (find(o, &own, &peer) < 0) {
        bide_within("udp");
        return NULL;
    }
    bide_udp *u = bide__zalloc(sizeof *u);
    if (!u) {
        bide_fail(BIDE_ENOMEM, "udp: out of memory");
        return NULL;
    }
    u->fd = -1;
    if (set_up(u, o, &own, &peer) == 0)
        return u;
    bide_within("udp: %s", o->address ? o->address : o->peer);
    bide_udp_close(u);
    return NULL;
}

/* ---- Sending and receiving ---- */

static ssize_t try_receive(int fd, void *message)
{
    return bide__sys.recvmsg(fd, message, MSG_TRUNC);
}

static ssize_t try_send(int fd, void *message)
{
    return bide__sys.sendmsg(fd, message, MSG_NOSIGNAL);
}

struct several { struct mmsghdr *messages; unsigned count; };

static ssize_t try_receive_many(int fd, void *arg)
{
    struct several *s = arg;
    return bide__sys.recvmmsg(fd, s->messages, s->count, MSG_TRUNC);
}

static ssize_t try_send_many(int fd, void *arg)
{
    struct several *s = arg;
    return bide__sys.sendmmsg(fd, s->messages, s->count, MSG_NOSIGNAL);
}

static void free_udp(bide_udp *u)
{
    bide__fd_close(u->fd);
    bide__free(u);
}

/* Who is inside when it is closed is the one to free it. */
BIDE_WAITS static ssize_t transfer(bide_udp *u, unsigned direction, bide__fd_attempt *attempt,
                                   void *arg)
{
    if (!u)
        return bide_errcode();
    u->inside++;
    ssize_t rc = bide__fd_do(u->fd, direction, attempt, arg);
    if (--u->inside == 0 && u->closed)
        free_udp(u);
    if (rc < 0 && rc != BIDE_ECANCELED)
        bide_within(direction == READY_READ ? "udp receive" : "udp send");
    return rc;
}

ssize_t bide_udp_receive(bide_udp *u, void *buf, size_t size, struct bide_address *from)
{
    struct bide_address sender;
    struct iovec place = { buf, size };
    struct msghdr m = { .msg_name = &sender.is, .msg_namelen = sizeof sender.is,
                        .msg_iov = &place, .msg_iovlen = 1 };
    ssize_t n = transfer(u, READY_READ, try_receive, &m);
    if (n < 0)
        return n;
    sender.size = m.msg_namelen;
    if (from)
        *from = sender;
    if ((size_t)n <= size)
        return n;
    return bide_fail(BIDE_ELIMIT, "udp receive: a datagram of %zd bytes, and room for %zu", n,
                     size);
}

static void address_message(struct msghdr *m, const struct bide_address *to)
{
    if (!to || !to->size)
        return;
    m->msg_name = (void *)(uintptr_t)&to->is;
    m->msg_namelen = to->size;
}

int bide_udp_send(bide_udp *u, const void *data, size_t size, const struct bide_address *to)
{
    struct iovec piece = { (void *)(uintptr_t)data, size };
    struct msghdr m = { .msg_iov = &piece, .msg_iovlen = 1 };
    address_message(&m, to);
    ssize_t n = transfer(u, READY_WRITE, try_send, &m);
    return n < 0 ? (int)n : 0;
}

int bide_udp_receive_many(bide_udp *u, struct bide_datagram *list, size_t count)
{
    struct mmsghdr messages[MANY];
    struct iovec places[MANY];
    struct several s = { messages, count < MANY ? (unsigned)count : MANY };
    if (count == 0)
        return bide_fail(BIDE_EINVAL, "udp receive: room for no datagram");
    for (unsigned i = 0; i < s.count; i++) {
        places[i] = (struct iovec){ list[i].data, list[i].room };
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &list[i].address.is, .msg_namelen = sizeof list[i].address.is,
            .msg_iov = &places[i], .msg_iovlen = 1 };
    }
    ssize_t n = transfer(u, READY_READ, try_receive_many, &s);
    for (ssize_t i = 0; i < n; i++) {
        list[i].size = messages[i].msg_len;
        list[i].address.size = messages[i].msg_hdr.msg_namelen;
    }
    return (int)n;
}

/* At most MANY of them; how many went. */
BIDE_WAITS static ssize_t send_some(bide_udp *u, const struct bide_datagram *list, size_t count)
{
    struct mmsghdr messages[MANY];
    struct iovec pieces[MANY];
    struct several s = { messages, count < MANY ? (unsigned)count : MANY };
    for (unsigned i = 0; i < s.count; i++) {
        pieces[i] = (struct iovec){ list[i].data, list[i].size };
        messages[i].msg_hdr = (struct msghdr){ .msg_iov = &pieces[i], .msg_iovlen = 1 };
        address_message(&messages[i].msg_hdr, &list[i].address);
    }
    return transfer(u, READY_WRITE, try_send_many, &s);
}

int bide_udp_send_many(bide_udp *u, const struct bide_datagram *list, size_t count, size_t *sent)
{
    size_t done = 0;
    ssize_t n = u ? 0 : bide_errcode();
    while (n >= 0 && done < count) {
        n = send_some(u, list + done, count - done);
        done += n > 0 ? (size_t)n : 0;
    }
    if (sent)
        *sent = done;
    return n < 0 ? (int)n : 0;
}

/* ---- The rest ---- */

const char *bide_udp_address(const bide_udp *u)
{
    return u ? u->address : "";
}

int bide_udp_fd(const bide_udp *u)
{
    return u ? u->fd : -1;
}

void bide_udp_close(bide_udp *u)
{
    if (!u)
        return;
    u->closed = true;
    bide__fd_abort(u->fd);
    if (!u->inside)
        free_udp(u);
}
