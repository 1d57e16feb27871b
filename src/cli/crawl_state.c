/* cli/crawl_state.c -- see crawl_state.h. */
#include "cli/crawl_state.h"
#include <bide/error.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_WORD "bide-crawl 1 "

/* A journal being read. */
struct reading {
    FILE *file;
    const struct crawl_state *state;
    const struct crawl_state_reader *reader;
    char *line;
    size_t room, number;
    off_t good;                 /* the end of the last whole line */
};

static int fail_file(const char *name, int error)
{
    return bide_fail(-error, "%s: %s", name, strerror(error));
}

static int bad_line(const struct reading *r)
{
    return bide_fail(BIDE_EINVAL, "%s: line %zu is none that bide crawl writes", r->state->name,
                     r->number);
}

static bool take_number(const char **at, uint64_t *number)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    errno = 0;
    *number = strtoull(*at, &end, 10);
    *at = *end == ' ' ? end + 1 : end;
    return errno == 0 && (*end == ' ' || *end == '\0');
}

static int read_entry(struct reading *r, const char *line, size_t size)
{
    const struct crawl_state_reader *to = r->reader;
    const char *at = line + 2;
    uint64_t number, bytes, printed;
    if (size < 3 || line[1] != ' ' || !take_number(&at, &number))
        return bad_line(r);
    if (line[0] == 'u' && *at)
        return to->found(to->arg, at, size - (size_t)(at - line), (size_t)number);
    if (line[0] == 'x' && !*at)
        return to->skipped(to->arg, (size_t)number);
    if (line[0] == 'd' && take_number(&at, &bytes) && take_number(&at, &printed) && !*at)
        return to->done(to->arg, (size_t)number, bytes, printed);
    return bad_line(r);
}

static int read_first(struct reading *r, const char *line, const char *scope)
{
    size_t size = sizeof FIRST_WORD - 1;
    if (strncmp(line, FIRST_WORD, size) != 0)
        return bide_fail(BIDE_EINVAL, "%s: is no state file of bide crawl", r->state->name);
    if (strcmp(line + size, scope) != 0)
        return bide_fail(BIDE_EINVAL, "%s: is of a crawl with other options: '%s', not '%s'",
                         r->state->name, line + size, scope);
    return 0;
}

static int read_lines(struct reading *r, const char *scope)
{
    ssize_t size;
    int rc = 0;
    while (rc == 0 && (size = getline(&r->line, &r->room, r->file)) > 0) {
        if (r->line[size - 1] != '\n')
            return 0;           /* the crash came here */
        r->line[--size] = '\0';
        if (strlen(r->line) != (size_t)size)
            return bad_line(r);
        rc = r->number++ == 0 ? read_first(r, r->line, scope)
                              : read_entry(r, r->line, (size_t)size);
        r->good += size + 1;
    }
    return rc == 0 && ferror(r->file) ? fail_file(r->state->name, errno) : rc;
}

/* Reads the file through a descriptor of its own, and cuts off what was not finished. */
static int read_file(struct crawl_state *s, const char *scope,
                     const struct crawl_state_reader *reader)
{
    struct reading r = { .state = s, .reader = reader };
    int fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
    r.file = fd < 0 ? NULL : fdopen(fd, "r");
    if (!r.file) {
        int rc = fail_file(s->name, errno);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    int rc = read_lines(&r, scope);
    fclose(r.file);
    free(r.line);
    if (rc == 0 && ftruncate(s->fd, r.good) < 0)
        rc = fail_file(s->name, errno);
    return rc < 0 ? rc : r.number > 0;
}

static void append(struct crawl_state *s, const char *text, size_t size)
{
    if (s->fd < 0 || s->error < 0)
        return;
    if (s->room - s->size < size) {
        size_t room = 2 * s->room + size + 4096;
        char *more = realloc(s->data, room);
        if (!more) {
            s->error = BIDE_ENOMEM;
            return;
        }
        s->data = more;
        s->room = room;
    }
    memcpy(s->data + s->size, text, size);
    s->size += size;
}

int crawl_state_open(struct crawl_state *s, const char *file, const char *scope,
                     const struct crawl_state_reader *reader)
{
    *s = (struct crawl_state){ .fd = -1, .name = file };
    if (!file)
        return 0;
    s->fd = open(file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
    if (s->fd < 0)
        return fail_file(file, errno);
    struct stat info;
    if (fstat(s->fd, &info) < 0 || !S_ISREG(info.st_mode))
        return bide_fail(BIDE_EINVAL, "%s: is no plain file", file);
    if (flock(s->fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK
            ? bide_fail(BIDE_EBUSY, "%s: another crawl is using it", file)
            : fail_file(file, errno);
    int rc = read_file(s, scope, reader);
    if (rc != 0)
        return rc;
    append(s, FIRST_WORD, sizeof FIRST_WORD - 1);
    append(s, scope, strlen(scope));
    append(s, "\n", 1);
    return crawl_state_write(s, s->size);
}

void crawl_state_found(struct crawl_state *s, const char *url, size_t depth)
{
    char start[32];
    append(s, start, (size_t)snprintf(start, sizeof start, "u %zu ", depth));
    append(s, url, strlen(url));
    append(s, "\n", 1);
}

void crawl_state_done(struct crawl_state *s, size_t number, uint64_t bytes, uint64_t printed)
{
    char line[80];
    append(s, line, (size_t)snprintf(line, sizeof line, "d %zu %llu %llu\n", number,
                                     (unsigned long long)bytes, (unsigned long long)printed));
}

void crawl_state_skipped(struct crawl_state *s, size_t number)
{
    char line[32];
    append(s, line, (size_t)snprintf(line, sizeof line, "x %zu\n", number));
}

size_t crawl_state_mark(const struct crawl_state *s)
{
    return s->size;
}

int crawl_state_write(struct crawl_state *s, size_t mark)
{
    size_t written = 0;
    while (s->error == 0 && written < mark) {
        ssize_t n = write(s->fd, s->data + written, mark - written);
        if (n < 0 && errno != EINTR)
            s->error = -errno;
        written += n > 0 ? (size_t)n : 0;
    }
    if (written > 0)
        memmove(s->data, s->data + written, s->size - written);
    s->size -= written;
    if (s->error == 0)
        return 0;
    return bide_fail(s->error, "%s: %s", s->name,
                     s->error == BIDE_ENOMEM ? "out of memory" : strerror(-s->error));
}

void crawl_state_close(struct crawl_state *s)
{
    if (s->fd >= 0)
        close(s->fd);
    free(s->data);
    *s = (struct crawl_state){ .fd = -1 };
}
