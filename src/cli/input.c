/* cli/input.c -- see input.h.
 *
 * Standard input is shared with other programs, so it is not made non-blocking: poll(2)
 * says whether a read would wait, and only then is the descriptor waited for.  Plain
 * files, which epoll refuses, are always readable, so they never come so far and need no
 * path of their own. */
#include "cli/input.h"
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE 65536

static int open_file(struct input *in, const char *file)
{
    struct stat info;
    bool is_stdin = strcmp(file, "-") == 0;
    in->name = is_stdin ? "standard input" : file;
    in->fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0)
        return bide_fail(-errno, "%s: %s", in->name, strerror(errno));
    if (fstat(in->fd, &info) == 0 && S_ISDIR(info.st_mode))
        return bide_fail(-EISDIR, "%s: is a directory", in->name);
    if (fstat(in->fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0)
        in->file_size = (uint64_t)info.st_size;
    in->block = malloc(BLOCK_SIZE);
    return in->block ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
}

int input_open(struct input *in, char **urls, size_t count, const char *file)
{
    *in = (struct input){ .urls = urls, .url_count = count, .fd = -1, .ended = !file };
    return file ? open_file(in, file) : 0;
}

static void fill_line(struct input *in, struct input_line *line, const char *text, size_t size)
{
    line->too_long = size > INPUT_LINE_MAX;
    line->size = line->too_long ? INPUT_LINE_MAX : size;
    memcpy(line->text, text, line->size);
    line->text[line->size] = '\0';
    line->index = in->taken++;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Hands out one line of the file: 1, or 0 if it holds no URL. */
static int take_line(struct input *in, struct input_line *line, const char *text, size_t size)
{
    while (size > 0 && is_blank(text[0])) {
        text++;
        size--;
    }
    while (size > 0 && is_blank(text[size - 1]))
        size--;
    if (size == 0 || text[0] == '#')
        return 0;
    fill_line(in, line, text, size);
    in->file_taken++;
    return 1;
}

static void advance(struct input *in, size_t size)
{
    in->start += size;
    in->file_read += size;
}

/* Takes a line that the block holds whole, or that alone fills it, or that the file ended
 * with. */
static int take_from_block(struct input *in, struct input_line *line)
{
    while (in->start < in->end) {
        const char *text = in->block + in->start;
        size_t left = in->end - in->start;
        const char *newline = memchr(text, '\n', left);
        bool cut = !newline && left == BLOCK_SIZE;
        if (!newline && !cut && !in->ended)
            return 0;
        size_t size = newline ? (size_t)(newline - text) : left;
        advance(in, newline ? size + 1 : size);
        bool rest = in->skipping;
        in->skipping = cut;
        if (!rest && take_line(in, line, text, size))
            return 1;
    }
    return 0;
}

int input_next_nowait(struct input *in, struct input_line *line)
{
    if (in->url_next < in->url_count) {
        const char *url = in->urls[in->url_next++];
        fill_line(in, line, url, strlen(url));
        return 1;
    }
    return take_from_block(in, line);
}

static int wait_readable(struct input *in)
{
    for (;;) {
        struct pollfd now = { .fd = in->fd, .events = POLLIN };
        int count = poll(&now, 1, 0);
        if (count > 0 || (count < 0 && errno != EINTR))
            return 0;
        int rc = bide_fd_wait(in->fd, POLLIN);
        if (rc < 0)
            return rc;
    }
}

/* Reads more behind what is left in the block.  Yields: a file never makes anybody wait,
 * and a long stretch without URLs in it must not hold up the tasks that have theirs. */
static int refill(struct input *in)
{
    memmove(in->block, in->block + in->start, in->end - in->start);
    in->end -= in->start;
    in->start = 0;
    int rc = bide_yield();
    if (rc == 0)
        rc = wait_readable(in);
    if (rc < 0)
        return rc;
    ssize_t n = read(in->fd, in->block + in->end, BLOCK_SIZE - in->end);
    if (n > 0)
        in->end += (size_t)n;
    if (n == 0)
        in->ended = true;
    if (n >= 0 || errno == EINTR || errno == EAGAIN)
        return 0;
    in->ended = true;
    return bide_fail(-errno, "%s: %s", in->name, strerror(errno));
}

int input_next(struct input *in, struct input_line *line)
{
    for (;;) {
        if (input_next_nowait(in, line))
            return 1;
        if (in->ended)
            return 0;
        int rc = refill(in);
        if (rc < 0)
            return rc;
    }
}

uint64_t input_total(const struct input *in, bool *exact)
{
    bool read_all = in->file_size > 0 && in->file_read >= in->file_size;
    *exact = in->start == in->end && (in->ended || read_all);
    if (*exact)
        return in->url_count + in->file_taken;
    if (in->file_size == 0 || in->file_read == 0)
        return 0;
    double share = (double)in->file_read / (double)in->file_size;
    double guess = share < 1 ? (double)in->file_taken / share : (double)in->file_taken;
    return in->url_count + (uint64_t)guess;
}

void input_close(struct input *in)
{
    if (in->fd >= 0 && in->block)
        bide_fd_forget(in->fd);
    if (in->fd > STDIN_FILENO)
        close(in->fd);
    free(in->block);
    in->block = NULL;
    in->fd = -1;
}
