/* Telling the service manager how things are: one datagram to the socket that NOTIFY_SOCKET names
 * (sd_notify(3)). */
#include <bide/service.h>

#include "base/sys.h"
#include "core/error.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

/* A path, or '@' for the NUL of an abstract name. */
static int address_of(const char *path, struct sockaddr_un *a, socklen_t *size)
{
    size_t length = strlen(path);
    if ((*path != '/' && *path != '@') || length < 2 || length >= sizeof a->sun_path)
        return bide_fail(BIDE_EINVAL, "NOTIFY_SOCKET is '%.120s', no address of a Unix socket",
                         path);
    *a = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(a->sun_path, path, length);
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (*path == '@')
        a->sun_path[0] = '\0';
    return 0;
}

static bool has(const char *state, const char *assignment)
{
    const char *at = strstr(state, assignment);
    return at && (at == state || at[-1] == '\n');
}

/* A manager that asked for a reload takes it as begun only with the time (Type=notify-reload). */
static void write_time(char to[48], const char *state)
{
    struct timespec now;
    *to = '\0';
    if (!has(state, "RELOADING=1") || has(state, "MONOTONIC_USEC="))
        return;
    bide__sys.clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(to, 48, "\nMONOTONIC_USEC=%" PRId64,
             (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

static int send_to(const struct sockaddr_un *a, socklen_t size, const char *state)
{
    char time[48];
    write_time(time, state);
    struct iovec pieces[] = {
        { .iov_base = (void *)(uintptr_t)state, .iov_len = strlen(state) },
        { .iov_base = time, .iov_len = strlen(time) },
    };
    struct msghdr m = { .msg_name = (void *)(uintptr_t)a, .msg_namelen = size,
                        .msg_iov = pieces, .msg_iovlen = 2 };
    int fd = bide__sys.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return bide__fail_errno("");
    ssize_t n;
    do
        n = bide__sys.sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    int rc = n < 0 ? bide__fail_errno("") : 1;
    bide__sys.close(fd);
    return rc;
}

int bide_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un a;
    socklen_t size = 0;
    if (!state || !*state)
        return bide_fail(BIDE_EINVAL, "notify: nothing to tell");
    if (!path || !*path)
        return 0;
    int rc = address_of(path, &a, &size);
    if (rc == 0)
        rc = send_to(&a, size, state);
    return rc < 0 ? bide_within("notify") : rc;
}
