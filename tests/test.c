/* tests/test.c -- what every test program shares: the list of its tests, main, and the checks.
 *
 * A runner is behind it: tests/check.c uses the library check, tests/plain.c does the same with
 * fork() for machines that the library was not built for.  Both print TAP. */
#include "test.h"

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TESTS_MAX = 10000 };

static struct test *first, **last = &first;

void test_register(struct test *test)
{
    *last = test;
    last = &test->next;
}

/* A word is a part of a test's name or, if it has a slash, of its file's: /test_queue. */
static bool is_wanted(const struct test *test, char **words)
{
    if (!*words)
        return true;
    for (; *words; words++)
        if (strstr(strchr(*words, '/') ? test->file : test->name, *words))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    static struct test *wanted[TESTS_MAX];
    int count = 0;
    (void)argc;
    for (struct test *test = first; test; test = test->next) {
        if (!is_wanted(test, argv + 1))
            continue;
        if (count == TESTS_MAX)
            abort();                    /* none is left out in silence */
        wanted[count++] = test;
    }
    const char *slash = strrchr(argv[0], '/');
    return test_run_all(slash ? slash + 1 : argv[0], wanted, count);
}

void test_run_one(const struct test *test)
{
    /* The runner's are of no use to the test, nor is what nohup and a shell's & ignore. */
    static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signal(numbers[i], SIG_DFL);
    test->body();
}

bool test_is_slow(void)
{
    return getenv("CK_TIMEOUT_MULTIPLIER") != NULL;
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
    char sentence[1000];
    va_list args;
    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    for (char *c = sentence; *c; c++)
        if (*c == '\n')
            *c = ' ';           /* TAP has one line per test */
    test_end_failed(file, line, sentence);
}

void test_run_task_opts(bide_fn *fn, const struct bide_test_opts *opts, const char *file, int line)
{
    if (bide_test_opts(fn, opts) < 0)
        test_fail(file, line, "%s", bide_errmsg());
}

void test_equal_(intmax_t a, intmax_t b, const char *a_is, const char *b_is,
                 const char *file, int line)
{
    if (a != b)
        test_fail(file, line, "%s is %jd, not %s (%jd)", a_is, a, b_is, b);
}

void test_same_(const void *a, const void *b, const char *a_is, const char *b_is,
                const char *file, int line)
{
    if (a != b)
        test_fail(file, line, "%s is %p, not %s (%p)", a_is, a, b_is, b);
}

void test_text_(const char *a, const char *b, const char *a_is, const char *file, int line)
{
    if (a == b || (a && b && strcmp(a, b) == 0))
        return;
    test_fail(file, line, "%s is \"%s\", not \"%s\"", a_is, a ? a : "(NULL)", b ? b : "(NULL)");
}

void test_has_(const char *text, const char *part, const char *is, const char *file, int line)
{
    if (!text || !strstr(text, part))
        test_fail(file, line, "%s is \"%s\", without \"%s\"", is, text ? text : "(NULL)", part);
}

void test_bytes_(const void *a, const void *b, size_t size, const char *a_is,
                 const char *file, int line)
{
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < size; i++)
        if (x[i] != y[i])
            test_fail(file, line, "%s: byte %zu of %zu is %#x, not %#x", a_is, i, size,
                      (unsigned)x[i], (unsigned)y[i]);
}

void test_near_(double a, double b, double apart, const char *a_is, const char *file, int line)
{
    if (!(fabs(a - b) <= apart))
        test_fail(file, line, "%s is %.9g, not %.9g (within %.3g)", a_is, a, b, apart);
}
