/* tests/io/children.h -- what tests of child processes look at. */
#ifndef IO_CHILDREN_H
#define IO_CHILDREN_H
#include "test.h"

#include "base/sys.h"
#include <bide/group.h>
#include <bide/log.h>
#include <bide/process.h>
#include <bide/scope.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nobody is left to be collected. */
static inline void no_children(void)
{
    CHECK_EQ(waitpid(-1, NULL, WNOHANG), -1);
    CHECK_EQ(errno, ECHILD);
}

static inline int count_descriptors(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    CHECK(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* Does a process of that number run?  One that has ended and is not collected does not. */
static inline bool runs(pid_t pid)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "re");
    if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
        state = 0;
    if (f)
        fclose(f);
    return state && state != 'Z' && state != 'X';
}

/* How it ended. */
static inline struct bide_exit ended(bide_process *p)
{
    struct bide_exit how;
    int rc = bide_process_wait(p, &how);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "wait: %s", bide_errmsg());
    return how;
}

/* What it says on its output, without the last newline; the test's. */
static inline const char *said(bide_process *p)
{
    static char text[65536];
    struct bide_output got;
    int rc = bide_process_communicate(p, NULL, 0, &got);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "communicate: %s", bide_errmsg());
    snprintf(text, sizeof text, "%s", got.out);
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* Waits until a child has said that it is ready: one line. */
static inline void hear_ready(bide_process *p)
{
    char *line;
    CHECK(bide_read_until(bide_process_out(p), "\n", &line) > 0);
}

#endif
