/* The server of the client rows: it does as little as it can, so that no client waits for it.
 *
 *     floor_server HOSTS [awake] [tls CERTIFICATE KEY [resume]]
 *
 * HOSTS: on 127.0.0.1, 127.0.0.2, ... and one free port, which is in the line it prints. `awake`:
 * it does not sleep while there are connections, for a slow client would pay for waking it, and a
 * fast one not. Each handshake of TLS is a full one, unless clients may `resume`.
 *
 * It answers GET /bytes/N with N bytes, and closes after that if asked to; GET /hold/N is answered
 * when N of them wait, so that a client has N requests in flight at once. A request that is byte
 * for byte the one before gets the answer made for that. */
#include "wire.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { REQUEST_MAX = 1024, ANSWER_MAX = 65536, BLOCK = 1 << 18, EVENTS = 256, HOSTS_MAX = 250 };

struct peer {
    struct wire wire;
    struct peer *next;          /* of those that are held */
    const char *at;             /* what is still to be sent: this, then so many bytes of filling */
    size_t size;
    int64_t filling;
    bool close;
    size_t got;
    char request[REQUEST_MAX + 1];
};

struct answer {
    size_t request_size, size;
    int64_t filling;
    long hold;
    bool close;
    char request[REQUEST_MAX + 1], text[ANSWER_MAX];
};

static int epoll;
#if BENCH_TLS
static SSL_CTX *context;        /* NULL: plain */
#endif
static struct answer answer;    /* the last one */
static char block[BLOCK];
static struct peer *held;
static long held_count, peers;
static bool stays_awake;

/* ---- answers ---- */

static void make_answer(const char *request, size_t size)
{
    struct answer *a = &answer;
    const char *bytes = strstr(request, "GET /bytes/"), *hold = strstr(request, "GET /hold/");
    int64_t body = bytes ? atoll(bytes + strlen("GET /bytes/")) : 2;
    memcpy(a->request, request, size + 1);
    a->request_size = size;
    a->hold = hold ? atol(hold + strlen("GET /hold/")) : 0;
    a->close = strcasestr(request, "\r\nconnection: close\r\n") != NULL;
    int head = snprintf(a->text, sizeof a->text, "HTTP/1.1 %s\r\nContent-Type: text/plain\r\n%s"
                        "Content-Length: %lld\r\n\r\n", bytes || hold ? "200 OK" : "404 Not Found",
                        a->close ? "Connection: close\r\n" : "", (long long)body);
    size_t with_head = (size_t)body < sizeof a->text - (size_t)head ? (size_t)body : 0;
    memset(a->text + head, 'x', with_head);
    a->size = (size_t)head + with_head;
    a->filling = body - (int64_t)with_head;
}

static void end_peer(struct peer *p)
{
    for (struct peer **link = &held; *link; link = &(*link)->next)
        if (*link == p) {
            *link = p->next;
            held_count--;
            break;
        }
    wire_close(&p->wire);
    free(p);
    peers--;
}

/* One write of what is to be sent; what it returned. */
static ssize_t push_once(struct peer *p)
{
    size_t filling = p->filling < BLOCK ? (size_t)p->filling : BLOCK;
    ssize_t n = p->size > 0 ? wire_send(&p->wire, p->at, p->size)
                            : wire_send(&p->wire, block, filling);
    if (n > 0 && p->size > 0) {
        p->at += n;
        p->size -= (size_t)n;
    } else if (n > 0) {
        p->filling -= n;
    }
    return n;
}

/* Sends what there is to send; false: the peer is gone. */
static bool push(struct peer *p)
{
    if (p->size == 0 && p->filling == 0)
        return true;
    while (p->size > 0 || p->filling > 0) {
        ssize_t n = push_once(p);
        if (n == 0) {
            end_peer(p);
            return false;
        }
        if (n < 0) {
            wire_watch(epoll, EPOLL_CTL_MOD, &p->wire, p, 1);
            return true;
        }
    }
    bool stays = !p->close;
    if (!stays)
        end_peer(p);
    return stays;
}

