/* How a child ends: waited for, signalled, ended.
 *
 * The system tells of the end by a descriptor.  Linux before 5.3 has none: there the child is
 * asked for, after 1 ms, then 2 ms, up to every 32 ms. */
#include "io/process.h"
#include "base/sys.h"
#include "core/fd.h"
#include "core/signals.h"
#include <bide/scope.h>
#include <bide/task.h>
#include <stdio.h>

static const double first_pause = 0.001, longest_pause = 0.032, last_moment = 0.1;
enum { YOURS = 1 };             /* the next one in line is to watch */

static void describe(struct bide_exit *e, const siginfo_t *how)
{
    char name[SIGNAL_NAME];
    if (how->si_code == CLD_EXITED) {
        *e = (struct bide_exit){ .code = how->si_status };
        snprintf(e->text, sizeof e->text, "exited with %d", e->code);
        return;
    }
    *e = (struct bide_exit){ .code = -1, .signal = how->si_status };
    snprintf(e->text, sizeof e->text, "was killed by %s%s",
             bide__signal_name(e->signal, name), how->si_code == CLD_DUMPED ? ", core dumped" : "");
}

/* 1: it has ended; 0: not yet; < 0: -errno. */
static int ask(const bide_process *p, siginfo_t *how, int options)
{
    *how = (siginfo_t){ .si_pid = 0 };
    int rc = -1;
    errno = EINVAL;
    do {
        if (p->pidfd >= 0)
            rc = bide__sys.waitid((idtype_t)P_PIDFD, (id_t)p->pidfd, how, WEXITED | options);
        if (rc < 0 && errno == EINVAL)          /* Linux before 5.4, or no pidfd */
            rc = bide__sys.waitid(P_PID, (id_t)p->pid, how, WEXITED | options);
    } while (rc < 0 && errno == EINTR);
    return rc < 0 ? -errno : how->si_pid != 0;
}

/* The leader of a group stays in the system's list until it is closed: as long as its number is
 * taken, the group's is. */
static bool look(bide_process *p, int options)
{
    siginfo_t how;
    if (p->ended && (p->collected || options & WNOWAIT))
        return true;
    int rc = ask(p, &how, options);
    if (rc == 0)
        return false;
    if (!(options & WNOWAIT) || rc < 0)
        p->collected = true;
    if (rc > 0 && !p->ended)
        describe(&p->exit, &how);
    if (rc < 0 && !p->ended)
        p->exit = (struct bide_exit){ .code = -1, .text = "ended, and its status went elsewhere" };
    p->ended = true;
    return true;
}

bool bide__process_look(bide_process *p)
{
    return look(p, WNOHANG | (p->own_group ? WNOWAIT : 0));
}

/* Until it is collected the number is its own too; the descriptor also tells where somebody else
 * has collected it. */
int bide__process_send(bide_process *p, int number)
{
    int rc = -1;
    errno = ENOSYS;
    if (p->collected)
        return -ESRCH;
    if (p->pidfd >= 0 && !p->own_group)
        rc = bide__sys.pidfd_signal(p->pidfd, number);
    if (rc < 0 && errno == ENOSYS)
        rc = bide__sys.kill(p->own_group ? -p->pid : p->pid, number);
    return rc < 0 ? -errno : 0;
}

void bide__process_kill(bide_process *p)
{
    if (p->collected)
        return;
    bide__process_send(p, SIGKILL);
    look(p, 0);
}

static const struct waitkind waiting = { .what = "a child process to end", .undo = bide__undo };

/* Without a watch, for want of memory, it is asked like where there is no descriptor. */
static void watch(bide_process *p)
{
    if (p->pidfd < 0 || p->registered)
        return;
    BIDE_KEEP_ERROR(held);
    p->registered = bide__fd_watch(p->pidfd, WATCH_AS_IS) == 0;
    if (p->registered)
        return;
    bide__sys.close(p->pidfd);
    p->pidfd = -1;
}

/* Waits for news of the child, or for a while. */
BIDE_WAITS static int await_news(bide_process *p, double *pause)
{
    watch(p);
    if (p->pidfd >= 0) {
        int rc = bide__fd_ready(p->pidfd, READY_READ);
        return rc < 0 ? rc : 0;
    }
    int rc = bide_sleep(*pause);
    *pause = *pause < longest_pause ? *pause * 2 : longest_pause;
    return rc;
}

