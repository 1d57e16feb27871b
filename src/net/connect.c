/* A TCP connection to a name: looked up, then its addresses tried, by RFC 8305.
 *
 * Families take turns, beginning with the address that is likeliest to work.  The next attempt
 * begins when the one before has failed, or has not succeeded within a delay; who is first wins,
 * and the others are closed at once.  The caller's own task makes each attempt; only one that
 * takes longer than the delay goes on in a task of its own.  So a single address costs nothing
 * more than the connection, and one that answers at once no task.
 *
 * Of RFC 8305 is left out: addresses that come after connecting has begun do not join in (the
 * resolver waits 50 ms for them, section 3), and no history of round trips is kept (section 4). */
#include "net/connect.h"
#include "base/inline.h"
#include "base/memory.h"
#include "base/sys.h"
#include "core/error.h"
#include "core/fd.h"
#include "io/stream.h"
#include <bide/group.h>
#include <bide/scope.h>
#include <bide/unix.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

enum { REASONS_SIZE = 220 };
/* Section 8. */
static const double attempt_delay = 0.25;

struct race {
    const struct bide_address *local;   /* NULL: any */
    double delay;
    bide_stream *stream;
    bide_scope *running;        /* ends when somebody has won */
    bide_group *slow;           /* attempts that take longer than the delay */
    bool won;
    int code, more;             /* the failure that tells most; reasons that have no room */
    char *reasons;              /* of REASONS_SIZE bytes; NULL: nothing has failed yet */
};
struct attempt { struct race *race; const struct bide_address *to; int fd; };

/* Small writes go out at once (they are whole messages here), and no more than the high-water
 * mark waits in the kernel. */
void bide__tcp_tune(int fd)
{
    int on = 1, mark = BIDE_HIGH_WATER;
    bide__sys.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    bide__sys.setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &mark, sizeof mark);
}

/* The port is chosen when it connects: so two connections to different places may share it. */
static int bind_locally(int fd, const struct bide_address *local)
{
    int on = 1;
    char text[BIDE_ADDRESS_TEXT];
    if (!local->is.v4.sin_port)
        bide__sys.setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bide__sys.bind(fd, &local->is.any, local->size) == 0)
        return 0;
    int rc = bide__fail_errno("");
    bide_within("from %s", bide_address_text(local, text));
    return rc;
}

static int open_socket(const struct bide_address *a, const struct bide_address *local)
{
    int fd = bide__sys.socket(a->is.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return bide__fail_errno("");
    bide__tcp_tune(fd);
    int rc = local ? bind_locally(fd, local) : 0;
    if (rc == 0)
        return fd;
    bide__sys.close(fd);
    return rc;
}

/* ---- one address ---- */

static int connect_alone(struct race *r, const struct bide_address *a)
{
    int fd = open_socket(a, r->local);
    int rc = fd < 0 ? fd : bide__fd_connect(fd, &a->is.any, a->size);
    if (rc == 0) {
        bide__socket_stream_set(r->stream, fd, &a->is.any);
        return 0;
    }
    bide__fd_close(fd);
    if (rc != BIDE_ECANCELED) {
        char text[BIDE_ADDRESS_TEXT];
        bide_within("connect: %s", bide_address_text(a, text));
    }
    return rc;
}

/* ---- several ---- */

/* That there is no way says less than that somebody refused. */
static bool is_unreachable(int code)
{
    return code == -ENETUNREACH || code == -EHOSTUNREACH || code == -EADDRNOTAVAIL ||
           code == -EAFNOSUPPORT;
}

/* The held error is why this address will not do. */
static void note(struct race *r, const struct bide_address *a, int code)
{
    char text[BIDE_ADDRESS_TEXT];
    if (r->code == 0 || !is_unreachable(code))
        r->code = code;
    if (!r->reasons && !(r->reasons = bide__zalloc(REASONS_SIZE))) {
        r->more++;
        return;
    }
    size_t used = strlen(r->reasons), room = REASONS_SIZE - used;
    int size = snprintf(r->reasons + used, room, "%s%s: %s", used ? "; " : "",
                        bide_address_text(a, text), bide_errmsg());
    if (size < (int)room)
        return;
    r->reasons[used] = '\0';
    r->more++;
}

/* An attempt is over: it has won, or its descriptor is closed. */
static void settle(const struct attempt *a, int rc)
{
    struct race *r = a->race;
    if (rc == 0 && !r->won) {
        r->won = true;
        bide__socket_stream_set(r->stream, a->fd, &a->to->is.any);
        bide_scope_cancel(r->running);
        return;
    }
    bide__fd_close(a->fd);
    if (rc < 0 && rc != BIDE_ECANCELED)
        note(r, a->to, rc);
}

/* A connection that has begun: 0 when it is there. */
static int await_connection(const struct attempt *a)
{
    int rc = bide__fd_ready(a->fd, READY_WRITE);
    if (rc == BIDE_ECLOSED)     /* its time was up before it had begun */
        return bide__fd_connect(a->fd, &a->to->is.any, a->to->size);
    int problem = 0;
    socklen_t size = sizeof problem;
    if (rc < 0)
        return rc;
    if (bide__sys.getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &problem, &size) < 0)
        return bide__fail_errno("");
    return problem ? bide_fail(-problem, "%s", bide_strerror(-problem)) : 0;
}

/* A task. */
static int go_on(void *arg)
{
    struct attempt *a = arg;
    settle(a, await_connection(a));
    return 0;
}

