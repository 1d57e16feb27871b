/* Authentication: which challenges are understood and answered, and when it is given up. */
#include "test.h"

#include "http/auth.h"
#include "http/base64.h"
#include "http/challenge.h"

#include <bide/error.h>
#include <stdio.h>
#include <string.h>

/* "Basic(realm=x) Negotiate[abc]" */
static const char *read_all(const char *header)
{
    static char out[1000];
    struct reader r = reader_of(text_from(header));
    struct challenge c;
    int rc;
    size_t size = 0;
    out[0] = '\0';
    while ((rc = bide__challenge_next(&r, &c)) > 0) {
        size += (size_t)snprintf(out + size, sizeof out - size, "%s%.*s", size ? " " : "",
                                 (int)c.scheme.size, c.scheme.at);
        if (c.token68.size > 0)
            size += (size_t)snprintf(out + size, sizeof out - size, "[%.*s]",
                                     (int)c.token68.size, c.token68.at);
        for (unsigned i = 0; i < c.count; i++)
            size += (size_t)snprintf(out + size, sizeof out - size, "%s%.*s=%.*s%s",
                                     i ? "," : "(", (int)c.parameters[i].name.size,
                                     c.parameters[i].name.at, (int)c.parameters[i].value.size,
                                     c.parameters[i].value.at, i + 1 == c.count ? ")" : "");
    }
    if (rc < 0)
        strcat(out, "!");
    return out;
}

