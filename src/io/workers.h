/* What passes between a pool of worker processes and its workers. */
#ifndef IO_WORKERS_H
#define IO_WORKERS_H
#include <bide/workers.h>
#include <sys/types.h>

/* Before the bytes of a job and of a reply. */
struct worker_frame {
    uint64_t size;
    int32_t rc;                 /* a reply's; < 0: the bytes are the sentence */
    uint32_t unused;
};

/* Starts one, on the thread's own stack: its pid, with *fd for our end; or -errno. */
pid_t bide__worker_fork(const struct bide_workers_opts *o, int *fd);

#endif