/* Tries one address, for the delay; *slow: it goes on beside the next. */
static int begin(struct race *r, const struct attempt *a, bool *slow)
{
    BIDE_TIMEOUT(patience, r->delay);
    int rc = bide__fd_connect(a->fd, &a->to->is.any, a->to->size);
    *slow = rc == BIDE_ECANCELED && bide_scope_result(patience, rc) == BIDE_ETIMEDOUT;
    return rc;
}

static int try_next(struct race *r, const struct bide_address *to, bool last)
{
    struct attempt a = { r, to, open_socket(to, r->local) };
    bool slow = false;
    if (a.fd < 0) {
        note(r, to, a.fd);
        return 0;
    }
    int rc = last ? bide__fd_connect(a.fd, &to->is.any, to->size) : begin(r, &a, &slow);
    if (slow && (rc = bide_spawn(r->slow, go_on, &a, .copy = sizeof a)) == 0)
        return 0;
    settle(&a, rc);
    return rc == BIDE_ECANCELED ? rc : 0;
}

/* The family of the first and the other in turn. */
static void interleave(const struct bide_addresses *from, const struct bide_address **to)
{
    int next[2] = { 0, 0 }, count = from->count;
    sa_family_t first = from->list[0].is.any.sa_family;
    for (int i = 0; i < count; i++) {
        for (int tries = 0, other = i & 1; tries < 2; tries++, other = !other) {
            while (next[other] < count &&
                   (from->list[next[other]].is.any.sa_family != first) != other)
                next[other]++;
            if (next[other] < count) {
                to[i] = &from->list[next[other]++];
                break;
            }
        }
    }
}

/* 0; BIDE_ECANCELED, from outside or because somebody has won; else everybody has failed. */
static int run(struct race *r, const struct bide_addresses *addresses)
{
    const struct bide_address *order[BIDE_ADDRESSES_MAX];
    int rc = 0;
    interleave(addresses, order);
    BIDE_SCOPE(running);
    BIDE_KEEP_GOING(slow);
    r->running = running;
    r->slow = slow;
    for (int i = 0; i < addresses->count && rc == 0 && !r->won; i++)
        rc = try_next(r, order[i], i == addresses->count - 1);
    return rc == 0 ? bide_group_wait(slow) : rc;
}

COLD static int connect_to_one_of(struct race *r, const struct bide_addresses *addresses)
{
    int rc = run(r, addresses);
    if (r->won)
        return 0;
    if (rc == BIDE_ECANCELED)
        return bide_fail(rc, "cancelled");
    const char *reasons = r->reasons ? r->reasons : "failed";
    if (r->more)
        return bide_fail(r->code, "connect: %s; and %d more", reasons, r->more);
    return bide_fail(r->code, "connect: %s", reasons);
}

static bide_stream *connect_to(const struct bide_addresses *addresses,
                               const struct bide_address *local, double delay)
{
    bide_auto(stream) s = bide__socket_stream();
    struct race r = { .local = local, .delay = delay > 0 ? delay : attempt_delay, .stream = s };
    if (!s)
        return NULL;
    int rc = addresses->count == 1 ? connect_alone(&r, &addresses->list[0])
                                   : connect_to_one_of(&r, addresses);
    bide__free(r.reasons);
    return rc == 0 ? bide_steal(s) : NULL;
}

bide_stream *bide__connect_to(const struct bide_addresses *addresses)
{
    return connect_to(addresses, NULL, 0);
}

bide_stream *bide__connect_from(const struct bide_addresses *addresses,
                                const struct bide_address *local)
{
    return connect_to(addresses, local, 0);
}

/* ---- names ---- */

static int read_local(const struct bide_connect_opts *o, struct bide_address *local, int *family)
{
    *family = o->family;
    local->size = 0;
    if (!o->local_address)
        return 0;
    int rc = bide_address_read(local, o->local_address);
    if (rc < 0)
        return bide_within("local");
    *family = local->is.any.sa_family;
    if (o->family != AF_UNSPEC && o->family != *family)
        return bide_fail(BIDE_EINVAL, "local address '%s': not of this family", o->local_address);
    return 0;
}

static bide_stream *connect_name(const struct bide_connect_opts *o)
{
    struct bide_addresses found;
    struct bide_address local;
    char host[HOST_SIZE];
    uint16_t port;
    int family;
    if (o->address && strncmp(o->address, "unix:", 5) == 0)
        return bide_unix_connect(o->address + 5);
    if (bide__address_split(o->address, host, &port) < 0 || read_local(o, &local, &family) < 0) {
        bide_within("connect");
        return NULL;
    }
    if (bide_resolve(host, &found, .port = port, .family = family) < 0)
        return NULL;
    return connect_to(&found, local.size ? &local : NULL, o->delay);
}

static bide_stream *connect_in_time(const struct bide_connect_opts *o)
{
    BIDE_TIMEOUT(t, o->timeout);
    bide_stream *s = connect_name(o);
    if (!s && bide_scope_result(t, bide_errcode()) == BIDE_ETIMEDOUT)
        bide_within("connect: %s", o->address);
    return s;
}

static int check_options(const struct bide_connect_opts *o)
{
    if (isnan(o->timeout) || o->timeout < 0)
        return bide_fail(BIDE_EINVAL, "connect: a timeout of %g s", o->timeout);
    if (isnan(o->delay) || o->delay < 0)
        return bide_fail(BIDE_EINVAL, "connect: a delay of %g s", o->delay);
    return 0;
}

bide_stream *bide_connect_opts(const struct bide_connect_opts *opts)
{
    if (check_options(opts) < 0)
        return NULL;
    return opts->timeout != 0 ? connect_in_time(opts) : connect_name(opts);
}
