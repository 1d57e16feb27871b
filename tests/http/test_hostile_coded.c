/* Coded bodies that are cut, wrong, or bombs: what cannot be decoded to its end is no result, and
 * nothing is decoded without end. */
#include "hostile.h"

#include "codings.h"

/* ---- cut ---- */

struct coded { const char *coding, *body; size_t size; const char *text; };

static const struct coded coded[] = {
#ifdef BIDE_ZLIB
    { "gzip", BYTES(GZIP), CODINGS_TEXT }, { "deflate", BYTES(ZLIB), CODINGS_TEXT },
    { "deflate", BYTES(RAW), CODINGS_TEXT },
#endif
#ifdef BIDE_BROTLI
    { "br", BYTES(BROTLI), CODINGS_TEXT },
#endif
#ifdef BIDE_ZSTD
    { "zstd", BYTES(ZSTD), CODINGS_TEXT },
#endif
    { NULL, BYTES(""), NULL },
};

enum framing_kind { LENGTH, CHUNKS, UNTIL_CLOSE, FRAMINGS };

static size_t compose(char *out, const struct coded *c, enum framing_kind framing)
{
    size_t size = (size_t)sprintf(out, "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\n", c->coding);
    if (framing == LENGTH)
        size += (size_t)sprintf(out + size, "Content-Length: %zu\r\n\r\n", c->size);
    else if (framing == CHUNKS)
        size += (size_t)sprintf(out + size, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", c->size);
    else
        size += (size_t)sprintf(out + size, "\r\n");
    memcpy(out + size, c->body, c->size);
    size += c->size;
    return framing == CHUNKS ? size + (size_t)sprintf(out + size, "\r\n0\r\n\r\n") : size;
}

/* gzip: whole when its last byte is there, however the body ends. */
static void cut_each(const struct coded *c, enum framing_kind framing)
{
    struct hostile h = { .stand.talk = hostile_talk, .end = HOSTILE_CLOSE };
    char reply[1024];
    size_t size = compose(reply, c, framing);
    STAND(&h.stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    for (size_t cut = 1; cut <= size; cut++) {
        struct hostile_outcome o;
        hostile_says(&h, reply, size);
        h.cut = cut;
        hostile_ask(&o, session, h.stand.url, cut % 4 * 5);
        bool right = cut == size ? o.code == 0 && strcmp(o.text, c->text) == 0
                                 : o.code == BIDE_EEOF || o.code == BIDE_EHTTP;
        /* An empty body until the close is nothing, coded or not. */
        if (framing == UNTIL_CLOSE && o.code == 0 && o.size == 0 && cut == size - c->size)
            right = true;
        if (!right)
            test_fail(__FILE__, __LINE__, "%s (framing %d) cut after %zu of %zu: %d, \"%s\"",
                      c->coding, framing, cut, size, o.code, o.text);
        if (cut < size)
            hostile_is_over(session, h.stand.url, c->coding);
    }
}

TASK_TEST(what_is_not_decoded_to_its_end_is_no_result)
{
    for (const struct coded *c = coded; c->coding; c++)
        for (int framing = 0; framing < FRAMINGS; framing++)
            cut_each(c, (enum framing_kind)framing);
}

/* Each bit of it wrong, one after the other: an error or a text, and the session lives. */
TASK_TEST(a_coded_body_with_an_error_in_it_ends)
{
    for (const struct coded *c = coded; c->coding; c++) {
        struct hostile h = { .stand.talk = hostile_talk };
        char reply[1024];
        size_t size = compose(reply, c, LENGTH);
        STAND(&h.stand);
        bide_auto(session) session = bide_session_open(.limit = 1);
        int refused = 0;
        for (size_t at = size - c->size; at < size; at++) {
            struct hostile_outcome o;
            reply[at] ^= (char)(1 << at % 8);
            hostile_says(&h, reply, size);
            hostile_ask(&o, session, h.stand.url, at % 3);
            reply[at] ^= (char)(1 << at % 8);
            refused += o.code != 0;
            if (o.code != 0)
                hostile_is_over(session, h.stand.url, c->coding);
        }
        CHECK(refused > 0);
    }
}

/* ---- bombs ---- */

/* Bytes that decode to zeros, and then to more of them with each one that follows. */
#define GZIP_START "\x1f\x8b\x08\0\0\0\0\0\0\3"
#define ZEROS "\xed\xc1\x31\x01\0\0\0\xc2\xa0\xf5\x4f\x6d\x08\x5f\xa0"
#define STORED "\0\x19\0\xe6\xff"       /* a block of 25 bytes as they are */
#define ZSTD_START "\x28\xb5\x2f\xfd\0\x58"
#define ZSTD_ZEROS "\2\0\x10\0"         /* a block of 128 KiB */

struct bomb { struct hostile h; const char *again; size_t again_size; uint64_t sent; };

static int bomb_talk(bide_stream *s, struct stand *stand)
{
    struct bomb *bomb = (struct bomb *)(void *)stand;
    char block[4000];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = bomb->again[i % bomb->again_size];
    while (stand_read(s, stand) > 0) {
        if (strstr(stand->last, " /ok HTTP/1.1\r\n")) {
            if (bide_printf(s, OK(7) "healthy") < 0)
                return 0;
            continue;
        }
        int rc = bide_write(s, stand->reply, stand->reply_size);
        for (bomb->sent = 0; rc == 0; bomb->sent += sizeof block)
            rc = bide_write(s, block, sizeof block);
        return rc == BIDE_ECANCELED ? rc : 0;
    }
    return 0;
}

#define BOMB(coding, start) BYTES("HTTP/1.1 200 OK\r\nContent-Encoding: " coding "\r\n\r\n" start)
static const struct { const char *reply; size_t size; const char *again; size_t again_size; }
bombs[] = {
#ifdef BIDE_ZLIB
    { BOMB("gzip", GZIP_START ZEROS), BYTES("\0") },
    { BOMB("deflate", ZEROS), BYTES("\0") },
    { BOMB("gzip, gzip", GZIP_START STORED GZIP_START ZEROS ZEROS), BYTES("\0") },
#endif
#ifdef BIDE_ZSTD
    { BOMB("zstd", ZSTD_START), BYTES(ZSTD_ZEROS) },
#endif
    { NULL, 0, NULL, 0 },
};

TASK_TEST(a_bomb_is_told_from_a_body)
{
    for (int i = 0; bombs[i].reply; i++) {
        struct bomb bomb = { .h.stand = { .talk = bomb_talk, .reply = bombs[i].reply,
                                          .reply_size = bombs[i].size },
                             .again = bombs[i].again, .again_size = bombs[i].again_size };
        STAND(&bomb.h.stand);
        bide_auto(session) session = bide_session_open(.limit = 1);
        for (size_t piece = 0; piece < 60; piece += 50) {
            struct hostile_outcome o;
            hostile_ask(&o, session, bomb.h.stand.url, piece);
            if (o.code != BIDE_ELIMIT || !strstr(o.text, "bomb"))
                test_fail(__FILE__, __LINE__, "%d: %d, \"%s\"", i, o.code, o.text);
            hostile_is_over(session, bomb.h.stand.url, "a bomb");
        }
    }
}

/* Who wants it so gets it, but not more into memory than said. */
TASK_TEST(a_bomb_that_is_wanted_still_has_its_size)
{
    for (int i = 0; bombs[i].reply; i++) {
        struct bomb bomb = { .h.stand = { .talk = bomb_talk, .reply = bombs[i].reply,
                                          .reply_size = bombs[i].size },
                             .again = bombs[i].again, .again_size = bombs[i].again_size };
        STAND(&bomb.h.stand);
        bide_auto(session) session = bide_session_open(.limit = 1, .body_max = 3000000,
                                                       .inflate_max = 1e18);
        struct hostile_outcome o;
        hostile_ask(&o, session, bomb.h.stand.url, 0);
        CHECK_EQ(o.code, BIDE_ELIMIT);
        CHECK_HAS(o.text, "longer than the 3000000 bytes allowed");
        hostile_is_over(session, bomb.h.stand.url, "a wanted bomb");
        bide_auto(response) r = bide_get(session, bomb.h.stand.url);
        static char bytes[65536];
        for (size_t all = 0; all < 8000000;) {
            ssize_t got = bide_response_read(r, bytes, sizeof bytes);
            CHECK(got > 0);
            all += (size_t)got;
        }
    }
}

#ifdef BIDE_ZLIB
static const struct hostile_reply lists[] = {
    REFUSED("unknown", "HTTP/1.1 200 OK\r\nContent-Encoding: rot13\r\nContent-Length: 2\r\n\r\nok",
            BIDE_EHTTP, "Content-Encoding rot13"),
    REFUSED("too many", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip, gzip, gzip\r\n"
            "Content-Length: 2\r\n\r\nok", 0, "Content-Encoding"),
    REFUSED("nothing in it", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n"
            "\r\nok", BIDE_EHTTP, "decoding"),
    REFUSED("something behind", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" GZIP "x",
            BIDE_EHTTP, "follows"),
    MEANS("identity", "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 2\r\n"
          "\r\nok", "ok"),
    MEANS("empty", "HTTP/1.1 200 OK\r\nContent-Encoding:\r\nContent-Length: 2\r\n\r\nok", "ok"),
    MEANS("no body", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", ""),
    MEANS("an old name", "HTTP/1.1 200 OK\r\nContent-Encoding: X-GZip\r\n\r\n" GZIP, CODINGS_TEXT),
};

TASK_TEST(a_coding_is_one_that_is_known)
{
    struct hostile h = { .stand.talk = hostile_talk, .end = HOSTILE_CLOSE };
    STAND(&h.stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    for (size_t i = 0; i < 2 * sizeof lists / sizeof *lists; i++) {
        const struct hostile_reply *reply = &lists[i / 2];
        struct hostile_outcome o;
        hostile_says(&h, reply->reply, reply->size);
        hostile_ask(&o, session, h.stand.url, i % 2 * 7);
        bool right = reply->body ? o.code == 0 && strcmp(o.text, reply->body) == 0
                                 : o.code < 0 && strstr(o.text, reply->why);
        if (!right)
            test_fail(__FILE__, __LINE__, "\"%s\": %d, \"%s\"", reply->name, o.code, o.text);
        if (o.code)
            CHECK_EQ(bide_session_connections(session), 0);
    }
}
#endif
