/* tests/core/forked.h -- runs a function in a child process, for what ends a process.
 *
 * What the child writes to standard error is read to its end, and its beginning kept; how it
 * ended is left to the test. */
#ifndef TESTS_FORKED_H
#define TESTS_FORKED_H
#include "test.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The sanitizers take the signals of faults for themselves: gcc's and clang's names for them. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
#else
enum { SANITIZED = 0 };
#endif

static char forked_said[4096];

/* The child's wait status; fn's end is exit status 0. */
static inline int run_forked(void (*fn)(void))
{
    int ends[2], status;
    size_t used = 0;
    CHECK_EQ(pipe(ends), 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        fn();
        _exit(0);
    }
    close(ends[1]);
    char said[512];
    for (ssize_t n; (n = read(ends[0], said, sizeof said)) > 0;) {
        size_t room = sizeof forked_said - 1 - used;
        size_t kept = (size_t)n < room ? (size_t)n : room;
        memcpy(forked_said + used, said, kept);     /* the rest is read too: its writer lives on */
        used += kept;
    }
    forked_said[used] = '\0';
    close(ends[0]);
    CHECK_EQ(waitpid(child, &status, 0), child);
    return status;
}

#endif
