/* A pool of worker processes, seen from the loop that owns it.
 *
 * A job has a worker to itself: the frame is written, the reply read.  Whatever else happens to
 * it (the stream ends, the time is up, the task is cancelled), the worker is killed and reaped,
 * for nobody knows what it is at, and its place is free for a new one.  Reaping waits, so it is
 * done by tasks of a group that the pool owns, and the pool's memory goes with the last of them.
 *
 * Processes are forked in the poller, which runs on the thread's own stack: a task's would be
 * small for what a worker does. */
#include "io/workers.h"
#include "base/memory.h"
#include "base/sys.h"
#include "core/park.h"
#include <bide/group.h>
#include <bide/scope.h>
#include <bide/stream.h>
#include <bide/task.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const size_t answer_max = (size_t)64 << 20;

struct worker {
    struct worker *next_free;
    int number;
    pid_t pid;                  /* 0: none yet */
    int pidfd;
    bide_stream *stream;
    size_t jobs;
};
struct bide_workers {
    struct waitlist line;       /* of who waits for a place; w->data is set to it */
    struct bide_workers_opts options;
    bide_group *group;
    struct worker *free;        /* not at work; the newest first */
    uint32_t inside;            /* tasks in bide_workers_run() */
    bool closed, left;          /* left: the group is empty */
    struct worker list[];
};

/* What is known of a process that has ended or is about to. */
struct dead { pid_t pid; int pidfd; };

static void free_pool(bide_workers *w)
{
    if (w->left && !w->inside)
        bide__free(w);
}

static void group_is_empty(void *pool)
{
    bide_workers *w = pool;
    w->left = true;
    free_pool(w);
}

static size_t processors(void)
{
    cpu_set_t cpus;
    return sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? (size_t)CPU_COUNT(&cpus) : 1;
}

bide_workers *bide_workers_new_opts(const struct bide_workers_opts *o)
{
    size_t count = o->processes ? o->processes : processors();
    if (!o->fn || count > UINT16_MAX) {
        bide_fail(BIDE_EINVAL, "workers: %s", o->fn ? "at most 65535 processes" : "no function");
        return NULL;
    }
    bide_workers *w = bide__zalloc(sizeof *w + count * sizeof *w->list);
    if (!w) {
        bide_fail(BIDE_ENOMEM, "workers: no memory for %zu", count);
        return NULL;
    }
    w->options = *o;
    w->options.processes = count;
    if (!o->answer_max)
        w->options.answer_max = answer_max;
    for (size_t i = count; i--;) {
        w->list[i].number = (int)i;
        w->list[i].next_free = w->free;
        w->free = &w->list[i];
    }
    if ((w->group = bide_group_open("workers", group_is_empty, w)))
        return w;
    bide__free(w);
    return NULL;
}

/* Starting. */

struct start {
    struct post post;           /* first */
    struct wait wait;
    const struct bide_workers_opts *options;
    pid_t pid;
    int fd;
};

static void fork_now(struct post *post)
{
    struct start *s = (struct start *)(void *)post;
    s->pid = bide__worker_fork(s->options, &s->fd);
    bide__settle_wait(&s->wait, 0);
}
static const struct waitkind forking = { .what = "a process to be started" };

/* Its wait cannot be cancelled: it is over with the next look of the poller. */
BIDE_WAITS static int start(bide_workers *w, struct worker *at)
{
    struct start s = { .post.run = fork_now, .options = &w->options,
                       .wait.kind = &forking, .wait.data = w };
    bide__inbox_post(bide__loop()->inbox, &s.post);
    int rc = bide__wait_alone(&s.wait);
    if (rc < 0)
        return rc;
    if (s.pid < 0)
        return bide_fail((int)s.pid, "worker %d: fork: %s", at->number, bide_strerror((int)s.pid));
    at->pid = s.pid;
    at->pidfd = bide__sys.pidfd_open(s.pid);
    at->jobs = 0;
    at->stream = bide_stream_of_fd(s.fd);
    if (at->stream)
        return 0;
    bide__sys.close(s.fd);
    return bide_errcode();
}

/* Ending. */

/* "worker 2 (pid 4711) was killed by SIGSEGV" */
static int tell_fate(const struct worker *at, const struct dead *d, const siginfo_t *how)
{
    if (how->si_pid != d->pid)
        return bide_fail(BIDE_ECLOSED, "worker %d (pid %d) ended", at->number, (int)d->pid);
    if (how->si_code == CLD_EXITED)
        return bide_fail(BIDE_ECLOSED, "worker %d (pid %d) exited with %d", at->number,
                         (int)d->pid, how->si_status);
    const char *name = sigabbrev_np(how->si_status);
    return bide_fail(BIDE_ECLOSED, "worker %d (pid %d) was killed by SIG%s", at->number,
                     (int)d->pid, name ? name : "?");
}