static void let_go(void)
{
    struct peer *next, *p = held;
    held = NULL;
    held_count = 0;
    for (; p; p = next) {
        next = p->next;
        push(p);
    }
}

static bool reply(struct peer *p)
{
    if (p->got != answer.request_size || memcmp(p->request, answer.request, p->got) != 0)
        make_answer(p->request, p->got);
    p->got = 0;
    p->at = answer.text;
    p->size = answer.size;
    p->filling = answer.filling;
    p->close = answer.close;
    if (answer.hold == 0)
        return push(p);
    p->next = held;
    held = p;
    if (++held_count >= answer.hold)
        let_go();
    return true;
}

/* ---- connections ---- */

static void serve(struct peer *p)
{
    for (;;) {
        size_t room = REQUEST_MAX - p->got;
        ssize_t n = room > 0 ? wire_receive(&p->wire, p->request + p->got, room) : 0;
        if (n < 0)
            return;
        if (n == 0) {
            end_peer(p);
            return;
        }
        p->got += (size_t)n;
        p->request[p->got] = '\0';
        if (p->got < 4 || memcmp(p->request + p->got - 4, "\r\n\r\n", 4) != 0)
            continue;
        if (!reply(p) || (!p->wire.tls && (size_t)n < room))
            return;             /* there was no more than that */
    }
}

static void welcome(int listener)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        struct peer *p = calloc(1, sizeof *p);
        if (!p)
            fail("calloc");
        p->wire.fd = fd;
        peers++;
#if BENCH_TLS
        if (context)
            wire_secure(&p->wire, context, 1);
#endif
        wire_watch(epoll, EPOLL_CTL_ADD, &p->wire, p, 0);
    }
}

static int listen_at(int host, int *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)*port) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)host);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 16384) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        fail("listen");
    *port = ntohs(address.sin_port);
    return fd;
}

#if BENCH_TLS
static SSL_CTX *open_context(const char *certificate, const char *key, bool resume)
{
    SSL_CTX *made = SSL_CTX_new(TLS_server_method());
    context_prepare(made);
    if (SSL_CTX_use_certificate_chain_file(made, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(made, key, SSL_FILETYPE_PEM) != 1)
        fail_tls("certificate");
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(made, resume ? 2 : 0);
    return made;
}
#endif

static int listeners[HOSTS_MAX];

static bool is_listener(const void *what)
{
    return (const int *)what >= listeners && (const int *)what < listeners + HOSTS_MAX;
}

static void run(void)
{
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, stays_awake && peers > 0 ? 0 : -1);
        for (int i = 0; i < count; i++) {
            void *what = events[i].data.ptr;
            if (is_listener(what))
                welcome(*(int *)what);
            else if (push(what))
                serve(what);
        }
    }
}

static void listen_on(int hosts, bool secure)
{
    int port = 0;
    for (int i = 0; i < hosts; i++) {
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = &listeners[i] };
        listeners[i] = listen_at(i, &port);
        epoll_ctl(epoll, EPOLL_CTL_ADD, listeners[i], &event);
    }
    printf("http%s://127.0.0.1:%d/\n", secure ? "s" : "", port);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int hosts = argc > 1 ? atoi(argv[1]) : 0, at = 2;
    if (hosts < 1 || hosts > HOSTS_MAX)
        return 2;
    if (at < argc && strcmp(argv[at], "awake") == 0) {
        stays_awake = true;
        at++;
    }
    bool secure = at + 2 < argc && strcmp(argv[at], "tls") == 0;
    if (secure != (at < argc) || (secure && !BENCH_TLS))
        return 2;
#if BENCH_TLS
    if (secure)
        context = open_context(argv[at + 1], argv[at + 2], at + 3 < argc);
#endif
    signal(SIGPIPE, SIG_IGN);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    memset(block, 'x', sizeof block);
    listen_on(hosts, secure);
    run();
}
