/* Fairness: how late 999 modest tasks are beside one whose connection always has something to read.
 *
 *     bench_fairness
 *
 * A thread writes into a socket as fast as the task at its other end reads; each of the others
 * sleeps 10 ms, again and again. A runtime that lets a reader go on while there is something to
 * read gives nobody else a turn. Wall time; the percentiles are of all the modest ones' sleeps. */
#include <bide.h>

#include "histogram.h"
#include "meter.h"
#include <pthread.h>
#include <sys/socket.h>

enum { MODEST = 999, SLEEPS = 40, SLEEP_NS = 10000000, PIECE = 65536 };

static struct histogram late;
static int64_t longest_ns, bytes;

static void *write_for_ever(void *fd)
{
    static char piece[PIECE];
    while (send(*(int *)fd, piece, sizeof piece, MSG_NOSIGNAL) > 0)
        ;
    return NULL;
}

static int read_for_ever(void *stream)
{
    static char piece[PIECE];
    ssize_t n;
    while ((n = bide_read(stream, piece, sizeof piece)) > 0)
        bytes += n;
    return (int)n;
}

/* One after the other, so that nobody is late because of those who are due with him. */
static int sleep_often(void *number)
{
    if (bide_sleep((double)(intptr_t)number * SLEEP_NS / MODEST / 1e9) < 0)
        return bide_errcode();
    for (int i = 0; i < SLEEPS; i++) {
        int64_t due = meter_wall_ns() + SLEEP_NS;
        if (bide_sleep(SLEEP_NS / 1e9) < 0)
            return bide_errcode();
        int64_t late_ns = meter_wall_ns() - due;
        histogram_add(&late, late_ns);
        longest_ns = late_ns > longest_ns ? late_ns : longest_ns;
    }
    return 0;
}

static int let_sleep(void)
{
    BIDE_GROUP(modest);
    for (intptr_t i = 0; i < MODEST; i++)
        bide_spawn(modest, sleep_often, (void *)i);
    return bide_group_wait(modest);
}

static void tell(int64_t start)
{
    meter_print("fairness", (double)histogram_quantile(&late, 0.5) / 1e6, "ms");
    meter_print("fairness_p99", (double)histogram_quantile(&late, 0.99) / 1e6, "ms");
    meter_print("fairness_p999", (double)histogram_quantile(&late, 0.999) / 1e6, "ms");
    meter_print("fairness_max", (double)longest_ns / 1e6, "ms");
    meter_print("fairness_greedy", (double)bytes * 1e3 / (double)(meter_wall_ns() - start), "MB/s");
}

static int measure(void *unused)
{
    (void)unused;
    int ends[2];
    pthread_t writer;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 ||
        pthread_create(&writer, NULL, write_for_ever, &ends[1]) != 0)
        return bide_fail(BIDE_ENOMEM, "no socket or thread to be greedy with");
    int64_t start = meter_wall_ns();
    int rc;
    {
        bide_auto(stream) theirs = bide_stream_of_fd(ends[0]);
        BIDE_GROUP(greedy);
        bide_spawn(greedy, read_for_ever, theirs);
        rc = let_sleep();
        tell(start);
        bide_group_cancel(greedy);
    }
    pthread_join(writer, NULL);
    close(ends[1]);
    return rc;
}

int main(void)
{
    return bide_run(measure, NULL) < 0;
}
