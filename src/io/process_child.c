/* Between clone(2) and execve(2), in the child.
 *
 * It runs in the parent's memory, on a stack of its own, while the parent's thread stands still:
 * that is as fast as it can be, for nothing is copied, but whatever it writes, the parent has
 * written.  So it calls the system directly, without the C library, which has state, and without
 * the sanitizers, which have too. */
#include "core/sanitize.h"
#include "io/process.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SIGNALS = 64, LISTED = 2048, SET_BYTES = 8 };

/* Moves what others will overwrite out of the way: descriptors below 3 that are not in place. */
NOT_INSTRUMENTED static int clear_of_streams(int fd, int place)
{
    if (fd < 0 || fd >= CHILD_STREAMS || fd == place)
        return fd;
    return (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, CHILD_STREAMS);
}

NOT_INSTRUMENTED static int put_stream(int fd, int place)
{
    if (fd == STREAM_OUT)
        fd = STDOUT_FILENO;
    if (fd == STREAM_NULL)
        fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
    if (fd == STREAM_SAME || fd == place) {
        syscall(SYS_fcntl, place, F_SETFD, 0);
        return 0;
    }
    return fd < 0 ? -1 : (int)syscall(SYS_dup3, fd, place, 0);
}

NOT_INSTRUMENTED static int put_streams(struct launch *l)
{
    int streams[CHILD_STREAMS];
    for (int i = 0; i < CHILD_STREAMS; i++) {
        streams[i] = l->streams[i] >= 0 ? clear_of_streams(l->streams[i], i) : l->streams[i];
        if (l->streams[i] >= 0 && streams[i] < 0)
            return -1;
    }
    l->report = clear_of_streams(l->report, -1);
    for (int i = 0; i < CHILD_STREAMS; i++)
        if (put_stream(streams[i], i) < 0)
            return -1;
    return 0;
}

NOT_INSTRUMENTED static int number_of(const char *text)
{
    int number = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (*text - '0');
    return *text ? -1 : number;
}

/* Linux before 5.9. */
NOT_INSTRUMENTED static void close_listed(int first)
{
    char list[LISTED] __attribute__((aligned(16)));
    int folder = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY, 0);
    long size;
    while (folder >= 0 && (size = syscall(SYS_getdents64, folder, list, sizeof list)) > 0)
        for (long at = 0; at < size;) {
            const struct dirent64 *entry = (const void *)(list + at);
            int fd = number_of(entry->d_name);
            if (fd >= first && fd != folder)
                syscall(SYS_close, fd);
            at += entry->d_reclen;
        }
    if (folder >= 0)
        syscall(SYS_close, folder);
}

/* All but the streams and, as number 3, where a failure is to be told. */
NOT_INSTRUMENTED static void close_others(struct launch *l)
{
    int first = CHILD_STREAMS;
    if (l->report >= 0) {
        if (l->report != first)
            l->report = (int)syscall(SYS_dup3, l->report, first, O_CLOEXEC);
        first++;
    }
    if (syscall(SYS_close_range, first, ~0u, 0) < 0)
        close_listed(first);
}

/* Not only those with a handler: what is ignored stays so in the next program.  The C library would
 * refuse to touch two signals of its own. */
NOT_INSTRUMENTED static void reset_signals(void)
{
    static const struct { void *words[8]; } defaults;
    static const char none[SET_BYTES];
    for (int number = 1; number <= SIGNALS; number++)
        syscall(SYS_rt_sigaction, number, &defaults, NULL, SET_BYTES);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, none, NULL, SET_BYTES);
}

NOT_INSTRUMENTED static void run(const struct launch *l, const char *program)
{
    syscall(SYS_execve, program, l->argv, l->env);
}

/* Folder by folder.  What may not be run is remembered, but something better may follow. */
NOT_INSTRUMENTED static void look_and_run(const struct launch *l)
{
    char program[PATH_MAX];
    int code = ENOENT;
    for (const char *from = l->path;; from++) {
        size_t size = 0, name = 0;
        while (from[size] && from[size] != ':')
            size++;
        while (l->argv[0][name])
            name++;
        if (size + name + 2 <= sizeof program) {
            size_t at = 0;
            for (; at < size; at++)
                program[at] = from[at];
            if (size)
                program[at++] = '/';
            for (size_t i = 0; i <= name; i++)
                program[at + i] = l->argv[0][i];
            run(l, program);
            if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
                return;
            if (errno == EACCES)
                code = EACCES;
        }
        from += size;
        if (!*from)
            break;
    }
    errno = code;
}

/* Returns only where a step has failed, with errno. */
NOT_INSTRUMENTED static enum launch_step go(struct launch *l)
{
    if (put_streams(l) < 0)
        return LAUNCH_STREAMS;
    close_others(l);
    if (l->session ? syscall(SYS_setsid) < 0 : l->group && syscall(SYS_setpgid, 0, 0) < 0)
        return LAUNCH_GROUP;
    if (l->cwd && syscall(SYS_chdir, l->cwd) < 0)
        return LAUNCH_FOLDER;
    reset_signals();
    if (l->path)
        look_and_run(l);
    else
        run(l, l->argv[0]);
    return LAUNCH_PROGRAM;
}

NOT_INSTRUMENTED int bide__launch_child(void *launch)
{
    struct launch *l = launch;
    l->begun = 1;
    l->problem.step = go(l);
    l->problem.code = errno;
    if (l->report >= 0)
        syscall(SYS_write, l->report, &l->problem, sizeof l->problem);
    syscall(SYS_exit_group, 127);
    return 0;
}
