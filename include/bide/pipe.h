/* bide/pipe.h -- pipes, and the streams that a program is born with.
 *
 * The standard streams are often shared with other programs (a terminal with the shell), and
 * so are their flags.  These streams leave the flags alone: a terminal or a pipe is opened
 * anew for the stream, a socket is asked with a flag per call, a plain file is read and
 * written on the threads for files.  So nobody finds a terminal non-blocking afterwards, and
 * the loop is not held up. */
#ifndef BIDE_PIPE_H
#define BIDE_PIPE_H
#include <bide/stream.h>
BIDE_BEGIN_

/* A pipe of the system's: what is written to ends[1] is read from ends[0].  0, or < 0 and two
 * NULL ends: -EMFILE, BIDE_ENOMEM, BIDE_EPERM outside a loop.  Within one loop
 * bide_stream_pair() is faster. */
int bide_pipe(bide_stream *ends[2]);

/* A stream of standard input, to be closed by whom it was made for; closing it leaves
 * descriptor 0 as it is.  What it has read ahead goes with it, so keep one.  NULL: -EBADF
 * (there is none), -EMFILE, BIDE_ENOMEM, BIDE_EPERM outside a loop.  Counterpart:
 * loop.connect_read_pipe(..., sys.stdin). */
bide_stream *bide_stdin(void);
/* The same of standard output.  Does not share stdio's buffer: fflush(stdout) before.
 * Counterpart: loop.connect_write_pipe(). */
bide_stream *bide_stdout(void);
/* The same of standard error. */
bide_stream *bide_stderr(void);

BIDE_END_
#endif
