/* The server rows with libevent's evhttp: server_libevent PORT WORKERS FOLDER [CERTIFICATE KEY].
 *
 * The bodies go out without a copy where libevent offers it, a file by its evbuffer_add_file.
 * evhttp answers one request of a connection before it looks at the next. Workers are processes
 * with a listener each. */
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include <openssl/ssl.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 4096, IDLE_SECONDS = 600 };

static struct event_base *base;
static char file_path[4096];

static void answer(struct evhttp_request *request, const char *type, struct evbuffer *body)
{
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", type);
    evhttp_send_reply(request, 200, "OK", body);
    evbuffer_free(body);
}

static void say_hello(struct evhttp_request *request, void *unused)
{
    static const char text[] = "Hello, World!";
    struct evbuffer *body = evbuffer_new();
    (void)unused;
    evbuffer_add_reference(body, text, sizeof text - 1, NULL, NULL);
    answer(request, "text/plain", body);
}

static void say_json(struct evhttp_request *request, void *unused)
{
    struct evbuffer *body = evbuffer_new();
    (void)unused;
    evbuffer_add_printf(body, "{\"message\":\"%s\"}", "Hello, World!");
    answer(request, "application/json", body);
}

static void send_file(struct evhttp_request *request, void *unused)
{
    struct stat about;
    struct evbuffer *body = evbuffer_new();
    int fd = open(file_path, O_RDONLY | O_CLOEXEC);
    (void)unused;
    if (fd < 0 || fstat(fd, &about) < 0) {
        evhttp_send_error(request, 404, NULL);
        evbuffer_free(body);
        return;
    }
    evbuffer_add_file(body, fd, 0, about.st_size);
    answer(request, "application/octet-stream", body);
}

static struct bufferevent *secure(struct event_base *of, void *context)
{
    return bufferevent_openssl_socket_new(of, -1, SSL_new(context), BUFFEREVENT_SSL_ACCEPTING,
                                          BEV_OPT_CLOSE_ON_FREE);
}

static SSL_CTX *open_context(const char *certificate, const char *key)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1)
        return context;
    fprintf(stderr, "no certificate\n");
    exit(1);
}

/* Each process's own, on a port that all share. */
static struct evconnlistener *listen_at(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct evconnlistener *listener = evconnlistener_new_bind(
        base, NULL, NULL, LEV_OPT_REUSEABLE | LEV_OPT_REUSEABLE_PORT | LEV_OPT_CLOSE_ON_FREE,
        BACKLOG, (struct sockaddr *)&address, sizeof address);
    int yes = 1;                /* connections have it from the listener */
    if (listener)
        setsockopt(evconnlistener_get_fd(listener), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return listener;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    for (int i = 1; i < atoi(argv[2]); i++)
        if (fork() == 0)
            break;
    base = event_base_new();
    struct evhttp *http = evhttp_new(base);
    struct evconnlistener *listener = listen_at(atoi(argv[1]));
    if (!listener || !evhttp_bind_listener(http, listener)) {
        fprintf(stderr, "it does not start\n");
        return 1;
    }
    snprintf(file_path, sizeof file_path, "%s/static/10k.bin", argv[3]);
    if (argc > 5)
        evhttp_set_bevcb(http, secure, open_context(argv[4], argv[5]));
    evhttp_set_timeout(http, IDLE_SECONDS);
    evhttp_set_cb(http, "/plaintext", say_hello, NULL);
    evhttp_set_cb(http, "/json", say_json, NULL);
    evhttp_set_gencb(http, send_file, NULL);
    return event_base_dispatch(base);
}
