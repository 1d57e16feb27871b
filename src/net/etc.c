/* Reading small files of the system's: blocking, for they lie in memory nearly always and are
 * read only when they have changed. */
#include "net/etc.h"
#include "base/memory.h"
#include "base/sys.h"
#include <fcntl.h>
#include <unistd.h>

/* Times of files have steps of some milliseconds: what was written just now may be written once
 * more without a trace, so its stamp is made to fit nothing. */
static void doubt_if_young(struct etc_stamp *stamp)
{
    struct timespec now;
    bide__sys.clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec - stamp->changed.tv_sec <= 1)
        stamp->changed.tv_nsec = -1;
}

bool bide__etc_changed(struct etc_stamp *stamp, const char *path)
{
    struct etc_stamp before = *stamp;
    struct stat now = { .st_size = 0 };
    if (stat(path, &now) < 0)
        now = (struct stat){ .st_size = 0 };
    *stamp = (struct etc_stamp){ .changed = now.st_mtim, .size = now.st_size,
                                 .inode = now.st_ino };
    bool same = stamp->changed.tv_sec == before.changed.tv_sec &&
                stamp->changed.tv_nsec == before.changed.tv_nsec &&
                stamp->size == before.size && stamp->inode == before.inode;
    if (!same)
        doubt_if_young(stamp);
    return !same;
}

static char *read_whole(int fd, size_t size)
{
    char *text = bide__alloc(size + 1);
    size_t got = 0;
    ssize_t n = 1;
    while (text && got < size && n > 0) {
        n = read(fd, text + got, size - got);
        if (n > 0)
            got += (size_t)n;
    }
    if (text)
        text[got] = '\0';
    return text;
}

char *bide__etc_load(const char *path)
{
    struct stat is;
    char *text = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &is) == 0 && S_ISREG(is.st_mode) && is.st_size <= ETC_SIZE_MAX)
        text = read_whole(fd, (size_t)is.st_size);
    close(fd);
    return text;
}
