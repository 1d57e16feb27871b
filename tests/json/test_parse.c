/* What is JSON and what is not: a table of both, every prefix, every changed byte, and the place
 * that an error names. */
#include "test.h"

#include "base/random.h"

#include <bide/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(literal) { literal, sizeof literal - 1 }

/* Parses from memory of exactly that size. */
static bide_json *parse(const char *text, size_t size)
{
    char *exact = malloc(size ? size : 1);
    memcpy(exact, text, size);
    bide_json *j = bide_json_parse(exact, size);
    free(exact);
    return j;
}

TEST(what_rfc_8259_allows_is_accepted)
{
    static const struct { const char *at; size_t size; } texts[] = {
        /* values of every kind, alone and with blanks around them */
        TEXT("null"), TEXT("true"), TEXT("false"), TEXT("0"), TEXT("-0"), TEXT("\"\""),
        TEXT("[]"),
        TEXT("{}"), TEXT(" \t\r\n null \t\r\n "), TEXT("[ ]"), TEXT("{ }"), TEXT("[\n]"),
        TEXT("\"alone\""), TEXT("42 "), TEXT(" [1]"),
        /* arrays */
        TEXT("[1,2,3]"), TEXT("[[]]"), TEXT("[[],[[]],[]]"), TEXT("[null]"), TEXT("[\"\"]"),
        TEXT("[1 , 2\t,\n3 ]"), TEXT("[1,null,null,null,2]"), TEXT("[true]"),
        /* objects */
        TEXT("{\"a\":1}"), TEXT("{\"\":0}"), TEXT("{\"a\":1,\"b\":2}"), TEXT("{\"a\":1,\"a\":2}"),
        TEXT("{\"a\":[]}"), TEXT("{ \"a\" : { \"b\" : null } }"), TEXT("{\"a\\u0000b\":1}"),
        TEXT("{\"\xc3\xa9\":1}"), TEXT("{\n\"a\":\n1\n}"),
        /* numbers */
        TEXT("123"), TEXT("-123"), TEXT("1.5"), TEXT("-1.5"), TEXT("0.1"), TEXT("0e1"),
        TEXT("0e+1"),
        TEXT("0E-1"), TEXT("1e2"), TEXT("1E2"), TEXT("1e+2"), TEXT("1e-2"), TEXT("1.5e10"),
        TEXT("123.456e78"), TEXT("9223372036854775807"), TEXT("-9223372036854775808"),
        TEXT("18446744073709551615"), TEXT("18446744073709551616"), TEXT("-9223372036854775809"),
        TEXT("1e400"), TEXT("-1e400"), TEXT("1e-400"), TEXT("1e99999999999999999999"),
        TEXT("0.000000000000000000000000000000000000000000000000000000000000000000000000000001"),
        TEXT("100000000000000000000000000000000000000000000000000000000000000000000000000"),
        /* texts */
        TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), TEXT("\"\\u0041\\u00e9\\u20AC\""),
        TEXT("\"\\ud83d\\ude00\""), TEXT("\"\\uDBFF\\uDFFF\""), TEXT("\"\\uFFFF\""),
        TEXT("\"\\u0000\""),
        TEXT("\"\xc2\x80\""), TEXT("\"\xdf\xbf\""), TEXT("\"\xe0\xa0\x80\""),
        TEXT("\"\xed\x9f\xbf\""),
        TEXT("\"\xee\x80\x80\""), TEXT("\"\xef\xbf\xbf\""), TEXT("\"\xf0\x90\x80\x80\""),
        TEXT("\"\xf4\x8f\xbf\xbf\""), TEXT("\"\x7f\""), TEXT("\"/\""), TEXT("\"'\""),
        TEXT("\"a text of more than sixteen bytes \\n and \xe2\x82\xac more of them\""),
        /* a byte order mark */
        TEXT("\xef\xbb\xbf{}"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bide_auto(json) j = parse(texts[i].at, texts[i].size);
        if (!j)
            test_fail(__FILE__, __LINE__, "%s: %s", texts[i].at, bide_errmsg());
    }
}

