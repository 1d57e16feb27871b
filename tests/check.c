/* tests/check.c -- runs the tests with the library check, one process each.
 *
 * CK_FORK=no runs them in this one, for a debugger: there the first failure aborts, for check would
 * jump out of a task's stack. */
#include "test.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct test *const *all;

static void run_numbered(int number)
{
    test_run_one(all[number]);
}

/* check wants one description per test, which is to live as long as the run. */
static void add_test(TCase *tcase, TTest *described, int number)
{
    *described = (TTest){ .name = all[number]->name, .fn = run_numbered,
                          .file = all[number]->file, .line = all[number]->line };
    _tcase_add_test(tcase, described, 0, 0, number, number + 1);
}

int test_run_all(const char *suite, struct test *const *tests, int count)
{
    TCase *tcase = tcase_create(suite);
    Suite *top = suite_create(suite);
    TTest *descriptions = calloc((size_t)count + 1, sizeof *descriptions);
    if (!descriptions)
        return 1;
    all = tests;
    if (!getenv("CK_DEFAULT_TIMEOUT"))        /* a patient layer's; see tests/meson.build */
        tcase_set_timeout(tcase, 30);
    suite_add_tcase(top, tcase);
    for (int i = 0; i < count; i++)
        add_test(tcase, &descriptions[i], i);
    SRunner *runner = srunner_create(top);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    free(descriptions);
    return failed > 0;
}

void test_end_failed(const char *file, int line, const char *sentence)
{
    if (getenv("CK_FORK")) {
        fprintf(stderr, "%s:%d: %s\n", file, line, sentence);
        abort();
    }
    _ck_assert_failed(file, line, "", "%s", sentence);
}
