/* A file as a body.
 *
 * Its size is announced before its first byte is sent, so it must not change: what is cut off or
 * appended meanwhile is found out before the last byte goes.  A file of /proc is a plain file of
 * 0 bytes that has some all the same; those are sent chunked, as what cannot seek. */
#include "http/source.h"

#include "base/memory.h"

#include <bide/error.h>

#include <stdio.h>
#include <string.h>

struct file_source {
    struct source source;       /* first */
    bide_file *file;
    char path[];
};

static struct file_source *file_of(struct source *s)
{
    return (struct file_source *)(void *)s;
}

static ssize_t file_read(struct source *s, void *buf, size_t size)
{
    return bide_file_read(file_of(s)->file, buf, size);
}

static int file_more(struct source *s)
{
    char byte;
    return (int)bide_file_read_at(file_of(s)->file, &byte, 1, s->size);
}

static int file_rewind(struct source *s)
{
    int64_t at = bide_file_seek(file_of(s)->file, 0, SEEK_SET);
    return at < 0 ? (int)at : 0;
}

static void file_close(struct source *s)
{
    bide_file_close(file_of(s)->file);
    bide__free(s);
}

static const struct source_ops plain_ops = {
    .read = file_read, .more = file_more, .rewind = file_rewind, .close = file_close,
};
/* A FIFO or the like: what was read is gone. */
static const struct source_ops other_ops = {
    .read = file_read, .close = file_close, .slow = true,
};

/* Finds out what it is, and its size. */
BIDE_WAITS static int measure(struct file_source *f)
{
    struct stat st;
    char byte;
    int rc = bide_file_stat(f->file, &st);
    if (rc < 0)
        return rc;
    f->source.once = !S_ISREG(st.st_mode);
    if (f->source.once)
        return 0;
    f->source.ops = &plain_ops;
    ssize_t some = st.st_size > 0 ? 0 : bide_file_read_at(f->file, &byte, 1, 0);
    if (some < 0)
        return (int)some;
    if (some == 0) {
        f->source.size = st.st_size;
        f->source.file = f->file;
    }
    return 0;
}

struct source *bide__source_of_file(const char *path)
{
    struct file_source *f = bide__zalloc(sizeof *f + strlen(path) + 1);
    if (!f) {
        bide_fail(BIDE_ENOMEM, "out of memory for a request's body");
        return NULL;
    }
    strcpy(f->path, path);
    f->source = (struct source){ .ops = &other_ops, .size = -1, .name = f->path,
                                 .type = "application/octet-stream" };
    f->file = bide_file_open(path, "r");
    if (f->file && measure(f) == 0)
        return &f->source;
    file_close(&f->source);
    return NULL;
}
