/* Building: what was set is what is read and written; what goes wrong is told when it is used. */
#include "test.h"

#include <bide/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_written(const bide_json *j, const char *expected)
{
    size_t size;
    char *text = bide_json_write(j, &size);
    if (!text)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK_STR(text, expected);
    CHECK_EQ(size, strlen(expected));
    bide_json_text_free(text);
}

TEST(a_document_is_built_and_written)
{
    bide_auto(json) out = bide_json_new();
    bide_json_set(out, "name", bide_value("Ada \"L\" \xe2\x82\xac\n"));
    bide_json_set(out, "age", bide_value(36));
    bide_json_set(out, "none", BIDE_NULL);
    bide_json *tags = bide_json_array(out, "tags");
    bide_json_add(tags, bide_value("a"));
    bide_json_add(tags, bide_value(2.5));
    bide_json *inner = bide_json_object(tags, NULL);
    bide_json_set(inner, "", bide_value((bool)true));
    bide_json_array(inner, "empty");
    bide_json_object(out, "o");
    check_written(out, "{\"name\":\"Ada \\\"L\\\" \xe2\x82\xac\\n\",\"age\":36,\"none\":null,"
                  "\"tags\":[\"a\",2.5,{\"\":true,\"empty\":[]}],\"o\":{}}");
    CHECK_EQ(bide_json_int(out, "age", 0), 36);
    CHECK_STR(bide_json_text(out, "tags.0", ""), "a");
    CHECK(bide_json_bool(out, "tags.2.", false));
    CHECK_EQ(bide_json_count(out), 5);
    bide_auto(json) array = bide_json_new_array();
    check_written(array, "[]");
}

TEST(every_type_makes_a_value)
{
    bide_auto(json) out = bide_json_new_array();
    char text[] = "t";
    bide_json_add(out, bide_value((char)1));
    bide_json_add(out, bide_value((signed char)-1));
    bide_json_add(out, bide_value((unsigned char)255));
    bide_json_add(out, bide_value((short)-2));
    bide_json_add(out, bide_value((unsigned short)65535));
    bide_json_add(out, bide_value(-3));
    bide_json_add(out, bide_value(4294967295U));
    bide_json_add(out, bide_value(-4L));
    bide_json_add(out, bide_value(18446744073709551615UL));
    bide_json_add(out, bide_value(INT64_MIN));
    bide_json_add(out, bide_value(5ULL));
    bide_json_add(out, bide_value(sizeof(int)));
    bide_json_add(out, bide_value(1.5F));
    bide_json_add(out, bide_value(1.0));
    bide_json_add(out, bide_value((bool)false));
    bide_json_add(out, bide_value(text));
    bide_json_add(out, bide_value((const char *)NULL));
    bide_json_add(out, bide_value(bide_value_sized("a\0b", 3)));
    bide_json_add(out, bide_value_sized(NULL, 7));
    check_written(out, "[1,-1,255,-2,65535,-3,4294967295,-4,18446744073709551615,"
                  "-9223372036854775808,5,4,1.5,1.0,false,\"t\",null,\"a\\u0000b\",null]");
}

TEST(values_of_databases_keep_their_digits_and_have_their_texts)
{
    const struct bide_value twins[] = { bide_value(1), BIDE_NULL };
    const struct bide_value items[] = { bide_value("a"), bide_value_array(twins, 2),
                                        bide_value_array(NULL, 0) };
    bide_auto(json) out = bide_json_new();
    bide_json_set(out, "sum", bide_value_numeric("12.500"));
    bide_json_set(out, "large", bide_value_numeric("-123456789012345678901234567890"));
    bide_json_set(out, "small", bide_value_numeric("1e-7"));
    bide_json_set(out, "at", bide_value_time(951782400000000 + 3723000001));
    bide_json_set(out, "day", bide_value_date(11016));
    bide_json_set(out, "items", bide_value_array(items, 3));
    check_written(out, "{\"sum\":12.500,\"large\":-123456789012345678901234567890,"
                  "\"small\":1e-7,\"at\":\"2000-02-29T01:02:03.000001Z\","
                  "\"day\":\"2000-02-29\",\"items\":[\"a\",[1,null],[]]}");
    CHECK_STR(bide_json_digits(bide_json_at(out, "sum")), "12.500");
}

