/* tests/web/files.h -- a directory of a test's own, and files in it of a known age.
 *
 * The directory is made in make_place() and gone after end_place(); paths are beneath it. */
#ifndef WEB_FILES_H
#define WEB_FILES_H
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* When the files were changed last: Sun, 06 Nov 1994 08:49:37 GMT. */
enum { OLD = 784111777 };
#define OLD_DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static char place[64];

static inline void make_place(void)
{
    strcpy(place, "/tmp/bide-web-XXXXXX");
    CHECK(mkdtemp(place) != NULL);
}

static inline void end_place(void)
{
    char command[200];
    snprintf(command, sizeof command, "chmod -R u+rwx %s; rm -rf %s", place, place);
    CHECK_EQ(system(command), 0);
}

static inline const char *in_place(const char *name)
{
    static char paths[4][400];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", place, name);
    return path;
}

/* Sets the time of a file's last change, in nanoseconds too. */
static inline void touch(const char *name, long seconds, long ns)
{
    struct timespec times[2] = { { seconds, ns }, { seconds, ns } };
    CHECK_EQ(utimensat(AT_FDCWD, in_place(name), times, 0), 0);
}

static inline void put_fresh(const char *name, const char *data, size_t size)
{
    int fd = open(in_place(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CHECK(fd >= 0);
    CHECK_EQ(write(fd, data, size), size);
    CHECK_EQ(close(fd), 0);
}

/* A file that was changed in 1994. */
static inline void put_sized(const char *name, const char *data, size_t size)
{
    put_fresh(name, data, size);
    touch(name, OLD, 0);
}

static inline void put_text(const char *name, const char *text)
{
    put_sized(name, text, strlen(text));
}

/* Byte i of a large file. */
static inline char letter(size_t i)
{
    return (char)('a' + (i + i / 26) % 26);
}

static inline void put_large(const char *name, size_t size)
{
    char *data = malloc(size);
    CHECK(data != NULL);
    for (size_t i = 0; i < size; i++)
        data[i] = letter(i);
    put_sized(name, data, size);
    free(data);
}

static inline void put_directory(const char *name)
{
    CHECK_EQ(mkdir(in_place(name), 0755), 0);
}

static inline void put_link(const char *name, const char *target)
{
    CHECK_EQ(symlink(target, in_place(name)), 0);
}

#endif
