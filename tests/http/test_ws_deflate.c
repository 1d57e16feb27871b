/* permessage-deflate: the standard's own examples, what goes in comes out, and what is damaged. */
#include "test.h"

#include "base/memory.h"
#include "http/heap_writer.h"
#include "http/ws_deflate.h"

#include <bide/error.h>
#include <bide/memory.h>
#include <stdlib.h>
#include <string.h>

#ifdef BIDE_ZLIB
#define BYTES(text) "" text "", sizeof(text) - 1

static const struct ws_params usual = { .deflate = true, .server_bits = 12, .client_bits = 15 };

/* One message in pieces of `piece` bytes; what came out, or < 0. */
static ssize_t inflate_all(struct ws_deflate *d, const char *in, size_t size, size_t piece,
                           char *out, size_t room, size_t out_piece)
{
    size_t done = 0, got = 0;
    for (;;) {
        size_t some = size - done < piece ? size - done : piece;
        struct coding_pieces p = { .in = in + done, .in_size = some, .out = out + got,
                                   .room = room - got < out_piece ? room - got : out_piece,
                                   .last = done + some == size };
        size_t before = p.room;
        int rc = bide__ws_inflate(d, &p);
        done += some - p.in_size;
        got += before - p.room;
        if (rc != 0)
            return rc < 0 ? rc : (ssize_t)got;
        if (got == room)
            return BIDE_ELIMIT;
    }
}