TEST(a_member_that_is_set_again_is_replaced_in_its_place)
{
    bide_auto(json) out = bide_json_new();
    bide_json_set(out, "a", bide_value(1));
    bide_json_set(out, "b", bide_value(2));
    bide_json_set(out, "c", bide_value(3));
    bide_json_array(out, "b");
    bide_json_set(out, "a", bide_value("x"));
    bide_json_set(out, "c", bide_value(4));
    bide_json_set(out, "d", bide_value(5));
    check_written(out, "{\"a\":\"x\",\"b\":[],\"c\":4,\"d\":5}");
}

TEST(an_object_may_have_many_members)
{
    enum { MANY = 50000 };
    bide_auto(json) out = bide_json_new();
    char name[20];
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < MANY; i++) {
            snprintf(name, sizeof name, "member %d", i);
            bide_json_set(out, name, bide_value(i * (turn + 1)));
        }
        CHECK_EQ(bide_json_count(out), MANY);
    }
    int i = 0;
    for (const bide_json *item = NULL; (item = bide_json_next(out, item)); i++) {
        snprintf(name, sizeof name, "member %d", i);
        CHECK_STR(bide_json_name(item), name);
        CHECK_EQ(bide_json_int(item, "", -1), 2 * i);
    }
    CHECK_EQ(i, MANY);
}

static void check_bad(bide_json *j, int code, const char *says)
{
    CHECK_EQ(bide_json_check(j), code);
    CHECK_STR(bide_errmsg(), says);
    bide_fail(BIDE_EDNS, "something else");
    CHECK(bide_json_write(j, NULL) == NULL);
    CHECK_EQ(bide_errcode(), code);
    CHECK_STR(bide_errmsg(), says);
    bide_json_free(j);
}

TEST(what_json_cannot_say_makes_the_document_bad)
{
    bide_json *out = bide_json_new();
    bide_json_set(out, "x", bide_value(NAN));
    bide_json_set(out, "y", bide_value(1));
    check_bad(out, BIDE_EINVAL, "x: JSON has no NaN");
    out = bide_json_new_array();
    bide_json_add(out, bide_value(-INFINITY));
    check_bad(out, BIDE_EINVAL, "an item: JSON has no infinity");
    out = bide_json_new();
    bide_json_set(out, "x", bide_value("caf\xe9"));
    check_bad(out, BIDE_EINVAL, "x: invalid UTF-8");
    out = bide_json_new();
    bide_json_set(out, "caf\xe9", bide_value(1));
    check_bad(out, BIDE_EINVAL, "a name: invalid UTF-8");
    out = bide_json_new();
    bide_json_add(out, bide_value(1));
    check_bad(out, BIDE_EINVAL, "a member of an object needs a name");
    out = bide_json_new();
    bide_json_set(bide_json_array(out, "list"), "x", bide_value(1));
    check_bad(out, BIDE_EINVAL, "x: an item of an array has no name");
    out = bide_json_new();
    bide_json_set(out, "x", (struct bide_value){ .type = 77 });
    check_bad(out, BIDE_EINVAL, "x: no value that JSON could have");
    out = bide_json_new();
    bide_json_set_raw(out, "x", "[1,", 3);
    check_bad(out, BIDE_EEOF, "line 1, column 4: the document ends too early");
    out = bide_json_parse("{}", 2);
    bide_json_set(out, "x", bide_value(1));
    check_bad(out, BIDE_EINVAL, "x: what was parsed cannot be changed");
}

TEST(numerics_that_are_no_json_numbers_and_bytes_make_the_document_bad)
{
    static const char *const wrong[] = { "NaN", "Infinity", "", "-", "01", "1.", ".5", "+1", "1e",
                                         "1e+", "1 ", "0x1" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char says[60];
        snprintf(says, sizeof says, "n: JSON has no number %s", wrong[i]);
        bide_json *out = bide_json_new();
        bide_json_set(out, "n", bide_value_numeric(wrong[i]));
        check_bad(out, BIDE_EINVAL, says);
    }
    bide_json *out = bide_json_new();
    bide_json_set(out, "photo", bide_value_bytes("x", 1));
    check_bad(out, BIDE_EINVAL, "photo: JSON has no bytes: make a text of them");
    const struct bide_value item = bide_value_bytes("x", 1);
    out = bide_json_new();
    bide_json_set(out, "photos", bide_value_array(&item, 1));
    check_bad(out, BIDE_EINVAL, "photos: JSON has no bytes: make a text of them");
}

