/* Addresses: "host:port" taken apart, numbers recognised without asking anybody. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H
#include "io/sockaddr.h"
#include <bide/base.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

BIDE_BEGIN_

enum { HOST_SIZE = 256, ADDRESSES_MAX = 16 };
struct address {
    socklen_t size;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } is;
};
struct address_list { int count; struct address list[ADDRESSES_MAX]; };

/* Takes "host:port" or "[v6]:port" apart: 0, or BIDE_EINVAL with the error held. */
int bide__address_split(const char *text, char host[HOST_SIZE], uint16_t *port);
/* An IP address in numbers, without brackets: false if it is none. */
bool bide__address_of_number(const char *host, uint16_t port, struct address *a);
/* A number, or a name for this machine itself (127.0.0.1 first, then ::1): how many, 0 if the
 * name must be looked up. */
int bide__address_local(const char *host, uint16_t port, struct address_list *list);
void bide__address_set_port(struct address *a, uint16_t port);

BIDE_END_
#endif
