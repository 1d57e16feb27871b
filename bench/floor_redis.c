/* The ceiling of Redis: the same commands on a blocking socket, and bytes counted that come back,
 * for all replies are of one length. As many commands are sent as replies have come, so that the
 * number in flight stays. stint.h says what it is told and what it prints. */
#define BENCH_TLS 0
#include "dial.h"
#include "stint.h"

#include <sys/socket.h>

static const char set[] = "*3\r\n$3\r\nSET\r\n$9\r\n" STINT_KEY "\r\n$3\r\n" STINT_VALUE "\r\n";
static const char get[] = "*2\r\n$3\r\nGET\r\n$9\r\n" STINT_KEY "\r\n";
#define REPLY_TEXT "$3\r\n" STINT_VALUE "\r\n"
enum { GET = sizeof get - 1, REPLY = sizeof REPLY_TEXT - 1 };

static char gets[STINT_FLIGHT * GET];

static void ask(int fd, long count)
{
    size_t size = (size_t)count * GET;
    if (send(fd, gets, size, MSG_NOSIGNAL) != (ssize_t)size)
        fail("send");
}

static void run(int fd, long count, long flight)
{
    static char sink[1 << 16];
    long asked = flight < count ? flight : count, answered = 0;
    size_t part = 0;            /* of a reply */
    for (ask(fd, asked); answered < count;) {
        ssize_t n = recv(fd, sink, sizeof sink, 0);
        if (n <= 0 || (part == 0 && sink[0] != '$'))
            fail("recv");
        part += (size_t)n;
        long some = (long)(part / REPLY);
        part %= REPLY;
        answered += some;
        long more = some < count - asked ? some : count - asked;
        if (more > 0)
            ask(fd, more);
        asked += more;
    }
}

int main(int argc, char **argv)
{
    struct stint stint;
    char ok[16];
    if (!stint_read(&stint, argc, argv))
        return 2;
    for (int i = 0; i < STINT_FLIGHT; i++)
        memcpy(gets + i * GET, get, GET);
    int fd = dial(stint_port(&stint), 0);
    if (send(fd, set, sizeof set - 1, MSG_NOSIGNAL) != sizeof set - 1 ||
        recv(fd, ok, sizeof ok, 0) != 5)
        fail("set");
    long flight = stint_is(&stint, "pipelined") ? STINT_FLIGHT : 1;
    run(fd, stint.count / 10 + 1, flight);
    stint_begin(&stint);
    run(fd, stint.count, flight);
    stint_print(&stint, "rate");
    return 0;
}
