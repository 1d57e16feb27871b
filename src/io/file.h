/* A file from inside: a descriptor, a place in it, and one block.
 *
 * The block holds either what was read ahead or what is gathered to be written, [begin, end)
 * of it; `where` is the place up to which the system and the file agree: the next block is
 * read from there, the gathered one goes there.  So reading is at where - size of the rest,
 * writing at where + size of what is gathered.
 *
 * Three ways lead to the bytes.  Straight on the loop: preadv2(RWF_NOWAIT) takes what the
 * system has in memory, and never waits for a disk; on tmpfs there is no disk to wait for.
 * By a thread: one job reads or writes a block and comes back; it asks the system for the next
 * one as well, which the loop then often finds in memory.  A poller that takes whole operations
 * (a ring) is given them instead.  By the poller: what cannot seek (a
 * FIFO, a terminal) is a descriptor like a socket.
 *
 * A task that waits for a job returns only when the job has, so the block and the caller's
 * memory are safe without counting who holds them.  A file that is closed while somebody is in
 * it is freed by the last one to leave. */
#ifndef IO_FILE_H
#define IO_FILE_H
#include "core/error.h"
#include "sync/executor.h"
#include <bide/error.h>
#include <bide/file.h>

enum file_flags {
    FILE_READS = 1, FILE_WRITES = 2, FILE_APPENDS = 4,
    FILE_PLAIN = 8,             /* can seek; else the poller's */
    FILE_BUSY = 16,             /* a task reads on, writes on or seeks */
    FILE_CLOSED = 32,           /* by its owner, while somebody is inside */
    FILE_LINE = 64,             /* the byte at `begin` was replaced by a line's NUL */
    FILE_GATHERS = 128,         /* the block holds what is to be written */
    FILE_STALE = 256,           /* what was read ahead has been overwritten since */
    FILE_THREADS = 512,         /* the system does not say what it has in memory */
    FILE_MEMORY = 1024,         /* is memory itself: tmpfs */
    FILE_TEMPORARY = 2048,      /* nobody else's: its end may be a long one */
    FILE_NAMED = 4096,          /* temporary, with a path to be unlinked */
};
/* Sizes in bytes. */
enum {
    FILE_BLOCK = 256 << 10, FILE_BLOCK_THREADS = 1 << 20, FILE_BLOCK_LEAST = 4096,
    FILE_BLOCK_SPARE = 64,      /* bytes behind the block, for a NUL, and to be looked at */
    FILE_LOOP_MOST = 1 << 20,   /* copied on the loop in one go: 0.1 ms */
};

struct bide_file {
    int fd;                     /* -1: finished */
    uint32_t flags;
    uint32_t inside;            /* tasks at an offset, beside the busy one */
    char replaced;              /* see FILE_LINE */
    char *block;                /* NULL: none yet; room for BLOCK_SPARE bytes more */
    size_t begin, end, room;
    size_t window;              /* lines: where in the block the newlines looked for last lie, */
    uint64_t newlines;          /* and which of its bytes are ones that were not come to yet */
    int64_t where;
    size_t block_size, line_max;
    int sync_code;              /* how a sync has failed, for ever */
    bide_stream *view;          /* bide_file_stream() */
    char path[];
};

/* A block's way to or from the system. */
struct transfer {
    int fd;
    char *data;
    size_t size, done;
    int64_t at;
    bool ended;                 /* the file ends after what is done */
    bool append;                /* `at` is where the end was afterwards */
};

/* From within a job: has its task been cancelled? */
bool bide__file_stopped(void);
BIDE_BEGIN_                     /* bide-http hops too: bide.map, BIDE_PRIVATE */
/* fn(arg) on a thread for files. */
BIDE_WAITS int bide__file_hop(bide_fn *fn, void *arg);
BIDE_END_

/* Enters as the one that goes on (a cancel point), to do `wants` (FILE_READS, FILE_WRITES or
 * 0), and leaves with a result, to which `verb` is context if it is a failure. */
BIDE_WAITS int bide__file_enter(bide_file *f, unsigned wants, const char *verb);
int64_t bide__file_leave(bide_file *f, const char *verb, int64_t rc);
/* The same for who works at an offset; what this task has gathered is written first. */
BIDE_WAITS int bide__file_enter_at(bide_file *f, unsigned wants, const char *verb);
int64_t bide__file_leave_at(bide_file *f, const char *verb, int64_t rc);
/* A new file of a descriptor; NULL, the error held, and the descriptor still open. */
bide_file *bide__file_new(const char *path);
/* Opens what bide__file_new() made: 0 or < 0. */
struct opening {
    const char *path;
    int flags, fd;
    mode_t permissions;
    struct stat st;
    bool memory;
};
int bide__file_look(struct opening *o);         /* in the job: fills in the rest from fd */
int bide__file_adopt(bide_file *f, const struct opening *o, unsigned flags);

/* The way of a transfer, in a job: reads all of it, unless the file ends before; writes all of it,
 * or `done` says how far it came. */
int bide__file_read_job(void *transfer);
int bide__file_write_job(void *transfer);
/* The same for a task that waits for it: by the poller, if that takes operations, else by a thread.
 * Cancel points. */
BIDE_WAITS int bide__file_transfer_in(struct transfer *t);
BIDE_WAITS int bide__file_transfer_out(struct transfer *t);
BIDE_WAITS int bide__file_sync(int fd, bool data_only);
/* Some bytes at an offset: how many, 0: the end.  *ended: the end was met after them. */
BIDE_WAITS ssize_t bide__file_pull(bide_file *f, void *buf, size_t size, int64_t at,
                                   bool *ended);
/* Reads once into the block, behind what is there: how many, 0: the end. */
BIDE_WAITS ssize_t bide__file_fill(bide_file *f);
/* Writes the gathered bytes; what could not be written stays. */
BIDE_WAITS int bide__file_push(bide_file *f);
/* Writes from elsewhere at `where`, which goes on by what was written. */
BIDE_WAITS int bide__file_push_from(bide_file *f, const void *data, size_t size);
/* How many bytes the block has room for, or will have. */
size_t bide__file_room(const bide_file *f);
/* Sees to it that there is a block.  0 or BIDE_ENOMEM. */
int bide__file_take_block(bide_file *f);
/* Forgets what was read ahead; the place stays. */
void bide__file_forget(bide_file *f);
/* Reading and writing on, for who has entered. */
BIDE_WAITS ssize_t bide__file_read_on(bide_file *f, char *to, size_t size);
BIDE_WAITS int bide__file_write_on(bide_file *f, const void *data, size_t size);
/* A temporary file's or directory's path from where (NULL: the usual place): a template for
 * mkstemp(3), to be freed with bide__free(); NULL, the error held. */
char *bide__temp_path(const char *dir);
/* Runs fn(arg), which may wait, when nobody waits for it: before the loop ends, whatever is
 * cancelled.  false: it cannot be. */
bool bide__run_later(const char *name, bide_fn *fn, void *arg);
/* Removes a tree, in a job. */
int bide__tree_remove_job(void *path);
/* Ends the stream that was made of the file. */
void bide__file_end_view(bide_file *f);

#endif
