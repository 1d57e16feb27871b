/* Base64: what is written is read, and nothing else is. */
#include "http/base64.h"
#include "test.h"

static void check(const char *bytes, const char *plain, const char *url)
{
    char space[100], out[100];
    struct writer w = { .at = space, .room = sizeof space };
    struct text text = text_from(bytes);
    bide__base64_write(&w, &text, 1);
    writer_literal(&w, " ");
    bide__base64url_write(&w, text);
    writer_put(&w, "", 1);
    CHECK_EQ(strncmp(space, plain, strlen(plain)), 0);
    CHECK_STR(space + strlen(plain) + 1, url);
    CHECK_EQ(bide__base64_read(out, text_from(plain), false), (ssize_t)strlen(bytes));
    CHECK_EQ(memcmp(out, bytes, strlen(bytes)), 0);
    CHECK_EQ(bide__base64_read(out, text_from(url), true), (ssize_t)strlen(bytes));
    CHECK_EQ(memcmp(out, bytes, strlen(bytes)), 0);
}

TEST(what_is_written_is_read)
{
    check("", "", "");
    check("f", "Zg==", "Zg");
    check("fo", "Zm8=", "Zm8");
    check("foo", "Zm9v", "Zm9v");
    check("foobar", "Zm9vYmFy", "Zm9vYmFy");
    check("\xff\xef\xbe?>", "/+++Pz4=", "_---Pz4");
}

TEST(what_nobody_would_write_is_not_read)
{
    static const char *const plain[] = { "Zg", "Zg=", "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Zm 9v",
                                         "Zm9v\n", "Zm-v", "Zm_v", "=", "====", "Z", "Zm9v=" };
    static const char *const url[] = { "Zg==", "Zh", "Zm9", "Z", "Zm+v", "Zm/v", "Zm9v=", " Zg" };
    char out[100];
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (bide__base64_read(out, text_from(plain[i]), false) >= 0)
            test_fail(__FILE__, __LINE__, "%s", plain[i]);
    for (size_t i = 0; i < sizeof url / sizeof *url; i++)
        if (bide__base64_read(out, text_from(url[i]), true) >= 0)
            test_fail(__FILE__, __LINE__, "%s", url[i]);
}
