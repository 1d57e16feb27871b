/* Twins of generators.py. */
#include "twin.h"
AREA(generators)

static int count_up(bide_generator *g, void *limit)
{
    int rc = 0;
    for (int number = 0; number < *(int *)limit && rc == 0; number++)
        if ((rc = bide_sleep(1)) == 0)
            rc = bide_generator_yield(g, &number);
    say("closed at %s", now());
    return rc;
}

TWIN(one_by_one)
{
    static int limit = 3;
    int number;
    bide_auto(generator) g = bide_generator_new(count_up, int, &limit);
    while (bide_generator_next(g, &number) == 1)
        say("%d at %s", number, now());
}

TWIN(lazy)
{
    static int limit = 3;
    int number;
    bide_auto(generator) g = bide_generator_new(count_up, int, &limit);
    CHECK_EQ(bide_sleep(5), 0);
    CHECK_EQ(bide_generator_next(g, &number), 1);
    say("%d at %s", number, now());
    bide_generator_close(bide_steal(g));
    CHECK_EQ(bide_yield(), 0);          /* its clean-up runs when somebody waits */
}

static void take_two(void)
{
    static int limit = 10;
    int number;
    bide_auto(generator) g = bide_generator_new(count_up, int, &limit);
    while (bide_generator_next(g, &number) == 1) {
        say("%d", number);
        if (number == 1)
            break;
    }
}

TWIN_DIFFERS(closed_early, "enders never wait: what the generator has to clean up, it does while "
             "the program goes on", "0\n1\nover\nclosed at 2.000\n")
{
    take_two();
    say("over");
    CHECK_EQ(bide_yield(), 0);
}

TWIN(abandoned)
{
    take_two();
    say("left the loop");
    CHECK_EQ(bide_yield(), 0);
}

static int yield_one(bide_generator *g, void *unused)
{
    (void)unused;
    int rc = bide_generator_yield(g, &(int){ 1 });
    return rc < 0 ? rc : bide_fail(FAILED, "out of numbers");
}

TWIN(fails)
{
    int number, rc;
    bide_auto(generator) g = bide_generator_new(yield_one, int, NULL);
    while ((rc = bide_generator_next(g, &number)) == 1)
        say("%d", number);
    if (rc == FAILED)
        say("failed: %s", bide_errmsg());
}

static void say_all(bide_generator *g)
{
    char line[40] = "";
    int number;
    while (bide_generator_next(g, &number) == 1)
        snprintf(line + strlen(line), 8, "%s%d", *line ? ", " : "", number);
    say("[%s]", line);
}

TWIN(after_the_end)
{
    static int limit = 1;
    bide_auto(generator) g = bide_generator_new(count_up, int, &limit);
    say_all(g);
    say_all(g);
}
