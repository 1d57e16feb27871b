/* Sockets that were open already when the process began: as systemd hands them over, from number 3
 * on, with LISTEN_FDS to count them, LISTEN_FDNAMES to call them by, and LISTEN_PID to say for whom
 * they are; or by number, from a shell or another launcher.
 *
 * To listen, a duplicate is used.  So the loops of several threads may listen with the same one,
 * and who closes a listener does not take away what belongs to the process. */
#include "base/sys.h"
#include "core/error.h"
#include "core/fd.h"
#include "net/listener.h"

#include <bide/service.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST = 3, FDS_MAX = 1 << 20 };
static const char by_number[] = "fd:", by_manager[] = "systemd:";

/* Digits alone, up to FDS_MAX; else -1. */
static int number_of(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    long number = digits && !text[digits] ? strtol(text, NULL, 10) : -1;
    return number <= FDS_MAX ? (int)number : -1;
}

/* ---- those of a service manager ---- */

/* How many there are for this process; or BIDE_EINVAL. */
static int count_inherited(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    if (!pid || !count || strtol(pid, NULL, 10) != getpid())
        return 0;
    int number = number_of(count);
    return number >= 0 ? number
                       : bide_fail(BIDE_EINVAL, "LISTEN_FDS is '%.40s', no number", count);
}

/* They are not for programs that this one starts. */
static int keep_to_ourselves(int count)
{
    for (int fd = FIRST; fd < FIRST + count; fd++)
        if (bide__sys.fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
            return bide_fail(-errno, "descriptor %d was handed over, but: %s", fd,
                             bide_strerror(-errno));
    return 0;
}

/* Is it called so?  Those without a name are called as systemd does.  *names goes to the next. */
static bool is_called(const char **names, const char *name)
{
    const char *this = *names && **names ? *names : "unknown";
    size_t size = strcspn(this, ":");
    if (*names && **names)
        *names += size + (this[size] == ':');
    return strncmp(this, name, size) == 0 && !name[size];
}

static int find(int count, const char *name, int index)
{
    const char *names = getenv("LISTEN_FDNAMES");
    for (int i = 0; i < count; i++)
        if ((!name || is_called(&names, name)) && index-- == 0)
            return FIRST + i;
    if (count == 0)
        return bide_fail(-ENOENT, "no sockets were handed over to this process");
    return bide_fail(-ENOENT, "no such one among the %d sockets that were handed over", count);
}

int bide_inherited_fd(const char *name, int index)
{
    int count = count_inherited();
    int rc = count < 0 ? count : keep_to_ourselves(count);
    return rc < 0 ? rc : find(count, name, index);
}

void bide_inherited_forget(void)
{
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
}

/* ---- listeners ---- */

static int check_socket(int fd)
{
    int listens = 0, type = 0;
    socklen_t size = sizeof listens;
    if (bide__sys.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 ||
        bide__sys.getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
        return errno == ENOTSOCK ? bide_fail(BIDE_EINVAL, "descriptor %d: not a socket", fd)
                                 : bide_fail(-errno, "descriptor %d: %s", fd,
                                             bide_strerror(-errno));
    return listens && type == SOCK_STREAM
        ? 0 : bide_fail(BIDE_EINVAL, "descriptor %d: not a stream socket that listens", fd);
}

/* What is there already is not told by an edge, so it is tried at once. */
static int take_over(bide_listener *l, int fd)
{
    int rc = check_socket(fd);
    if (rc == 0 && bide__sys.fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        rc = bide__fail_errno("");
    if (rc == 0)
        rc = bide__fd_watch(fd, READY_READ);
    if (rc < 0)
        return rc;
    l->fd = fd;
    return bide__listener_name(l);
}

bide_listener *bide_listener_of_fd(int fd)
{
    bide_listener *l = bide__listener_new();
    if (!l)
        return NULL;
    if (take_over(l, fd) == 0)
        return l;
    bide_within("listen");
    if (l->fd >= 0)
        bide__fd_unwatch(fd);
    l->fd = -1;
    bide_listener_close(l);
    return NULL;
}

bool bide__is_given(const char *address)
{
    return strncmp(address, by_number, sizeof by_number - 1) == 0 ||
           strncmp(address, by_manager, sizeof by_manager - 1) == 0;
}

/* "web:1", "web", ":1" or "". */
static int find_described(const char *text)
{
    char name[256];
    size_t size = strcspn(text, ":");
    int index = text[size] ? number_of(text + size + 1) : 0;
    if (index < 0 || size >= sizeof name)
        return bide_fail(BIDE_EINVAL, "not \"systemd:NAME\" or \"systemd:NAME:INDEX\"");
    memcpy(name, text, size);
    name[size] = '\0';
    return bide_inherited_fd(size ? name : NULL, index);
}

static int find_given(const char *address)
{
    if (strncmp(address, by_manager, sizeof by_manager - 1) == 0)
        return find_described(address + sizeof by_manager - 1);
    int fd = number_of(address + sizeof by_number - 1);
    return fd >= 0 ? fd : bide_fail(BIDE_EINVAL, "not \"fd:NUMBER\"");
}

static int duplicate(int fd)
{
    int copy = bide__sys.fcntl(fd, F_DUPFD_CLOEXEC, FIRST);
    if (copy < 0)
        return bide_fail(-errno, "descriptor %d: %s", fd, bide_strerror(-errno));
    bide__sys.fcntl(fd, F_SETFD, FD_CLOEXEC);
    return copy;
}

bide_listener *bide__listen_given(const char *address)
{
    int fd = find_given(address);
    int copy = fd < 0 ? fd : check_socket(fd);
    if (copy == 0)
        copy = duplicate(fd);
    if (copy < 0) {
        bide_within("listen: %s", address);
        return NULL;
    }
    bide_listener *l = bide_listener_of_fd(copy);
    if (!l)
        bide__sys.close(copy);
    return l;
}