/* 10^-49996, which is 0 to a double. */
TEST(a_fraction_of_any_length_counts)
{
    enum { ZEROS = 150000 };
    char *text = malloc(ZEROS + 20);
    CHECK(text);
    memset(text, '0', ZEROS + 20);
    text[1] = '.';
    memcpy(text + 2 + ZEROS, "1e100005", 9);
    bide_auto(json) j = bide_json_parse(text, 2 + ZEROS + 8);
    double d = 1;
    CHECK_EQ(bide_json_get(j, "", &d), 0);
    CHECK(d == 0);
    free(text);
}

TEST(anything_else_is_refused)
{
    static const struct { const char *at; size_t size; } texts[] = {
        TEXT(""), TEXT(" "), TEXT("\xef\xbb\xbf"), TEXT("\0"), TEXT("{}\0"), TEXT("\0{}"),
        TEXT("[\0]"), TEXT("\"\0\""), TEXT("{\"a\0\":1}"),
        /* words */
        TEXT("nul"), TEXT("nulll"), TEXT("Null"), TEXT("tru"), TEXT("truth"),
        TEXT("TRUE"), TEXT("fals"),
        TEXT("falsee"), TEXT("undefined"), TEXT("NaN"), TEXT("-NaN"), TEXT("Infinity"),
        TEXT("-Infinity"), TEXT("nan"), TEXT("inf"), TEXT("true false"), TEXT("a"), TEXT("'a'"),
        TEXT("*"), TEXT("// comment\n1"), TEXT("/* comment */1"), TEXT("1 // comment"),
        TEXT("#1"),
        TEXT("<null>"), TEXT("\xc2\xa0""1"), TEXT("\f1"), TEXT("\v1"), TEXT("1\f"),
        /* numbers */
        TEXT("+1"), TEXT("-"), TEXT("- 1"), TEXT("01"), TEXT("-01"), TEXT("00"),
        TEXT("0123"), TEXT("1."),
        TEXT(".5"), TEXT("-.5"), TEXT("1.e5"), TEXT("1e"), TEXT("1e+"), TEXT("1E-"),
        TEXT("1e1.5"),
        TEXT("1.5.5"), TEXT("0x10"), TEXT("1_000"), TEXT("1,000"), TEXT("1a"),
        TEXT("--1"), TEXT("1 2"),
        TEXT("1e5e5"), TEXT("0e"), TEXT("-e1"), TEXT("0b1"), TEXT("1f"), TEXT("\xef\xbc\x91"),
        /* texts */
        TEXT("\""), TEXT("\"a"), TEXT("\"\\\""), TEXT("\"\\"), TEXT("\"\\a\""), TEXT("\"\\x41\""),
        TEXT("\"\\0\""), TEXT("\"\\'\""), TEXT("\"\\ \""), TEXT("\"\\U0041\""), TEXT("\"\\u\""),
        TEXT("\"\\u004\""), TEXT("\"\\u004g\""), TEXT("\"\\u 041\""), TEXT("\"\\u-041\""),
        TEXT("\"\\ud800\""), TEXT("\"\\udc00\""), TEXT("\"\\ud800\\u0041\""),
        TEXT("\"\\ud800\\n\""),
        TEXT("\"\\ud800\\ud800\""), TEXT("\"\\ude00\\ud83d\""), TEXT("\"\\ud83d\\ude0\""),
        TEXT("\"\t\""), TEXT("\"\n\""), TEXT("\"\r\""), TEXT("\"\x01\""), TEXT("\"\x1f\""),
        TEXT("\"a\"b\""), TEXT("\"\\\xc3\xa9\""),
        /* UTF-8 */
        TEXT("\"\x80\""), TEXT("\"\xbf\""), TEXT("\"\xc0\x80\""), TEXT("\"\xc1\xbf\""),
        TEXT("\"\xc2\""),
        TEXT("\"\xc2 \""), TEXT("\"\xe0\x80\x80\""), TEXT("\"\xe0\x9f\xbf\""),
        TEXT("\"\xed\xa0\x80\""),
        TEXT("\"\xed\xbf\xbf\""), TEXT("\"\xe2\x82\""), TEXT("\"\xe2\""), TEXT("\"\xe2\x82 \""),
        TEXT("\"\xf0\x80\x80\x80\""), TEXT("\"\xf0\x8f\xbf\xbf\""), TEXT("\"\xf4\x90\x80\x80\""),
        TEXT("\"\xf5\x80\x80\x80\""), TEXT("\"\xf0\x9f\x98\""), TEXT("\"\xfe\""),
        TEXT("\"\xff\""),
        TEXT("\xff\xfe[\0]\0"), TEXT("\xfe\xff\0[\0]"), TEXT("[\xe9]"), TEXT("{\"\xe9\":1}"),
        TEXT("\"long enough for a look at sixteen \x80\""), TEXT("\"\\n\xff\""),
        TEXT("\"\\n\t\""),
        /* arrays */
        TEXT("["), TEXT("]"), TEXT("[1"), TEXT("[1,"), TEXT("[1,]"), TEXT("[,1]"), TEXT("[,]"),
        TEXT("[1,,2]"), TEXT("[1 2]"), TEXT("[1:2]"), TEXT("[\"a\":1]"), TEXT("[1}"),
        TEXT("[1]]"),
        TEXT("[1][2]"), TEXT("[1],"), TEXT("[[1]"), TEXT("[(1)]"), TEXT("[1;2]"),
        TEXT("[\"a\",\n4\n,1,"),
        /* objects */
        TEXT("{"), TEXT("}"), TEXT("{\"a\""), TEXT("{\"a\":"), TEXT("{\"a\":1"),
        TEXT("{\"a\":1,"),
        TEXT("{\"a\":1,}"), TEXT("{,}"), TEXT("{\"a\"}"), TEXT("{\"a\" 1}"), TEXT("{\"a\":}"),
        TEXT("{\"a\"::1}"), TEXT("{:1}"), TEXT("{1:1}"), TEXT("{a:1}"), TEXT("{'a':1}"),
        TEXT("{null:1}"),
        TEXT("{\"a\":1 \"b\":2}"), TEXT("{\"a\":1,,\"b\":2}"), TEXT("{\"a\",1}"),
        TEXT("{\"a\":1]"),
        TEXT("{\"a\":1}}"), TEXT("{\"a\":1}x"), TEXT("{\"a\":1}#"), TEXT("{[]:1}"),
        TEXT("{\"a\":1:2}"),
        TEXT("{\"a\":\"b\"}/**/"), TEXT("{}{}"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bide_auto(json) j = parse(texts[i].at, texts[i].size);
        if (j)
            test_fail(__FILE__, __LINE__, "accepted: %s", texts[i].at);
        CHECK(bide_errcode() == BIDE_EINVAL || bide_errcode() == BIDE_EEOF);
        CHECK_HAS(bide_errmsg(), "line ");
    }
}

TEST(an_error_names_its_line_and_column)
{
    static const struct { const char *text, *says; } cases[] = {
        { "[1, 2", "line 1, column 6: the document ends too early" },
        { "[1 2]", "line 1, column 4: expected ',' or ']'" },
        { "{\n  \"a\": 1\n  \"b\": 2\n}", "line 3, column 3: expected ',' or '}'" },
        { "{\"a\" 1}", "line 1, column 6: expected ':'" },
        { "{\"a\": }", "line 1, column 7: expected a value" },
        { "{a: 1}", "line 1, column 2: expected a name in quotes" },
        { "[\"\xc3\xa9\xe2\x82\xac\", x]", "line 1, column 8: expected a value" },
        { "[1]\n\n x", "line 3, column 2: something follows the document" },
        { "\"a\\qb\"", "line 1, column 4: no such escape" },
        { "\"ab\xff\"", "line 1, column 4: invalid UTF-8" },
        { "\"a\nb\"", "line 1, column 3: a control character in a text must be escaped" },
        { "\"\\u12x4\"", "line 1, column 2: \\u is not followed by four hexadecimal digits" },
        { "\"\\ud800\"", "line 1, column 2: half of a surrogate pair" },
        { "[012]", "line 1, column 3: a number must not begin with 0" },
        { "[-]", "line 1, column 3: a digit must follow the sign" },
        { "[1.]", "line 1, column 4: a digit must follow the point" },
        { "[1e]", "line 1, column 4: a digit must follow in the exponent" },
        { "", "line 1, column 1: the document ends too early" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bide_auto(json) j = parse(cases[i].text, strlen(cases[i].text));
        CHECK(j == NULL);
        CHECK_STR(bide_errmsg(), cases[i].says);
    }
}

static const char sample[] =
    "{\"name\": \"caf\\u00e9 \xe2\x82\xac \\ud83d\\ude00\", "
    "\"list\": [1, -2.5e3, true, false, null, "
    "18446744073709551616, {}, [], \"a longer text than sixteen bytes\\n\"], "
    "\"o\": {\"x\": {\"y\": 0}}}";

TEST(every_prefix_of_a_document_is_refused)
{
    for (size_t size = 0; size < sizeof sample - 1; size++) {
        bide_auto(json) j = parse(sample, size);
        CHECK(j == NULL);
    }
    bide_auto(json) j = parse(sample, sizeof sample - 1);
    CHECK(j != NULL);
}

/* Changed documents are refused, or are what they are written as. */
static void check_stable(const char *text, size_t size)
{
    bide_auto(json) j = parse(text, size);
    if (!j)
        return;
    size_t once, twice;
    char *first = bide_json_write(j, &once);
    CHECK(first != NULL);
    bide_auto(json) again = parse(first, once);
    CHECK(again != NULL);
    char *second = bide_json_write(again, &twice);
    CHECK_EQ(twice, once);
    CHECK_MEM(second, first, once);
    bide_json_text_free(first);
    bide_json_text_free(second);
}

TEST(a_changed_byte_never_does_harm)
{
    char text[sizeof sample];
    static const char bytes[] = "\"\\{}[],:0e.-nu \n\x80\xff";
    for (size_t at = 0; at < sizeof sample - 1; at++) {
        memcpy(text, sample, sizeof sample);
        for (size_t i = 0; i < sizeof bytes; i++) {
            text[at] = bytes[i];
            check_stable(text, sizeof sample - 1);
        }
        memmove(text + at, sample + at + 1, sizeof sample - at - 1);
        check_stable(text, sizeof sample - 2);
    }
}

TEST(random_changes_never_do_harm)
{
    uint64_t random = 7;
    char text[sizeof sample];
    for (int turn = 0; turn < (test_is_slow() ? 2000 : 20000); turn++) {
        memcpy(text, sample, sizeof sample);
        for (uint64_t n = bide__random(&random) % 4 + 1; n > 0; n--) {
            size_t to = bide__random(&random) % (sizeof sample - 1);
            text[to] = sample[bide__random(&random) % (sizeof sample - 1)];
        }
        check_stable(text, sizeof sample - 1);
    }
}

/* `depth` arrays in each other. */
static bide_json *nest(size_t depth, size_t depth_max)
{
    char *text = malloc(2 * depth);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    bide_json *j = bide_json_parse(text, 2 * depth, .depth_max = depth_max);
    free(text);
    return j;
}

TEST(nesting_and_size_have_limits)
{
    bide_auto(json) deep = nest(BIDE_JSON_DEPTH_MAX, 0);
    CHECK(deep != NULL);
    bide_auto(json) deeper = nest(BIDE_JSON_DEPTH_MAX + 1, 0);
    CHECK(deeper == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK_STR(bide_errmsg(), "line 1, column 1025: nested too deeply");
    bide_auto(json) flat = nest(2, 1);
    CHECK(flat == NULL);
    bide_auto(json) abyss = nest(1000000, BIDE_UNLIMITED);
    CHECK(abyss != NULL);
    char *text = bide_json_write(abyss, NULL);
    CHECK_EQ(strlen(text), 2000000);
    bide_json_text_free(text);
    bide_auto(json) large = bide_json_parse("[1]", 3, .size_max = 2);
    CHECK(large == NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    bide_auto(json) exact = bide_json_parse("[1]", 3, .size_max = 3);
    CHECK(exact != NULL);
}

static int parse_sample(void *unused)
{
    (void)unused;
    bide_auto(json) j = bide_json_parse(sample, sizeof sample - 1);
    if (!j)
        return bide_errcode();
    size_t size;
    char *text = bide_json_write(j, &size, .indent = 2);
    int rc = text ? 0 : bide_errcode();
    bide_json_text_free(text);
    return rc;
}

TEST(out_of_memory_is_an_error)
{
    int faults = bide_test_each_allocation(parse_sample, NULL);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults >= 4);
}

TEST(null_fails_with_the_error_that_is_held)
{
    bide_fail(BIDE_EDNS, "no such host");
    CHECK(bide_json_parse(NULL, 0) == NULL);
    CHECK_STR(bide_errmsg(), "no such host");
    bide_json_free(NULL);
}
