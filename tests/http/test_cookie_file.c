/* Jars in files: what is written, what is read of what others write, what goes wrong. */
#include "test.h"

#include "http/cookie_text.h"

#include <bide.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NOW = 1767225600 };

static int read_text(bide_cookies *jar, const char *text, size_t *line, const char **why)
{
    return bide__cookies_read(jar, text_of(text, strlen(text)), NOW, line, why);
}

static const char *printed(const bide_cookies *jar)
{
    static char out[4096];
    struct writer w = { .at = out, .room = sizeof out - 1 };
    bide__cookies_print(jar, NOW, &w);
    CHECK_EQ(w.code, 0);
    out[w.size] = '\0';
    return out;
}

TEST(a_jar_is_written_as_others_read_it)
{
    bide_auto(cookies) jar = bide_cookies_new();
    size_t line;
    const char *why;
    static const char text[] =
        "# Netscape HTTP Cookie File\n"
        ".example.org\tTRUE\t/\tFALSE\t0\ta\tb\n"
        "#HttpOnly_www.example.org\tFALSE\t/x\tTRUE\t1767225700\tc\td e\tf\n"
        "192.0.2.1\tFALSE\t/\tFALSE\t0\t\tnameless\n"
        "2001:db8::1\tFALSE\t/\tFALSE\t0\tempty\t\n";
    CHECK_EQ(read_text(jar, text, &line, &why), 4);
    CHECK_STR(printed(jar), text);
    char out[40];
    CHECK_EQ(bide_cookies_for(jar, "http://x.example.org/", out, sizeof out), 3);
    CHECK_EQ(bide_cookies_for(jar, "http://[2001:db8::1]/", out, sizeof out), 6);
    CHECK_STR(out, "empty=");
}

