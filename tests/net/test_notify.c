/* What a service manager is told. */
#include "test.h"

#include "base/sys.h"

#include <bide/error.h>
#include <bide/service.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* A manager that listens at a path, or at "@name". */
struct manager { int fd; char path[64]; };

static void manager_open(struct manager *m, bool abstract)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    snprintf(m->path, sizeof m->path, "%s/bide-notify-%d", abstract ? "@" : "/tmp", (int)getpid());
    size_t size = strlen(m->path);
    memcpy(a.sun_path, m->path, size);
    if (abstract)
        a.sun_path[0] = '\0';
    else
        unlink(m->path);
    m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CHECK_EQ(bind(m->fd, (const struct sockaddr *)(const void *)&a,
                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)), 0);
    CHECK_EQ(setenv("NOTIFY_SOCKET", m->path, 1), 0);
}

static void manager_close(struct manager *m)
{
    close(m->fd);
    unlink(m->path);
    unsetenv("NOTIFY_SOCKET");
}

static const char *heard(struct manager *m)
{
    static char text[256];
    ssize_t n = recv(m->fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

TEST(a_manager_is_told_at_its_path)
{
    struct manager m;
    manager_open(&m, false);
    CHECK_EQ(bide_notify("READY=1"), 1);
    CHECK_STR(heard(&m), "READY=1");
    CHECK_EQ(bide_notify("STOPPING=1\nSTATUS=so long"), 1);
    CHECK_STR(heard(&m), "STOPPING=1\nSTATUS=so long");
    CHECK_STR(heard(&m), "");
    manager_close(&m);
}

TEST(a_manager_is_told_at_an_abstract_name)
{
    struct manager m;
    manager_open(&m, true);
    CHECK_EQ(bide_notify("READY=1"), 1);
    CHECK_STR(heard(&m), "READY=1");
    manager_close(&m);
}

TEST(a_reload_is_told_with_its_time)
{
    struct manager m;
    long long time = 0;
    manager_open(&m, false);
    CHECK_EQ(bide_notify("RELOADING=1"), 1);
    CHECK_EQ(sscanf(heard(&m), "RELOADING=1\nMONOTONIC_USEC=%lld", &time), 1);
    CHECK(time > 0);
    CHECK_EQ(bide_notify("STATUS=x\nRELOADING=1\nMONOTONIC_USEC=7"), 1);
    CHECK_STR(heard(&m), "STATUS=x\nRELOADING=1\nMONOTONIC_USEC=7");
    CHECK_EQ(bide_notify("STATUS=not RELOADING=1"), 1);
    CHECK_STR(heard(&m), "STATUS=not RELOADING=1");
    manager_close(&m);
}

TEST(without_a_manager_nobody_is_told)
{
    unsetenv("NOTIFY_SOCKET");
    CHECK_EQ(bide_notify("READY=1"), 0);
    CHECK_EQ(bide_notify(""), BIDE_EINVAL);
    CHECK_EQ(bide_notify(NULL), BIDE_EINVAL);
}

TEST(a_manager_that_cannot_be_told_is_a_failure)
{
    static const char *const bad[] = { "relative", "vsock:2:1234", "/", "@" };
    char path[300];
    setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
    CHECK_EQ(bide_notify("READY=1"), -ENOENT);
    CHECK_STR(bide_errmsg(), "notify: No such file or directory");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        setenv("NOTIFY_SOCKET", bad[i], 1);
        CHECK_EQ(bide_notify("READY=1"), BIDE_EINVAL);
        CHECK_HAS(bide_errmsg(), "no address of a Unix socket");
    }
    memset(path, '/', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    setenv("NOTIFY_SOCKET", path, 1);
    CHECK_EQ(bide_notify("READY=1"), BIDE_EINVAL);
}

/* Its queue is short, and whoever tells it does not wait. */
TEST(a_manager_that_does_not_listen_holds_nobody_up)
{
    struct manager m;
    manager_open(&m, false);
    int rc = 1, count = 0;
    while (rc == 1 && count < 100000) {
        rc = bide_notify("WATCHDOG=1");
        count++;
    }
    CHECK_EQ(rc, -EAGAIN);
    manager_close(&m);
}

static struct sys real;
static int socket_refused(int family, int type, int protocol)
{
    (void)family, (void)type, (void)protocol;
    errno = EMFILE;
    return -1;
}

TEST(without_descriptors_telling_fails)
{
    struct manager m;
    manager_open(&m, false);
    real = bide__sys;
    bide__sys.socket = socket_refused;
    CHECK_EQ(bide_notify("READY=1"), -EMFILE);
    bide__sys = real;
    manager_close(&m);
}
