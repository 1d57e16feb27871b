/* A UDP socket. */
#ifndef NET_UDP_H
#define NET_UDP_H
#include "net/address.h"
#include <bide/udp.h>

struct bide_udp {
    int fd, family;
    unsigned inside;            /* tasks that send or receive; the last of them frees it */
    bool closed;
    char address[BIDE_ADDRESS_TEXT];
};

#endif
