/* Unix sockets: connecting and listening. */
#include <bide/unix.h>
#include "base/sys.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/park.h"
#include "io/stream.h"
#include "net/listener.h"
#include <bide/task.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum { PERMISSIONS = 0777 };
static const double pause_min = 0.001, pause_max = 0.05;

/* '@' stands for the NUL that an abstract name begins with. */
static int address_of(const char *path, struct sockaddr_un *a, socklen_t *size)
{
    size_t length = path ? strlen(path) : 0;
    if (length == 0 || length >= sizeof a->sun_path)
        return bide_fail(BIDE_EINVAL, "a path of %zu bytes; 1 to %zu", length,
                         sizeof a->sun_path - 1);
    *a = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(a->sun_path, path, length);
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    if (*path == '@') {
        a->sun_path[0] = '\0';
        --*size;
    }
    return 0;
}

static int open_socket(int type)
{
    int fd = bide__sys.socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd < 0 ? bide__fail_errno("") : fd;
}

/* A full backlog is told by EAGAIN, and nothing tells when there is room again. */
BIDE_WAITS static int connect_patiently(int fd, const struct sockaddr_un *a, socklen_t size)
{
    double pause = pause_min;
    int rc;
    while ((rc = bide__fd_connect(fd, (const struct sockaddr *)(const void *)a, size)) == -EAGAIN) {
        if ((rc = bide_sleep(pause)) < 0)
            return rc;
        pause = 2 * pause < pause_max ? 2 * pause : pause_max;
    }
    return rc;
}

BIDE_WAITS static int connect_stream(bide_stream *s, const char *path)
{
    struct sockaddr_un a;
    socklen_t size;
    int rc = address_of(path, &a, &size);
    int fd = rc < 0 ? rc : open_socket(SOCK_STREAM);
    if (fd < 0)
        return fd;
    rc = connect_patiently(fd, &a, size);
    if (rc == 0)
        bide__socket_stream_set(s, fd, NULL);
    else
        bide__fd_close(fd);
    return rc;
}

bide_stream *bide_unix_connect(const char *path)
{
    bide_auto(stream) s = bide__socket_stream();
    int rc = s ? connect_stream(s, path) : bide_errcode();
    if (rc == 0)
        return bide_steal(s);
    if (rc != BIDE_ECANCELED)
        bide_within("connect: %s", path ? path : "(no path)");
    return NULL;
}

/* ---- Listening ---- */

static bool is_socket(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* A socket that refuses has no listener any more.  The one that asks is of another kind, so that
 * a living listener does not get a connection. */
static bool is_stale(const char *path, const struct sockaddr_un *a, socklen_t size)
{
    int fd = is_socket(path) ? open_socket(SOCK_DGRAM) : -1;
    if (fd < 0)
        return false;
    bool refused = bide__sys.connect(fd, (const struct sockaddr *)(const void *)a, size) < 0 &&
                   errno == ECONNREFUSED;
    bide__sys.close(fd);
    return refused;
}

static int bind_to(int fd, const char *path, const struct sockaddr_un *a, socklen_t size)
{
    const struct sockaddr *address = (const struct sockaddr *)(const void *)a;
    if (bide__sys.bind(fd, address, size) == 0)
        return 0;
    int code = -errno;
    if (code != -EADDRINUSE || *path == '@' || !is_stale(path, a, size) || unlink(path) < 0)
        return bide_fail(code, "%s", bide_strerror(code));
    return bide__sys.bind(fd, address, size) < 0 ? bide__fail_errno("") : 0;
}

/* Somebody else's file of the same name stays. */
static void remove_file(bide_listener *l)
{
    struct stat st;
    if (lstat(l->address, &st) == 0 && st.st_dev == l->device && st.st_ino == l->inode)
        unlink(l->address);
}

static void remember_file(bide_listener *l)
{
    struct stat st;
    if (*l->address == '@' || lstat(l->address, &st) < 0)
        return;
    l->device = st.st_dev;
    l->inode = st.st_ino;
    l->gone = remove_file;
}

static int open_listener(bide_listener *l, const struct bide_unix_listen_opts *o)
{
    struct sockaddr_un a;
    socklen_t size;
    int rc = address_of(o->path, &a, &size);
    if (rc < 0 || (rc = l->fd = open_socket(SOCK_STREAM)) < 0)
        return rc;
    if (fchmod(l->fd, o->permissions ? o->permissions : PERMISSIONS) < 0)
        return bide__fail_errno("");
    if ((rc = bind_to(l->fd, o->path, &a, size)) < 0)
        return rc;
    strcpy(l->address, o->path);
    remember_file(l);
    if (bide__sys.listen(l->fd, o->backlog > 0 ? o->backlog : LISTEN_BACKLOG) < 0)
        return bide__fail_errno("");
    return bide__fd_watch(l->fd, WATCH_SOCKET | WATCH_LISTENER);
}

bide_listener *bide_unix_listen_opts(const struct bide_unix_listen_opts *o)
{
    bide_listener *l = bide__listener_new();
    if (!l)
        return NULL;
    if (open_listener(l, o) == 0)
        return l;
    bide_within("listen: %s", o->path ? o->path : "(no path)");
    bide_listener_close(l);
    return NULL;
}

int bide_unix_pair(bide_stream *ends[2])
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return bide__fail_errno("");
    bide_auto(stream) first = bide_stream_of_fd(fds[0]);
    bide_auto(stream) second = first ? bide_stream_of_fd(fds[1]) : NULL;
    if (!first)
        bide__sys.close(fds[0]);
    if (!second) {
        bide__sys.close(fds[1]);
        return bide_errcode();
    }
    ends[0] = bide_steal(first);
    ends[1] = bide_steal(second);
    return 0;
}