static const struct { const char *in; size_t size; const char *text; } examples[] = {
    { BYTES("\xf2\x48\xcd\xc9\xc9\x07\x00"), "Hello" },             /* section 7.2.3.1 */
    { BYTES("\xf2\x00\x11\x00\x00"), "Hello" },                     /* 7.2.3.2, with the window */
    { BYTES("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"), "Hello" },     /* 7.2.3.3 */
    { BYTES("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), "Hello" },         /* 7.2.3.4: a last block */
    { BYTES("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), "Hello" },     /* 7.2.3.5 */
    { BYTES("\x00"), "" }, { BYTES("\x02\x00"), "" },
};

TEST(the_standards_examples_are_inflated_however_they_are_cut)
{
    char out[100];
    for (size_t piece = 1; piece < 14; piece++)
        for (size_t out_piece = 1; out_piece < 8; out_piece++) {
            struct ws_deflate *d = bide__ws_deflate_new(&usual, true);
            for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
                ssize_t size = inflate_all(d, examples[i].in, examples[i].size, piece, out,
                                           sizeof out, out_piece);
                CHECK_EQ(size, strlen(examples[i].text));
                CHECK_MEM(out, examples[i].text, strlen(examples[i].text));
            }
            bide__ws_deflate_free(d);
        }
}

static const struct { const char *in; size_t size; } damaged[] = {
    { BYTES("\x07") }, { BYTES("\xf2\x48\xcd\xc9") }, { BYTES("\x00\x09\x00\xf6\xff\x48") },
    { BYTES("\x00\x05\x00\xfa\xfe\x48\x65\x6c\x6c\x6f") }, { BYTES("\xff\xff\xff\xff\xff\xff") },
    { BYTES("\xf2\x00\x11\x00\x00") },
};

TEST(damaged_messages_are_refused_however_they_are_cut)
{
    char out[100];
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++)
        for (size_t piece = 1; piece < 12; piece++) {
            struct ws_deflate *d = bide__ws_deflate_new(&usual, true);
            CHECK_EQ(inflate_all(d, damaged[i].in, damaged[i].size, piece, out, sizeof out, 100),
                     BIDE_EWS);
            bide__ws_deflate_free(d);
        }
}

/* ---- both ways ---- */

static size_t fill(char *text, size_t size, unsigned kind)
{
    uint32_t random = kind + 1;
    for (size_t i = 0; i < size; i++) {
        random = random * 1664525 + 1013904223;
        text[i] = (char)(kind == 0 ? 'a' : kind == 1 ? "the same again "[i % 15]
                                                     : (int)(random >> 24));
    }
    return size;
}

static void send_through(struct ws_deflate *from, struct ws_deflate *to, const char *text,
                         size_t size, size_t parts)
{
    static char out[100001];
    struct writer w = bide__heap_writer();
    for (size_t i = 0; i < parts; i++) {
        size_t begin = size * i / parts, end = size * (i + 1) / parts;
        CHECK_EQ(bide__ws_deflate(from, &w, text + begin, end - begin, i + 1 == parts), 0);
    }
    CHECK_EQ(inflate_all(to, w.at, w.size, SIZE_MAX, out, sizeof out, SIZE_MAX), size);
    CHECK_MEM(out, text, size);
    bide__free(w.at);
}

static void send_all_through(const struct ws_params *p)
{
    static const size_t sizes[] = { 0, 1, 31, 500, 5000, 40000, 100000 };
    static char text[100000];
    struct ws_deflate *server = bide__ws_deflate_new(p, true);
    struct ws_deflate *client = bide__ws_deflate_new(p, false);
    for (unsigned kind = 0; kind < 4; kind++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            size_t parts = 1 + i % 3;
            fill(text, sizes[i], kind);
            if (bide__ws_deflate_can(server))
                send_through(server, client, text, sizes[i], parts);
            if (bide__ws_deflate_can(client))
                send_through(client, server, text, sizes[i], parts);
            if (i == 4) {
                bide__ws_deflate_rest(server);
                bide__ws_deflate_rest(client);
            }
        }
    bide__ws_deflate_free(server);
    bide__ws_deflate_free(client);
}

TEST(what_is_deflated_comes_out_with_every_agreement)
{
    for (unsigned resets = 0; resets < 4; resets++)
        for (uint8_t bits = 8; bits <= 15; bits++)
            send_all_through(&(struct ws_params){
                .deflate = true, .server_resets = resets & 1, .client_resets = resets & 2,
                .server_bits = bits, .client_bits = (uint8_t)(23 - bits) });
}

TEST(a_message_refers_to_the_one_before_unless_they_are_independent)
{
    const char *text = "one two three four five six seven eight nine ten eleven twelve";
    for (int resets = 0; resets < 2; resets++) {
        struct ws_params p = usual;
        p.server_resets = resets;
        struct ws_deflate *d = bide__ws_deflate_new(&p, true);
        struct writer w = bide__heap_writer();
        CHECK_EQ(bide__ws_deflate(d, &w, text, strlen(text), true), 0);
        size_t first = w.size;
        CHECK_EQ(bide__ws_deflate(d, &w, text, strlen(text), true), 0);
        if (resets)
            CHECK_EQ(w.size - first, first);
        else
            CHECK(w.size - first < first / 3);
        bide__free(w.at);
        bide__ws_deflate_free(d);
    }
}

TEST(a_bomb_fills_no_more_than_the_room_it_is_given)
{
    static char text[1000000], out[10000];
    struct ws_deflate *server = bide__ws_deflate_new(&usual, true);
    struct ws_deflate *client = bide__ws_deflate_new(&usual, false);
    struct writer w = bide__heap_writer();
    CHECK_EQ(bide__ws_deflate(server, &w, text, sizeof text, true), 0);
    CHECK(w.size < 2000);
    CHECK_EQ(inflate_all(client, w.at, w.size, SIZE_MAX, out, sizeof out, SIZE_MAX), BIDE_ELIMIT);
    bide__free(w.at);
    bide__ws_deflate_free(server);
    bide__ws_deflate_free(client);
}

/* ---- out of memory ---- */

static int until_refusal;

static void *scarce_alloc(size_t size)
{
    return until_refusal-- > 0 ? malloc(size) : NULL;
}

static void *scarce_resize(void *memory, size_t size)
{
    return until_refusal-- > 0 ? realloc(memory, size) : NULL;
}

static void exchange_while_scarce(struct ws_deflate *server, struct ws_deflate *client)
{
    static char text[20000], out[20001];
    struct writer w = bide__heap_writer();
    fill(text, sizeof text, 2);
    int rc = bide__ws_deflate(server, &w, text, sizeof text, true);
    if (rc == 0) {
        ssize_t size = inflate_all(client, w.at, w.size, SIZE_MAX, out, sizeof out, SIZE_MAX);
        CHECK(size == sizeof text || size == BIDE_ENOMEM);
    } else {
        CHECK_EQ(rc, BIDE_ENOMEM);
        CHECK_EQ(w.size, 0);
    }
    bide__free(w.at);
}

TEST(without_memory_a_message_fails_and_the_next_one_is_whole)
{
    const struct bide_allocator scarce = { scarce_alloc, scarce_resize, free };
    CHECK_EQ(bide_allocator_set(&scarce), 0);
    for (int allowed = 0; allowed < 20; allowed++) {
        until_refusal = 1000;
        struct ws_deflate *server = bide__ws_deflate_new(&usual, true);
        struct ws_deflate *client = bide__ws_deflate_new(&usual, false);
        until_refusal = allowed;
        exchange_while_scarce(server, client);
        until_refusal = 1000;
        bide__ws_deflate_free(client);
        client = bide__ws_deflate_new(&usual, false);
        exchange_while_scarce(server, client);
        bide__ws_deflate_free(server);
        bide__ws_deflate_free(client);
    }
    bide_allocator_set(NULL);
}
#endif
