/* The client's half of SOCKS5: greeting, who we are, where to.
 *
 * Each answer has a size that its first bytes tell, at most 262 bytes.  It is read to the byte, and
 * that nothing comes behind the last one is looked at: the target speaks only when spoken to. */
#include "http/socks.h"

#include <bide/error.h>

#include <string.h>

enum { SOCKS = 5, CONNECT = 1, NAME = 3, IPV4 = 1, IPV6 = 4 };
enum { NO_METHOD = 0xff, METHOD_NONE = 0, METHOD_PASSWORD = 2 };

static const struct { int code; const char *why; } refusals[] = {
    [1] = { -ECONNABORTED, "the proxy failed" },
    [2] = { -EACCES, "the proxy does not allow it" },
    [3] = { -ENETUNREACH, "the proxy cannot reach that network" },
    [4] = { -EHOSTUNREACH, "the proxy cannot reach that host" },
    [5] = { -ECONNREFUSED, "the connection was refused" },
    [6] = { -EHOSTUNREACH, "the way there is too long (TTL expired)" },
    [7] = { -EOPNOTSUPP, "the proxy does not know CONNECT" },
    [8] = { -EAFNOSUPPORT, "the proxy does not know such addresses" },
};

static int fail_refused(unsigned reply)
{
    if (reply >= sizeof refusals / sizeof *refusals)
        return bide_fail(-EPROTO, "the proxy refused, for reason %u", reply);
    return bide_fail(refusals[reply].code, "%s", refusals[reply].why);
}

static int say_left(int rc)
{
    if (rc == BIDE_EEOF || rc == -EPIPE)
        return bide_fail(BIDE_EEOF, "the proxy closed the connection");
    return rc;
}

BIDE_WAITS static int read_bytes(bide_stream *s, void *to, size_t size)
{
    return say_left(bide_read_exactly(s, to, size));
}

BIDE_WAITS static int write_bytes(bide_stream *s, const void *from, size_t size)
{
    return say_left(bide_write(s, from, size));
}

static int check_version(uint8_t got, uint8_t wanted)
{
    if (got == wanted)
        return 0;
    return bide_fail(-EPROTO, "what answered is no SOCKS5 proxy");
}

/* RFC 1929. */
BIDE_WAITS static int say_password(bide_stream *s, const struct proxy *p)
{
    uint8_t message[3 + 2 * PROXY_WORD_MAX], reply[2];
    size_t size = 0;
    message[size++] = 1;
    message[size++] = p->user_size;
    memcpy(message + size, p->user, p->user_size);
    size += p->user_size;
    message[size++] = p->password_size;
    memcpy(message + size, p->password, p->password_size);
    size += p->password_size;
    int rc = write_bytes(s, message, size);
    if (rc == 0)
        rc = read_bytes(s, reply, sizeof reply);
    if (rc == 0)
        rc = check_version(reply[0], 1);
    if (rc == 0 && reply[1] != 0)
        rc = bide_fail(-EACCES, "the proxy does not take this user and password");
    return rc;
}

BIDE_WAITS static int greet(bide_stream *s, const struct proxy *p)
{
    uint8_t message[4] = { SOCKS, p->has_user ? 2 : 1, METHOD_NONE, METHOD_PASSWORD }, reply[2];
    int rc = write_bytes(s, message, p->has_user ? 4 : 3);
    if (rc == 0)
        rc = read_bytes(s, reply, sizeof reply);
    if (rc == 0)
        rc = check_version(reply[0], SOCKS);
    if (rc < 0 || reply[1] == METHOD_NONE)
        return rc;
    if (reply[1] == METHOD_PASSWORD && p->has_user)
        return say_password(s, p);
    if (reply[1] != NO_METHOD)
        return bide_fail(-EPROTO, "the proxy chose a method that was not offered (%u)", reply[1]);
    return bide_fail(-EACCES, p->has_user ? "the proxy wants another way of saying who we are"
                                          : "the proxy wants a user and a password");
}

static size_t put_address(uint8_t *to, const struct bide_address *a)
{
    if (a->is.any.sa_family == AF_INET) {
        to[0] = IPV4;
        memcpy(to + 1, &a->is.v4.sin_addr, 4);
        memcpy(to + 5, &a->is.v4.sin_port, 2);
        return 7;
    }
    to[0] = IPV6;
    memcpy(to + 1, &a->is.v6.sin6_addr, 16);
    memcpy(to + 17, &a->is.v6.sin6_port, 2);
    return 19;
}

static size_t put_target(uint8_t *to, const struct socks_target *target)
{
    if (target->address)
        return put_address(to, target->address);
    size_t size = strlen(target->name);
    to[0] = NAME;
    to[1] = (uint8_t)size;
    memcpy(to + 2, target->name, size);
    to[2 + size] = (uint8_t)(target->port >> 8);
    to[3 + size] = (uint8_t)target->port;
    return 4 + size;
}

/* The rest of the last answer: an address from which the proxy connects, of no use here. */
BIDE_WAITS static int skip_address(bide_stream *s, uint8_t type)
{
    uint8_t waste[UINT8_MAX + 2], size = type == IPV4 ? 4 : 16;
    int rc = 0;
    if (type == NAME)
        rc = read_bytes(s, &size, 1);
    else if (type != IPV4 && type != IPV6)
        rc = bide_fail(-EPROTO, "the proxy answered with an address of unknown kind (%u)", type);
    return rc < 0 ? rc : read_bytes(s, waste, size + 2u);
}

BIDE_WAITS static int ask(bide_stream *s, const struct socks_target *target)
{
    uint8_t message[3 + 4 + UINT8_MAX] = { SOCKS, CONNECT, 0 }, reply[4];
    int rc = write_bytes(s, message, 3 + put_target(message + 3, target));
    if (rc == 0)
        rc = read_bytes(s, reply, 2);
    if (rc == 0)
        rc = check_version(reply[0], SOCKS);
    if (rc == 0 && reply[1] != 0)
        return fail_refused(reply[1]);
    if (rc == 0)
        rc = read_bytes(s, reply + 2, 2);
    if (rc == 0)
        rc = skip_address(s, reply[3]);
    if (rc == 0 && bide_stream_buffered(s) > 0)
        rc = bide_fail(-EPROTO, "the proxy sent more than its answer");
    return rc;
}

int bide__socks_open(bide_stream *stream, const struct proxy *proxy,
                     const struct socks_target *target)
{
    if (!target->address && strlen(target->name) > UINT8_MAX)
        return bide_fail(BIDE_EINVAL, "SOCKS: the name is too long");
    int rc = greet(stream, proxy);
    if (rc == 0)
        rc = ask(stream, target);
    return rc < 0 && rc != BIDE_ECANCELED ? bide_within("SOCKS") : rc;
}
