/* Many connections that are alive: WebSockets on one server, each of which says something now and
 * then and hears its echo.
 *
 *     bench_scale_echo PORT COUNT RATE SECONDS SESSION [FIRST_SOURCE]
 *
 * COUNT connections are opened, from 127.0.0.(1 + FIRST_SOURCE) on, so many for each source address
 * as it has ports. Then RATE messages a second are sent, by one connection after the other, for
 * SECONDS. An echo's latency counts from when its message was due, not from when it could be sent.
 * Printed are its percentiles, the rate that was reached, the server's processor time for an echo,
 * how long the slowest 64 connections took to open together, and what the processes of the server's
 * session have grown by, per connection, VmRSS and VmPTE; beside it by what the kernel's own memory
 * has, whoever it was for, so both ends of a connection are in it. An echo that is wrong, or has
 * not come a second after the last message, ends the program with 1. */
#include "dial.h"
#include "histogram.h"
#include "usage.h"

#include <sys/epoll.h>
#include <sys/resource.h>

enum { PER_SOURCE = 20000, WINDOW = 64, EVENTS = 256, FRAME = 8, LATE_NS = 1000000000 };

struct talker {
    int fd;
    int64_t due;                /* of the message whose echo is awaited; 0: none is */
    uint8_t text[2];
};

static struct talker *talkers;
static long count, awaited, heard, skipped;
static int port, source_first;
static struct histogram latencies;

/* ---- coming ---- */

static void open_some(long from, long some, int epoll)
{
    for (long i = from; i < from + some; i++) {
        talkers[i].fd = dial(port, source_first + (int)(i / PER_SOURCE));
        dial_upgrade(talkers[i].fd, "/ws");
    }
    for (long i = from; i < from + some; i++) {
        struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.ptr = &talkers[i] };
        dial_upgraded(talkers[i].fd);
        dial_unblock(talkers[i].fd);
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, talkers[i].fd, &event) < 0)
            fail("epoll_ctl");
    }
}

/* The nanoseconds that the slowest WINDOW of them took: a table that grows would be seen there. */
static int64_t open_all(int epoll)
{
    int64_t longest = 0;
    for (long i = 0; i < count; i += WINDOW) {
        int64_t start = meter_wall_ns(), took;
        open_some(i, count - i < WINDOW ? count - i : WINDOW, epoll);
        took = meter_wall_ns() - start;
        longest = took > longest ? took : longest;
    }
    return longest;
}

/* ---- talking ---- */

/* A text of two bytes that no two messages in a row share; its mask is zero. */
static void say(struct talker *t, long number, int64_t due)
{
    uint8_t frame[FRAME] = { 0x81, 0x82, 0, 0, 0, 0, (uint8_t)('a' + number % 26),
                             (uint8_t)('a' + number / 26 % 26) };
    if (t->due) {               /* its last one is not answered yet: that one's latency tells */
        skipped++;
        return;
    }
    memcpy(t->text, frame + 6, sizeof t->text);
    t->due = due;
    if (send(t->fd, frame, sizeof frame, MSG_NOSIGNAL) != sizeof frame)
        fail("send");
    awaited++;
}

static void hear(struct talker *t)
{
    uint8_t echo[FRAME];
    ssize_t n = recv(t->fd, echo, sizeof echo, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n != 4 || !t->due || echo[0] != 0x81 || echo[1] != 2 || memcmp(echo + 2, t->text, 2) != 0)
        fail("not the echo");
    histogram_add(&latencies, meter_wall_ns() - t->due);
    t->due = 0;
    awaited--;
    heard++;
}

static void hear_some(int epoll, int64_t until)
{
    struct epoll_event events[EVENTS];
    int64_t left_ms = (until - meter_wall_ns()) / 1000000;
    int some = epoll_wait(epoll, events, EVENTS, left_ms > 0 ? (int)left_ms : 0);
    for (int i = 0; i < some; i++)
        hear(events[i].data.ptr);
}

static void talk(int epoll, double rate, double seconds)
{
    long messages = (long)(rate * seconds), stride = 7919 % count ? 7919 : 1;
    int64_t start = meter_wall_ns();
    for (long sent = 0; sent < messages;) {
        int64_t due = start + (int64_t)((double)sent * 1e9 / rate);
        for (; sent < messages && due <= meter_wall_ns(); sent++) {
            say(&talkers[sent * stride % count], sent, due);
            due = start + (int64_t)((double)(sent + 1) * 1e9 / rate);
        }
        hear_some(epoll, due);
    }
    int64_t end = meter_wall_ns() + LATE_NS;
    while (awaited > 0 && meter_wall_ns() < end)
        hear_some(epoll, end);
}

/* Of the echoes, from when their messages were due. */
static void print_latencies(double seconds)
{
    static const struct { const char *name; double share; } wanted[] = {
        { "p50", 0.5 }, { "p99", 0.99 }, { "p999", 0.999 }, { "max", 1 },
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        meter_print(wanted[i].name, (double)histogram_quantile(&latencies, wanted[i].share) / 1e3,
                    "us");
    meter_print("echoes", (double)heard / seconds, "echoes/s");
    meter_print("skipped", (double)skipped, "messages");
}

/* ---- */

/* Sockets, files and what is watched. */
static int64_t kernel_memory(void)
{
    return meter_line_of("/proc/meminfo", "Slab:");
}

static void raise_limit(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    port = atoi(argv[1]);
    count = atol(argv[2]);
    double rate = atof(argv[3]), seconds = atof(argv[4]);
    long session = atol(argv[5]);
    source_first = argc > 6 ? atoi(argv[6]) : 1;
    talkers = calloc((size_t)count, sizeof *talkers);
    raise_limit();
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct usage before = usage_of(session);
    int64_t slab = kernel_memory(), start = meter_wall_ns(), longest = open_all(epoll);
    meter_print("opened", (double)count / ((double)(meter_wall_ns() - start) / 1e9),
                "connections/s");
    meter_print("longest_open", (double)longest / 1e6, "ms");
    struct usage after = usage_of(session);
    meter_print("memory", (double)(after.memory - before.memory) / (double)count, "bytes");
    meter_print("slab", (double)(kernel_memory() - slab) / (double)count, "bytes");
    talk(epoll, rate, seconds);
    if (awaited > 0) {
        fprintf(stderr, "%ld echoes never came\n", awaited);
        return 1;
    }
    struct usage end = usage_of(session);
    double user, used = usage_since(&after, &end, &user);
    meter_print("server", used * 1e9 / (double)heard, "ns");
    print_latencies(seconds);
    return 0;
}
