/* The client rows with libevent's evhttp; errand.h says what it is told and prints.
 *
 * evhttp has no pool: a connection object per job, which keeps its connection as long as the URL's
 * host stays the same, as it does in the rows that it takes part in. */
#include "errand.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>

#include <openssl/ssl.h>

struct job {
    struct evhttp_connection *connection;
    const char *url;
};

static struct errand errand;
static struct event_base *base;
static SSL_CTX *context;
static int running;

static void start(struct job *job);

_Noreturn static void give_up(const char *why, const char *url)
{
    fprintf(stderr, "client_libevent: %s: %s\n", url, why);
    exit(1);
}

static void disconnect(struct job *job)
{
    if (job->connection)
        evhttp_connection_free(job->connection);
    job->connection = NULL;
}

/* A connection must not be freed within its own call. */
static void start_anew(evutil_socket_t unused, short events, void *job)
{
    (void)unused, (void)events;
    disconnect(job);
    start(job);
}

static void answered(struct evhttp_request *request, void *arg)
{
    static const struct timeval now = { 0, 0 };
    struct job *job = arg;
    if (!request || evhttp_request_get_response_code(request) != 200)
        give_up("not a 200", job->url);
    errand.bytes += (int64_t)evbuffer_get_length(evhttp_request_get_input_buffer(request));
    if (errand.keep)
        start(job);
    else
        event_base_once(base, -1, EV_TIMEOUT, start_anew, job, &now);
}

static void take_piece(struct evhttp_request *request, void *unused)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    (void)unused;
    errand.bytes += (int64_t)evbuffer_get_length(body);
    evbuffer_drain(body, evbuffer_get_length(body));
}

static struct bufferevent *secure(void)
{
    SSL *tls = SSL_new(context);
    SSL_set1_host(tls, "127.0.0.1");
    return bufferevent_openssl_socket_new(base, -1, tls, BUFFEREVENT_SSL_CONNECTING,
                                          BEV_OPT_CLOSE_ON_FREE);
}

static void connect_to(struct job *job, const struct evhttp_uri *uri)
{
    job->connection = evhttp_connection_base_bufferevent_new(
        base, NULL, context ? secure() : NULL, evhttp_uri_get_host(uri),
        (unsigned short)evhttp_uri_get_port(uri));
    evhttp_connection_set_timeout(job->connection, 60);
}

static struct evhttp_request *request_for(struct job *job, const struct evhttp_uri *uri)
{
    char host[300];
    struct evhttp_request *request = evhttp_request_new(answered, job);
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    snprintf(host, sizeof host, "%s:%d", evhttp_uri_get_host(uri), evhttp_uri_get_port(uri));
    evhttp_add_header(headers, "Host", host);
    if (!errand.keep)
        evhttp_add_header(headers, "Connection", "close");
    if (errand.count == 1)
        evhttp_request_set_chunked_cb(request, take_piece);
    return request;
}

static void start(struct job *job)
{
    char target[4096];
    job->url = errand_next(&errand);
    if (!job->url) {
        if (--running == 0)
            event_base_loopbreak(base);
        return;
    }
    struct evhttp_uri *uri = evhttp_uri_parse(job->url);
    if (!uri)
        give_up("no URL", job->url);
    if (!job->connection)
        connect_to(job, uri);
    const char *query = evhttp_uri_get_query(uri);
    snprintf(target, sizeof target, "%s%s%s", evhttp_uri_get_path(uri), query ? "?" : "",
             query ? query : "");
    if (evhttp_make_request(job->connection, request_for(job, uri), EVHTTP_REQ_GET, target) < 0)
        give_up("no request", job->url);
    evhttp_uri_free(uri);
}

static void run(struct job *jobs, long count)
{
    errand.left = count;
    running = errand.jobs;
    for (int i = 0; i < errand.jobs; i++)
        start(&jobs[i]);
    if (running > 0)
        event_base_dispatch(base);
}

static SSL_CTX *trusting(const char *ca)
{
    SSL_CTX *made = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(made, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_load_verify_locations(made, ca, NULL) != 1)
        give_up("no certificate", ca);
    return made;
}

int main(int argc, char **argv)
{
    if (!errand_read(&errand, argc, argv))
        return 2;
    base = event_base_new();
    context = errand.ca ? trusting(errand.ca) : NULL;
    struct job *jobs = calloc((size_t)errand.jobs, sizeof *jobs);
    run(jobs, errand.warm);
    errand_begin(&errand);
    run(jobs, errand.count);
    errand_print(&errand);
    return 0;
}
