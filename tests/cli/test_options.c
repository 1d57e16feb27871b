/* What cli/options.c must hold: every way to write an option, and the fields afterwards.  How wrong
 * ones are refused, word by word, is told in usage.py. */
#include "cli/options.c"
#include "test.h"

struct asked {
    bool quiet, keen;
    const char *text;
    size_t jobs, retries, size, shared;
    double timeout, rate;
    struct text_list headers;
};
#define FIELD(name) offsetof(struct asked, name)
static const struct option list[] = {
    { 'q', "quiet", OPTION_FLAG, FIELD(quiet), NULL, "" },
    { 'k', "keen", OPTION_FLAG, FIELD(keen), NULL, "" },
    { 't', "text", OPTION_TEXT, FIELD(text), "TEXT", "" },
    { 'j', "jobs", OPTION_COUNT, FIELD(jobs), "N", "" },
    { 0, "retries", OPTION_NUMBER, FIELD(retries), "N", "" },
    { 0, "timeout", OPTION_SECONDS, FIELD(timeout), "S", "" },
    { 0, "rate", OPTION_RATE, FIELD(rate), "N/s", "" },
    { 0, "size", OPTION_SIZE, FIELD(size), "BYTES", "" },
    { 'H', "header", OPTION_LIST, FIELD(headers), "H", "" },
};
static const struct option shared_list[] = {
    { 's', "shared", OPTION_COUNT, FIELD(shared), "N", "" },
    { 0, "trailer", OPTION_LIST, FIELD(headers), "H", "" },
};
static const struct options table = {
    .command = "test", .usage = "", .about = "", .list = list,
    .count = sizeof list / sizeof list[0],
    .shared = shared_list, .shared_count = sizeof shared_list / sizeof shared_list[0],
};

static char *words[16], *owned[16];
static struct asked got;

#define PARSE(...) parse((const char *[]){ "test", __VA_ARGS__, NULL })
static int parse(const char **from)
{
    int count = 0;
    for (; from[count]; count++) {
        free(owned[count]);
        words[count] = owned[count] = strdup(from[count]);
    }
    options_free_list(&got.headers);
    got = (struct asked){ 0 };
    return options_parse(&table, count, words, &got);
}

TEST(a_value_may_stand_apart_or_behind)
{
    CHECK_EQ(PARSE("--jobs", "5"), 0);
    CHECK_EQ((long long)got.jobs, 5);
    CHECK_EQ(PARSE("--jobs=6"), 0);
    CHECK_EQ((long long)got.jobs, 6);
    CHECK_EQ(PARSE("-j", "7"), 0);
    CHECK_EQ((long long)got.jobs, 7);
    CHECK_EQ(PARSE("-j8"), 0);
    CHECK_EQ((long long)got.jobs, 8);
}

TEST(shared_options_are_like_any_other)
{
    CHECK_EQ(PARSE("-qs5", "--shared=6"), 0);
    CHECK_EQ((long long)got.shared, 6);
    CHECK_EQ(PARSE("--shared", "0"), OPTIONS_WRONG);
}

TEST(a_list_knows_which_option_gave_what_and_in_which_order)
{
    CHECK_EQ(PARSE("-H", "a", "--trailer=b", "--header", "c"), 0);
    CHECK_EQ((long long)got.headers.count, 3);
    CHECK_STR(got.headers.items[1], "b");
    CHECK_STR(got.headers.by[0]->name, "header");
    CHECK_STR(got.headers.by[1]->name, "trailer");
    CHECK_STR(got.headers.by[2]->name, "header");
}

TEST(flags_may_stand_in_a_bunch_the_last_with_a_value)
{
    CHECK_EQ(PARSE("-qkj9", "x"), 1);
    CHECK(got.quiet && got.keen);
    CHECK_EQ((long long)got.jobs, 9);
    CHECK_STR(words[0], "x");
}

TEST(operands_and_options_may_be_mixed)
{
    CHECK_EQ(PARSE("a", "-q", "b", "-", "--text=t", "c"), 4);
    CHECK_STR(words[0], "a");
    CHECK_STR(words[1], "b");
    CHECK_STR(words[2], "-");
    CHECK_STR(words[3], "c");
    CHECK_STR(got.text, "t");
}

TEST(nothing_is_an_option_after_two_dashes)
{
    CHECK_EQ(PARSE("-q", "--", "-k", "--jobs"), 2);
    CHECK(got.quiet && !got.keen);
    CHECK_STR(words[0], "-k");
    CHECK_STR(words[1], "--jobs");
}

TEST(a_value_may_begin_with_a_dash)
{
    CHECK_EQ(PARSE("-t", "-q", "--text-is-given"), OPTIONS_WRONG);
    CHECK_EQ(PARSE("-t", "-q"), 0);
    CHECK_STR(got.text, "-q");
    CHECK_EQ(PARSE("--text="), 0);
    CHECK_STR(got.text, "");
}

TEST(a_list_keeps_its_order)
{
    CHECK_EQ(PARSE("-Ha", "--header", "b", "--header=c"), 0);
    CHECK_EQ((long long)got.headers.count, 3);
    CHECK_STR(got.headers.items[0], "a");
    CHECK_STR(got.headers.items[2], "c");
}

TEST(seconds_rates_and_sizes_have_their_units)
{
    CHECK_EQ(PARSE("--timeout=.5", "--rate=90/m", "--size=1.5k", "--retries=0"), 0);
    CHECK(got.timeout == 0.5 && got.rate == 1.5);
    CHECK_EQ((long long)got.size, 1536);
    CHECK_EQ(PARSE("--timeout=inf", "--rate", "7200/h", "--size", "2G"), 0);
    CHECK(got.timeout == BIDE_FOREVER && got.rate == 2);
    CHECK_EQ((long long)got.size, 2LL << 30);
    CHECK_EQ(PARSE("--size=inf", "--rate=3"), 0);
    CHECK(got.size == BIDE_UNLIMITED && got.rate == 3);
}

TEST(what_is_wrong_is_refused)
{
    CHECK_EQ(PARSE("--jobs=0"), OPTIONS_WRONG);
    CHECK_EQ(PARSE("--jobs=+1"), OPTIONS_WRONG);
    CHECK_EQ(PARSE("--jobs= 1"), OPTIONS_WRONG);
    CHECK_EQ(PARSE("--timeout=1.2.3"), OPTIONS_WRONG);
    CHECK_EQ(PARSE("--timeout=-1"), OPTIONS_WRONG);
    CHECK_EQ(PARSE("--job"), OPTIONS_WRONG);
    CHECK_EQ(PARSE("--"), 0);
    CHECK_EQ(options_status(OPTIONS_WRONG), EXIT_USAGE);
    CHECK_EQ(options_status(OPTIONS_HELPED), EXIT_FINE);
}
