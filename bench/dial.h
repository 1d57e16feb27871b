/* How a client of the server rows comes by a connection: one after the other and blocking, with a
 * time-out for each step, for it happens before the clock starts. */
#ifndef BENCH_DIAL_H
#define BENCH_DIAL_H
#include "wire.h"

#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>

enum { DIAL_SECONDS = 5 };

/* The key of RFC 6455's example: what must be answered to it is known. */
#define UPGRADE_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define UPGRADE_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

/* To 127.0.0.1, from the source address 127.0.0.(1 + source): each has its own range of ports. */
WIRE_UNUSED static int dial(int port, int source)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    struct timeval patience = { .tv_sec = DIAL_SECONDS };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    if (fd < 0)
        fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)source);
    if (source > 0 && bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail("bind");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail("connect");
    return fd;
}

/* Asks for a WebSocket; its answer is read by dial_upgraded(). */
WIRE_UNUSED static void dial_upgrade(int fd, const char *path)
{
    char text[512];
    int size = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: " UPGRADE_KEY "\r\n\r\n", path);
    if (send(fd, text, (size_t)size, MSG_NOSIGNAL) != size)
        fail("send");
}

static bool dial_has_all(const char *head, size_t size)
{
    return size >= 4 && memcmp(head + size - 4, "\r\n\r\n", 4) == 0;
}

/* Nothing follows the blank line, for the server has not been sent a message yet. */
WIRE_UNUSED static void dial_upgraded(int fd)
{
    static const char agreed[] = "HTTP/1.1 101";
    char head[2048] = "";
    size_t have = 0;
    while (!dial_has_all(head, have)) {
        ssize_t n = recv(fd, head + have, sizeof head - 1 - have, 0);
        if (n <= 0)
            fail("no answer to the upgrade");
        have += (size_t)n;
        head[have] = '\0';
        if (have > sizeof agreed && strncmp(head, agreed, sizeof agreed - 1) != 0)
            break;
    }
    if (strncmp(head, agreed, sizeof agreed - 1) != 0 || !strcasestr(head, UPGRADE_ACCEPT)) {
        fprintf(stderr, "not a WebSocket: %.*s\n", (int)strcspn(head, "\r"), head);
        exit(1);
    }
}

WIRE_UNUSED static void dial_unblock(int fd)
{
    int yes = 1;
    ioctl(fd, FIONBIO, &yes);
}
#endif
