/* The load generator of the server rows: so many connections, each with the next request as soon
 * as it has the last one's answer, and after that, if wanted, requests at a fixed rate.
 *
 *     bench_load port=8080 path=/plaintext size=13 connections=64 seconds=1 server=PID ...
 *
 * struct load has all words. Printed are requests per second, the server's processor microseconds
 * per request (user, system) and how busy it kept its core; where that is clearly below 1, the load
 * was what limited. An answer that is not as it must be, a connection that gets none for five
 * seconds longer, or none at all for so long end the program with 1.
 *
 * At a fixed rate each request has a time at which it is due, whatever became of those before it,
 * and its latency counts from then. A server that stops for a moment so pays for all that would
 * have been asked meanwhile; counting from the sending hides that (coordinated omission). */
#include "dial.h"
#include "histogram.h"
#include "load.h"
#include "usage.h"

#include <signal.h>

enum { EVENTS = 512, SINK = 1 << 18, PATIENCE_SECONDS = 5, DRAIN_SECONDS = 5 };

static struct load load = { .path = "/", .connections = 64, .depth = 1, .warm = 0.1, .seconds = 1 };
static const struct protocol *protocol = &load_http;
static struct link *links, *idle;
static int epoll;
static int64_t answers, last_answer;
static bool is_paced;           /* links wait for requests that are due */
static struct histogram latencies;

_Noreturn static void give_up(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(1);
}

/* ---- connections ---- */

#if BENCH_TLS
static void secure(struct wire *wire)
{
    static SSL_CTX *context;
    if (!context) {
        context = SSL_CTX_new(TLS_client_method());
        context_prepare(context);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        if (SSL_CTX_load_verify_locations(context, load.ca, NULL) != 1)
            fail_tls(load.ca);
    }
    wire_secure(wire, context, 0);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(wire->tls), "127.0.0.1");
    if (SSL_connect(wire->tls) != 1)
        fail_tls("SSL_connect");
}
#else
static void secure(struct wire *wire)
{
    (void)wire;
    give_up("built without OpenSSL");
}
#endif

static void open_link(struct link *link)
{
    link->wire.fd = dial(load.port, 0);
    if (load.ca[0])
        secure(&link->wire);
    protocol->open(&load, link);
    dial_unblock(link->wire.fd);
    wire_watch(epoll, EPOLL_CTL_ADD, &link->wire, link, 0);
}

static void ask(struct link *link)
{
    const char *bytes;
    size_t size = protocol->ask(&load, link, &bytes);
    link->flying = load.depth;
    if (wire_send(&link->wire, bytes, size) != (ssize_t)size)
        fail("send");
}

static void finish(struct link *link)
{
    if (!is_paced) {
        ask(link);
        return;
    }
    if (link->due > 0)
        histogram_add(&latencies, meter_wall_ns() - link->due);
    link->due = 0;
    link->next = idle;
    idle = link;
}

/* Whole answers are taken off; the rest is kept for the next read. */
static void take(struct link *link, const char *data, size_t size)
{
    while (size > 0) {
        size_t n = protocol->answer(&load, link, data, size);
        if (n == 0)
            break;
        if (link->flying-- == 0)
            load_refuse("an answer to nothing", data, size);
        link->answered++;
        answers++;
        data += n;
        size -= n;
    }
    if (size > ANSWER_MAX)
        load_refuse("an answer without end", data, size);
    if (size > 0 && !link->carry)
        link->carry = malloc(ANSWER_MAX);
    if (size > 0)
        memcpy(link->carry, data, size);
    link->carried = size;
}

static void receive(struct link *link)
{
    static char sink[ANSWER_MAX + SINK];
    for (;;) {
        size_t have = link->carried;
        if (have > 0)
            memcpy(sink, link->carry, have);
        ssize_t n = wire_receive(&link->wire, sink + have, SINK);
        if (n < 0)
            return;
        if (n == 0)
            load_refuse("closed by the server", sink, have);
        take(link, sink, have + (size_t)n);
        if (link->flying == 0)
            finish(link);
        if (!link->wire.tls && n < SINK)
            return;             /* there was no more than that */
    }
}

/* What has come, and what follows from it. */
static void turn(int64_t now)
{
    struct epoll_event events[EVENTS];
    bool sleeps = !load.awake && !is_paced;
    int count = epoll_wait(epoll, events, EVENTS, sleeps ? 1000 : 0);
    for (int i = 0; i < count; i++)
        receive(events[i].data.ptr);
    if (count > 0 || is_paced)
        last_answer = now;
    else if (now - last_answer > PATIENCE_SECONDS * INT64_C(1000000000))
        give_up("no answer for five seconds");
}

/* ---- the two measurements ---- */

/* For so long, or until so many answers have come. */
static void saturate(double seconds, int64_t most)
{
    int64_t now = last_answer = meter_wall_ns(), end = now + (int64_t)(seconds * 1e9);
    for (; now < end && answers < most; now = meter_wall_ns())
        turn(now);
}

