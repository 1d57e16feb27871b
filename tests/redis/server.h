/* tests/redis/server.h -- a real redis-server for one test: on a free port of the loopback, in a
 * folder of its own, ended by its process id.  Outside of loops, or in one: it blocks. */
#ifndef REDIS_SERVER_H
#define REDIS_SERVER_H
#include "test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct server {
    pid_t pid;
    int port;
    char folder[40], url[64];
    const char *more[24];       /* further arguments */
};

static inline int server_try(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = connect(fd, (struct sockaddr *)&a, sizeof a);
    close(fd);
    return rc;
}

static inline int server_free_port(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(bind(fd, (struct sockaddr *)&a, size), 0);
    CHECK_EQ(getsockname(fd, (struct sockaddr *)&a, &size), 0);
    close(fd);
    return ntohs(a.sin_port);
}

static inline void server_run(const struct server *s)
{
    char port[8];
    snprintf(port, sizeof port, "%d", s->port);
    const char *argv[40] = { "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "",
                             "--dir", s->folder, "--logfile", "log", "--unixsocket", "socket" };
    for (int i = 0, at = 13; s->more[i]; i++)
        argv[at++] = s->more[i];
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* Again at the same place, after server_kill(). */
static inline void server_start(struct server *s)
{
    s->pid = fork();
    if (s->pid == 0)
        server_run(s);
    for (int tries = 0; server_try(s->port) < 0; tries++) {
        CHECK(tries < 1000);
        CHECK_EQ(waitpid(s->pid, NULL, WNOHANG), 0);
        usleep(10000);
    }
}

static inline void server_kill(struct server *s)
{
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
    s->pid = 0;
}

static inline void server_open(struct server *s)
{
    strcpy(s->folder, "/tmp/bide-redis-XXXXXX");
    CHECK(mkdtemp(s->folder) != NULL);
    s->port = server_free_port();
    snprintf(s->url, sizeof s->url, "redis://127.0.0.1:%d/0", s->port);
    server_start(s);
}

static inline int server_remove(const char *path, const struct stat *unused, int kind,
                                struct FTW *where)
{
    (void)unused;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline void server_close(struct server *s)
{
    if (s->pid)
        server_kill(s);
    nftw(s->folder, server_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* A test with a server and a client of it, on the real clock. */
#define SERVER_TEST(name_, ...) \
    static void name_##_body(struct server *server, bide_redis *redis); \
    static int name_##_task(void *arg) \
    { \
        struct server *server = arg; \
        bide_auto(redis) redis = bide_redis_open(server->url); \
        name_##_body(server, redis); \
        return 0; \
    } \
    TEST(name_) \
    { \
        struct server server = { .more = { __VA_ARGS__ } }; \
        server_open(&server); \
        test_run_task(name_##_task, __FILE__, __LINE__, &server, .real_clock = true, \
                      .seconds = BIDE_FOREVER); \
        server_close(&server); \
    } \
    static void name_##_body(struct server *server, bide_redis *redis)

#endif
