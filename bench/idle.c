/* What a connection costs a server that has nothing to do for it: so many are opened, each asks
 * once, and all stay.
 *
 *     bench_idle PORT PATH COUNT SESSION [websocket]
 *
 * Printed is what the server's processes have grown by, VmRSS and VmPTE, per connection. Before the
 * first look at them it answers some connections that go again, so that what a server makes once is
 * not counted. At the end each connection must be open still, and every hundredth asks once more.
 *
 * A source address has some 28,000 ports: another one is taken for every 20,000. */
#include "dial.h"
#include "usage.h"

#include <errno.h>
#include <poll.h>
#include <sys/resource.h>

enum { WINDOW = 64, PER_SOURCE = 20000, WARM_TURNS = 8, SAMPLE = 100, SETTLE_MS = 500 };

static int port, count;
static const char *path;
static bool websocket;

/* ---- one exchange ---- */

static void ask(int fd)
{
    char text[512];
    if (websocket) {
        dial_upgrade(fd, path);
        return;
    }
    int size = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
    if (send(fd, text, (size_t)size, MSG_NOSIGNAL) != size)
        fail("send");
}

/* The plain text of the rows ends every body. */
static void answered(int fd)
{
    static const char last[] = "Hello, World!", status[] = "HTTP/1.1 200";
    char text[2048];
    size_t have = 0, size = sizeof last - 1;
    if (websocket) {
        dial_upgraded(fd);
        return;
    }
    while (have < size || memcmp(text + have - size, last, size) != 0) {
        ssize_t n = recv(fd, text + have, sizeof text - have, 0);
        if (n <= 0)
            fail("no answer");
        have += (size_t)n;
    }
    if (memcmp(text, status, sizeof status - 1) != 0)
        fail("not a 200");
}

/* What is sent and answered on a connection that is open: a message of two bytes, its mask being
 * zero, and its echo; or a request like the first. */
static void say(int fd)
{
    static const char message[] = "\x81\x82\0\0\0\0hi";
    if (!websocket)
        ask(fd);
    else if (send(fd, message, sizeof message - 1, MSG_NOSIGNAL) < 0)
        fail("send");
}

static void hear(int fd)
{
    static const char echo[] = "\x81\x02hi";
    char text[sizeof echo];
    if (!websocket)
        answered(fd);
    else if (recv(fd, text, sizeof echo - 1, MSG_WAITALL) != sizeof echo - 1 ||
             memcmp(text, echo, sizeof echo - 1) != 0)
        fail("no echo");
}

/* ---- many of them ---- */

/* So few at a time that no server's backlog overflows. */
static void open_some(int *fds, int some, int from)
{
    for (int i = 0; i < some; i++) {
        fds[i] = dial(port, 1 + (from + i) / PER_SOURCE);
        ask(fds[i]);
    }
    for (int i = 0; i < some; i++) {
        answered(fds[i]);
        if (websocket)
            say(fds[i]);
    }
    for (int i = 0; websocket && i < some; i++)
        hear(fds[i]);
}

static void warm_up(void)
{
    int fds[WINDOW];
    for (int turn = 0; turn < WARM_TURNS; turn++) {
        open_some(fds, WINDOW, 0);
        for (int i = 0; i < WINDOW; i++)
            close(fds[i]);
    }
}

static void settle(void)
{
    poll(NULL, 0, SETTLE_MS);
}

static void check_open(const int *fds)
{
    char byte;
    for (int i = 0; i < count; i++)
        if (recv(fds[i], &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN)
            fail("a connection that did not stay");
    for (int i = 0; i < count; i += SAMPLE) {
        say(fds[i]);
        hear(fds[i]);
    }
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
    if (argc < 5)
        return 2;
    port = atoi(argv[1]);
    path = argv[2];
    count = atoi(argv[3]);
    long session = atol(argv[4]);
    websocket = argc > 5;
    int *fds = calloc((size_t)count, sizeof *fds);
    raise_limit();
    warm_up();
    settle();
    struct usage before = usage_of(session);
    int64_t start = meter_wall_ns();
    for (int i = 0; i < count; i += WINDOW)
        open_some(fds + i, count - i < WINDOW ? count - i : WINDOW, i);
    double seconds = (double)(meter_wall_ns() - start) / 1e9;
    settle();
    struct usage after = usage_of(session);
    check_open(fds);
    meter_print("memory", (double)(after.memory - before.memory) / count, "bytes");
    meter_print("server", (double)after.memory / 1e6, "MB");
    meter_print("opened", count / seconds, "connections/s");
    return 0;
}
