/* What cli/robots.c must hold: RFC 9309's groups, its longest match, its one spelling; and that no
 * file, however odd, is more than a file. */
#include "cli/robots.c"
#include "test.h"
#include <bide/run.h>
#include <stdio.h>

static bool allows(const char *file, const char *path)
{
    struct robots robots;
    CHECK_EQ(robots_read(&robots, file, strlen(file), "bide"), 0);
    bool allowed = robots_allow(&robots, path, strlen(path));
    robots_free(&robots);
    return allowed;
}

static double delay(const char *file)
{
    struct robots robots;
    CHECK_EQ(robots_read(&robots, file, strlen(file), "bide"), 0);
    double seconds = robots.delay;
    robots_free(&robots);
    return seconds;
}

TEST(what_no_rule_matches_is_allowed)
{
    CHECK(allows("", "/"));
    CHECK(allows("nonsense\n:\n::\nAllow\n", "/a"));
    CHECK(allows("User-agent: *\nDisallow:\n", "/a"));
    CHECK(allows("User-agent: *\nDisallow: /b\n", "/a"));
    CHECK(allows("Disallow: /\n", "/a"));               /* of no group */
    struct robots none = { .count = 0 };
    CHECK(robots_allow(&none, "/a", 2));
}

TEST(a_rule_is_the_beginning_of_a_path)
{
    CHECK(!allows("User-agent: *\nDisallow: /fish", "/fish"));
    CHECK(!allows("User-agent: *\nDisallow: /fish", "/fish.html"));
    CHECK(!allows("User-agent: *\nDisallow: /fish", "/fish?id=1"));
    CHECK(allows("User-agent: *\nDisallow: /fish", "/Fish"));
    CHECK(allows("User-agent: *\nDisallow: /fish", "/cat/fish"));
    CHECK(allows("User-agent: *\nDisallow: /fish/", "/fish"));
    CHECK(!allows("User-agent: *\nDisallow: /", "/"));
    CHECK(allows("User-agent: *\nDisallow: /", "/robots.txt"));
}

TEST(the_longest_rule_decides_and_of_two_as_long_the_one_that_allows)
{
    static const char file[] = "User-agent: *\nAllow: /page\nDisallow: /page/x\nDisallow: /page\n"
                               "Disallow: /*.htm\nAllow: /p/in/\n";
    CHECK(allows(file, "/page"));
    CHECK(!allows(file, "/page/x"));
    CHECK(!allows(file, "/a/page.htm"));
    CHECK(!allows(file, "/page.html"));                 /* 6 bytes against 5 */
    CHECK(!allows(file, "/p/in/x.htm") == false);       /* 6 against 6 */
}

TEST(a_star_is_anything_and_a_dollar_the_end)
{
    CHECK(!allows("User-agent: *\nDisallow: /*.php", "/folder/any.php.file.html"));
    CHECK(!allows("User-agent: *\nDisallow: /*.php", "/index.php?x"));
    CHECK(allows("User-agent: *\nDisallow: /*.php$", "/index.php?x"));
    CHECK(!allows("User-agent: *\nDisallow: /*.php$", "/a.php/b.php"));
    CHECK(!allows("User-agent: *\nDisallow: /a*b*c$", "/axbxbxxc"));
    CHECK(allows("User-agent: *\nDisallow: /a*b*c$", "/axbxbxxcd"));
    CHECK(!allows("User-agent: *\nDisallow: *", "/"));
    CHECK(!allows("User-agent: *\nDisallow: *x$", "/yx"));
    CHECK(allows("User-agent: *\nDisallow: /$", "/a"));
    CHECK(!allows("User-agent: *\nDisallow: /$", "/"));
    CHECK(allows("User-agent: *\nDisallow: /ab*ba$", "/aba"));  /* nothing is used twice */
    CHECK(allows("User-agent: *\nDisallow: /a$b", "/a"));
    CHECK(!allows("User-agent: *\nDisallow: /a$b", "/a$b"));
    CHECK(!allows("User-agent: *\nDisallow: /a%2ab", "/a*b"));
    CHECK(allows("User-agent: *\nDisallow: /a%2ab", "/axb"));
}

TEST(percent_codes_are_compared_by_meaning)
{
    CHECK(!allows("User-agent: *\nDisallow: /%7Ejoe", "/~joe"));
    CHECK(!allows("User-agent: *\nDisallow: /~joe", "/%7ejoe"));
    CHECK(allows("User-agent: *\nDisallow: /a%2Fb", "/a/b"));
    CHECK(!allows("User-agent: *\nDisallow: /a%2Fb", "/a%2fb"));
    CHECK(!allows("User-agent: *\nDisallow: /\xc3\xa4", "/%c3%a4"));
    CHECK(!allows("User-agent: *\nDisallow: /%C3%a4", "/\xc3\xa4"));
    CHECK(!allows("User-agent: *\nDisallow: /%zz%", "/%zz%"));
}

