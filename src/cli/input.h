/* cli/input.h -- the URLs to fetch, read no earlier than they are needed.
 *
 * First those on the command line, then the lines of a file or of standard input.  Memory
 * is one block of 64 KiB, however many URLs there are.  Empty lines and lines that begin
 * with '#' are passed over, blanks around a URL are cut off.  A pipe that trickles holds
 * up only the task that waits for the next line. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H
#include <bide.h>

/* The longest URL, in bytes; a longer line is handed out cut, and marked. */
#define INPUT_LINE_MAX 8192

/* Where URLs come from. */
struct input {
    char **urls;                /* those of the command line */
    size_t url_count, url_next;
    int fd;                     /* the file's; -1: none */
    const char *name;           /* the file's, for messages */
    bool ended;                 /* the file has no more */
    bool skipping;              /* inside a line whose beginning was handed out, cut */
    char *block;
    size_t start, end;          /* what is yet to be looked at, in block */
    uint64_t file_size;         /* of a plain file, else 0 */
    uint64_t file_read;         /* bytes of lines looked at */
    uint64_t taken;             /* URLs handed out */
    uint64_t file_taken;        /* those of them from the file */
};
/* One URL, in memory of the taker. */
struct input_line {
    char text[INPUT_LINE_MAX + 1];
    size_t size;
    uint64_t index;             /* its place in the input, from 0 */
    bool too_long;
};

/* Opens the input; file NULL: only the command line's, "-": standard input.  0 or the
 * failure. */
int input_open(struct input *in, char **urls, size_t count, const char *file);
/* Takes the next URL if it is at hand: 1.  Else 0: it must be waited for, or there is
 * none. */
int input_next_nowait(struct input *in, struct input_line *line);
/* Takes the next URL: 1; 0: there are no more; < 0: reading failed.  One task at a
 * time. */
BIDE_WAITS int input_next(struct input *in, struct input_line *line);
/* How many URLs there will have been: exact once known, else guessed from the size of the
 * file; 0: unknown. */
uint64_t input_total(const struct input *in, bool *exact);
/* Closes the file. */
void input_close(struct input *in);

#endif
