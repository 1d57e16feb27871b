/* Descriptors are looked at as the system lists them, so that those count as well which the test
 * opened without bide.  A number that was closed and opened again is told apart by what it refers
 * to, where that has an inode of its own. */
#include "testing/descriptors.h"
#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRIED_WITHOUT_PROC = 4096, NAME_SIZE = 100 };

static void add(struct descriptors *d, int fd)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return;
    if (d->count == d->room) {
        size_t room = d->room ? d->room * 2 : 64;
        struct descriptor *larger = realloc(d->list, room * sizeof *larger);
        if (!larger)
            abort();
        d->list = larger;
        d->room = room;
    }
    d->list[d->count++] = (struct descriptor){ fd, status.st_dev, status.st_ino, status.st_mode };
}

void bide__test_descriptors_list(struct descriptors *d)
{
    *d = (struct descriptors){ .count = 0 };
    DIR *folder = opendir("/proc/self/fd");
    if (!folder) {
        for (int fd = 0; fd < TRIED_WITHOUT_PROC; fd++)
            add(d, fd);
        return;
    }
    for (struct dirent *e; (e = readdir(folder)); ) {
        int fd = e->d_name[0] == '.' ? -1 : atoi(e->d_name);
        if (fd >= 0 && fd != dirfd(folder))
            add(d, fd);
    }
    closedir(folder);
}

static bool was_there(const struct descriptors *then, const struct descriptor *now)
{
    for (size_t i = 0; i < then->count; i++) {
        const struct descriptor *d = &then->list[i];
        if (d->fd == now->fd)
            return d->device == now->device && d->inode == now->inode && d->mode == now->mode;
    }
    return false;
}

/* "127.0.0.1:8080", or "" for a socket that has no such address. */
static void print_address(const struct sockaddr_storage *address, socklen_t size, char *out)
{
    char host[64], port[16];
    *out = '\0';
    if (address->ss_family != AF_INET && address->ss_family != AF_INET6)
        return;
    if (getnameinfo((const struct sockaddr *)(const void *)address, size, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(out, NAME_SIZE, address->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static void describe_socket(int fd, char *out)
{
    struct sockaddr_storage address = { .ss_family = 0 };
    char at[NAME_SIZE];
    socklen_t size = sizeof address;
    const char *how = "to";
    if (getpeername(fd, (struct sockaddr *)&address, &size) < 0) {
        size = sizeof address;
        how = "at";
        if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
            address.ss_family = 0;
    }
    print_address(&address, size, at);
    snprintf(out, NAME_SIZE, "socket%s%s%s%s", *at ? " " : "", *at ? how : "", *at ? " " : "", at);
}

static void describe(const struct descriptor *d, char *out)
{
    char link[40], path[80];
    if (S_ISSOCK(d->mode)) {
        describe_socket(d->fd, out);
        return;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", d->fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size < 0 ? 0 : size] = '\0';
    snprintf(out, NAME_SIZE, "%s", S_ISFIFO(d->mode) ? "pipe" : size > 0 ? path : "?");
}

size_t bide__test_descriptors_new(const struct descriptors *then, struct findings *f)
{
    struct descriptors now;
    size_t count = 0;
    char what[NAME_SIZE];
    bide__test_descriptors_list(&now);
    for (size_t i = 0; i < now.count; i++) {
        if (was_there(then, &now.list[i]))
            continue;
        count++;
        if (!f)
            continue;
        describe(&now.list[i], what);
        bide__test_found(f, "descriptor %d (%s)", now.list[i].fd, what);
    }
    bide__test_descriptors_free(&now);
    return count;
}

void bide__test_descriptors_free(struct descriptors *d)
{
    free(d->list);
    *d = (struct descriptors){ .count = 0 };
}
