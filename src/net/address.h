/* Addresses: "host:port" taken apart, numbers recognised without asking anybody, and what goes
 * first. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H
#include "io/sockaddr.h"
#include <bide/resolve.h>

BIDE_BEGIN_

enum { HOST_SIZE = BIDE_NAME_TEXT };

/* Takes "host:port" or "[v6]:port" apart: 0, or BIDE_EINVAL with the error held. */
int bide__address_split(const char *text, char host[HOST_SIZE], uint16_t *port);
/* An IP address in numbers, without brackets, "fe80::1%eth0" with its interface: false if it is
 * none. */
bool bide__address_of_number(const char *host, uint16_t port, struct bide_address *a);
/* A number, or a name for this machine itself (127.0.0.1 first, then ::1): how many, 0 if the
 * name must be looked up. */
int bide__address_local(const char *host, uint16_t port, struct bide_addresses *list);
/* "host:port" of this machine's, without looking anything up: 0, or BIDE_EINVAL with the error
 * held. */
int bide__address_own(const char *text, struct bide_addresses *found);
/* "::ffff:192.0.2.1", as a socket for both families tells of IPv4, becomes 192.0.2.1. */
void bide__address_unmap(struct bide_address *a);
void bide__address_set_port(struct bide_address *a, uint16_t port);
/* Leaves those of one family (AF_UNSPEC: all); how many there are. */
int bide__addresses_of(struct bide_addresses *list, int family);

/* How good a destination is from here by RFC 6724, net/order.c: the lower goes first.  Asks the
 * system for the source address that it would use; sends nothing. */
unsigned bide__address_rank(const struct bide_address *a);
/* Puts the best first, equals as they were; the rank of the first. */
unsigned bide__addresses_sort(struct bide_address *list, int count);

BIDE_END_
#endif
