/* Digests: the worked examples of RFC 2617 (section 3.5) and RFC 7616 (section 3.9.1), and further
 * ones computed apart with Python's hashlib.  (RFC 7616's third example was computed with
 * another hash than it says, so its values are not those of the RFC.) */
#include "test.h"

#include "http/digest.h"

#include <string.h>

static void responds(const struct digest *d, const char *response)
{
    char out[DIGEST_HEX_SIZE];
    const char *why = "";
    if (bide__digest_response(d, out, &why) < 0)
        test_fail(__FILE__, __LINE__, "%s", why);
    CHECK_STR(out, response);
}

#ifdef BIDE_TLS
static struct digest mufasa(void)
{
    return (struct digest){
        .hash = DIGEST_MD5, .qop = DIGEST_AUTH, .count = 1, .user = text_from("Mufasa"),
        .realm = text_from("http-auth@example.org"), .password = text_from("Circle of Life"),
        .nonce = text_from("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
        .cnonce = text_from("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
        .method = text_from("GET"), .target = text_from("/dir/index.html"),
    };
}

TEST(the_example_of_rfc_2617)
{
    struct digest d = mufasa();
    d.realm = text_from("testrealm@host.com");
    d.password = text_from("Circle Of Life");
    d.nonce = text_from("dcd98b7102dd2f0e8b11d0f600bfb0c093");
    d.cnonce = text_from("0a4f113b");
    responds(&d, "6629fae49393a05397450978507c4ef1");
    d.qop = DIGEST_PLAIN;
    responds(&d, "670fd8c2df070c60b045671b8b24ff02");
}

TEST(the_examples_of_rfc_7616)
{
    struct digest d = mufasa();
    responds(&d, "8ca523f5e9506fed4657c9700eebdbec");
    d.hash = DIGEST_SHA256;
    responds(&d, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST(sessions_bind_the_password_to_the_nonce)
{
    struct digest d = mufasa();
    d.session = true;
    responds(&d, "e783283f46242139c486a698fec7211d");
    d.hash = DIGEST_SHA256;
    responds(&d, "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7");
    d.hash = DIGEST_SHA512_256;
    responds(&d, "3f2a34f923c38b0fb26dce2fdfc2ce326c23cecf86fbb1444f3e51fbbc2cb92e");
}

TEST(auth_int_covers_the_body)
{
    struct digest d = mufasa();
    d.qop = DIGEST_AUTH_INT;
    d.count = 10;
    d.method = text_from("POST");
    d.body = text_from("entity");
    responds(&d, "99aff2560bb8513172352679942195d0");
    d.hash = DIGEST_SHA256;
    responds(&d, "9c53caaa58d3e2ea074229c6a5d1f70de5304d5ad073586e6994d2a0993bbad3");
    d.hash = DIGEST_SHA512_256;
    responds(&d, "eb65d0b75add9eb4218ff702f683c927300ce8eca4d0e97da368515c68a23cff");
}

TEST(names_beyond_ascii_are_hashed_as_utf8)
{
    struct digest d = {
        .hash = DIGEST_SHA512_256, .qop = DIGEST_AUTH, .count = 1,
        .user = text_from("J\xc3\xa4s\xc3\xb8n Doe"), .realm = text_from("api@example.org"),
        .password = text_from("Secret, or not?"),
        .nonce = text_from("5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK"),
        .cnonce = text_from("NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm"), .method = text_from("GET"),
        .target = text_from("/doe.json"),
    };
    char out[DIGEST_HEX_SIZE];
    const char *why = NULL;
    responds(&d, "7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c");
    CHECK_EQ(bide__digest_userhash(&d, out, &why), 0);
    CHECK_STR(out, "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
}
#else
TEST(without_openssl_a_digest_fails_with_a_sentence)
{
    struct digest d = { .user = text_from("x") };
    char out[DIGEST_HEX_SIZE];
    const char *why = NULL;
    CHECK(bide__digest_response(&d, out, &why) < 0);
    CHECK_HAS(why, "OpenSSL");
    (void)responds;
}
#endif
