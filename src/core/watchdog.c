/* The watchdog: it looks now and then who runs; who runs all the time, while the poller has had
 * no turn, keeps everybody else waiting.
 *
 * It only looks.  A signal could fetch the task's stack, but would also end the very call that
 * it waits in (sleep(3) returns early when interrupted), so the program would behave another
 * way when watched.  The system tells what call a thread is in without disturbing it. */
#include "core/watchdog.h"
#include "base/memory.h"
#include "core/loop.h"
#include "core/sanitize.h"
#include "core/thread.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LOOKS = 5 };             /* in the time that a step may take */

struct watchdog {
    struct loop *loop;
    int64_t limit_ns;
    pid_t thread_id;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
};

/* What was seen at a look: who runs (NULL: the loop has not begun), and in which turn. */
struct look { const task *task; uint32_t turn; };

/* Calls in which a task should not be found waiting, and what to do instead. */
static const struct { long number; const char *name, *instead; } calls[] = {
    { SYS_clock_nanosleep, "sleep", "bide_sleep()" },
    { SYS_nanosleep, "sleep", "bide_sleep()" },
    { SYS_read, "read", "a bide_stream, a bide_file or bide_to_thread()" },
    { SYS_write, "write", "a bide_stream, a bide_file or bide_to_thread()" },
    { SYS_recvfrom, "recv", "a bide_stream" },
    { SYS_sendto, "send", "a bide_stream" },
    { SYS_connect, "connect", "bide_connect()" },
    { SYS_accept4, "accept", "bide_accept()" },
    { SYS_ppoll, "poll", "bide_fd_wait() or bide_select()" },
#ifdef SYS_poll
    { SYS_poll, "poll", "bide_fd_wait() or bide_select()" },
#endif
    { SYS_epoll_pwait, "epoll_wait", "bide_fd_wait() or guest mode" },
    { SYS_futex, "futex (a lock or a join of threads)", "bide_lock or bide_to_thread()" },
    { SYS_wait4, "waitpid", "bide_process_wait()" },
    { SYS_waitid, "waitid", "bide_process_wait()" },
    { SYS_fsync, "fsync", "bide_file_sync()" },
    { SYS_flock, "flock", "bide_to_thread()" },
};

/* The number of the call that the thread is in; -1: in none, or it cannot be known. */
static long call_of(pid_t thread)
{
    char path[64], line[32] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", (int)thread);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    long number = -1;
    if (!fgets(line, sizeof line, file) || sscanf(line, "%ld", &number) != 1)
        number = -1;
    fclose(file);
    return number;
}

/* Read while the loop's thread may write: who stands still is read right, and nobody else
 * matters. */
NOT_INSTRUMENTED static struct look look_at(const struct loop *l)
{
    return (struct look){ __atomic_load_n(&l->current, __ATOMIC_RELAXED),
                          __atomic_load_n(&l->turns, __ATOMIC_RELAXED) };
}

/* What is told of a task: copied, for it may go on meanwhile. */
struct told { char name[64], site[128]; };

NOT_INSTRUMENTED static void copy(char *to, size_t size, const char *from)
{
    size_t i = 0;
    for (; i + 1 < size && from && from[i]; i++)
        to[i] = from[i];
    to[i] = '\0';
}

/* false: it has gone on, and what was copied may be anything. */
NOT_INSTRUMENTED static bool copy_task(const struct loop *l, struct look seen, struct told *told)
{
    copy(told->name, sizeof told->name, seen.task->name);
    copy(told->site, sizeof told->site, seen.task->site ? seen.task->site : "?");
    struct look now = look_at(l);
    return now.task == seen.task && now.turn == seen.turn;
}

static void report(const struct watchdog *w, struct look seen, int64_t since_ns)
{
    struct told told;
    if (!copy_task(w->loop, seen, &told))
        return;
    long call = call_of(w->thread_id);
    const char *name = "computing", *instead = "bide_to_thread(), or bide_yield() now and then";
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (calls[i].number == call) {
            name = calls[i].name;
            instead = calls[i].instead;
        }
    bide_log(BIDE_LOG_WARNING, "task '%s' (spawned at %s) has kept all others waiting for %.2f s: "
             "%s; use %s", told.name, told.site, (double)since_ns / 1e9, name, instead);
}

static int64_t now_ns(void)
{
    return bide__clock_ns(NULL);
}

/* Waits for a fraction of the limit; false: it is to end. */
static bool pause_a_little(struct watchdog *w)
{
    struct timespec until;
    int64_t pause = w->limit_ns / LOOKS > 1000000 ? w->limit_ns / LOOKS : 1000000;
    clock_gettime(CLOCK_MONOTONIC, &until);
    pause += until.tv_nsec;
    until.tv_sec += pause / 1000000000;
    until.tv_nsec = pause % 1000000000;
    pthread_mutex_lock(&w->lock);
    int rc = 0;
    while (!w->stopping && rc == 0)
        rc = pthread_cond_timedwait(&w->changed, &w->lock, &until);
    bool going_on = !w->stopping;
    pthread_mutex_unlock(&w->lock);
    return going_on;
}

static void *watch(void *arg)
{
    struct watchdog *w = arg;
    struct look before = { NULL, 0 };
    int64_t since = now_ns();
    bool reported = false;
    while (pause_a_little(w)) {
        struct look now = look_at(w->loop);
        if (now.task != before.task || now.turn != before.turn) {
            before = now;
            since = now_ns();
            reported = false;
        } else if (!reported && now.task && now.task != &w->loop->poller_task &&
                   now_ns() - since >= w->limit_ns) {
            report(w, now, now_ns() - since);
            reported = true;
        }
    }
    return NULL;
}

static void free_watchdog(struct watchdog *w)
{
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    bide__free(w);
}

struct watchdog *bide__watchdog_start(struct loop *l, int64_t limit_ns)
{
    pthread_condattr_t monotonic;
    struct watchdog *w = bide__zalloc(sizeof *w);
    if (!w) {
        bide_fail(BIDE_ENOMEM, "watchdog: out of memory");
        return NULL;
    }
    w->loop = l;
    w->limit_ns = limit_ns;
    w->thread_id = (pid_t)syscall(SYS_gettid);
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int rc = bide__thread_start(&w->thread, watch, w);
    if (rc == 0)
        return w;
    bide_fail(rc, "watchdog: no thread: %s", bide_strerror(rc));
    free_watchdog(w);
    return NULL;
}

void bide__watchdog_stop(struct watchdog *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    free_watchdog(w);
}
