/* bide/process.h -- child processes: started exactly, waited for, never left behind.
 *
 *     bide_auto(process) p = bide_exec(BIDE_ARGV("sort", "-u"), .in = BIDE_PIPE,
 *                                      .out = BIDE_PIPE);
 *     struct bide_output got;
 *     int rc = bide_process_communicate(p, words, size, &got);
 *     if (rc == 0)
 *         printf("%s%s\n", got.out, got.exit.text);   // "... exited with 0"
 *
 * A child gets its three standard streams and no other descriptor, an empty signal mask and the
 * default dispositions.  It belongs to who opened it: leaving the block closes it, which asks a
 * child that still runs to end (SIGTERM), kills it after .grace, and collects it, in the
 * background; before bide_run() returns that is done.  A cancelled wait leaves the child alone.
 * Signals go to the child or to nobody: never to a process that has got its number since.
 * The jumping clock walks while a child is waited for: it passes as real time does. */
#ifndef BIDE_PROCESS_H
#define BIDE_PROCESS_H
#include <bide/stream.h>
BIDE_BEGIN_

typedef struct bide_process bide_process;

/* Where a child's stream leads, besides a descriptor of this process's (1 and above, which stays
 * open here): this process's own; a pipe to it; nowhere; for .err: where .out leads. */
enum { BIDE_INHERIT = 0, BIDE_PIPE = -1, BIDE_DEVNULL = -2, BIDE_TO_OUT = -3 };

/* BIDE_ARGV("ls", "-l"): a program's name and arguments; .env and .env_add are of the same
 * form, BIDE_ARGV("LANG=C", "HOME=/"). */
#define BIDE_ARGV(...) (const char *const[]){ __VA_ARGS__, NULL }

/* Options of bide_exec() and bide_shell(). */
struct bide_process_opts {
    size_t abi_;
    const char *const *argv;    /* the program and its arguments, NULL at the end; a name without
                                   a slash is looked for along the child's PATH */
    const char *shell;          /* or a line for /bin/sh */
    int in, out, err;           /* default BIDE_INHERIT */
    bide_process *from;         /* instead of .in: what that one writes to its .out pipe, of which
                                   its bide_process_out() is then no more */
    const char *cwd;            /* the folder that it starts in; default: this one's */
    const char *const *env;     /* "NAME=value"...: all of its environment; default: this one's */
    const char *const *env_add; /* "NAME=value" added or replaced, "NAME" taken out */
    bool group;                 /* a process group of its own, which is signalled and killed as a
                                   whole: the tree below it */
    bool session;               /* a session of its own, without terminal; and so a group */
    double grace;               /* seconds between SIGTERM and SIGKILL when it is closed; default
                                   5, < 0: SIGKILL at once, BIDE_FOREVER: never */
    size_t output_max;          /* bytes that communicating keeps of .out, and of .err; default
                                   16 MiB */
};
/* How a child has ended. */
struct bide_exit {
    int code;                   /* 0 to 255; -1 if a signal ended it */
    int signal;                 /* which; else 0 */
    char text[56];              /* "exited with 3", "was killed by SIGKILL" */
};
/* What a child wrote.  The texts are the process's, valid until it is closed; each has a NUL
 * behind its last byte, and is "" where there was no pipe. */
struct bide_output {
    const char *out, *err;
    size_t out_size, err_size;
    struct bide_exit exit;
};

/* bide_exec(BIDE_ARGV("ls", "-l"), .out = BIDE_PIPE, .cwd = "/tmp"): starts a program.  NULL:
 * "exec: /x/y: No such file or directory" with its code (-ENOENT, -EACCES, -ENOEXEC ...),
 * "exec: cwd /x: ..."; -EMFILE, -EAGAIN, BIDE_ENOMEM; BIDE_EINVAL; BIDE_EPERM outside a loop,
 * BIDE_ECLOSED when it is ending.  Counterpart: asyncio.create_subprocess_exec(). */
#define bide_exec(...) \
    bide_process_open(BIDE_OPTS_(bide_process_opts, .argv = __VA_ARGS__))
/* bide_shell("ls *.c | wc -l", .out = BIDE_PIPE): starts /bin/sh -c line.  Never put into the
 * line what others gave you.  Counterpart: asyncio.create_subprocess_shell(). */
#define bide_shell(...) \
    bide_process_open(BIDE_OPTS_(bide_process_opts, .shell = __VA_ARGS__))
/* Behind both. */
bide_process *bide_process_open(const struct bide_process_opts *opts);

/* The stream that leads to its standard input, where .in was BIDE_PIPE; the process's.
 * bide_write_end() on it is the end of input.  Else NULL, and BIDE_EINVAL is held. */
bide_stream *bide_process_in(bide_process *p);
/* The streams that come from its output and its errors, where .out, .err were BIDE_PIPE. */
bide_stream *bide_process_out(bide_process *p);
bide_stream *bide_process_err(bide_process *p);
/* Its number, for messages; signals go by bide_process_signal(). */
pid_t bide_process_pid(const bide_process *p);

/* Waits until it has ended: 0 and *how (or NULL).  Any number of tasks may.  Nobody reads its
 * pipes meanwhile: a child that writes more than fits would wait for ever, so communicate.
 * BIDE_ECLOSED: it was closed.  Counterpart: Process.wait(). */
BIDE_WAITS int bide_process_wait(bide_process *p, struct bide_exit *how);
/* The same, and a child that did not exit with 0 is a failure: BIDE_EPROCESS, "grep x: exited
 * with 2".  Counterpart: subprocess.run(check=True). */
BIDE_WAITS int bide_process_check(bide_process *p);
/* Writes data to its standard input and ends that (data NULL: just ends it), reads both outputs
 * to their end, waits: 0 and *got, which is filled in as far as it came also on failure.  Never
 * blocked by the order in which the child reads and writes; a child that does not want its
 * input is no failure.  BIDE_ELIMIT: more than .output_max.  Cancelled: nothing is lost; called
 * again with the same data it goes on where it was.  Counterpart: Process.communicate(). */
BIDE_WAITS int bide_process_communicate(bide_process *p, const void *data, size_t size,
                                        struct bide_output *got);
/* Sends a signal to it, or to its whole group: 0.  -ESRCH: it has ended.  BIDE_EINVAL: there is
 * no such signal.  Counterpart: Process.send_signal(), terminate(), kill(). */
int bide_process_signal(bide_process *p, int signal);
/* By its owner: ends it, see above, and frees; what its pipes still hold is gone.  Who waits
 * for it fails with BIDE_ECLOSED.  With .group, what the child has left behind is killed too.
 * NULL: nothing. */
void bide_process_close(bide_process *p);
BIDE_AUTO_(process, bide_process_close)

BIDE_END_
#endif
