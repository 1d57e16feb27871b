/* tests/plain.c -- runs the tests where the library check is missing: on a machine we cross-build
 * for, under an emulator.  Same processes, same limits, same TAP; no more than that. */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned number_from(const char *variable, unsigned otherwise)
{
    const char *text = getenv(variable);
    int number = text ? atoi(text) : 0;
    return number > 0 ? (unsigned)number : otherwise;
}

/* The variables are those of the library check. */
static unsigned time_limit(void)
{
    return number_from("CK_DEFAULT_TIMEOUT", 10) * number_from("CK_TIMEOUT_MULTIPLIER", 1);
}

static void run_child(const struct test *test)
{
    alarm(time_limit());        /* SIGALRM ends the process, and so the test */
    test_run_one(test);
    exit(0);
}

static bool run_one(const struct test *test, const char *suite, int number)
{
    int status;
    fflush(stdout);
    if (getenv("CK_FORK"))
        run_child(test);        /* for a debugger: this test, and the end */
    pid_t child = fork();
    if (child == 0)
        run_child(test);
    if (child < 0 || waitpid(child, &status, 0) != child)
        status = -1;
    if (status == 0) {
        printf("ok %d - %s:%s\n", number, suite, test->name);
        return true;
    }
    printf("not ok %d - %s:%s (%s:%d): ", number, suite, test->name, test->file, test->line);
    if (WIFSIGNALED(status))
        printf("ended by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        printf("exit status %d\n", WEXITSTATUS(status));
    return false;
}

int test_run_all(const char *suite, struct test *const *tests, int count)
{
    int failed = 0;
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++)
        failed += !run_one(tests[i], suite, i + 1);
    fflush(stdout);
    return failed > 0;
}

void test_end_failed(const char *file, int line, const char *sentence)
{
    printf("# %s:%d: %s\n", file, line, sentence);
    fflush(stdout);
    _exit(1);
}
