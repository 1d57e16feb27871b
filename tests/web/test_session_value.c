/* The value of a session cookie: nothing that was not signed so is believed. */
#include "web/session_value.h"

#include "web/secret.h"

#include "test.h"

#define KEY "0123456789abcdef0123456789abcdef"
#define OTHER "another key of thirty-two bytes."

#ifdef BIDE_TLS
static const char *const keys[] = { OTHER, KEY, NULL };

static void write(char out[200], const char *key, const char *name, const char *document)
{
    struct writer w = { .at = out, .room = 200 };
    CHECK_EQ(bide__session_value_write(&w, key, name, text_from(document), 1700000000), 0);
}

static bool reads(const char *name, const char *text, size_t size)
{
    char out[200];
    struct session_value value;
    return bide__session_value_read(&value, keys, name, text_of(text, size), out);
}

TEST(what_was_signed_is_read)
{
    char text[200], out[200];
    struct session_value value;
    write(text, KEY, "session", "{\"a\":1}");
    CHECK(bide__session_value_read(&value, keys, "session", text_from(text), out));
    CHECK(bide__text_is(value.document, "{\"a\":1}"));
    CHECK_EQ(value.expires, 1700000000);
    CHECK_EQ(value.key, 1);
    write(text, OTHER, "session", "");
    CHECK(bide__session_value_read(&value, keys, "session", text_from(text), out));
    CHECK(value.key == 0 && value.document.size == 0);
}

/* As Python's hmac and base64 say. */
TEST(the_signature_is_hmac_sha256)
{
    char text[200];
    write(text, KEY, "session", "{\"a\":1}");
    CHECK_STR(text, "eyJhIjoxfQ.1700000000.QGBIdOdt"
              "or1Ynr8tkygBFyMsmEhjsqHnvndwFDijpW8");
}

TEST(no_byte_of_it_may_change)
{
    char text[200];
    write(text, KEY, "session", "{\"admin\":false}");
    size_t size = strlen(text);
    CHECK(reads("session", text, size));
    for (size_t i = 0; i < size; i++) {
        for (int c = 1; c < 256; c++) {
            text[i] = (char)(text[i] ^ c);
            CHECK(!reads("session", text, size));
            text[i] = (char)(text[i] ^ c);
        }
        CHECK(!reads("session", text, i));
        CHECK(!reads("session", text + i + 1, size - i - 1));
    }
}

TEST(a_signature_is_for_one_cookie_and_by_one_key)
{
    char text[200];
    write(text, KEY, "session", "{}");
    CHECK(!reads("other", text, strlen(text)));
    write(text, "a key that nobody has put into the list", "session", "{}");
    CHECK(!reads("session", text, strlen(text)));
    static const char *const bad[] = { "", ".", "..", "...", "a.b.c", "e30.1.", "e30..e30" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!reads("session", bad[i], strlen(bad[i])));
}
#endif

TEST(secrets_are_compared_whole)
{
    CHECK(bide__secret_same(text_from("abc"), text_from("abc")));
    CHECK(bide__secret_same(text_from(""), text_from("")));
    CHECK(!bide__secret_same(text_from("abc"), text_from("abd")));
    CHECK(!bide__secret_same(text_from("abc"), text_from("ab")));
    CHECK(!bide__secret_same(text_from("ab"), text_from("abc")));
    CHECK(!bide__secret_same(text_from(""), text_from("a")));
}
