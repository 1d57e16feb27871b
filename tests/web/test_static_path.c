/* Which paths can be names of files beneath a directory at all. */
#include "test.h"

#include "web/static.h"

#include <stdlib.h>
#include <string.h>

static enum static_path read_path(const char *raw, const char *path, bool hidden)
{
    return bide__static_path_read(text_of(raw, strlen(raw)), path, hidden);
}

/* As it comes when nothing was encoded. */
static enum static_path plain(const char *path)
{
    return read_path(path, path, false);
}

TEST(names_and_directories_are_told_apart)
{
    CHECK_EQ(plain("a"), STATIC_NAME);
    CHECK_EQ(plain("a/b.css"), STATIC_NAME);
    CHECK_EQ(plain("a b/c..d/e."), STATIC_NAME);
    CHECK_EQ(plain("..."), STATIC_NOWHERE);     /* hidden */
    CHECK_EQ(plain(""), STATIC_DIRECTORY);
    CHECK_EQ(plain("a/"), STATIC_DIRECTORY);
    CHECK_EQ(plain("a/b/"), STATIC_DIRECTORY);
}

TEST(dots_and_empty_names_are_nowhere)
{
    static const char *const paths[] = {
        ".", "..", "./a", "../a", "a/.", "a/..", "a/./b", "a/../b", "a/b/../../..", "/", "//", "/a",
        "a//", "a//b", "..\\a", "a\\b", "\\", "a/..\\..\\b",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        for (int hidden = 0; hidden < 2; hidden++)
            if (read_path(paths[i], paths[i], hidden) != STATIC_NOWHERE)
                test_fail(__FILE__, __LINE__, "%s", paths[i]);
}

TEST(what_is_encoded_to_look_otherwise_is_nowhere)
{
    static const struct {
        const char *raw, *path;
    } cases[] = {
        { "/s/a%2fb", "a/b" }, { "/s/a%2Fb", "a/b" }, { "/s/%2e%2e%2fa", "../a" },
        { "/s/%2e%2e/a", "../a" }, { "/s/.%2e/a", "../a" }, { "/s/a%5cb", "a\\b" },
        { "/s/a%5Cb", "a\\b" }, { "/s/a%00.css", "a" }, { "/s%2Fa", "a" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (read_path(cases[i].raw, cases[i].path, true) != STATIC_NOWHERE)
            test_fail(__FILE__, __LINE__, "%s", cases[i].raw);
    CHECK_EQ(read_path("/s/a%20b%2", "a b%2", false), STATIC_NAME);
    CHECK_EQ(read_path("/s/%c0%ae%c0%ae/a", "\xc0\xae\xc0\xae/a", false), STATIC_NAME);
}

TEST(hidden_names_are_there_only_if_wanted)
{
    CHECK_EQ(plain(".git/config"), STATIC_NOWHERE);
    CHECK_EQ(plain("a/.htpasswd"), STATIC_NOWHERE);
    CHECK_EQ(plain(".well-known/"), STATIC_NOWHERE);
    CHECK_EQ(read_path(".git/config", ".git/config", true), STATIC_NAME);
    CHECK_EQ(read_path(".well-known/", ".well-known/", true), STATIC_DIRECTORY);
}

TEST(a_path_is_only_so_long)
{
    char *path = malloc(STATIC_PATH_MAX + 2);
    CHECK(path != NULL);
    memset(path, 'a', STATIC_PATH_MAX + 1);
    path[STATIC_PATH_MAX + 1] = '\0';
    CHECK_EQ(plain(path), STATIC_NOWHERE);
    path[STATIC_PATH_MAX] = '\0';
    CHECK_EQ(plain(path), STATIC_NAME);
    free(path);
}
