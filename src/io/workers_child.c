/* A worker process: what it does from fork(2) to its end.
 *
 * It reads jobs from its socket until that ends, which it does with the parent; the kernel's own
 * signal at the parent's death is for one that is in the middle of a job.  An interrupt from the
 * terminal goes to all processes of the foreground, and is the parent's to act upon. */
#include "base/memory.h"
#include "io/workers.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SOCKET = 3, FAILED = 70, DESCRIPTORS = 65536 };

struct bide_reply { char *data; size_t size, room; };

int bide_reply_add(bide_reply *r, const void *data, size_t size)
{
    if (size > SIZE_MAX / 4 - r->size)
        return bide_fail(BIDE_ENOMEM, "reply: no memory for %zu bytes more", size);
    if (r->size + size > r->room) {
        size_t room = 2 * (r->size + size);
        char *grown = bide__resize(r->data, room);
        if (!grown)
            return bide_fail(BIDE_ENOMEM, "reply: no memory for %zu bytes", room);
        r->data = grown;
        r->room = room;
    }
    if (size)
        memcpy(r->data + r->size, data, size);
    r->size += size;
    return 0;
}

/* False at the end. */
static bool receive(void *at, size_t size)
{
    char *to = at;
    while (size) {
        ssize_t n = recv(SOCKET, to, size, MSG_WAITALL);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        if (n > 0) {
            to += n;
            size -= (size_t)n;
        }
    }
    return true;
}

static void transmit(const void *data, size_t size)
{
    const char *from = data;
    while (size) {
        ssize_t n = send(SOCKET, from, size, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            _exit(FAILED);
        if (n > 0) {
            from += n;
            size -= (size_t)n;
        }
    }
}

static void answer(int rc, const bide_reply *reply)
{
    const char *text = bide_errcode() == rc ? bide_errmsg() : bide_strerror(rc);
    struct worker_frame frame = { .rc = rc, .size = rc < 0 ? strlen(text) : reply->size };
    transmit(&frame, sizeof frame);
    transmit(rc < 0 ? text : reply->data, frame.size);
}

static void work(bide_worker_fn *fn)
{
    struct worker_frame frame;
    while (receive(&frame, sizeof frame)) {
        bide_reply reply = { NULL, 0, 0 };
        char *in = bide__alloc(frame.size + 1);
        if (!in)
            _exit(FAILED);
        if (!receive(in, frame.size))
            break;
        in[frame.size] = '\0';
        struct bide_error none = { .code = 0 };
        bide_error_restore_(&none);
        answer(fn(in, frame.size, &reply), &reply);
        bide__free(in);
        bide__free(reply.data);
    }
}

/* One descriptor after another where the kernel has no call for all. */
static void close_others(void)
{
    if (syscall(SYS_close_range, SOCKET + 1, ~0u, 0) == 0)
        return;
    for (int fd = SOCKET + 1; fd < DESCRIPTORS; fd++)
        close(fd);
}

static void keep_descriptors(int fd)
{
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing > 0)
        dup2(nothing, STDIN_FILENO);
    if (fd != SOCKET && dup2(fd, SOCKET) < 0)
        _exit(FAILED);
    close_others();
}

static void reset_signals(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    signal(SIGINT, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void limit(const struct bide_workers_opts *o)
{
    struct rlimit memory = { o->memory_max, o->memory_max };
    struct rlimit cpu = { o->cpu_max, o->cpu_max };
    if (o->memory_max)
        setrlimit(RLIMIT_AS, &memory);
    if (o->cpu_max)
        setrlimit(RLIMIT_CPU, &cpu);
}

static _Noreturn void live(const struct bide_workers_opts *o, int fd, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(FAILED);          /* it had died before that call */
    prctl(PR_SET_NAME, "bide worker");
    reset_signals();
    keep_descriptors(fd);
    limit(o);
    work(o->fn);
    _exit(0);
}

pid_t bide__worker_fork(const struct bide_workers_opts *o, int *fd)
{
    int ends[2];
    pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    pid_t pid = fork();
    if (pid == 0)
        live(o, ends[1], parent);
    int code = errno;
    close(ends[1]);
    *fd = ends[0];
    if (pid >= 0)
        return pid;
    close(ends[0]);
    return -code;
}
