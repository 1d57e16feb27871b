/* A server of datagrams, and a client that asks it: loop.create_datagram_endpoint(), without
 * protocols and callbacks. */
#include <bide.h>
#include <stdio.h>
#include <string.h>

static int answer_all(void *socket)
{
    char question[64], answer[80];
    struct bide_address from;
    for (;;) {
        ssize_t n = bide_udp_receive(socket, question, sizeof question, &from);
        if (n < 0)
            return (int)n;
        int size = snprintf(answer, sizeof answer, "%.*s? tea time", (int)n, question);
        int rc = bide_udp_send(socket, answer, (size_t)size, &from);
        if (rc < 0)
            return rc;
    }
}

static int ask(const char *address, const char *question)
{
    char answer[80];
    bide_auto(udp) u = bide_udp_open(NULL, .peer = address);
    int rc = bide_udp_send(u, question, strlen(question), NULL);
    if (rc < 0)
        return rc;
    BIDE_TIMEOUT(t, 2);                 /* datagrams may be lost */
    ssize_t n = bide_udp_receive(u, answer, sizeof answer, NULL);
    if (n >= 0)
        printf("%.*s\n", (int)n, answer);
    return bide_scope_result(t, n < 0 ? (int)n : 0);
}

static int program(void *unused)
{
    (void)unused;
    bide_auto(udp) server = bide_udp_open("127.0.0.1:0");
    BIDE_GROUP(g);
    bide_spawn(g, answer_all, server);
    int rc = ask(bide_udp_address(server), "five o'clock");
    return rc < 0 ? rc : ask(bide_udp_address(server), "noon");
}

int main(void)
{
    if (bide_run(program, NULL, .stop_on_signal = true) >= 0)
        return 0;
    fprintf(stderr, "%s\n", bide_errmsg());
    return 1;
}
