/* The users in the text of an htpasswd file. */
#include "test.h"
#include "web/password_hash.h"
#include "web/passwords.h"

#include <bide/error.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECRET "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
#define SHA256 "$5$rounds=1000$saltsalt$eKLZU9t9OoPWrqOQsoTIKG0aYkZ5rGOoOQhiIvoSWX2"
#define SHA512 "$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/" \
    "Zok96Hr8Q13LEv0DRY/x8v0/crpIjl8NJSAqXV/"
#define YESCRYPT "$y$j75$abcdefgh$uMUXG79B2cFpoAYyDccUnsaH/aGTyBYMlnQidzyag01"

#ifdef BIDE_CRYPT

static struct passwords p;

static int read_text(const char *text)
{
    bide__passwords_end(&p);
    return bide__passwords_read(&p, text, strlen(text));
}

static void check_hash(const char *user, const char *hash)
{
    bool known;
    const char *found = bide__passwords_find(&p, user, &known);
    CHECK(known);
    CHECK_STR(found, hash);
}

TEST(users_are_read_with_comments_and_ends_of_any_kind)
{
    CHECK_EQ(read_text("# people\n\nann:" SECRET "\r\nbob:" SHA256 ":Bob, till May\n"
                       "c d:" SHA512 "\n#eve:" SECRET "\n\xc3\xa4:" YESCRYPT), 0);
    check_hash("ann", SECRET);
    check_hash("bob", SHA256);
    check_hash("c d", SHA512);
    check_hash("\xc3\xa4", YESCRYPT);
    CHECK_EQ(p.hashes.count, 4);
    bide__passwords_end(&p);
}

static void check_refused(const char *text, const char *why)
{
    CHECK_EQ(read_text(text), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), why);
    CHECK_EQ(p.hashes.count, 0);
}

TEST(what_is_no_user_or_no_good_hash_is_named)
{
    char long_name[400], long_hash[600];
    check_refused("ann:" SECRET "\nbob\n", "line 2: not \"user:hash\"");
    check_refused(":" SECRET, "line 1: not \"user:hash\"");
    check_refused("ann:$apr1$Ufk/dJGG$iMLVjurHRVKLa.kGWW3Bf.", "line 1: user ann: hashed with MD5");
    check_refused("ann:$1$abc$x", "MD5");
    check_refused("ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "SHA-1");
    check_refused("ann:PQ7JrGlCaXgGw", "htpasswd -B");
    check_refused("ann:secret", "htpasswd -B");
    check_refused("ann:", "htpasswd -B");
    check_refused("ann:" SECRET "\nann:" SHA256, "line 2: user ann: is there twice");
    snprintf(long_name, sizeof long_name, "%0256d:" SECRET, 1);
    check_refused(long_name, "1 to 255 bytes");
    CHECK_EQ(read_text(long_name + 1), 0);
    snprintf(long_hash, sizeof long_hash, "ann:$6$%0384d", 1);
    check_refused(long_hash, "does not know");
    CHECK_EQ(bide__passwords_read(&p, "a\0b:" SECRET, sizeof "a\0b:" SECRET - 1), BIDE_EINVAL);
    CHECK_EQ(bide__passwords_read(&p, "ab:$6$\0" SECRET, 20), BIDE_EINVAL);
}

TEST(who_is_not_there_gets_the_hash_of_somebody_always_the_same)
{
    bool known = true;
    bide__passwords_end(&p);
    CHECK_PTR(bide__passwords_find(&p, "eve", &known), NULL);
    CHECK(!known);
    CHECK_EQ(read_text("ann:" SECRET "\nbob:" SHA256), 0);
    const char *first = bide__passwords_find(&p, "eve", &known);
    CHECK(first && !known);
    CHECK_PTR(bide__passwords_find(&p, "eve", &known), first);
    bool another = false;
    for (char name[2] = "A"; *name < 'Z'; ++*name)
        another |= bide__passwords_find(&p, name, &known) != first;
    CHECK(another);
    bide__passwords_end(&p);
}

TEST(each_kind_of_hash_is_made)
{
    static const char *const hashes[] = { SECRET, SHA256, SHA512, YESCRYPT };
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        CHECK_EQ(bide__password_hash_fits(hashes[i], "secret"), 1);
        CHECK_EQ(bide__password_hash_fits(hashes[i], "Secret"), 0);
        CHECK_EQ(bide__password_hash_fits(hashes[i], ""), 0);
    }
    CHECK_EQ(bide__password_hash_fits("$2y$99$abcdefghijklmnopqrstuu", "secret"), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "libcrypt cannot make a hash like $2y$99$");
}

#else

TEST(without_libcrypt_nobody_is_let_in)
{
    CHECK_EQ(bide__password_hash_is_there(), -ENOSYS);
    CHECK_HAS(bide_errmsg(), "libcrypt");
    CHECK_EQ(bide__password_hash_fits(SECRET, "secret"), -ENOSYS);
    CHECK(bide__password_hash_refusal(SHA256 SHA512 YESCRYPT) != NULL);
}

#endif