static int closed(void)
{
    return bide_fail(BIDE_ECLOSED, "closed");
}

/* The one who watches; the others are told, and where it goes early the next one takes over. */
BIDE_WAITS static int watch_for_all(bide_process *p)
{
    double pause = first_pause;
    int rc = 0;
    p->watched = true;
    while (rc == 0 && !p->closed && !bide__process_look(p))
        rc = await_news(p, &pause);
    p->watched = false;
    if (p->closed)
        return closed();
    if (rc < 0)
        bide__settle_first(&p->waiters, YOURS);
    else
        bide__settle_all(&p->waiters, 0);
    return rc;
}

BIDE_WAITS static int await_end(bide_process *p)
{
    int rc = YOURS;
    while (rc == YOURS && !bide__process_look(p)) {
        if (!p->watched)
            return watch_for_all(p);
        struct wait w = { .kind = &waiting };
        rc = bide__wait(&p->waiters, &w);
    }
    return rc < 0 ? rc : 0;
}

void bide__process_refuse(bide_process *p)
{
    if (p->registered)
        bide__fd_unwatch(p->pidfd);
    p->registered = false;
    while (p->waiters.head) {
        bide__hold(p->waiters.head->task, BIDE_ECLOSED, "closed");
        bide__settle_first(&p->waiters, BIDE_ECLOSED);
    }
}

/* Whoever waits here holds it, for it may be closed meanwhile. */
BIDE_WAITS static int await_held(bide_process *p, struct bide_exit *how)
{
    int rc = bide__enter();
    if (rc == 0)
        rc = p->closed ? closed() : await_end(p);
    if (rc == 0 && how)
        *how = p->exit;
    return rc < 0 && rc != BIDE_ECANCELED ? bide_within("process %s", p->name) : rc;
}

int bide_process_wait(bide_process *p, struct bide_exit *how)
{
    struct loop *l = bide__loop();
    if (!p || !l)
        return bide__enter() < 0 || !p ? bide_errcode() : 0;
    bide__process_hold(p);
    l->walkers++;
    int rc = await_held(p, how);
    l->walkers--;
    bide__process_drop(p);
    return rc;
}

int bide_process_check(bide_process *p)
{
    struct bide_exit how;
    char name[PROCESS_NAME];
    if (p)
        snprintf(name, sizeof name, "%s", p->name);
    int rc = bide_process_wait(p, &how);
    if (rc == 0 && how.code != 0)
        rc = bide_fail(BIDE_EPROCESS, "%s: %s", name, how.text);
    return rc;
}

int bide_process_signal(bide_process *p, int number)
{
    if (!p)
        return bide_errcode();
    if (number < 1 || number >= NSIG)
        return bide_fail(BIDE_EINVAL, "process %s: %d is no signal", p->name, number);
    int rc = !p->own_group && bide__process_look(p) ? -ESRCH : bide__process_send(p, number);
    if (rc == -ESRCH)
        return bide_fail(rc, "process %s: it has ended", p->name);
    return rc < 0 ? bide_fail(rc, "process %s: signal %d: %s", p->name, number, bide_strerror(rc))
                  : 0;
}

/* One that is stopped would hear of its end only when it goes on. */
BIDE_WAITS static int end_gently(bide_process *p)
{
    double pause = first_pause;
    int rc = 0;
    BIDE_TIMEOUT(grace, p->grace);
    bide__process_send(p, SIGTERM);
    bide__process_send(p, SIGCONT);
    while (rc == 0 && !bide__process_look(p))
        rc = await_news(p, &pause);
    return rc;
}

/* 0: it has ended, and what the leader of a group leaves behind had a moment too. */
BIDE_WAITS static int end(bide_process *p)
{
    double pause = first_pause;
    int rc = 0;
    if (p->grace >= 0 && end_gently(p) == 0)
        return p->own_group ? bide_sleep(p->grace < last_moment ? p->grace : last_moment) : 0;
    bide__process_send(p, SIGKILL);
    while (rc == 0 && !bide__process_look(p))
        rc = await_news(p, &pause);
    return rc;
}

int bide__process_end(void *process)
{
    bide_process *p = process;
    BIDE_SHIELD(whatever_happens, BIDE_FOREVER);
    bide__loop()->walkers++;
    bide_ignore(end(p));
    bide__loop()->walkers--;
    bide__process_kill(p);
    return 0;
}
