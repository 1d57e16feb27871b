/* Opening and closing of child processes.  What can fail is done before the child is started;
 * after that nothing is left that could. */
#include "io/process.h"
#include "base/memory.h"
#include "base/sys.h"
#include "core/fd.h"
#include "io/stream.h"
#include <bide/group.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const double default_grace = 5;
static const size_t default_output = 16 << 20;
static const char *const stream_names[] = { "input", "output", "errors" };

/* The options, as they are used. */
struct wish {
    const struct bide_process_opts *opts;
    const char *argv[4];        /* a shell's */
    struct launch launch;
    int theirs[CHILD_STREAMS];  /* ends of pipes that are the child's; -1 */
};

static int check_stream(int how, int i)
{
    if (how >= BIDE_DEVNULL || (how == BIDE_TO_OUT && i == STDERR_FILENO))
        return 0;
    return bide_fail(BIDE_EINVAL, "exec: %d is no way to lead its %s", how, stream_names[i]);
}

static int check_from(const bide_process *from)
{
    if (!from)
        return 0;
    bide_stream *s = from->streams[STDOUT_FILENO];
    if (from->closed || !s)
        return bide_fail(BIDE_EINVAL, "exec: .from: %s has no output pipe", from->name);
    if (s->flags & STREAM_READING || bide_stream_buffered(s))
        return bide_fail(BIDE_EINVAL, "exec: .from: the output of %s is read here", from->name);
    return 0;
}

static int check(const struct bide_process_opts *o)
{
    struct loop *l = bide__loop();
    const int streams[] = { o->in, o->out, o->err };
    if (!l)
        return bide_fail(BIDE_EPERM, "exec: works only inside bide_run()");
    if (!o->shell == !(o->argv && o->argv[0] && o->argv[0][0]))
        return bide_fail(BIDE_EINVAL, "exec: a program or a line for the shell is needed");
    if (o->from && o->in)
        return bide_fail(BIDE_EINVAL, "exec: .in and .from exclude each other");
    if (isnan(o->grace))
        return bide_fail(BIDE_EINVAL, "exec: .grace is not a number");
    int rc = check_from(o->from);
    for (int i = 0; i < CHILD_STREAMS && rc == 0; i++)
        rc = check_stream(streams[i], i);
    return rc;
}

static bide_process *make(const struct bide_process_opts *o)
{
    const char *name = o->shell ? "shell" : o->argv[0];
    bide_process *p = bide__zalloc(sizeof *p);
    if (!p) {
        bide_fail(BIDE_ENOMEM, "exec: %s: out of memory", name);
        return NULL;
    }
    snprintf(p->name, sizeof p->name, "%s", name);
    p->holders = 1;
    p->pidfd = -1;
    p->own_group = o->group || o->session;
    p->grace = o->grace != 0 ? o->grace : default_grace;
    p->output_max = o->output_max ? o->output_max : default_output;
    return p;
}

/* A pipe: our end is a stream, the other the child's. */
static int open_pipe(bide_process *p, struct wish *w, int i)
{
    int ends[2], ours = i == STDIN_FILENO;
    if (bide__sys.pipe2(ends, O_CLOEXEC) < 0)
        return bide_fail(-errno, "exec: %s: a pipe: %s", p->name, bide_strerror(-errno));
    w->theirs[i] = w->launch.streams[i] = ends[!ours];
    bide__sys.fcntl(ends[ours], F_SETFL, O_NONBLOCK);
    p->streams[i] = bide_stream_of_fd(ends[ours]);
    if (p->streams[i])
        return 0;
    bide__sys.close(ends[ours]);
    return bide_within("exec: %s: a pipe", p->name);
}

static int open_streams(bide_process *p, struct wish *w)
{
    const struct bide_process_opts *o = w->opts;
    const int wanted[] = { o->in, o->out, o->err };
    int rc = 0;
    for (int i = 0; i < CHILD_STREAMS && rc == 0; i++) {
        if (wanted[i] == BIDE_PIPE)
            rc = open_pipe(p, w, i);
        else
            w->launch.streams[i] = wanted[i] == BIDE_INHERIT ? STREAM_SAME
                                 : wanted[i] == BIDE_DEVNULL ? STREAM_NULL
                                 : wanted[i] == BIDE_TO_OUT ? STREAM_OUT : wanted[i];
    }
    if (o->from)
        w->launch.streams[0] = bide_stream_fd(o->from->streams[STDOUT_FILENO]);
    return rc;
}

