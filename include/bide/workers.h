/* bide/workers.h -- worker processes: what may crash, hang or eat memory, at arm's length.
 *
 *     static int parse(const void *in, size_t size, bide_reply *reply);    // in a process
 *
 *     bide_auto(workers) pool = bide_workers_new(parse, .processes = 4, .timeout = 10);
 *     struct bide_answer answer;
 *     rc = bide_workers_run(pool, text, size, &answer);    // in a task
 *     bide_answer_free(&answer);
 *
 * Bytes go in and bytes come out; nothing else is shared.  A worker is a copy of this process,
 * made by fork(2) when it is first needed: what other threads hold locked at that moment stays
 * locked in there, so make pools early, or keep to code that takes no locks.  A worker has no
 * loop, standard input is empty, all descriptors but standard output and errors are closed.  It
 * ends with its parent. */
#ifndef BIDE_WORKERS_H
#define BIDE_WORKERS_H
#include <bide/run.h>
BIDE_BEGIN_

typedef struct bide_workers bide_workers;
typedef struct bide_reply bide_reply;
/* Does one job, in a worker process: reads `in` (16-byte aligned, with a NUL behind it), adds to
 * the reply, and returns >= 0; or < 0, as by bide_fail(), and then the sentence is all that is
 * sent. */
typedef int bide_worker_fn(const void *in, size_t size, bide_reply *reply);
/* In a worker: adds to the end of the reply.  0, or BIDE_ENOMEM. */
int bide_reply_add(bide_reply *reply, const void *data, size_t size);

/* Options of bide_workers_new(). */
struct bide_workers_opts {
    size_t abi_;
    bide_worker_fn *fn;         /* by the macro */
    size_t processes;           /* at most so many; default: as many as processors */
    double timeout;             /* seconds for a job; then its worker is killed; default: none */
    size_t jobs_max;            /* a worker is replaced after so many jobs; default: never */
    size_t answer_max;          /* bytes of an answer; default 64 MiB */
    size_t memory_max;          /* bytes of address space of a worker (RLIMIT_AS); default: any */
    unsigned cpu_max;           /* seconds of computing of a worker (RLIMIT_CPU); default: any */
};
/* bide_workers_new(fn, .processes = 4): a pool, which belongs to this loop; no process as yet.
 * NULL: BIDE_EINVAL, BIDE_ENOMEM, BIDE_EPERM outside a loop, BIDE_ECLOSED when it is ending.
 * Counterpart: ProcessPoolExecutor(). */
#define bide_workers_new(...) \
    bide_workers_new_opts(BIDE_OPTS_(bide_workers_opts, .fn = __VA_ARGS__))
bide_workers *bide_workers_new_opts(const struct bide_workers_opts *opts);

/* What a job has answered; there is a NUL behind the data. */
struct bide_answer { char *data; size_t size; };
/* Has a worker do the job: what fn returned, and where that is >= 0, its reply in *answer (NULL:
 * not wanted), to be freed.  When all are busy it waits in line, first come, first served.
 * BIDE_ECLOSED: the worker died, "worker 2 (pid 4711) was killed by SIGSEGV"; the next job has a
 * new one.  BIDE_ETIMEDOUT, BIDE_ECANCELED: its worker was killed.  BIDE_ELIMIT: more than
 * .answer_max, likewise.  Counterpart: loop.run_in_executor(pool, f, x). */
BIDE_WAITS int bide_workers_run(bide_workers *w, const void *in, size_t size,
                                struct bide_answer *answer);
/* Frees the data; all zero or NULL: nothing. */
void bide_answer_free(struct bide_answer *answer);
/* Kills the workers and frees the pool, without waiting; whoever waits fails with BIDE_ECLOSED.
 * NULL: nothing. */
void bide_workers_free(bide_workers *w);
BIDE_AUTO_(workers, bide_workers_free)

BIDE_END_
#endif
