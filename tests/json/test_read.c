/* Reading: paths, types, defaults, order. */
#include "test.h"

#include <bide/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bide_json *parse(const char *text)
{
    bide_json *j = bide_json_parse(text, strlen(text));
    if (!j)
        test_fail(__FILE__, __LINE__, "%s: %s", text, bide_errmsg());
    return j;
}

static const char sample[] =
    "{\"user\": {\"name\": \"Ada\", \"age\": 36, \"tags\": [\"a\", \"b\", \"c\"], \"none\": null,"
    " \"active\": true, \"score\": 1.5}, \"a.b\": {\"c\\\\d\": 1}, \"\": {\"\": 2}, \"7\": 3,"
    " \"twice\": 1, \"twice\": 2, \"nul\": \"a\\u0000b\", \"big\": 123456789012345678901234567890,"
    " \"huge\": 1e999, \"uint\": 18446744073709551615, \"min\": -9223372036854775808}";

TEST(values_are_found_by_path)
{
    bide_auto(json) j = parse(sample);
    static const struct { const char *path; int64_t value; } cases[] = {
        { "user.age", 36 }, { "a\\.b.c\\\\d", 1 }, { "7", 3 }, { "twice", 2 }, { ".", 2 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = -1;
        if (bide_json_get(j, cases[i].path, &value) < 0)
            test_fail(__FILE__, __LINE__, "%s: %s", cases[i].path, bide_errmsg());
        CHECK_EQ(value, cases[i].value);
    }
    CHECK_STR(bide_json_text(j, "user.tags.1", NULL), "b");
    CHECK_PTR(bide_json_at(j, NULL), j);
    CHECK_PTR(bide_json_at(j, ""), j);
    CHECK_STR(bide_json_text(bide_json_at(j, "user"), "name", NULL), "Ada");
}

TEST(a_path_that_leads_nowhere_says_where_it_ends)
{
    bide_auto(json) j = parse(sample);
    static const struct { const char *path, *says; } cases[] = {
        { "usr.name", "usr: there is no such member" },
        { "user.nam", "user.nam: there is no such member" },
        { "user.tags.3", "user.tags.3: there are 3 items" },
        { "user.tags.x", "user.tags.x: an array's items have numbers" },
        { "user.tags.-1", "user.tags.-1: an array's items have numbers" },
        { "user.tags.", "user.tags.: an array's items have numbers" },
        { "user.tags.99999999999999999999999", "an array's items have numbers" },
        { "user.name.first", "user.name: a text, with nothing in it" },
        { "a.b", "a: there is no such member" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(bide_json_at(j, cases[i].path) == NULL);
        CHECK_EQ(bide_errcode(), BIDE_EINVAL);
        CHECK_HAS(bide_errmsg(), cases[i].says);
        CHECK(!bide_json_has(j, cases[i].path));
    }
    CHECK(bide_json_at(bide_json_at(j, "7"), "x") == NULL);
    CHECK_STR(bide_errmsg(), "x: an integer has no members");
}

TEST(a_number_that_no_float_holds_does_not_fit)
{
    bide_auto(json) j = bide_json_parse("[1e300,-3.5e38,3e38]", 20);
    float f = 7;
    CHECK_EQ(bide_json_get(j, "0", &f), BIDE_ELIMIT);
    CHECK_EQ(bide_json_get(j, "1", &f), BIDE_ELIMIT);
    CHECK(f == 7);
    CHECK_EQ(bide_json_get(j, "2", &f), 0);
    CHECK(f == 3e38f);
}

TEST(every_type_is_read_into_the_variable)
{
    bide_auto(json) j = parse(sample);
    const char *text = NULL;
    const bide_json *any = NULL;
    bool truth = false;
    int i = 0;
    unsigned u = 0;
    long l = 0;
    unsigned long ul = 0;
    long long ll = 0;
    unsigned long long ull = 0;
    float f = 0;
    double d = 0;
    CHECK_EQ(bide_json_get(j, "user.name", &text), 0);
    CHECK_EQ(bide_json_get(j, "user.tags", &any), 0);
    CHECK_EQ(bide_json_get(j, "user.active", &truth), 0);
    CHECK_EQ(bide_json_get(j, "user.age", &i), 0);
    CHECK_EQ(bide_json_get(j, "user.age", &u), 0);
    CHECK_EQ(bide_json_get(j, "min", &l), 0);
    CHECK_EQ(bide_json_get(j, "uint", &ul), 0);
    CHECK_EQ(bide_json_get(j, "min", &ll), 0);
    CHECK_EQ(bide_json_get(j, "uint", &ull), 0);
    CHECK_EQ(bide_json_get(j, "user.score", &f), 0);
    CHECK_EQ(bide_json_get(j, "user.age", &d), 0);
    CHECK_STR(text, "Ada");
    CHECK_EQ(bide_json_count(any), 3);
    CHECK(truth && i == 36 && u == 36 && l == INT64_MIN && ul == UINT64_MAX && ll == INT64_MIN);
    CHECK(ull == UINT64_MAX && f == 1.5f && d == 36);
    CHECK_EQ(bide_json_get(j, "big", &d), 0);
    CHECK_NEAR(d, 123456789012345678901234567890.0, 1e14);
}

#define REFUSES(path, type, code, says) \
    do { \
        type to = (type)0; \
        CHECK_EQ(bide_json_get(j, path, &to), code); \
        CHECK_STR(bide_errmsg(), says); \
        CHECK(to == (type)0); \
    } while (0)

TEST(what_is_of_another_type_is_refused_and_nothing_is_changed)
{
    bide_auto(json) j = parse(sample);
    typedef const char *text;
    REFUSES("user.name", int, BIDE_EINVAL, "user.name: a text, not an integer");
    REFUSES("user.score", int64_t, BIDE_EINVAL, "user.score: a real, not an integer");
    REFUSES("user.none", int, BIDE_EINVAL, "user.none: null, not an integer");
    REFUSES("user.age", text, BIDE_EINVAL, "user.age: an integer, not a text");
    REFUSES("user.age", bool, BIDE_EINVAL, "user.age: an integer, not a bool");
    REFUSES("user.active", double, BIDE_EINVAL, "user.active: a bool, not a number");
    REFUSES("user.tags", text, BIDE_EINVAL, "user.tags: an array, not a text");
    REFUSES("user", int, BIDE_EINVAL, "user: an object, not an integer");
    REFUSES("nul", text, BIDE_EINVAL, "nul: a text, not one without a NUL in it");
    REFUSES("uint", int64_t, BIDE_ELIMIT, "uint: does not fit");
    REFUSES("big", uint64_t, BIDE_ELIMIT, "big: does not fit");
    REFUSES("min", int, BIDE_ELIMIT, "min: does not fit");
    REFUSES("min", unsigned, BIDE_ELIMIT, "min: does not fit");
    REFUSES("min", uint64_t, BIDE_ELIMIT, "min: does not fit");
    REFUSES("usre.age", int, BIDE_EINVAL, "usre: there is no such member");
    double d = 0;
    CHECK_EQ(bide_json_get(j, "huge", &d), BIDE_ELIMIT);
}

TEST(what_may_be_missing_has_a_default_and_a_wrong_type_is_held)
{
    bide_auto(json) j = parse(sample);
    CHECK_STR(bide_json_text(j, "user.name", "?"), "Ada");
    CHECK_STR(bide_json_text(j, "user.nick", "?"), "?");
    CHECK_STR(bide_json_text(j, "user.none", "?"), "?");
    CHECK_EQ(bide_json_int(j, "user.age", 1), 36);
    CHECK_EQ(bide_json_int(j, "user.size", 1), 1);
    CHECK(bide_json_real(j, "user.score", 0) == 1.5 && bide_json_real(j, "x", 2) == 2);
    CHECK(bide_json_bool(j, "user.active", false) && bide_json_bool(j, "user.x", true));
    CHECK_EQ(bide_errcode(), BIDE_EUNKNOWN);
    CHECK_EQ(bide_json_int(j, "user.name", 5), 5);
    CHECK_STR(bide_errmsg(), "user.name: a text, not an integer");
}

TEST(items_and_members_come_in_order)
{
    bide_auto(json) j = parse("{\"b\": 1, "
                              "\"a\": [10, [20, 21], {\"x\": 30}, 40], \"b\": 3, \"z\": {}}");
    static const char *const names[] = { "b", "a", "b", "z" };
    int n = 0;
    for (const bide_json *item = NULL; (item = bide_json_next(j, item));)
        CHECK_STR(bide_json_name(item), names[n++]);
    CHECK_EQ(n, 4);
    CHECK_EQ(bide_json_count(j), 4);
    const bide_json *a = bide_json_at(j, "a");
    static const enum bide_json_type types[] = {
        BIDE_JSON_INTEGER, BIDE_JSON_ARRAY, BIDE_JSON_OBJECT, BIDE_JSON_INTEGER,
    };
    n = 0;
    for (const bide_json *item = NULL; (item = bide_json_next(a, item));) {
        CHECK_EQ(bide_json_type(item), types[n++]);
        CHECK(bide_json_name(item) == NULL);
    }
    CHECK_EQ(n, 4);
    CHECK_EQ(bide_json_int(a, "1.1", 0), 21);
    CHECK(bide_json_next(bide_json_at(j, "z"), NULL) == NULL);
    CHECK(bide_json_next(bide_json_at(a, "0"), NULL) == NULL);
    CHECK(bide_json_name(j) == NULL);
}

TEST(numbers_keep_what_they_are)
{
    bide_auto(json) j = parse("[1, 1.0, 1e2, 18446744073709551616, 1e400, -0, 0.1, -0.0]");
    static const enum bide_json_type types[] = {
        BIDE_JSON_INTEGER, BIDE_JSON_REAL, BIDE_JSON_REAL, BIDE_JSON_INTEGER, BIDE_JSON_REAL,
        BIDE_JSON_INTEGER, BIDE_JSON_REAL, BIDE_JSON_REAL,
    };
    int n = 0;
    for (const bide_json *item = NULL; (item = bide_json_next(j, item)); n++)
        CHECK_EQ(bide_json_type(item), types[n]);
    CHECK_STR(bide_json_digits(bide_json_at(j, "3")), "18446744073709551616");
    CHECK_STR(bide_json_digits(bide_json_at(j, "4")), "1e400");
    CHECK(bide_json_digits(bide_json_at(j, "0")) == NULL);
    CHECK(signbit(bide_json_real(j, "7", 1)) != 0);
    CHECK(bide_json_real(j, "6", 0) == 0.1);
}

/* As the C library reads them. */
TEST(reals_are_the_nearest_double)
{
    static const char *const texts[] = {
        "0.1", "0.30000000000000004", "2.2250738585072014e-308", "5e-324",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324", "1.7976931348623157e308", "9007199254740993.0", "1e22", "1e23",
        "8.5e-45", "123456789.123456789123456789", "0.000001", "1e-7",
        "3.141592653589793238462643383279",
        "1.00000000000000011102230246251565404236316680908203125", "179769313486231580793e288",
        "7.2057594037927933e16", "0.99999999999999999999", "1e-400", "123e-30",
        "18446744073709551616.5",
        "10000000000000000000000.0", "1e0000000000000000000001", "0e999999999",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bide_auto(json) j = parse(texts[i]);
        double real = -1;
        CHECK_EQ(bide_json_get(j, "", &real), 0);
        if (real != strtod(texts[i], NULL))
            test_fail(__FILE__, __LINE__, "%s: %.17g", texts[i], real);
    }
}

TEST(on_null_everything_fails_with_the_error_held)
{
    bide_fail(BIDE_EDNS, "no such host");
    int i = 4;
    size_t size = 1;
    CHECK(bide_json_at(NULL, "a") == NULL && bide_json_next(NULL, NULL) == NULL);
    CHECK_EQ(bide_json_get(NULL, "a", &i), BIDE_EDNS);
    CHECK_EQ(bide_json_type(NULL), BIDE_JSON_NONE);
    CHECK_EQ(bide_json_count(NULL), 0);
    CHECK_EQ(bide_json_int(NULL, "a", 3), 3);
    CHECK(bide_json_sized(NULL, &size) == NULL && size == 0);
    CHECK(bide_json_name(NULL) == NULL && bide_json_digits(NULL) == NULL);
    CHECK_STR(bide_errmsg(), "no such host");
}

TEST(a_text_with_a_nul_is_read_with_its_size)
{
    bide_auto(json) j = parse(sample);
    size_t size;
    const char *text = bide_json_sized(bide_json_at(j, "nul"), &size);
    CHECK_EQ(size, 3);
    CHECK_MEM(text, "a\0b", 4);
    CHECK(bide_json_sized(j, &size) == NULL);
    CHECK_STR(bide_errmsg(), "an object, not a text");
}
