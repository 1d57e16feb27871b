/* cli/output.h -- standard output, or a file, collected and written in blocks.
 *
 * A line per URL at 100,000 a second must not cost a system call each.  Lines are
 * formatted straight into a buffer, which is written when it holds 64 KiB and, by a task
 * of the command's, ten times a second. The descriptor is shared with other programs (a
 * terminal with the shell), so its flags are left alone: writes go in pieces that poll(2)
 * says will fit, and a slow reader holds up only who needs room. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H
#include <bide.h>

/* The longest line, in bytes, for which room is made without asking. */
#define OUTPUT_LINE_MAX 65536

/* A descriptor and what is yet to be written to it. */
struct output {
    int fd;
    const char *name;           /* for messages */
    bool whole;                 /* a plain file or a device: takes any size at once */
    int error;                  /* the first failure, -errno; nothing is written after it */
    size_t start, end;          /* what is yet to be written, in data */
    size_t room;                /* of data */
    char *data;
    bide_semaphore writing;     /* one writer at a time */
    void (*before)(void *arg);  /* called before each write, e.g. to clear a progress line */
    void *arg;
};

/* Begins with an empty buffer: 0 or BIDE_ENOMEM. */
int output_open(struct output *o, int fd);
/* Makes room for OUTPUT_LINE_MAX bytes: 0, or the failure of the write that it took. */
BIDE_WAITS int output_reserve(struct output *o);
/* The same for a line of that size, however long. */
BIDE_WAITS int output_reserve_sized(struct output *o, size_t size);
/* Where to write them. */
char *output_place(struct output *o);
/* Says that they were written, up to `end`. */
void output_commit(struct output *o, char *end);
/* Writes everything: 0 or the failure. */
BIDE_WAITS int output_flush(struct output *o);
/* Frees the buffer; the descriptor stays open. */
void output_close(struct output *o);

#endif
