/* The opening handshake and the agreement on permessage-deflate, as texts. */
#include "test.h"

#include "http/sha1.h"
#include "http/ws_handshake.h"
#include "http/ws_params.h"

#include <stdio.h>
#include <string.h>

/* ---- SHA-1 ---- */

static void check_hash(const char *text, size_t size, const char *expected)
{
    uint8_t hash[SHA1_SIZE];
    char hex[2 * SHA1_SIZE + 1];
    bide__sha1(text, size, hash);
    for (unsigned i = 0; i < SHA1_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    CHECK_STR(hex, expected);
}

TEST(sha1_is_the_standards)
{
    static char many[1000000];
    memset(many, 'a', sizeof many);
    check_hash("", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    check_hash("abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d");
    check_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
               "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    check_hash(many, sizeof many, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(sha1_ends_right_at_every_size)
{
    uint8_t hash[SHA1_SIZE], sum[SHA1_SIZE] = { 0 };
    char text[200], hex[2 * SHA1_SIZE + 1];
    memset(text, 'x', sizeof text);
    for (size_t size = 0; size < sizeof text; size++) {
        bide__sha1(text, size, hash);
        for (unsigned i = 0; i < SHA1_SIZE; i++)
            sum[i] ^= hash[i];
    }
    for (unsigned i = 0; i < SHA1_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    CHECK_STR(hex, "3537180328dc52a4bb13d7ebe6bbcddaaadbcd04");
}

/* ---- keys ---- */

TEST(the_standards_key_has_the_standards_answer)
{
    static const uint8_t bytes[16] = "the sample nonce";
    char key[WS_KEY_SIZE], accept[WS_ACCEPT_SIZE];
    bide__ws_key(key, bytes);
    CHECK_MEM(key, "dGhlIHNhbXBsZSBub25jZQ==", WS_KEY_SIZE);
    bide__ws_accept(accept, text_of(key, sizeof key));
    CHECK_MEM(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WS_ACCEPT_SIZE);
}

/* ---- what a server asks ---- */

#define KEY "dGhlIHNhbXBsZSBub25jZQ=="

static struct ws_asked good(void)
{
    return (struct ws_asked){ .is_get = true, .upgrades = true,
                              .upgrade = text_from("websocket"), .key = text_from(KEY),
                              .version = text_from("13"), .host = text_from("example.org") };
}

static void check_refused(const struct ws_asked *a, const char *origins, int status,
                          const char *why)
{
    const char *said = NULL;
    CHECK_EQ(bide__ws_check(a, origins, &said), status);
    CHECK_STR(said, why);
}

TEST(a_handshake_is_refused_for_what_it_lacks)
{
    struct ws_asked a = good();
    check_refused(&a, NULL, 0, NULL);
    a.upgrade = text_from("h2c, WebSocket");
    check_refused(&a, NULL, 0, NULL);
    a.upgrade = text_from("h2c");
    check_refused(&a, NULL, 426, "this is a WebSocket: ask for it with Upgrade: websocket");
    a.upgrade = text_of(NULL, 0);
    check_refused(&a, NULL, 426, "this is a WebSocket: ask for it with Upgrade: websocket");
    a = good();
    a.upgrades = false;
    check_refused(&a, NULL, 426, "this is a WebSocket: ask for it with Upgrade: websocket");
    a = good();
    a.is_get = false;
    check_refused(&a, NULL, 400, "a WebSocket is asked for by GET, in HTTP/1.1");
    a = good();
    a.version = text_from("8");
    check_refused(&a, NULL, 426, "the version of WebSocket here is 13");
    a.version = text_of(NULL, 0);
    check_refused(&a, NULL, 400, "the version of WebSocket here is 13");
}

TEST(a_key_is_sixteen_bytes_in_base64)
{
    static const char *const bad[] = {
        "", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZR==",
        "dGhlIHNhbXBsZSBub25j!Q==", "dGhlIHNhbXBsZSBub25jZQ==x", "dGhlIHNhbXBsZSBub25jZQ=A",
    };
    struct ws_asked a = good();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        a.key = text_from(bad[i]);
        check_refused(&a, NULL, 400, "Sec-WebSocket-Key is not there, or is none");
    }
}

static const struct { const char *origin, *host, *origins; bool may; } origins[] = {
    { "http://example.org", "example.org", NULL, true },
    { "https://example.org", "example.org", NULL, true },
    { "http://example.org:80", "example.org", NULL, true },
    { "https://EXAMPLE.org", "example.ORG:443", NULL, true },
    { "http://example.org:8080", "example.org:8080", NULL, true },
    { "http://example.org", "example.org:8080", NULL, false },
    { "http://evil.example", "example.org", NULL, false },
    { "http://example.org.evil.example", "example.org", NULL, false },
    { "http://notexample.org", "example.org", NULL, false },
    { "null", "example.org", NULL, false }, { "", "example.org", NULL, false },
    { "file://", "", NULL, false },
    { "http://evil.example", "example.org", "*", true },
    { "https://a.example", "x", "https://a.example https://b.example", true },
    { "https://b.example", "x", "https://a.example https://b.example", true },
    { "https://b.example", "x", "https://a.example, https://B.example", true },
    { "http://b.example", "x", "https://a.example https://b.example", false },
    { "https://x", "x", "https://a.example", false }, { "", "x", "https://a.example ", false },
};

TEST(pages_of_other_origins_may_not_connect_unless_named)
{
    const char *why;
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        struct ws_asked a = good();
        a.origin = text_from(origins[i].origin);
        a.host = text_from(origins[i].host);
        CHECK_EQ(bide__ws_check(&a, origins[i].origins, &why), origins[i].may ? 0 : 403);
    }
}

/* ---- protocols ---- */

static void check_protocol(const char *ours, const char *theirs, const char *chosen)
{
    struct text text = bide__ws_protocol_choose(ours, text_from(theirs));
    CHECK_EQ(text.at != NULL, chosen != NULL);
    CHECK(!chosen || bide__text_is(text, chosen));
}

TEST(the_servers_first_protocol_that_is_offered_is_taken)
{
    check_protocol("chat.v2, chat", "chat, chat.v2", "chat.v2");
    check_protocol("chat.v2,chat", "chat", "chat");
    check_protocol("chat", "superchat , chat,", "chat");
    check_protocol("chat", "Chat", NULL);
    check_protocol("chat", "chatter, xchat", NULL);
    check_protocol("chat", "", NULL);
    CHECK(bide__ws_protocol_is("a, b", text_from("b")));
    CHECK(!bide__ws_protocol_is("a, b", text_from("c")));
    CHECK(!bide__ws_protocol_is(NULL, text_from("c")));
    CHECK(bide__ws_protocols_are("a, b.c"));
    CHECK(!bide__ws_protocols_are("a, b c"));
    CHECK(!bide__ws_protocols_are(" , "));
}

/* ---- permessage-deflate ---- */

static void write_answer(char out[200], const struct ws_params *p)
{
    struct writer w = { .at = out, .room = 199 };
    if (p->deflate)
        bide__ws_params_answer(&w, p);
    out[w.size] = '\0';
}

#define ALL "permessage-deflate; server_max_window_bits=12"
static const struct { const char *offer, *answer; int rc; } offers[] = {
    { "permessage-deflate", ALL, 0 },
    { "permessage-deflate; client_max_window_bits", ALL "; client_max_window_bits=12", 0 },
    { "Permessage-Deflate ; Client_max_window_bits = \"10\"",
      ALL "; client_max_window_bits=10", 0 },
    { "permessage-deflate; client_max_window_bits=15", ALL "; client_max_window_bits=12", 0 },
    { "permessage-deflate; server_max_window_bits=8",
      "permessage-deflate; server_max_window_bits=8", 0 },
    { "permessage-deflate; server_max_window_bits=15", ALL, 0 },
    { "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
      "server_max_window_bits=12", 0 },
    { "x-webkit-deflate-frame, permessage-deflate", ALL, 0 },
    { "permessage-deflate; server_max_window_bits=7, permessage-deflate", ALL, 0 },
    { "permessage-deflate; server_max_window_bits, permessage-deflate; server_max_window_bits=9",
      "permessage-deflate; server_max_window_bits=9", 0 },
    { "permessage-deflate; server_max_window_bits=010", "", 0 },
    { "permessage-deflate; server_max_window_bits=16", "", 0 },
    { "permessage-deflate; client_max_window_bits=7", "", 0 },
    { "permessage-deflate; client_max_window_bits=", "", -1 },
    { "permessage-deflate; server_no_context_takeover=1", "", 0 },
    { "permessage-deflate; server_no_context_takeover; server_no_context_takeover", "", 0 },
    { "permessage-deflate; what=ever", "", 0 }, { "permessage-deflate; what", "", 0 },
    { "permessage-bzip2", "", 0 }, { "", "", 0 }, { " , ,", "", 0 },
    { "permessage-deflate;", "", -1 }, { "permessage-deflate foo", "", -1 }, { "=", "", -1 },
    { "permessage-deflate; a=\"b", "", -1 }, { "permessage-deflate; a=\"b c\"", "", -1 },
};

TEST(a_server_takes_the_first_offer_that_it_can_keep)
{
    char answer[200];
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
        struct ws_params p = { 0 };
        CHECK_EQ(bide__ws_params_choose(&p, text_from(offers[i].offer), false), offers[i].rc);
        write_answer(answer, &p);
        CHECK_STR(answer, offers[i].answer);
    }
}

TEST(a_server_that_wants_messages_independent_says_so)
{
    char answer[200];
    struct ws_params p = { 0 };
    CHECK_EQ(bide__ws_params_choose(&p, text_from("permessage-deflate"), true), 0);
    write_answer(answer, &p);
    CHECK_STR(answer, "permessage-deflate; server_no_context_takeover; "
              "client_no_context_takeover; server_max_window_bits=12");
}

static const struct {
    const char *answer;
    bool resets;
    int rc;
    uint8_t server, client;
} answers[] = {
    { "permessage-deflate", false, 0, 15, 15 },
    { "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9", false, 0, 10, 9 },
    { "permessage-deflate; server_no_context_takeover", true, 0, 15, 15 },
    { "permessage-deflate", true, -1, 0, 0 },
    { "permessage-deflate; client_max_window_bits", false, -1, 0, 0 },
    { "permessage-deflate; client_max_window_bits=99", false, -1, 0, 0 },
    { "permessage-deflate; surprise", false, -1, 0, 0 },
    { "permessage-deflate, permessage-deflate", false, -1, 0, 0 },
    { "permessage-bzip2", false, -1, 0, 0 },
    { "permessage-deflate;", false, -1, 0, 0 },
    { "", false, 0, 0, 0 },
};

TEST(a_client_takes_no_answer_that_it_did_not_offer)
{
    const char *why;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct ws_params p = { 0 };
        int rc = bide__ws_params_agree(&p, text_from(answers[i].answer), true, answers[i].resets,
                                       &why);
        CHECK_EQ(rc, answers[i].rc);
        CHECK(rc < 0 || (p.server_bits == answers[i].server && p.client_bits == answers[i].client));
    }
    struct ws_params p = { 0 };
    CHECK_EQ(bide__ws_params_agree(&p, text_from("permessage-deflate"), false, false, &why), -1);
    CHECK_STR(why, "the server uses an extension that was not offered");
}
