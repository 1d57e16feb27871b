/* Templates: what they say with which data, and what is wrong with them. */
#include "web/asked.h"

static bide_json *parse(const char *text)
{
    bide_json *j = bide_json_parse(text, strlen(text));
    CHECK(j != NULL);
    return j;
}

static void check(const char *text, const char *data, const char *want)
{
    bide_auto(json) j = parse(data);
    bide_auto(template) t = bide_template_new(text, .partials = BIDE_PAIRS(
        { "p", "<{{a}}>\n" }, { "lines", "1\n{{{a}}}\n2\n" }, { "twice", "{{>p}}{{>p}}" },
        { "tree", "{{v}}{{#kids}}({{>tree}}){{/kids}}" }));
    size_t size;
    char *page = bide_template_render(t, j, &size);
    if (!page || strcmp(page, want) != 0 || strlen(page) != size)
        test_fail(__FILE__, __LINE__, "%s: %s, not %s", text, page ? page : bide_errmsg(), want);
    bide_template_text_free(page);
}

TEST(values_are_put_in_and_escaped)
{
    static const char data[] = "{\"a\":\"<&>\\\"'\",\"n\":-7,\"r\":1.5,\"t\":true,\"z\":null,"
        "\"o\":{\"b\":{\"c\":\"x\"}},\"l\":[1,\"<\"],\"big\":123456789012345678901234567890}";
    check("[{{a}}]", data, "[&lt;&amp;&gt;&quot;&#39;]");
    check("[{{{a}}}{{&a}}]", data, "[<&>\"'<&>\"']");
    check("{{n}} {{r}} {{t}} {{z}} {{nothing}} {{big}}", data,
          "-7 1.5 true   123456789012345678901234567890");
    check("{{o.b.c}} {{o.x.c}} {{o.b.c.d}} {{ n }}", data, "x   -7");
    check("{{l}} {{{l}}} {{{o}}}", data,
          "[1,&quot;&lt;&quot;] [1,\"<\"] {\"b\":{\"c\":\"x\"}}");
    check("{{.}}", "\"x\"", "x");
    check("\xc3\xa4{{a}}", "{\"a\":\"\xc3\xb6\"}", "\xc3\xa4\xc3\xb6");
    check("", data, "");
    check("{{a}}", "{\"a\":\"x\",\"a\":\"y\"}", "y");
}

TEST(sections_are_once_for_each_or_not_at_all)
{
    static const char data[] = "{\"l\":[{\"a\":1},{\"a\":2,\"m\":[3,4]}],\"e\":[],\"f\":false,"
        "\"s\":\"\",\"t\":\"x\",\"o\":{\"b\":5},\"b\":6,\"zero\":0}";
    check("{{#l}}{{a}}{{b}},{{/l}}", data, "16,26,");
    check("{{#l}}{{#m}}{{.}}{{a}} {{/m}}{{^m}}none {{/m}}{{/l}}", data, "none 32 42 ");
    check("{{#e}}x{{/e}}{{#f}}x{{/f}}{{#s}}x{{/s}}{{#none}}x{{/none}}", data, "");
    check("{{^e}}1{{/e}}{{^f}}2{{/f}}{{^s}}3{{/s}}{{^none}}4{{/none}}{{^t}}5{{/t}}", data, "1234");
    check("{{#o}}{{b}}{{/o}}{{#t}}{{.}}{{/t}}{{#zero}}0{{/zero}}", data, "5x0");
}

TEST(lines_that_are_tags_alone_are_left_out)
{
    check("a\n  {{#t}}\nb\n {{/t}} \nc", "{\"t\":true}", "a\nb\nc");
    check("a\r\n{{! c }}\r\nb", "{}", "a\r\nb");
    check("{{!x}}\n{{=<% %>=}}\n<%t%>{{t}}", "{\"t\":1}", "1{{t}}");
    check("| {{#t}}\n{{/t}} |", "{\"t\":1}", "| \n |");
}

TEST(partials_are_put_in_with_their_blanks)
{
    check("{{>p}}{{> p }}", "{\"a\":1}", "<1>\n<1>\n");
    check("  {{>lines}}\n.", "{\"a\":\"x\\ny\"}", "  1\n  x\ny\n  2\n.");
    check("{{>twice}}", "{\"a\":1}", "<1>\n<1>\n");
    check("{{>tree}}", "{\"v\":1,\"kids\":[{\"v\":2,\"kids\":[]},{\"v\":3,\"kids\":[]}]}",
          "1(2)(3)");
}