static int count_forgotten(void)
{
    int count = 0;
    for (int i = 0; i < load.connections; i++)
        count += links[i].answered == 0;
    return count;
}

/* A server may prefer some connections for a while, but not leave others out. */
static void await_forgotten(void)
{
    int64_t now = meter_wall_ns(), end = now + PATIENCE_SECONDS * INT64_C(1000000000);
    for (; count_forgotten() > 0 && now < end; now = meter_wall_ns())
        turn(now);
    int count = count_forgotten();
    if (count == 0)
        return;
    fprintf(stderr, "%d of %d connections got no answer\n", count, load.connections);
    exit(1);
}

/* The rate, requests per second. */
static double measure_rate(void)
{
    saturate(load.warm, INT64_MAX);
    for (int i = 0; i < load.connections; i++)
        links[i].answered = 0;
    struct usage before = usage_of(load.server);
    int64_t start = meter_wall_ns(), first = answers;
    saturate(load.seconds, load.count > 0 ? first + load.count : INT64_MAX);
    double count = (double)(answers - first), took = (double)(meter_wall_ns() - start) / 1e9;
    struct usage after = usage_of(load.server);
    double user, used = usage_since(&before, &after, &user);
    await_forgotten();
    meter_print("requests", count / took, "requests/s");
    meter_print("user_us", user / count * 1e6, "us");
    meter_print("system_us", (used - user) / count * 1e6, "us");
    meter_print("busy", used / took, "cores");
    return count / took;
}

static bool are_all_idle(void)
{
    int count = 0;
    for (const struct link *link = idle; link; link = link->next)
        count++;
    return count == load.connections;
}

static void drain(void)
{
    int64_t now = meter_wall_ns(), end = now + DRAIN_SECONDS * INT64_C(1000000000);
    for (; !are_all_idle(); now = meter_wall_ns()) {
        turn(now);
        if (now > end)
            give_up("requests that are not answered");
    }
}

static void measure_latency(double rate)
{
    is_paced = true;
    drain();
    double each = 1e9 / rate, due = (double)meter_wall_ns() + 1e6, end = due + load.seconds * 1e9;
    for (double now = 0; due < end; now = (double)meter_wall_ns()) {
        for (; idle && due < now; due += each) {
            struct link *link = idle;
            idle = link->next;
            link->due = (int64_t)due;
            ask(link);
        }
        turn((int64_t)now);
        if (now > end + DRAIN_SECONDS * 1e9)
            give_up("the rate is not reached by far");
    }
    drain();
    meter_print("rate", rate, "requests/s");
    meter_print("p50_us", (double)histogram_quantile(&latencies, 0.5) / 1e3, "us");
    meter_print("p99_us", (double)histogram_quantile(&latencies, 0.99) / 1e3, "us");
    meter_print("p999_us", (double)histogram_quantile(&latencies, 0.999) / 1e3, "us");
}

/* ---- what it is told ---- */

static bool read_word(const char *word)
{
    return sscanf(word, "port=%d", &load.port) == 1 ||
           sscanf(word, "path=%127s", load.path) == 1 ||
           sscanf(word, "text=%127[^\n]", load.text) == 1 ||
           sscanf(word, "size=%zu", &load.size) == 1 ||
           sscanf(word, "connections=%d", &load.connections) == 1 ||
           sscanf(word, "depth=%d", &load.depth) == 1 ||
           sscanf(word, "warm=%lf", &load.warm) == 1 ||
           sscanf(word, "seconds=%lf", &load.seconds) == 1 ||
           sscanf(word, "count=%ld", &load.count) == 1 ||
           sscanf(word, "share=%lf", &load.share) == 1 ||
           sscanf(word, "server=%ld", &load.server) == 1 ||
           sscanf(word, "ca=%255s", load.ca) == 1 ||
           (strcmp(word, "websocket") == 0 && (load.websocket = true)) ||
           (strcmp(word, "awake") == 0 && (load.awake = true));
}

static bool read_words(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!read_word(argv[i])) {
            fprintf(stderr, "%s: what is %s?\n", argv[0], argv[i]);
            return false;
        }
    return load.port > 0 && load.connections > 0 && load.depth > 0 && load.depth <= DEPTH_MAX;
}

int main(int argc, char **argv)
{
    if (!read_words(argc, argv))
        return 2;
    signal(SIGPIPE, SIG_IGN);
    protocol = load.websocket ? &load_websocket : &load_http;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    links = calloc((size_t)load.connections, sizeof *links);
    for (int i = 0; i < load.connections; i++)
        open_link(&links[i]);
    for (int i = 0; i < load.connections; i++)
        ask(&links[i]);
    double rate = measure_rate();
    if (load.share > 0)
        measure_latency(rate * load.share);
    return 0;
}