TEST(a_group_may_have_several_names_and_a_name_several_groups)
{
    static const char file[] = "User-agent: a\nUser-Agent : BIDE\nSitemap: /s\nDisallow: /one\n"
                               "user-agent: b\nDisallow: /two\nUser-agent: bide/9 (x)\n"
                               "Disallow: /three\nUser-agent: *\nDisallow: /four\n";
    CHECK(!allows(file, "/one"));
    CHECK(allows(file, "/two"));
    CHECK(!allows(file, "/three"));
    CHECK(allows(file, "/four"));
    CHECK(!allows("User-agent: bidet\nAllow: /\nUser-agent: *\nDisallow: /", "/a"));
    CHECK(!allows("User-agent: bi\nAllow: /\nUser-agent: *\nDisallow: /", "/a"));
    CHECK(allows("User-agent: bide\nUser-agent: *\nDisallow: /a\nUser-agent: bide\nAllow: /a",
                 "/a"));
    CHECK(allows("User-agent: *\nDisallow: /\nUser-agent: bide\n", "/a"));      /* an empty one */
    CHECK(!allows("User-agent: * \nDisallow: /", "/a"));
    CHECK(allows("User-agent: *bide\nDisallow: /", "/a"));
}

TEST(lines_end_as_they_like_and_comments_are_passed_over)
{
    CHECK(!allows("\xef\xbb\xbfUser-agent: *\r\nDisallow: /a\r\n", "/a"));
    CHECK(!allows("User-agent: *\rDisallow: /a", "/a"));
    CHECK(!allows("# hello\n  User-agent :\t* # all\n\n\n \tDISALLOW:/a#b\n", "/a"));
    CHECK(allows("User-agent: *\n#Disallow: /a\n", "/a"));
}

TEST(what_is_behind_the_limit_is_not_there)
{
    char *file = malloc(ROBOTS_SIZE_MAX + 64);
    struct robots robots;
    int start = sprintf(file, "User-agent: *\nDisallow: /a\n");
    memset(file + start, '\n', ROBOTS_SIZE_MAX + 64 - (size_t)start);
    memcpy(file + ROBOTS_SIZE_MAX, "Disallow: /b", 12);
    CHECK_EQ(robots_read(&robots, file, ROBOTS_SIZE_MAX + 64, "bide"), 0);
    CHECK(!robots_allow(&robots, "/a", 2));
    CHECK(robots_allow(&robots, "/b", 2));
    robots_free(&robots);
    free(file);
}

TEST(a_delay_is_the_groups)
{
    CHECK_NEAR(delay("User-agent: *\nCrawl-delay: 2.5\n"), 2.5, 0);
    CHECK_NEAR(delay("User-agent: *\nCrawl-delay: 2\nUser-agent: bide\nCrawl-delay: 1"), 1, 0);
    CHECK_NEAR(delay("User-agent: *\nCrawl-delay: 2\nUser-agent: bide\nAllow: /"), 0, 0);
    for (const char *bad[] = { "", "-1", "x", "1x", "nan", "inf", "99999999999", "0x1", NULL },
         **at = bad; *at; at++) {
        char file[64];
        sprintf(file, "User-agent: *\nCrawl-delay: %s\n", *at);
        CHECK_NEAR(delay(file), 0, 0);
    }
}

TEST(a_file_of_stars_costs_no_more_than_any_other)
{
    char *file = malloc(ROBOTS_SIZE_MAX), *path = malloc(2000);
    struct robots robots;
    int start = sprintf(file, "User-agent: *\nDisallow: /");
    for (size_t i = (size_t)start; i + 2 <= ROBOTS_SIZE_MAX; i += 2)
        memcpy(file + i, i % 4000 < 2 ? "\nD" : "*a", 2);
    memset(path, 'a', 2000);
    path[0] = '/';
    CHECK_EQ(robots_read(&robots, file, ROBOTS_SIZE_MAX, "bide"), 0);
    double started = bide_now();
    robots_allow(&robots, path, 2000);
    CHECK(bide_now() - started < 1);
    robots_free(&robots);
    free(file);
    free(path);
}

TEST(an_agent_is_the_first_word_of_a_name)
{
    char name[ROBOTS_AGENT_MAX], *text = calloc(200, 1);
    robots_agent(name, "bide/0.1");
    CHECK_STR(name, "bide");
    robots_agent(name, "My_Own-Bot (x)");
    CHECK_STR(name, "My_Own-Bot");
    memset(text, 'x', 199);
    robots_agent(name, text);
    CHECK_EQ(strlen(name), ROBOTS_AGENT_MAX - 1);
    free(text);
}