static void reap(const struct dead *d, siginfo_t *how)
{
    how->si_pid = 0;
    while (bide__sys.waitid(P_PID, (id_t)d->pid, how, WEXITED) < 0 && errno == EINTR)
        ;
}

/* Waits for the end of a process that has been killed, whatever is cancelled meanwhile; where the
 * system has no pidfd (Linux before 5.3), it stands in the way for the moment that this takes. */
BIDE_WAITS static int bury(const struct dead *d, siginfo_t *how)
{
    BIDE_SHIELD(s, BIDE_FOREVER);
    if (d->pidfd >= 0) {
        bide__loop()->walkers++;
        bide_ignore(bide_fd_wait(d->pidfd, POLLIN));
        bide__loop()->walkers--;
        bide_fd_forget(d->pidfd);
        bide__sys.close(d->pidfd);
    }
    reap(d, how);
    return 0;
}

static int bury_task(void *arg)
{
    siginfo_t how;
    return bury(arg, &how);
}

/* Kills it, and frees its place.  Who wants to know its fate waits for that. */
static struct dead kill_worker(struct worker *at)
{
    struct dead d = { at->pid, at->pidfd };
    bide__sys.kill(at->pid, SIGKILL);
    bide_stream_close(at->stream);
    at->stream = NULL;
    at->pid = 0;
    return d;
}

/* Without waiting. */
static void discard(bide_workers *w, struct worker *at)
{
    BIDE_KEEP_ERROR(why);
    if (!at->pid)
        return;
    struct dead d = kill_worker(at);
    struct bide_spawn_opts o = { .abi_ = sizeof o, .fn_name_ = "bury", .site_ = BIDE_SITE_,
                                 .arg = &d, .copy = sizeof d };
    if (bide_spawn_opts(w->group, bury_task, &o) == 0)
        return;
    siginfo_t how;              /* no memory for a task; a killed process ends soon */
    reap(&d, &how);
    if (d.pidfd >= 0)
        bide__sys.close(d.pidfd);
}

/* Who ignores SIGCHLD has no children to ask about once they have ended. */
static bool has_died(const struct worker *at)
{
    siginfo_t how = { .si_pid = 0 };
    int rc = bide__sys.waitid(P_PID, (id_t)at->pid, &how, WEXITED | WNOHANG | WNOWAIT);
    return rc < 0 ? errno == ECHILD : how.si_pid == at->pid;
}

/* A job. */

BIDE_WAITS static int send_job(struct worker *at, const void *in, size_t size)
{
    struct worker_frame frame = { .size = size };
    struct iovec pieces[] = { { &frame, sizeof frame }, { (void *)(uintptr_t)in, size } };
    return bide_writev(at->stream, pieces, size ? 2 : 1);
}

BIDE_WAITS static int receive_sentence(struct worker *at, const struct worker_frame *frame)
{
    struct bide_error error = { .code = frame->rc };
    size_t size = frame->size < sizeof error.text ? frame->size : sizeof error.text - 1;
    int rc = bide_read_exactly(at->stream, error.text, size);
    if (rc < 0)
        return rc;
    bide_error_restore_(&error);
    return 0;
}

BIDE_WAITS static int receive_data(struct worker *at, const struct worker_frame *frame,
                                   struct bide_answer *answer)
{
    answer->data = bide__alloc(frame->size + 1);
    if (!answer->data)
        return bide_fail(BIDE_ENOMEM, "worker %d: no memory for %llu bytes", at->number,
                         (unsigned long long)frame->size);
    answer->size = frame->size;
    answer->data[frame->size] = '\0';
    int rc = bide_read_exactly(at->stream, answer->data, frame->size);
    if (rc < 0)
        bide_answer_free(answer);
    return rc;
}

/* 0 if a whole reply has come; its code is in *code. */
BIDE_WAITS static int exchange(bide_workers *w, struct worker *at, const struct iovec *in,
                               struct bide_answer *answer, int *code)
{
    struct worker_frame frame;
    int rc = send_job(at, in->iov_base, in->iov_len);
    if (rc == 0)
        rc = bide_read_exactly(at->stream, &frame, sizeof frame);
    if (rc < 0)
        return rc;
    *code = frame.rc;
    if (frame.size > w->options.answer_max)
        return bide_fail(BIDE_ELIMIT, "worker %d: an answer of %llu bytes; at most %zu",
                         at->number, (unsigned long long)frame.size, w->options.answer_max);
    return frame.rc < 0 ? receive_sentence(at, &frame) : receive_data(at, &frame, answer);
}

