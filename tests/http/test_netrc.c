/* The netrc: which login is a host's, what is passed over, what is refused, whose file it is. */
#include "test.h"

#include "base/memory.h"
#include "http/netrc.h"

#include <bide.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *found(const char *text, const char *host, const char *login)
{
    static char out[2 * sizeof(struct netrc_login)];
    struct netrc_login entry;
    size_t line;
    const char *why = NULL;
    int rc = bide__netrc_find(text_of(text, strlen(text)), host, login, &entry, &line, &why);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "line %zu: %s", line, why);
    if (rc == 0)
        return NULL;
    snprintf(out, sizeof out, "%s:%s", entry.login, entry.password);
    return out;
}

TEST(a_machine_has_a_login)
{
    static const char text[] =
        "# a comment\n"
        "machine a.example login alice password wonder#land\n"
        "machine B.example\n\tlogin bob # his\n\tpassword #secret\n\taccount none\n"
        "machine c.example login carol\n"
        "machine a.example login anna password other\n"
        "default login anonymous password me@x\n";
    CHECK_STR(found(text, "a.example", NULL), "alice:wonder#land");
    CHECK_STR(found(text, "A.Example", NULL), "alice:wonder#land");
    CHECK_STR(found(text, "b.example", NULL), "bob:#secret");
    CHECK_STR(found(text, "c.example", NULL), "carol:");
    CHECK_STR(found(text, "d.example", NULL), "anonymous:me@x");
    CHECK_STR(found(text, "a.example", "anna"), "anna:other");
    CHECK_STR(found(text, "a.example", "nobody"), NULL);
    CHECK_STR(found("machine a password x", "a", "eve"), "eve:x");
    CHECK_STR(found("", "a", NULL), NULL);
    CHECK_STR(found("machine a login b", "ab", NULL), NULL);
}

TEST(words_may_be_quoted)
{
    CHECK_STR(found("machine a login \"b c\" password \"d\\\"e\\\\\"", "a", NULL), "b c:d\"e\\");
    CHECK_STR(found("machine a login b\\ c password \"\"", "a", NULL), "b c:");
    CHECK_STR(found("machine \"a\" user b", "a", NULL), "b:");
}

TEST(macros_are_passed_over)
{
    static const char text[] = "macdef init\nmachine a login no\npassword no\n\n"
                               "machine a login yes\nmacdef x\n one\n two\r\n\r\nmachine b login c";
    CHECK_STR(found(text, "a", NULL), "yes:");
    CHECK_STR(found(text, "b", NULL), "c:");
    CHECK_STR(found("macdef x\nmachine a login b", "a", NULL), NULL);
}

TEST(what_is_no_netrc_is_refused_with_its_line)
{
    static const struct { const char *text; size_t line; const char *why; } cases[] = {
        { "\nnonsense", 2, "before the first machine" }, { "login x", 1, "before the first" },
        { "machine", 1, "ends after a keyword" }, { "machine b\nlogin", 2, "ends after" },
        { "machine b\nlogin x\nnonsense y", 3, "no keyword" },
        { "machine b login \"x\n\"", 1, "does not end in its line" },
        { "machine b login \"x", 1, "does not end" }, { "macdef", 1, "ends after" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct netrc_login entry;
        size_t line = 0;
        const char *why = "nothing";
        CHECK_EQ(bide__netrc_find(text_of(cases[i].text, strlen(cases[i].text)), "a", NULL,
                                  &entry, &line, &why), BIDE_EINVAL);
        CHECK_HAS(why, cases[i].why);
        CHECK_EQ(line, cases[i].line);
    }
}

TEST(a_word_has_a_longest_length)
{
    char text[NETRC_TOKEN_MAX + 40] = "machine a login ";
    struct netrc_login entry;
    size_t line;
    const char *why;
    memset(text + 16, 'x', NETRC_TOKEN_MAX);
    CHECK_EQ(bide__netrc_find(text_of(text, 16 + NETRC_TOKEN_MAX), "a", NULL, &entry, &line, &why),
             1);
    CHECK_EQ(strlen(entry.login), NETRC_TOKEN_MAX);
    text[16 + NETRC_TOKEN_MAX] = 'x';
    CHECK_EQ(bide__netrc_find(text_of(text, 17 + NETRC_TOKEN_MAX), "a", NULL, &entry, &line, &why),
             BIDE_EINVAL);
    CHECK_HAS(why, "1023");
    CHECK_EQ(bide__netrc_find(text_of("machine a login x\0y", 19), "a", NULL, &entry, &line, &why),
             BIDE_EINVAL);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    CHECK(fchmod(fd, mode) == 0 && close(fd) == 0);
}

TASK_TEST(the_file_is_that_of_the_variable_or_of_home)
{
    char dir[] = "/tmp/bide-netrc-XXXXXX", path[60], other[60];
    size_t size;
    CHECK(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/.netrc", dir);
    snprintf(other, sizeof other, "%s/other", dir);
    unsetenv("NETRC");
    setenv("HOME", dir, 1);
    char *text = bide__netrc_load(&size);
    CHECK_STR(text, "");
    bide__free(text);
    write_file(path, "machine a password b", 0600);
    text = bide__netrc_load(&size);
    CHECK_STR(text, "machine a password b");
    CHECK_EQ(size, 20);
    bide__free(text);
    write_file(path, "machine a password b", 0640);
    CHECK(!bide__netrc_load(&size));
    CHECK_EQ(bide_errcode(), -EPERM);
    CHECK_HAS(bide_errmsg(), "chmod 600");
    write_file(path, "machine a login b", 0644);
    text = bide__netrc_load(&size);
    CHECK_STR(text, "machine a login b");
    bide__free(text);
    write_file(other, "machine c password d", 0644);
    setenv("NETRC", other, 1);
    text = bide__netrc_load(&size);
    CHECK_STR(text, "machine c password d");
    bide__free(text);
    setenv("NETRC", dir, 1);
    CHECK(!bide__netrc_load(&size));
    CHECK_HAS(bide_errmsg(), "netrc: ");
    unlink(path);
    unlink(other);
    rmdir(dir);
}
