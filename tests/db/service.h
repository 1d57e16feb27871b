/* What the real servers of the tests have in common: a folder in /tmp, a free port of the loopback,
 * an end; and tests on the real clock, for a server does not know of ours. */
#ifndef TESTS_DB_SERVICE_H
#define TESTS_DB_SERVICE_H

#include "test.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static inline struct sockaddr_in service_address(int port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

/* 0: there is none. */
static inline int service_free_port(void)
{
    struct sockaddr_in a = service_address(0);
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &size) < 0)
        a.sin_port = 0;
    close(fd);
    return ntohs(a.sin_port);
}

/* Somebody takes connections there. */
static inline bool service_answers(int port)
{
    struct sockaddr_in a = service_address(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool taken = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
    close(fd);
    return taken;
}

/* Which another user may enter: the template's last letters become its own. */
static inline bool service_folder(char *template)
{
    return mkdtemp(template) && chmod(template, 0777) == 0;
}

static inline int service_remove_one(const char *path, const struct stat *unused, int kind,
                                     struct FTW *where)
{
    (void)unused;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline void service_remove(const char *folder)
{
    if (nftw(folder, service_remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0)
        fprintf(stderr, "%s is left\n", folder);
}

#define SERVICE_TEST(name_) TASK_TEST_OPTS(name_, .real_clock = true, .seconds = 3600)

#endif
