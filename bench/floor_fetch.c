/* The floor of fetching: the same request over and over on so many kept connections.
 *
 *     floor_fetch PORT PATH COUNT JOBS
 *
 * Nothing is parsed. The first answer tells how long an answer is, and all others must be as
 * long; one write and one read per request, one wait for as many as are ready. What is left is
 * the kernel's work and the server's, so this is what `bide fetch` could reach at best against
 * the same server. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MAX = 65536, EVENTS = 256 };

struct wire {
    int fd;
    ssize_t missing;            /* bytes of the answer still to come */
};

static char request[1024];
static size_t request_size;
static ssize_t answer_size;
static long to_start, to_end;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int dial(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

static bool start(struct wire *wire)
{
    if (to_start == 0)
        return false;
    to_start--;
    wire->missing = answer_size;
    if (send(wire->fd, request, request_size, MSG_NOSIGNAL) != (ssize_t)request_size)
        fail("send");
    return true;
}

/* The head up to its blank line, and as much body as it announces. */
static ssize_t answer_length(const char *answer)
{
    const char *body = strstr(answer, "\r\n\r\n");
    const char *length = strcasestr(answer, "\r\ncontent-length:");
    if (!body || !length || length > body || strncmp(answer, "HTTP/1.1 200", 12) != 0)
        return -1;
    return body + 4 - answer + atol(length + 17);
}

static void learn(int port)
{
    static char answer[ANSWER_MAX + 1];
    struct wire wire = { .fd = dial(port) };
    ssize_t size = 0;
    start(&wire);
    do {
        ssize_t n = recv(wire.fd, answer + size, (size_t)(ANSWER_MAX - size), 0);
        if (n <= 0)
            fail("recv");
        size += n;
        answer[size] = '\0';
        answer_size = answer_length(answer);
    } while (answer_size < 0 || size < answer_size);
    to_end--;
    close(wire.fd);
}

static void receive(struct wire *wire)
{
    static char sink[ANSWER_MAX];
    ssize_t n = recv(wire->fd, sink, sizeof sink, MSG_DONTWAIT);
    if (n <= 0 || n > wire->missing || (wire->missing == answer_size && sink[9] != '2'))
        fail("recv: not the answer expected");
    wire->missing -= n;
    if (wire->missing > 0)
        return;
    to_end--;
    start(wire);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    int port = atoi(argv[1]), jobs = atoi(argv[4]);
    to_start = to_end = atol(argv[3]);
    request_size = (size_t)snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: floor\r\nAccept: */*\r\n\r\n",
        argv[2], port);
    learn(port);
    int epoll = epoll_create1(0);
    struct wire *wires = calloc((size_t)jobs, sizeof *wires);
    if (epoll < 0 || !wires)
        fail("floor_fetch");
    for (int i = 0; i < jobs; i++) {
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = &wires[i] };
        wires[i].fd = dial(port);
        epoll_ctl(epoll, EPOLL_CTL_ADD, wires[i].fd, &event);
        start(&wires[i]);
    }
    while (to_end > 0) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, 10000);
        if (count <= 0)
            fail("epoll_wait");
        for (int i = 0; i < count; i++)
            receive(events[i].data.ptr);
    }
    return 0;
}
