/* Taking addresses apart; what a name means is net/resolve.h's matter. */
#include "net/address.h"
#include <arpa/inet.h>
#include <bide/error.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int bad(const char *text, const char *why)
{
    return bide_fail(BIDE_EINVAL, "address '%.100s': %s", text ? text : "", why);
}

/* 0 to 65535 in digits alone; else -1. */
static int port_of(const char *text)
{
    int port = 0;
    if (!*text)
        return -1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        port = port * 10 + (*text - '0');
        if (port > 65535)
            return -1;
    }
    return port;
}

int bide__address_split(const char *text, char host[HOST_SIZE], uint16_t *port)
{
    const char *colon = text ? strrchr(text, ':') : NULL;
    if (!colon)
        return bad(text, "no port; wanted is \"host:port\"");
    int number = port_of(colon + 1);
    if (number < 0)
        return bad(text, "the port is no number from 0 to 65535");
    const char *first = text, *last = colon;
    if (*text == '[') {
        first = text + 1;
        last = colon - 1;
        if (last < first || *last != ']')
            return bad(text, "a '[' without its ']'");
    } else if (memchr(text, ':', (size_t)(colon - text))) {
        return bad(text, "an IPv6 address goes in brackets: \"[::1]:80\"");
    }
    size_t size = (size_t)(last - first);
    if (size == 0 || size >= HOST_SIZE)
        return bad(text, size ? "the host's name is too long" : "no host");
    memcpy(host, first, size);
    host[size] = '\0';
    *port = (uint16_t)number;
    return 0;
}

/* The interface after '%': its number, 0 if there is none such. */
static uint32_t interface_of(const char *name)
{
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    if (*name >= '0' && *name <= '9' && !*end && number <= UINT32_MAX)
        return (uint32_t)number;
    return if_nametoindex(name);
}

static bool read_v6(const char *host, struct sockaddr_in6 *v6)
{
    char number[INET6_ADDRSTRLEN];
    const char *mark = strchr(host, '%');
    size_t size = mark ? (size_t)(mark - host) : strlen(host);
    if (size >= sizeof number)
        return false;
    memcpy(number, host, size);
    number[size] = '\0';
    if (inet_pton(AF_INET6, number, &v6->sin6_addr) != 1)
        return false;
    v6->sin6_family = AF_INET6;
    if (mark)
        v6->sin6_scope_id = interface_of(mark + 1);
    return !mark || v6->sin6_scope_id;
}

bool bide__address_of_number(const char *host, uint16_t port, struct bide_address *a)
{
    memset(a, 0, sizeof *a);
    if (inet_pton(AF_INET, host, &a->is.v4.sin_addr) == 1) {
        a->is.v4.sin_family = AF_INET;
        a->size = sizeof a->is.v4;
    } else if (read_v6(host, &a->is.v6)) {
        a->size = sizeof a->is.v6;
    } else {
        return false;
    }
    bide__address_set_port(a, port);
    return true;
}

/* RFC 6761: "localhost" and every name below it. */
static bool is_localhost(const char *host)
{
    size_t size = strlen(host), last = sizeof "localhost" - 1;
    if (size && host[size - 1] == '.')
        size--;
    return size >= last && strncasecmp(host + size - last, "localhost", last) == 0 &&
           (size == last || host[size - last - 1] == '.');
}

int bide__address_local(const char *host, uint16_t port, struct bide_addresses *list)
{
    list->count = 0;
    if (bide__address_of_number(host, port, &list->list[0])) {
        list->count = 1;
    } else if (is_localhost(host)) {
        bide__address_of_number("127.0.0.1", port, &list->list[0]);
        bide__address_of_number("::1", port, &list->list[1]);
        list->count = 2;
    }
    return list->count;
}

int bide__address_own(const char *text, struct bide_addresses *found)
{
    char host[HOST_SIZE];
    uint16_t port;
    int rc = bide__address_split(text, host, &port);
    if (rc < 0)
        return rc;
    if (bide__address_local(host, port, found) == 0)
        return bide_fail(BIDE_EINVAL, "'%s' is no IP address and not localhost", host);
    return 0;
}

void bide__address_unmap(struct bide_address *a)
{
    if (a->is.any.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&a->is.v6.sin6_addr))
        return;
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = a->is.v6.sin6_port };
    memcpy(&v4.sin_addr, a->is.v6.sin6_addr.s6_addr + 12, sizeof v4.sin_addr);
    a->is.v4 = v4;
    a->size = sizeof v4;
}

void bide__address_set_port(struct bide_address *a, uint16_t port)
{
    if (a->is.any.sa_family == AF_INET6)
        a->is.v6.sin6_port = htons(port);
    else
        a->is.v4.sin_port = htons(port);
}

int bide__addresses_of(struct bide_addresses *list, int family)
{
    int kept = 0;
    for (int i = 0; i < list->count; i++)
        if (family == AF_UNSPEC || list->list[i].is.any.sa_family == family)
            list->list[kept++] = list->list[i];
    return list->count = kept;
}

int bide_address_read(struct bide_address *address, const char *text)
{
    char host[HOST_SIZE];
    uint16_t port;
    if (text && bide__address_of_number(text, 0, address))
        return 0;
    int rc = bide__address_split(text, host, &port);
    if (rc < 0)
        return rc;
    return bide__address_of_number(host, port, address) ? 0 : bad(text, "the host is no number");
}

const char *bide_address_text(const struct bide_address *address, char text[BIDE_ADDRESS_TEXT])
{
    bide__sockaddr_format(&address->is.any, text);
    return text;
}
