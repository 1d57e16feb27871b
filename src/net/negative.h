/* How long "there is no such name" is good for: RFC 2308, section 5.  A pure codec. */
#ifndef NET_NEGATIVE_H
#define NET_NEGATIVE_H
#include <stddef.h>
#include <stdint.h>

/* Seconds, from the SOA record in the authority section of a DNS message; 0: there is none, so the
 * answer must not be remembered. */
uint32_t bide__negative_ttl(const uint8_t *message, size_t size);

#endif