TEST(arrays_of_values_lie_in_each_other_32_deep_and_no_deeper)
{
    struct bide_value levels[33] = { bide_value_array(NULL, 0) };
    for (int i = 1; i < 33; i++)
        levels[i] = bide_value_array(&levels[i - 1], 1);
    bide_auto(json) deep = bide_json_new();
    bide_json_set(deep, "a", levels[31]);
    CHECK_EQ(bide_json_check(deep), 0);
    bide_json *out = bide_json_new();
    bide_json_set(out, "a", levels[32]);
    check_bad(out, BIDE_ELIMIT, "a: more than 32 arrays of values in each other");
}

TEST(a_bad_document_gives_no_containers)
{
    bide_auto(json) out = bide_json_new();
    bide_json_set(out, "x", bide_value(NAN));
    CHECK(bide_json_object(out, "o") == NULL);
    CHECK_STR(bide_errmsg(), "x: JSON has no NaN");
    bide_json_set(bide_json_array(out, "a"), NULL, bide_value(1));
}

TEST(nesting_has_a_limit)
{
    bide_json *out = bide_json_new_array(), *at = out;
    for (int i = 1; i < BIDE_JSON_DEPTH_MAX; i++)
        at = bide_json_array(at, NULL);
    CHECK(at != NULL);
    CHECK_EQ(bide_json_check(out), 0);
    CHECK(bide_json_array(at, NULL) == NULL);
    check_bad(out, BIDE_ELIMIT, "json: nested too deeply");
}

TEST(values_of_other_documents_and_texts_are_set_as_copies)
{
    static const char text[] =
        "{\"a\":[1,{\"b\":\"x\"},[],1e999,12345678901234567890123],\"c\":{}}";
    bide_json *j = bide_json_parse(text, sizeof text - 1);
    bide_auto(json) out = bide_json_new();
    bide_json_set_copy(out, "whole", j);
    bide_json_set_copy(out, "part", bide_json_at(j, "a.1"));
    bide_json_set_copy(out, "text", bide_json_at(j, "a.1.b"));
    bide_json_set_raw(out, "raw", " [ 1, 2.50 ] ", 13);
    bide_json_free(j);
    check_written(out, "{\"whole\":{\"a\":[1,{\"b\":\"x\"},[],1e999,12345678901234567890123],"
                  "\"c\":{}},"
                  "\"part\":{\"b\":\"x\"},\"text\":\"x\",\"raw\":[1,2.5]}");
}

TEST(a_container_can_be_copied_into_itself)
{
    bide_auto(json) out = bide_json_new();
    bide_json_set(out, "a", bide_value(1));
    bide_json_set_copy(out, "b", out);
    bide_json_set_copy(out, "b", out);
    check_written(out, "{\"a\":1,\"b\":{\"a\":1,\"b\":{\"a\":1}}}");
}

TEST(copying_what_is_not_there_makes_the_document_bad)
{
    bide_auto(json) j = bide_json_parse("{}", 2);
    bide_json *out = bide_json_new();
    bide_json_set_copy(out, "x", bide_json_at(j, "y"));
    check_bad(out, BIDE_EINVAL, "y: there is no such member");
}

TEST(calls_on_null_do_nothing)
{
    bide_fail(BIDE_EDNS, "no such host");
    bide_json_set(NULL, "x", bide_value(1));
    bide_json_set_copy(NULL, "x", NULL);
    bide_json_set_raw(NULL, "x", "1", 1);
    CHECK(bide_json_object(NULL, "x") == NULL && bide_json_array(NULL, "x") == NULL);
    CHECK(bide_json_write(NULL, NULL) == NULL);
    CHECK_EQ(bide_json_check(NULL), BIDE_EDNS);
    CHECK_STR(bide_errmsg(), "no such host");
}

static int build(void *unused)
{
    (void)unused;
    bide_auto(json) out = bide_json_new();
    char name[2] = "a";
    for (int i = 0; i < 40; i++) {
        name[0] = (char)('A' + i);
        bide_json_add(bide_json_array(out, name), bide_value("a text that takes memory"));
    }
    bide_json_set_raw(out, "raw", "[[[1]]]", 7);
    size_t size;
    char *text = bide_json_write(out, &size);
    if (!text)
        return bide_errcode();
    CHECK(size > 1000 && text[size - 1] == '}');
    bide_json_text_free(text);
    return 0;
}

TEST(out_of_memory_is_told_at_the_end)
{
    int faults = bide_test_each_allocation(build, NULL);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(faults > 5);
}
