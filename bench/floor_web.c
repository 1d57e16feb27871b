/* The ceiling of the server rows: a server that does nothing but answer, edge by edge.
 *
 *     bench_floor_web PORT WORKERS FILE [CERTIFICATE KEY]
 *
 * It looks at the first request of a connection: what that asks for, all others get, and as long
 * as it is, they are. Its answers are made before anybody asks; as many as were asked for in one
 * read leave in one write. A WebSocket's frames are unmasked and sent back, unchecked. The load
 * writes whole requests and frames, so one that is cut is none of its. Left are one read, one write
 * and a share of a wait. */
#include "wire.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>

enum { SINK = 1 << 16, EVENTS = 512, DEPTH = 64, BACKLOG = 4096, HEAD_MAX = 256 };

struct answer {
    const char *path;
    size_t size;                /* of one; DEPTH of them follow each other */
    char *text;
};

struct peer {
    struct wire wire;
    const struct answer *answer;        /* NULL: nothing has been asked yet */
    size_t request_size;
    const char *unsent;
    size_t unsent_size;
};

static struct answer answers[] = { { .path = "/ws" }, { .path = "/plaintext" },
                                   { .path = "/json" }, { .path = "/static/" } };
enum { ANSWERS = sizeof answers / sizeof *answers };
static int epoll;
#if BENCH_TLS
static SSL_CTX *context;        /* NULL: plain */
#endif
static char sink[SINK + 1];

/* ---- answers ---- */

static void make_answer(struct answer *a, const char *type, const char *body, size_t size)
{
    char head[HEAD_MAX];
    int head_size = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nServer: floor\r\n"
                             "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: %s\r\n"
                             "Content-Length: %zu\r\n\r\n", type, size);
    a->size = (size_t)head_size + size;
    a->text = malloc(DEPTH * a->size);
    for (size_t i = 0; i < DEPTH; i++) {
        memcpy(a->text + i * a->size, head, (size_t)head_size);
        memcpy(a->text + i * a->size + head_size, body, size);
    }
}

static void make_answers(const char *path)
{
    static const char plain[] = "Hello, World!", json[] = "{\"message\":\"Hello, World!\"}";
    static char accepted[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    answers[0].text = accepted;
    answers[0].size = sizeof accepted - 1;
    make_answer(&answers[1], "text/plain", plain, sizeof plain - 1);
    make_answer(&answers[2], "application/json", json, sizeof json - 1);
    FILE *file = fopen(path, "r");
    if (!file)
        fail(path);
    make_answer(&answers[3], "application/octet-stream", sink, fread(sink, 1, SINK, file));
    fclose(file);
}

/* ---- one connection ---- */

static void end_peer(struct peer *p)
{
    wire_close(&p->wire);
    free(p);
}

/* Sends what can be sent now; false: the peer is gone. */
static bool push(struct peer *p)
{
    while (p->unsent_size > 0) {
        ssize_t n = wire_send(&p->wire, p->unsent, p->unsent_size);
        if (n == 0) {
            end_peer(p);
            return false;
        }
        if (n < 0)
            return true;
        p->unsent += n;
        p->unsent_size -= (size_t)n;
    }
    return true;
}

static const struct answer *answer_to(size_t size)
{
    sink[size] = '\0';
    for (size_t i = 0; i < ANSWERS; i++)
        if (strncmp(sink + strlen("GET "), answers[i].path, strlen(answers[i].path)) == 0)
            return &answers[i];
    return NULL;
}

static void meet(struct peer *p, size_t size)
{
    const char *blank = memmem(sink, size, "\r\n\r\n", 4);
    p->answer = blank ? answer_to(size) : NULL;
    p->request_size = blank ? (size_t)(blank + 4 - sink) : 0;
}

/* What came as frames becomes what is sent, in place: an echo is shorter. */
static size_t echo(size_t size)
{
    size_t at = 0, made = 0;
    while (at + 6 <= size) {
        size_t length = sink[at + 1] & 127;
        const char *mask = sink + at + 2;
        char key[4] = { mask[0], mask[1], mask[2], mask[3] };
        sink[made] = sink[at];
        sink[made + 1] = (char)length;
        for (size_t i = 0; i < length; i++)
            sink[made + 2 + i] = (char)(sink[at + 6 + i] ^ key[i & 3]);
        made += 2 + length;
        at += 6 + length;
    }
    return made;
}

static bool reply(struct peer *p, size_t size)
{
    bool is_new = !p->answer;
    if (is_new)
        meet(p, size);
    if (!p->answer) {
        end_peer(p);
        return false;
    }
    p->unsent = p->answer->text;
    p->unsent_size = size / p->request_size * p->answer->size;
    if (!is_new && p->answer == &answers[0]) {
        p->unsent = sink;
        p->unsent_size = echo(size);
    }
    return push(p);
}

static void serve(struct peer *p)
{
    for (;;) {
        ssize_t n = wire_receive(&p->wire, sink, SINK);
        if (n < 0)
            return;
        if (n == 0) {
            end_peer(p);
            return;
        }
        if (!reply(p, (size_t)n) || (!p->wire.tls && n < SINK))
            return;             /* there was no more than that */
    }
}

/* ---- all of them ---- */

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
#if BENCH_TLS
        if (context)
            wire_secure(&p->wire, context, 1);
#endif
        wire_watch(epoll, EPOLL_CTL_ADD, &p->wire, p, 1);
    }
}

static int listen_at(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, BACKLOG) < 0)
        fail("listen");
    return fd;
}

_Noreturn static void run(int port)
{
    struct epoll_event listening = { .events = EPOLLIN, .data.ptr = NULL };
    int listener = listen_at(port);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &listening);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct peer *p = events[i].data.ptr;
            if (!p)
                welcome(listener);
            else if (push(p))
                serve(p);
        }
    }
}

#if BENCH_TLS
static void open_context(const char *certificate, const char *key)
{
    context = SSL_CTX_new(TLS_server_method());
    context_prepare(context);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        fail_tls("certificate");
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}
#endif

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    make_answers(argv[3]);
    if (argc > 5) {
#if BENCH_TLS
        open_context(argv[4], argv[5]);
#else
        return 2;
#endif
    }
    for (int i = 1; i < atoi(argv[2]); i++)
        if (fork() == 0)
            break;
    run(atoi(argv[1]));
}