static void read_wish(struct wish *w, const struct bide_process_opts *o)
{
    *w = (struct wish){ .opts = o, .argv = { "/bin/sh", "-c", o->shell, NULL } };
    w->launch.argv = o->shell ? w->argv : o->argv;
    w->launch.cwd = o->cwd;
    w->launch.group = o->group;
    w->launch.session = o->session;
    for (int i = 0; i < CHILD_STREAMS; i++)
        w->theirs[i] = -1;
}

static int start(bide_process *p, struct wish *w)
{
    struct launch *l = &w->launch;
    l->env = bide__environment(w->opts->env, w->opts->env_add);
    if (!l->env)
        return bide_fail(BIDE_ENOMEM, "exec: %s: out of memory", p->name);
    if (!strchr(l->argv[0], '/')) {
        const char *path = bide__environment_get(l->env, "PATH");
        l->path = path ? path : "/bin:/usr/bin";
    }
    pid_t pid;
    int pidfd;
    int rc = bide__launch(l, &pid, &pidfd);
    bide__environment_free(l->env, w->opts->env_add);
    if (rc < 0)
        return rc;
    p->pid = pid;
    p->pidfd = pidfd;
    return 0;
}

/* The reading end that the other process is to have must wait again; it is ours no longer. */
static int start_from(bide_process *p, struct wish *w)
{
    bide_process *from = w->opts->from;
    if (!from)
        return start(p, w);
    int fd = w->launch.streams[0];
    bide__sys.fcntl(fd, F_SETFL, 0);
    int rc = start(p, w);
    if (rc < 0) {
        bide__sys.fcntl(fd, F_SETFL, O_NONBLOCK);
        return rc;
    }
    bide_stream_close(from->streams[STDOUT_FILENO]);
    from->streams[STDOUT_FILENO] = NULL;
    return 0;
}

static void close_streams(bide_process *p)
{
    for (int i = 0; i < CHILD_STREAMS; i++)
        bide_stream_close(bide_steal(p->streams[i]));
}

void bide__process_drop(bide_process *p)
{
    if (--p->holders)
        return;
    bide__free(p->got[0].data);
    bide__free(p->got[1].data);
    bide__free(p);
}

/* `closing` has come to its end: with the process, or with the loop before it was closed.  What is
 * left of a group goes here too. */
static void let_go(void *process)
{
    bide_process *p = process;
    if (p->pid && !p->collected)
        bide__process_kill(p);
    bide__fd_close(p->pidfd);
    p->pidfd = -1;
    close_streams(p);
    bide__process_drop(p);
}

static bide_process *give_up(bide_process *p)
{
    if (p->closing) {
        bide_group_close(p->closing);
        return NULL;
    }
    close_streams(p);
    bide__process_drop(p);
    return NULL;
}

bide_process *bide_process_open(const struct bide_process_opts *o)
{
    struct wish w;
    bide_process *p = check(o) < 0 ? NULL : make(o);
    if (!p)
        return NULL;
    read_wish(&w, o);
    int rc = open_streams(p, &w);
    if (rc == 0 && !(p->closing = bide_group_open("process", let_go, p)))
        rc = bide_errcode();
    if (rc == 0)
        rc = start_from(p, &w);
    for (int i = 0; i < CHILD_STREAMS; i++)
        if (w.theirs[i] >= 0)
            bide__sys.close(w.theirs[i]);
    return rc < 0 ? give_up(p) : p;
}

static bide_stream *stream_of(bide_process *p, int i)
{
    if (p && !p->streams[i])
        bide_fail(BIDE_EINVAL, "process %s: there is no pipe for its %s", p->name,
                  stream_names[i]);
    return p ? p->streams[i] : NULL;
}

bide_stream *bide_process_in(bide_process *p)
{
    return stream_of(p, STDIN_FILENO);
}

bide_stream *bide_process_out(bide_process *p)
{
    return stream_of(p, STDOUT_FILENO);
}

bide_stream *bide_process_err(bide_process *p)
{
    return stream_of(p, STDERR_FILENO);
}

pid_t bide_process_pid(const bide_process *p)
{
    return p ? p->pid : 0;
}

/* Where no task can be started the child is not asked. */
void bide_process_close(bide_process *p)
{
    if (!p || p->closed)
        return;
    BIDE_KEEP_ERROR(held);
    p->closed = true;
    bide__process_refuse(p);
    close_streams(p);
    if (!bide__process_look(p))
        bide_spawn(p->closing, bide__process_end, p, .name = "the end of a process");
    bide_group_close(p->closing);
}
