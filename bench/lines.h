/* What the readers of lines read: 1 GB of lines of 20 to 140 bytes, the same in every run.
 *
 * It lies in a file without a name, in TMPDIR or /var/tmp, and in the system's memory once it
 * has been written and read, so that what is measured is the reading and not a disk. */
#ifndef BENCH_LINES_H
#define BENCH_LINES_H
#include <fcntl.h>
#include <unistd.h>

#include "meter.h"

enum { LINES_PIECE = 1 << 20, LINES_PIECES = 954 };     /* 1.0 GB */

/* Lines over and over; how many newlines there are. */
static inline long lines_fill(char *piece)
{
    uint32_t state = 12345;
    long count = 0;
    memset(piece, 'x', LINES_PIECE);
    for (size_t at = 0; ; count++) {
        state = state * 1664525u + 1013904223u;
        at += 20 + (state >> 8) % 120;
        if (at >= LINES_PIECE)
            break;
        piece[at] = '\n';
    }
    piece[LINES_PIECE - 1] = '\n';
    return count + 1;
}

/* A descriptor of the file, and how many lines there are in it; -1: it cannot be made. */
static inline int lines_open(const char *dir, long *count)
{
    char *piece = malloc(LINES_PIECE);
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    *count = piece ? lines_fill(piece) * LINES_PIECES : 0;
    for (int i = 0; piece && fd >= 0 && i < LINES_PIECES; i++)
        if (write(fd, piece, LINES_PIECE) != LINES_PIECE) {
            close(fd);
            fd = -1;
        }
    free(piece);
    return fd;
}

static inline const char *lines_dir(void)
{
    const char *dir = getenv("TMPDIR");
    return dir && *dir ? dir : "/var/tmp";
}
#endif