TEST(challenges_are_taken_apart)
{
    static const struct { const char *header, *is; } cases[] = {
        { "", "" }, { " , ,", "" }, { "Basic", "Basic" },
        { "Basic realm=\"x\"", "Basic(realm=x)" }, { "Basic realm=x", "Basic(realm=x)" },
        { "Basic realm = \"x y\" , charset=\"UTF-8\"", "Basic(realm=x y,charset=UTF-8)" },
        { "Negotiate, Basic realm=\"x\"", "Negotiate Basic(realm=x)" },
        { "Digest realm=\"a, b\", nonce=\"c\", Basic realm=\"d\"",
          "Digest(realm=a, b,nonce=c) Basic(realm=d)" },
        { "Negotiate abc==, Bearer", "Negotiate[abc==] Bearer" },
        { "NTLM TlRMTVNTUAAB", "NTLM[TlRMTVNTUAAB]" },
        { "Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"s\"",
          "Newauth(realm=apps,type=1,title=Login to \\\"apps\\\") Basic(realm=s)" },
        { ",,Basic  realm=x,,,Bearer,", "Basic(realm=x) Bearer" },
        { "Basic realm=\"x", "!" }, { "Basic realm=\"x\" y", "!" }, { "Basic \"x\"", "!" },
        { "=", "!" }, { "Basic realm=\"x\", =y", "Basic(realm=x)!" }, { "Basic, \x01", "Basic!" },
        { "Basic a b", "!" }, { "Basic a=b, A=c", "!" }, { "Basic=x", "!" },
        { "A a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1", "!" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_STR(read_all(cases[i].header), cases[i].is);
}

TEST(base64_is_that_of_rfc_4648)
{
    static const char *const pairs[][2] = {
        { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xff\xfe\xfd", "//79" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (size_t cut = 0; cut <= strlen(pairs[i][0]); cut++) {
            char out[20] = "";
            struct writer w = { .at = out, .room = sizeof out - 1 };
            bide__base64_write(&w, (struct text[]){ text_of(pairs[i][0], cut),
                                                    text_from(pairs[i][0] + cut) }, 2);
            CHECK_STR(out, pairs[i][1]);
        }
}

static const struct credentials aladdin = { .user = "Aladdin", .password = "open sesame" };

static const char *said(struct auth *a, const struct credentials *c, const char *target)
{
    static char out[2000];
    struct writer w = { .at = out, .room = sizeof out - 1 };
    struct auth_request request = { .method = text_from("GET"), .target = text_from(target),
                                    .body_known = true };
    memset(out, 0, sizeof out);
    if (!bide__auth_write(a, c, &request, &w))
        return NULL;
    return w.code < 0 ? w.why : out;
}

static bool hears(struct auth *a, const struct credentials *c, unsigned refused,
                  const char *first, const char *second)
{
    bide__auth_begin(a);
    bide__auth_hear(a, c, text_from(first));
    if (second)
        bide__auth_hear(a, c, text_from(second));
    return bide__auth_decide(a, refused);
}

TEST(basic_is_said_at_once_or_when_asked)
{
    struct auth a;
    bide__auth_start(&a, AUTH_BASIC);
    CHECK_STR(said(&a, &aladdin, "/"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(!hears(&a, &aladdin, 1, "Basic realm=\"x\"", NULL));
    bide__auth_start(&a, AUTH_NONE);
    CHECK_STR(said(&a, &aladdin, "/"), NULL);
    CHECK(!hears(&a, &aladdin, 0, "Negotiate", "Bearer"));
    CHECK(hears(&a, &aladdin, 0, "Negotiate, basic realm=\"x\"", NULL));
    CHECK_STR(said(&a, &aladdin, "/"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK_STR(said(&a, &(struct credentials){ .user = "t\xc3\xa9st" }, "/"), "Basic dMOpc3Q6");
    bide__auth_start(&a, AUTH_NONE);
    CHECK(!hears(&a, &(struct credentials){ .user = "x", .digest = true }, 0, "Basic realm=x",
                 NULL));
    bide__auth_end(&a);
}

TEST(bearer_is_said_at_once_and_once)
{
    struct auth a;
    struct credentials token = { .bearer = "mF_9.B5f-4.1JqM~+/==" };
    bide__auth_start(&a, AUTH_BEARER);
    CHECK_STR(said(&a, &token, "/"), "Bearer mF_9.B5f-4.1JqM~+/==");
    CHECK(!hears(&a, &token, 1, "Bearer error=\"invalid_token\"", NULL));
    CHECK(!hears(&a, &token, 1, "Basic realm=\"x\"", NULL));
}

TEST(credentials_that_cannot_be_said_are_refused)
{
    static const struct {
        struct credentials c;
        enum auth_scheme scheme;
        const char *why;
    } bad[] = {
        { { .bearer = "a b" }, AUTH_BEARER, "no token" },
        { { .bearer = "" }, AUTH_BEARER, "no token" },
        { { .bearer = "=" }, AUTH_BEARER, "no token" },
        { { .bearer = "a\r\nX: y" }, AUTH_BEARER, "no token" },
        { { .user = "x" }, AUTH_BEARER, "no bearer token" },
        { { .user = "a:b" }, AUTH_BASIC, "colon" },
        { { .user = "a\n" }, AUTH_BASIC, "control" },
        { { .user = "a", .password = "\x7f" }, AUTH_BASIC, "control" },
        { { .user = NULL }, AUTH_BASIC, "no user" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct auth a;
        bide__auth_start(&a, bad[i].scheme);
        CHECK_HAS(said(&a, &bad[i].c, "/"), bad[i].why);
    }
}

#ifdef BIDE_TLS
#define CHALLENGE "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", " \
                  "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", " \
                  "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", algorithm="
static const struct credentials mufasa = { .user = "Mufasa", .password = "Circle of Life" };

static void use_cnonce(struct auth *a)
{
    strcpy(a->digest.cnonce, "0a4f113b");
}

TEST(a_digest_is_said_as_the_standard_says)
{
    struct auth a;
    bide__auth_start(&a, AUTH_NONE);
    CHECK(hears(&a, &mufasa, 0, CHALLENGE "MD5", NULL));
    use_cnonce(&a);
    CHECK_STR(said(&a, &mufasa, "/dir/index.html"),
              "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
              "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", "
              "response=\"6f8499a90f2b27bcee5b094580c69aae\", algorithm=MD5, qop=auth, "
              "nc=00000001, cnonce=\"0a4f113b\", "
              "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
    CHECK_HAS(said(&a, &mufasa, "/x"), "nc=00000002");
    bide__auth_end(&a);
}

TEST(the_strongest_is_chosen)
{
    struct auth a;
    bide__auth_start(&a, AUTH_NONE);
    CHECK(hears(&a, &mufasa, 0, "Basic realm=\"x\", " CHALLENGE "MD5", CHALLENGE "SHA-256-sess"));
    CHECK_HAS(said(&a, &mufasa, "/"), "algorithm=SHA-256-sess");
    CHECK(hears(&a, &mufasa, 0, CHALLENGE "SHA-512-256", CHALLENGE "SHA-256, Basic realm=\"x\""));
    CHECK_HAS(said(&a, &mufasa, "/"), "algorithm=SHA-512-256,");
    CHECK(hears(&a, &mufasa, 0, CHALLENGE "SHA-1024", "Basic realm=x"));
    CHECK_HAS(said(&a, &mufasa, "/"), "Basic ");
    CHECK(!hears(&a, &mufasa, 0, CHALLENGE "SHA-1024", NULL));
    CHECK(!hears(&a, &mufasa, 0, "Digest realm=x, nonce=y, qop=\"odd\"", "Digest realm=x"));
    bide__auth_end(&a);
}

TEST(wrong_credentials_are_not_said_twice)
{
    struct auth a;
    bide__auth_start(&a, AUTH_NONE);
    CHECK(hears(&a, &mufasa, 0, "Digest realm=r, nonce=one", NULL));
    CHECK(!hears(&a, &mufasa, 1, "Digest realm=r, nonce=two", NULL));
    CHECK(!hears(&a, &mufasa, 1, "Digest realm=r, nonce=two, stale=true", NULL));
    CHECK(hears(&a, &mufasa, 1, "Digest realm=r, nonce=three, stale=TRUE", NULL));
    CHECK(hears(&a, &mufasa, 2, "Digest realm=r, nonce=four, stale=true", NULL));
    CHECK(!hears(&a, &mufasa, 3, "Digest realm=r, nonce=five, stale=true", NULL));
    bide__auth_end(&a);
}

TEST(what_has_worked_may_have_become_stale)
{
    struct auth a;
    bide__auth_start(&a, AUTH_NONE);
    CHECK(hears(&a, &mufasa, 0, "Digest realm=r, nonce=one", NULL));
    bide__auth_worked(&a);
    CHECK(hears(&a, &mufasa, 1, "Digest realm=r, nonce=two", NULL));
    CHECK(!hears(&a, &mufasa, 2, "Digest realm=r, nonce=three", NULL));
    bide__auth_end(&a);
}

TEST(digest_is_said_where_basic_was_refused)
{
    struct auth a;
    bide__auth_start(&a, AUTH_BASIC);
    CHECK(hears(&a, &mufasa, 1, "Digest realm=r, nonce=one", NULL));
    CHECK_HAS(said(&a, &mufasa, "/"), "Digest username=\"Mufasa\"");
    bide__auth_end(&a);
}

TEST(old_digests_have_no_count)
{
    struct auth a;
    struct credentials odd = { .user = "a\"b\\c", .password = "x" };
    bide__auth_start(&a, AUTH_NONE);
    CHECK(hears(&a, &odd, 0, "Digest realm=\"q\\\"r\", nonce=one", NULL));
    const char *text = said(&a, &odd, "/");
    CHECK_HAS(text, "username=\"a\\\"b\\\\c\", realm=\"q\\\"r\", nonce=\"one\"");
    CHECK(!strstr(text, "nc=") && !strstr(text, "algorithm") && !strstr(text, "opaque"));
    bide__auth_end(&a);
}

TEST(names_are_hidden_or_encoded_where_the_server_knows_how)
{
    struct auth a;
    struct credentials jason = { .user = "J\xc3\xa4s\xc3\xb8n Doe", .password = "x" };
    bide__auth_start(&a, AUTH_NONE);
    CHECK(hears(&a, &jason, 0, "Digest realm=\"api@example.org\", nonce=n, qop=\"auth\", "
                "algorithm=SHA-512-256, charset=UTF-8, userhash=true", NULL));
    const char *text = said(&a, &jason, "/");
    CHECK_HAS(text, "username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
    CHECK_HAS(text, ", userhash=true");
    CHECK(hears(&a, &jason, 0, "Digest realm=r, nonce=n, charset=UTF-8", NULL));
    CHECK_HAS(said(&a, &jason, "/"), "Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, realm");
    bide__auth_end(&a);
}

TEST(auth_int_wants_the_body_in_memory)
{
    struct auth a;
    bide__auth_start(&a, AUTH_NONE);
    CHECK(hears(&a, &mufasa, 0, "Digest realm=r, nonce=n, qop=\"auth-int\"", NULL));
    CHECK_HAS(said(&a, &mufasa, "/"), "qop=auth-int");
    char out[1000];
    struct writer w = { .at = out, .room = sizeof out };
    struct auth_request streamed = { .method = text_from("PUT"), .target = text_from("/") };
    CHECK(bide__auth_write(&a, &mufasa, &streamed, &w));
    CHECK_EQ(w.code, BIDE_EINVAL);
    CHECK_HAS(w.why, "in memory");
    bide__auth_end(&a);
}

TEST(the_server_may_name_the_next_nonce)
{
    struct auth a;
    bide__auth_start(&a, AUTH_NONE);
    CHECK(hears(&a, &mufasa, 0, CHALLENGE "MD5", NULL));
    said(&a, &mufasa, "/");
    bide__auth_info(&a, text_from("qop=auth, rspauth=\"x\", nc=00000001, nextnonce=\"two\""));
    const char *text = said(&a, &mufasa, "/");
    CHECK_HAS(text, "nonce=\"two\"");
    CHECK_HAS(text, "nc=00000001");
    CHECK_HAS(text, "realm=\"http-auth@example.org\"");
    CHECK_HAS(text, "opaque=\"FQhe");
    bide__auth_info(&a, text_from("nextnonce=\"thr"));
    bide__auth_info(&a, text_from(""));
    bide__auth_info(&a, text_from("Digest x"));
    CHECK_HAS(said(&a, &mufasa, "/"), "nonce=\"two\"");
    bide__auth_end(&a);
}

TEST(a_challenge_has_a_largest_size)
{
    static char header[2 * AUTH_TEXT_MAX];
    for (int more = 0; more < 2; more++) {
        struct auth a;
        bide__auth_start(&a, AUTH_NONE);
        snprintf(header, sizeof header, "Digest realm=r, nonce=%0*d", AUTH_TEXT_MAX + more, 0);
        CHECK_EQ(hears(&a, &mufasa, 0, header, NULL), more == 0);
        bide__auth_end(&a);
    }
}
#endif

TEST(what_is_known_is_kept_by_origin_and_user)
{
    struct auth_cache cache = { NULL };
    struct auth *a = bide__auth_get(&cache, "http://a:80", &aladdin, AUTH_BASIC);
    struct auth *b = bide__auth_get(&cache, "http://b:80", &aladdin, AUTH_NONE);
    struct auth *again = bide__auth_get(&cache, "http://a:80", &aladdin, AUTH_NONE);
    CHECK(a && b && a != b && a == again && again->scheme == AUTH_BASIC);
    struct credentials other = { .user = "other" }, token = { .bearer = "x" };
    struct auth *c = bide__auth_get(&cache, "http://a:80", &other, AUTH_NONE);
    struct auth *d = bide__auth_get(&cache, "http://a:80", &token, AUTH_BEARER);
    CHECK(c && d && c != a && d != c);
    bide__auth_unref(again);
    bide__auth_unref(b);
    bide__auth_unref(c);
    bide__auth_unref(d);
    for (int i = 0; i < AUTH_KEPT_MAX; i++) {
        char key[30];
        snprintf(key, sizeof key, "http://h%d:80", i);
        bide__auth_unref(bide__auth_get(&cache, key, &aladdin, AUTH_NONE));
    }
    CHECK_EQ(bide_strmap_count(cache.all), AUTH_KEPT_MAX);
    CHECK_EQ(a->owners, 1);
    CHECK_STR(said(a, &aladdin, "/"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    bide__auth_cache_end(&cache);
    bide__auth_unref(a);
    bide__auth_unref(NULL);
}
