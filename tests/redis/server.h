/* tests/redis/server.h -- a real redis-server for one test: on a free port of the loopback, in a
 * folder of its own, ended by its process id.  Outside of loops, or in one: it blocks. */
#ifndef REDIS_SERVER_H
#define REDIS_SERVER_H
#include "db/service.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct server {
    pid_t pid;
    int port;
    char folder[40], url[64];
    const char *more[24];       /* further arguments */
};

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
    for (int tries = 0; !service_answers(s->port); tries++) {
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
    CHECK(service_folder(s->folder));
    s->port = service_free_port();
    snprintf(s->url, sizeof s->url, "redis://127.0.0.1:%d/0", s->port);
    server_start(s);
}

static inline void server_close(struct server *s)
{
    if (s->pid)
        server_kill(s);
    service_remove(s->folder);
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
