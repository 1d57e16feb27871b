/* The ceiling of the client rows: a client that does nothing but ask. It parses no answer: the
 * first one tells how long all are. Its requests are made before the clock starts. One write, one
 * read and a share of a wait per request are left, and in a new connection what that needs.
 * errand.h says what it is told and what it prints. */
#include "wire.h"
#include "errand.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/ioctl.h>

enum { SINK = 1 << 18, EVENTS = 256 };

struct link;
struct host {
    struct sockaddr_in address;
    struct link *idle;
};
struct request {
    struct host *host;
    size_t size;
    char *text;
};
struct link {
    struct wire wire;
    struct host *host;
    struct link *next;          /* of the idle ones */
    const struct request *unsent;       /* waits for the handshake */
    int64_t missing;            /* bytes of the answer still to come; 0: all */
};

static struct errand errand;
static struct request *requests;
static struct host hosts[256];
static size_t host_count;
static int64_t answer_size;
static long to_end;
static int epoll;
static char sink[SINK + 1];

/* ---- requests ---- */

static struct host *host_of(const char *name, int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    if (inet_pton(AF_INET, name, &address.sin_addr) != 1)
        fail("host");
    for (size_t i = 0; i < host_count; i++)
        if (hosts[i].address.sin_addr.s_addr == address.sin_addr.s_addr)
            return &hosts[i];
    if (host_count == sizeof hosts / sizeof *hosts)
        fail("too many hosts");
    hosts[host_count].address = address;
    return &hosts[host_count++];
}

static void make_request(struct request *r, const char *url)
{
    char scheme[8], name[64], text[4096];
    int port, path = 0;
    if (sscanf(url, "%7[a-z]://%63[0-9.]:%d%n", scheme, name, &port, &path) < 3)
        fail(url);
    r->host = host_of(name, port);
    r->size = (size_t)snprintf(text, sizeof text,
        "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: floor\r\nAccept: */*\r\n%s\r\n",
        url + path, name, port, errand.keep ? "" : "Connection: close\r\n");
    r->text = strdup(text);
}

/* ---- connections ---- */

#if BENCH_TLS
static SSL_CTX *context;
static SSL_SESSION *session;    /* the newest */

static int keep_session(SSL *tls, SSL_SESSION *newest)
{
    (void)tls;
    SSL_SESSION_free(session);
    session = newest;
    return 1;
}

static void secure(struct wire *wire)
{
    if (!context) {
        context = SSL_CTX_new(TLS_client_method());
        context_prepare(context);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        if (SSL_CTX_load_verify_locations(context, errand.ca, NULL) != 1)
            fail_tls(errand.ca);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT |
                                                SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context, keep_session);
    }
    wire_secure(wire, context, 0);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(wire->tls), "127.0.0.1");
    if (session)
        SSL_set_session(wire->tls, session);
}
#endif

static void dial(struct link *link, struct host *host)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&host->address, sizeof host->address) < 0)
        fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    *link = (struct link){ .wire.fd = fd, .host = host };
#if BENCH_TLS
    if (errand.ca) {
        ioctl(fd, FIONBIO, &yes);
        secure(&link->wire);
    }
#endif
}

/* The head up to its blank line, and as much body as it announces, of what has come first. */
static int64_t answer_size_of(ssize_t have)
{
    if (answer_size > 0)
        return answer_size;
    const char *answer = sink;
    sink[have] = '\0';
    const char *body = strstr(answer, "\r\n\r\n");
    const char *length = strcasestr(answer, "\r\ncontent-length:");
    if (!body || !length || length > body || strncmp(answer, "HTTP/1.1 200", 12) != 0)
        fail("not the answer expected");
    return answer_size = body + 4 - answer + atoll(length + 17);
}

static void submit(struct link *link, const struct request *r)
{
    ssize_t n = wire_send(&link->wire, r->text, r->size);
    link->unsent = n < 0 ? r : NULL;
    if (n >= 0 && n != (ssize_t)r->size)
        fail("send");
}

/* Begins the next request, on a link that is free or on a new one. */
static bool start(void)
{
    if (errand.left == 0)
        return false;
    const struct request *r = &requests[(size_t)--errand.left % errand.url_count];
    struct link *link = r->host->idle;
    if (link) {
        r->host->idle = link->next;
    } else {
        link = malloc(sizeof *link);
        dial(link, r->host);
        wire_watch(epoll, EPOLL_CTL_ADD, &link->wire, link, 0);
    }
    link->missing = 0;
    submit(link, r);
    return true;
}

static void finish(struct link *link)
{
    if (errand.keep) {
        link->next = link->host->idle;
        link->host->idle = link;
    } else {
        wire_close(&link->wire);
        free(link);
    }
    to_end--;
    start();
}

static void receive(struct link *link)
{
    if (link->unsent)
        submit(link, link->unsent);
    while (!link->unsent) {
        ssize_t n = wire_receive(&link->wire, sink, SINK);
        if (n < 0)
            return;
        if (link->missing == 0)
            link->missing = answer_size_of(n);
        link->missing -= n;
        errand.bytes += n;
        if (n == 0 || link->missing < 0)
            fail("recv: not the answer expected");
        if (link->missing == 0) {
            finish(link);
            return;
        }
        if (!link->wire.tls && n < SINK)
            return;             /* there was no more than that */
    }
}

static void run(long count)
{
    errand.left = to_end = count;
    for (int i = 0; i < errand.jobs && start(); i++)
        continue;
    while (to_end > 0) {
        struct epoll_event events[EVENTS];
        int n = epoll_wait(epoll, events, EVENTS, 10000);
        if (n <= 0)
            fail("epoll_wait");
        for (int i = 0; i < n; i++)
            receive(events[i].data.ptr);
    }
}

int main(int argc, char **argv)
{
    if (!errand_read(&errand, argc, argv))
        return 2;
    signal(SIGPIPE, SIG_IGN);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    requests = calloc(errand.url_count, sizeof *requests);
    for (size_t i = 0; i < errand.url_count; i++)
        make_request(&requests[i], errand.urls[i]);
    run(errand.warm);
    errand_begin(&errand);
    run(errand.count);
    errand_print(&errand);
    return 0;
}