BIDE_WAITS static int exchange_in_time(bide_workers *w, struct worker *at, const struct iovec *in,
                                       struct bide_answer *answer, int *code)
{
    double seconds = w->options.timeout;
    BIDE_TIMEOUT(t, seconds > 0 ? seconds : BIDE_FOREVER);
    bide__loop()->walkers++;
    int rc = exchange(w, at, in, answer, code);
    bide__loop()->walkers--;
    return bide_scope_result(t, rc);
}

static bool is_gone(int rc)
{
    return rc == BIDE_EEOF || rc == -EPIPE || rc == -ECONNRESET;
}

/* The pool may be freed while it waits, but is not gone: the caller is inside. */
BIDE_WAITS static int do_job(bide_workers *w, struct worker *at, const struct iovec *in,
                             struct bide_answer *answer)
{
    int code = 0, rc = 0;
    if (at->pid && has_died(at))
        discard(w, at);
    if (!at->pid)
        rc = start(w, at);
    if (rc == 0 && !w->closed)
        rc = exchange_in_time(w, at, in, answer, &code);
    if (w->closed)
        return BIDE_ECLOSED;
    if (rc == 0) {
        if (++at->jobs == w->options.jobs_max)
            discard(w, at);
        return code;
    }
    if (!is_gone(rc)) {
        if (rc == BIDE_ETIMEDOUT)
            bide_within("worker %d (pid %d)", at->number, (int)at->pid);
        discard(w, at);
        return rc;
    }
    siginfo_t how;
    struct dead d = kill_worker(at);
    rc = bury(&d, &how);
    return rc < 0 ? rc : tell_fate(at, &d, &how);
}

/* The line. */

static const struct waitkind waiting = { .what = "a worker process", .undo = bide__undo };

/* A place of one's own; NULL with the error held. */
BIDE_WAITS static struct worker *take_place(bide_workers *w)
{
    struct worker *at = w->free;
    if (at) {
        w->free = at->next_free;
        return at;
    }
    struct wait wait = { .kind = &waiting };
    return bide__wait(&w->line, &wait) < 0 ? NULL : wait.data;
}

static void give_place(bide_workers *w, struct worker *at)
{
    struct wait *first = w->line.head;
    if (first) {
        first->data = at;
        bide__unlink(first);
        bide__settle_wait(first, 0);
        return;
    }
    at->next_free = w->free;
    w->free = at;
}

BIDE_WAITS static int run(bide_workers *w, const struct iovec *in, struct bide_answer *answer)
{
    struct worker *at = take_place(w);
    if (!at)
        return bide_errcode();
    int rc = do_job(w, at, in, answer);
    if (!w->closed) {
        give_place(w, at);
        return rc;
    }
    bide_answer_free(answer);
    if (at->pid) {
        siginfo_t how;
        struct dead d = kill_worker(at);
        bide_ignore(bury(&d, &how));
    }
    return bide_fail(BIDE_ECLOSED, "workers: the pool was freed");
}

static int check(const bide_workers *w, const void *in, size_t size)
{
    if (!w)
        return bide_errcode();
    if (w->closed)
        return bide_fail(BIDE_ECLOSED, "workers: the pool was freed");
    if (!in && size)
        return bide_fail(BIDE_EINVAL, "workers: %zu bytes at NULL", size);
    return bide__same_loop(&w->line);
}

int bide_workers_run(bide_workers *w, const void *in, size_t size, struct bide_answer *answer)
{
    struct bide_answer mine = { NULL, 0 };
    struct iovec job = { (void *)(uintptr_t)in, size };
    int rc = bide__enter();
    if (answer)
        *answer = mine;
    if (rc < 0 || (rc = check(w, in, size)) < 0)
        return rc;
    w->inside++;
    rc = run(w, &job, &mine);
    w->inside--;
    free_pool(w);
    if (answer)
        *answer = mine;
    else
        bide_answer_free(&mine);
    return rc;
}

void bide_answer_free(struct bide_answer *answer)
{
    if (!answer)
        return;
    bide__free(answer->data);
    *answer = (struct bide_answer){ NULL, 0 };
}

/* Those at work are killed too, and who waits for them finds that out. */
void bide_workers_free(bide_workers *w)
{
    if (!w || w->closed)
        return;
    w->closed = true;
    while (w->line.head) {
        bide__hold(w->line.head->task, BIDE_ECLOSED, "workers: the pool was freed");
        bide__settle_first(&w->line, BIDE_ECLOSED);
    }
    for (struct worker *at = w->free; at; at = at->next_free)
        discard(w, at);
    for (size_t i = 0; i < w->options.processes; i++)
        if (w->list[i].pid)
            bide__sys.kill(w->list[i].pid, SIGKILL);
    bide_group_close(w->group);
}
