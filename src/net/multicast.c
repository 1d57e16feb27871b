/* Multicast: the options of a UDP socket that are about groups. */
#include "base/sys.h"
#include "net/udp.h"
#include <bide/error.h>
#include <net/if.h>
#include <string.h>

static int set(const bide_udp *u, int level, int name, const void *value, socklen_t size)
{
    if (bide__sys.setsockopt(u->fd, level, name, value, size) == 0)
        return 0;
    int code = -errno;
    return bide_fail(code, "multicast: %s", bide_strerror(code));
}

/* 0 for NULL: the system chooses. */
static int index_of(const char *interface)
{
    if (!interface)
        return 0;
    unsigned index = if_nametoindex(interface);
    return index ? (int)index : bide_fail(-ENODEV, "multicast: no interface is named '%s'",
                                          interface);
}

static int change(const bide_udp *u, const char *group, const char *interface, bool join)
{
    struct bide_address a;
    int index = u ? index_of(interface) : bide_errcode();
    if (index < 0)
        return index;
    if (!group || !bide__address_of_number(group, 0, &a) || a.is.any.sa_family != u->family)
        return bide_fail(BIDE_EINVAL, "multicast: '%s' is no %s address", group ? group : "",
                         u->family == AF_INET6 ? "IPv6" : "IPv4");
    if (u->family == AF_INET6) {
        struct ipv6_mreq m = { .ipv6mr_multiaddr = a.is.v6.sin6_addr,
                               .ipv6mr_interface = (unsigned)index };
        return set(u, IPPROTO_IPV6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &m, sizeof m);
    }
    struct ip_mreqn m = { .imr_multiaddr = a.is.v4.sin_addr, .imr_ifindex = index };
    return set(u, IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &m, sizeof m);
}

int bide_udp_join(bide_udp *u, const char *group, const char *interface)
{
    return change(u, group, interface, true);
}

int bide_udp_leave(bide_udp *u, const char *group, const char *interface)
{
    return change(u, group, interface, false);
}

int bide_udp_multicast(bide_udp *u, int hops, bool loop, const char *interface)
{
    bool six = u && u->family == AF_INET6;
    int index = u ? index_of(interface) : bide_errcode(), heard = loop;
    if (index < 0)
        return index;
    if (hops < 0 || hops > 255)
        return bide_fail(BIDE_EINVAL, "multicast: %d hops; 0 to 255", hops);
    struct ip_mreqn by = { .imr_ifindex = index };
    int rc = six ? set(u, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops)
                 : set(u, IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof hops);
    if (rc == 0)
        rc = six ? set(u, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &heard, sizeof heard)
                 : set(u, IPPROTO_IP, IP_MULTICAST_LOOP, &heard, sizeof heard);
    if (rc == 0)
        rc = six ? set(u, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index)
                 : set(u, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by);
    return rc;
}