TEST(what_is_no_template_is_refused_with_its_line)
{
    static const char *const cases[][2] = {
        { "a\nb{{c", "template: line 2: a tag is not closed" },
        { "{{{a}}", "a tag is not closed" }, { "{{=<% %>}}", "a tag is not closed" },
        { "\n\n{{}}", "line 3: a tag is empty" }, { "{{# }}", "a tag is empty" },
        { "{{#a}}\n", "line 1: this section is not closed: 'a'" },
        { "{{/a}}", "no section is open that could end, with 'a'" },
        { "{{#a}}{{#b}}{{/a}}{{/b}}", "another section is open, namely 'b'" },
        { "{{=a=}}", "these are no delimiters: 'a'" }, { "{{=a b c=}}", "these are no delimiters" },
        { "{{=aaaaaaaaaaaaaaaaa b=}}", "these are no delimiters" },
        { "{{>none}}", "there is no partial 'none'" },
        { "{{>bad}}", "template bad: line 2: a tag is empty" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bide_template *t = bide_template_new(cases[i][0], .partials = BIDE_PAIRS(
            { "bad", "\n{{}}" }));
        CHECK(t == NULL);
        CHECK_EQ(bide_errcode(), BIDE_EINVAL);
        if (!strstr(bide_errmsg(), cases[i][1]))
            test_fail(__FILE__, __LINE__, "%s: %s", cases[i][0], bide_errmsg());
    }
}

TEST(a_page_has_limits)
{
    char deep[2000] = "";
    for (int i = 0; i <= BIDE_TEMPLATE_DEPTH_MAX; i++)
        strcat(deep, "{{#a}}");
    CHECK(!bide_template_new(deep));
    CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    bide_auto(json) j = parse("{\"a\":\"12345\"}");
    bide_auto(template) small = bide_template_new("{{a}}{{a}}", .size_max = 10);
    bide_auto(template) large = bide_template_new("{{a}}.{{a}}", .size_max = 10);
    bide_auto(template) endless = bide_template_new("{{>p}}", .partials = BIDE_PAIRS(
        { "p", "{{>p}}" }));
    char *page = bide_template_render(small, j, NULL);
    CHECK_STR(page, "1234512345");
    bide_template_text_free(page);
    CHECK(!bide_template_render(large, j, NULL));
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK(!bide_template_render(endless, j, NULL));
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK(!bide_template_render(NULL, j, NULL));
}

/* ---- files ---- */

TASK_TEST(a_template_is_loaded_with_the_partials_beside_it)
{
    bide_auto(temp_dir) dir = bide_temp_dir_open();
    char path[200], other[200];
    snprintf(path, sizeof path, "%s/page.html", bide_temp_dir_path(dir));
    snprintf(other, sizeof other, "%s/head.html", bide_temp_dir_path(dir));
    CHECK_EQ(bide_file_save(path, "{{>head}} {{a}}", 15, .unsynced = true), 0);
    CHECK(!bide_template_load(path));
    CHECK_EQ(bide_errcode(), -ENOENT);
    CHECK_EQ(bide_file_save(other, "<{{a}}>", 7, .unsynced = true), 0);
    bide_auto(template) t = bide_template_load(path);
    bide_auto(json) j = parse("{\"a\":1}");
    char *page = bide_template_render(t, j, NULL);
    CHECK_STR(page, "<1> 1");
    bide_template_text_free(page);
    static const char *const bad[] = { "{{>../head}}", "{{>/etc/x}}", "{{>.x}}", "{{>a/../x}}" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_EQ(bide_file_save(path, bad[i], strlen(bad[i]), .unsynced = true), 0);
        CHECK(!bide_template_load(path));
        CHECK_EQ(bide_errcode(), BIDE_EINVAL);
    }
    CHECK_EQ(bide_temp_dir_remove(dir), 0);
}

/* ---- answers ---- */

static int respond(bide_request *req)
{
    bide_auto(template) t = bide_template_new("<p>{{name}}");
    bide_auto(json) j = bide_json_new();
    bide_json_set(j, "name", bide_value("<ann>"));
    return t ? bide_respond_template(req, 201, t, j) : bide_errcode();
}

TASK_TEST(a_page_is_an_answer)
{
    get(respond, "");
    CHECK_ANSWER(201, "\r\n\r\n<p>&lt;ann&gt;");
    CHECK(has_line("Content-Type: text/html; charset=utf-8"));
}

static int make_page(void *unused)
{
    (void)unused;
    bide_auto(template) t = bide_template_new("{{#a}}{{>p}}{{/a}}", .partials = BIDE_PAIRS(
        { "p", "<{{a}}>\n" }));
    bide_auto(json) j = bide_json_parse("{\"a\":[1,2]}", 11);
    char *page = t && j ? bide_template_render(t, j, NULL) : NULL;
    bide_template_text_free(page);
    return page ? 0 : bide_errcode();
}

TEST(every_allocation_may_fail)
{
    check_faults(make_page, 5);
}
