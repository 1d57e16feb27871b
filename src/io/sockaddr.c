/* Socket addresses as text; streams name their peers with it, and listeners themselves. */
#include "io/sockaddr.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

size_t bide__sockaddr_format(const struct sockaddr *address, char text[SOCKADDR_TEXT])
{
    char host[INET6_ADDRSTRLEN];
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    text[0] = '\0';
    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
        return (size_t)snprintf(text, SOCKADDR_TEXT, "%s:%u", host, ntohs(v4.sin_port));
    }
    if (address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
        return (size_t)snprintf(text, SOCKADDR_TEXT, "[%s]:%u", host, ntohs(v6.sin6_port));
    }
    return 0;
}
