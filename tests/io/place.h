/* tests/io/place.h -- tests with files of their own, in a directory of their own.
 *
 * FILE_TEST(name) makes three tests of one body, a task on the jumping clock whose working
 * directory is new and empty: one as this machine reads files (what is in memory on the loop), one
 * where the system does not say what it has in memory, so that a thread reads each block, and one
 * on tmpfs, where all is done on the loop. */
#ifndef IO_PLACE_H
#define IO_PLACE_H
#include "test.h"

#include "base/sys.h"
#include <bide/dir.h>
#include <bide/file.h>
#include <bide/group.h>
#include <bide/log.h>
#include <bide/scope.h>
#include <bide/task.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline int place_task(void *body)
{
    (*(void (**)(void))body)();
    return 0;
}

static inline ssize_t place_no_look(int fd, const struct iovec *pieces, int count, off_t at,
                                    int flags)
{
    (void)fd, (void)pieces, (void)count, (void)at, (void)flags;
    errno = EOPNOTSUPP;
    return -1;
}

static inline int place_no_system(int fd, struct statfs *system)
{
    (void)fd, (void)system;
    errno = ENOSYS;
    return -1;
}

/* From now on a thread reads each block. */
static inline void place_by_threads(void)
{
    bide__sys.preadv2 = place_no_look;
    bide__sys.ring_operation = NULL;
    bide__sys.fstatfs = place_no_system;
}

static inline void place_enter(char *path)
{
    strcpy(path, "/tmp/bide-test-XXXXXX");
    CHECK(mkdtemp(path));
    CHECK_EQ(chdir(path), 0);
}

static inline void place_enter_memory(char *path)
{
    strcpy(path, "/dev/shm/bide-test-XXXXXX");
    if (!mkdtemp(path)) {
        place_enter(path);
        return;
    }
    CHECK_EQ(chdir(path), 0);
}

static inline void place_leave(const char *path)
{
    char command[80];
    CHECK_EQ(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf %s", path);
    CHECK_EQ(system(command), 0);
}

enum place { PLACE_USUAL, PLACE_THREADS, PLACE_MEMORY };

static inline void place_run(void (*body)(void), enum place place)
{
    char path[32];
    if (place == PLACE_MEMORY)
        place_enter_memory(path);
    else
        place_enter(path);
    if (place == PLACE_THREADS)
        place_by_threads();
    int rc = bide_run(place_task, &body, .jumping_clock = true);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "bide_run: %s", bide_errmsg());
    place_leave(path);
}

#define FILE_TEST(name_) \
    static void name_(void); \
    TEST(name_##_as_it_is) { place_run(name_, PLACE_USUAL); } \
    TEST(name_##_by_threads) { place_run(name_, PLACE_THREADS); } \
    TEST(name_##_in_memory) { place_run(name_, PLACE_MEMORY); } \
    static void name_(void)

/* Makes a file, without bide. */
static inline void place_put(const char *path, const char *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CHECK(fd >= 0);
    CHECK_EQ(write(fd, data, size), size);
    CHECK_EQ(close(fd), 0);
}

static inline void place_put_text(const char *path, const char *text)
{
    place_put(path, text, strlen(text));
}

/* Checks what a file holds, without bide. */
static inline void place_holds(const char *path, const char *data, size_t size)
{
    char *got = malloc(size + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0 && got);
    size_t done = 0;
    for (ssize_t n; done <= size && (n = read(fd, got + done, size + 1 - done)) > 0; )
        done += (size_t)n;
    CHECK_EQ(done, size);
    CHECK_MEM(got, data, size);
    close(fd);
    free(got);
}

static inline void place_holds_text(const char *path, const char *text)
{
    place_holds(path, text, strlen(text));
}

/* Byte `i` of a long pattern, and such bytes. */
static inline char place_byte(size_t i)
{
    return (char)(i * 7 + i / 251);
}

static inline char *place_bytes(size_t size)
{
    char *data = malloc(size + 1);
    CHECK(data);
    for (size_t i = 0; i < size; i++)
        data[i] = place_byte(i);
    return data;
}

static inline int place_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 200; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* Waits until there are so many: a thread may still be about to let go of the loop it told. */
static inline void place_settle(int descriptors)
{
    for (int i = 0; i < 1000000 && place_descriptors() != descriptors; i++)
        sched_yield();
    CHECK_EQ(place_descriptors(), descriptors);
}

/* How many names a directory has. */
static inline int place_count(const char *path)
{
    int count = -2;
    DIR *dir = opendir(path);
    CHECK(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

#endif