TEST(what_others_write_is_read)
{
    static const struct { const char *text, *is; } cases[] = {
        { "Example.ORG\tTRUE\t/\tFALSE\t0\ta\tb", ".example.org\tTRUE\t/\tFALSE\t0\ta\tb\n" },
        { ".example.org\tFALSE\t/\tFALSE\t\ta\tb\r\n", "example.org\tFALSE\t/\tFALSE\t0\ta\tb\n" },
        { "\n \t\r\n# x\n#\na.b\tfalse\t/\ttrue\t0\ta", "a.b\tFALSE\t/\tTRUE\t0\ta\t\n" },
        { "a.b\tFALSE\t/\tFALSE\t1767225700.25\ta\tb\n",
          "a.b\tFALSE\t/\tFALSE\t1767225700\ta\tb\n" },
        { "a.b\tFALSE\t/\tFALSE\t99999999999\ta\tb\n",
          "a.b\tFALSE\t/\tFALSE\t1801785600\ta\tb\n" },
        { "[::1]\tTRUE\t/\tFALSE\t0\ta\tb\n", "::1\tFALSE\t/\tFALSE\t0\ta\tb\n" },
        { "127.0.0.1\tTRUE\t/\tFALSE\t0\ta\tb\n", "127.0.0.1\tFALSE\t/\tFALSE\t0\ta\tb\n" },
        { "a.b\tFALSE\t/\tFALSE\t1767225600\ta\tb\n", "" },
        { "org\tTRUE\t/\tFALSE\t0\ta\tb\n", "" },
        { "a.b\tFALSE\t/\tFALSE\t0\t__Secure-a\tb\n", "" },
        { "", "" }, { "#HttpOnly_\n", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bide_auto(cookies) jar = bide_cookies_new();
        size_t line;
        const char *why;
        CHECK_EQ(read_text(jar, cases[i].text, &line, &why), cases[i].is[0] != '\0');
        CHECK_STR(strchr(printed(jar), '\n') + 1, cases[i].is);
    }
}

TEST(a_bad_line_is_named_and_nothing_is_added)
{
    static const struct { const char *text, *why; } cases[] = {
        { "x", "seven fields" }, { "a.b TRUE / FALSE 0 a b", "seven fields" },
        { "a.b\tFALSE\t/\tFALSE\t0", "seven fields" },
        { "a.b\tMAYBE\t/\tFALSE\t0\ta\tb", "TRUE nor FALSE" },
        { "a.b\tFALSE\t/\t1\t0\ta\tb", "TRUE nor FALSE" },
        { "\tFALSE\t/\tFALSE\t0\ta\tb", "domain" }, { ".\tFALSE\t/\tFALSE\t0\ta\tb", "domain" },
        { "a b\tFALSE\t/\tFALSE\t0\ta\tb", "domain" },
        { "a.b\tFALSE\tx\tFALSE\t0\ta\tb", "path" }, { "a.b\tFALSE\t\tFALSE\t0\ta\tb", "path" },
        { "a.b\tFALSE\t/\tFALSE\tx\ta\tb", "expiry" },
        { "a.b\tFALSE\t/\tFALSE\t-1\ta\tb", "expiry" },
        { "a.b\tFALSE\t/\tFALSE\t1.x\ta\tb", "expiry" },
        { "a.b\tFALSE\t/\tFALSE\t0\t\t", "neither name" },
        { "a.b\tFALSE\t/\tFALSE\t0\ta=b\tc", "name has a" },
        { "a.b\tFALSE\t/\tFALSE\t0\ta\tb; c=d", "value has a ;" },
        { "a.b\tFALSE\t/\tFALSE\t0\ta\tb\rc", "control character" },
        { "{\"cookies\": []}", "seven fields" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bide_auto(cookies) jar = bide_cookies_new();
        char text[200];
        size_t line = 0;
        const char *why = NULL;
        snprintf(text, sizeof text, "a.b\tFALSE\t/\tFALSE\t0\tgood\t1\n\n%s\n", cases[i].text);
        CHECK_EQ(read_text(jar, text, &line, &why), BIDE_EINVAL);
        CHECK_EQ(line, 3);
        CHECK_HAS(why, cases[i].why);
        CHECK_EQ(bide_cookies_count(jar), 0);
    }
}

TASK_TEST(a_saved_jar_is_loaded_again)
{
    char dir[] = "/tmp/bide-cookies-XXXXXX", path[60];
    CHECK(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/jar", dir);
    bide_auto(cookies) jar = bide_cookies_new();
    bide_auto(cookies) again = bide_cookies_new();
    CHECK_EQ(bide_cookies_set(jar, "https://example.org/x/", "a=b; Secure; Max-Age=1000"), 1);
    CHECK_EQ(bide_cookies_set(jar, "http://www.example.org/", "c=d; Domain=example.org; HttpOnly"),
             1);
    CHECK_EQ(bide_cookies_save(jar, path), 2);
    struct stat st;
    CHECK_EQ(stat(path, &st), 0);
    CHECK_EQ(st.st_mode & 0777, 0600);
    CHECK_EQ(bide_cookies_load(again, path), 2);
    CHECK_STR(bide_cookies_get(again, "https://example.org/x/y", "a"), "b");
    bide_cookie c;
    uint64_t at = 0;
    CHECK(bide_cookies_next(again, &at, &c) && c.secure && !c.http_only && c.host_only);
    CHECK(c.expires > 0);
    CHECK(bide_cookies_next(again, &at, &c) && !c.secure && c.http_only && !c.host_only);
    CHECK_EQ(c.expires, 0);
    remove(path);
    CHECK_EQ(bide_cookies_load(again, path), -ENOENT);
    CHECK_HAS(bide_errmsg(), "cookies: ");
    remove(dir);
    CHECK_EQ(bide_cookies_save(again, path), -ENOENT);
}

TASK_TEST(a_bad_file_is_told_by_line)
{
    char path[] = "/tmp/bide-cookies-XXXXXX";
    bide_auto(cookies) jar = bide_cookies_new();
    int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, "# x\nnonsense\n", 13) == 13 && close(fd) == 0);
    CHECK_EQ(bide_cookies_load(jar, path), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "line 2: it has no seven fields");
    remove(path);
    CHECK(bide_cookies_load(NULL, path) < 0);
    CHECK(bide_cookies_save(NULL, path) < 0);
}
