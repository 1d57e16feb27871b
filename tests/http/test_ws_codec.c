/* The pure parts of WebSocket: heads of frames, masks, UTF-8, close frames. */
#include "test.h"

#include "http/ws_close.h"
#include "http/ws_frame.h"
#include "http/ws_mask.h"
#include "http/ws_utf8.h"

#include <bide/error.h>
#include <stdio.h>
#include <string.h>

#define BYTES(text) "" text "", sizeof(text) - 1

/* ---- heads ---- */

static const struct {
    const char *bytes;
    size_t size;
    int rc;                     /* the head's size, or BIDE_EWS */
    bool masked, deflate;       /* the rules */
    const char *why;
} heads[] = {
    { BYTES("\x81\x05"), 2, false, false, NULL },
    { BYTES("\x82\x7d"), 2, false, false, NULL },
    { BYTES("\x01\x03"), 2, false, false, NULL },
    { BYTES("\x80\x02"), 2, false, false, NULL },
    { BYTES("\x88\x00"), 2, false, false, NULL },
    { BYTES("\x89\x7d"), 2, false, false, NULL },
    { BYTES("\x8a\x00"), 2, false, false, NULL },
    { BYTES("\x82\x7e\x00\x7e"), 4, false, false, NULL },
    { BYTES("\x82\x7e\xff\xff"), 4, false, false, NULL },
    { BYTES("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"), 10, false, false, NULL },
    { BYTES("\x81\x85\x01\x02\x03\x04"), 6, true, false, NULL },
    { BYTES("\x81\xfe\x01\x00\x01\x02\x03\x04"), 8, true, false, NULL },
    { BYTES("\xc1\x05"), 2, false, true, NULL },
    { BYTES("\x42\x05"), 2, false, true, NULL },
    { BYTES("\xc1"), BIDE_EWS, false, false, "a frame is compressed, which was not agreed on" },
    { BYTES("\xc0"), BIDE_EWS, false, true,
      "the mark of a compressed message is not at its beginning" },
    { BYTES("\xc9"), BIDE_EWS, false, true,
      "the mark of a compressed message is not at its beginning" },
    { BYTES("\xa1"), BIDE_EWS, false, true, "a reserved bit is set" },
    { BYTES("\x91"), BIDE_EWS, false, true, "a reserved bit is set" },
    { BYTES("\x83"), BIDE_EWS, false, false, "a frame of a kind that does not exist" },
    { BYTES("\x87"), BIDE_EWS, false, false, "a frame of a kind that does not exist" },
    { BYTES("\x8b"), BIDE_EWS, false, false, "a frame of a kind that does not exist" },
    { BYTES("\x8f"), BIDE_EWS, false, false, "a frame of a kind that does not exist" },
    { BYTES("\x09"), BIDE_EWS, false, false, "a control frame is in fragments" },
    { BYTES("\x89\x7e"), BIDE_EWS, false, false, "a control frame is longer than 125 bytes" },
    { BYTES("\x88\x7f"), BIDE_EWS, false, false, "a control frame is longer than 125 bytes" },
    { BYTES("\x81\x85"), BIDE_EWS, false, false, "a server's frame is masked" },
    { BYTES("\x81\x05"), BIDE_EWS, true, false, "a client's frame is not masked" },
    { BYTES("\x82\x7e\x00\x7d"), BIDE_EWS, false, false,
      "the length of a frame is not written in the shortest way" },
    { BYTES("\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff"), BIDE_EWS, false, false,
      "the length of a frame is not written in the shortest way" },
    { BYTES("\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00"), BIDE_EWS, false, false,
      "the length of a frame has its highest bit set" },
};

TEST(heads_are_judged_alike_however_they_are_cut)
{
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct ws_rules rules = { heads[i].masked, heads[i].deflate };
        struct ws_frame frame;
        const char *why = NULL;
        int rc = 0;
        for (size_t size = 0; size <= heads[i].size && rc == 0; size++)
            rc = bide__ws_frame_read(&frame, &rules, heads[i].bytes, size, &why);
        CHECK_EQ(rc, heads[i].rc);
        CHECK_STR(why, heads[i].why);
        if (rc < 0)
            CHECK_EQ(bide__ws_frame_read(&frame, &rules, heads[i].bytes, heads[i].size, &why), rc);
    }
}

TEST(a_head_that_was_written_reads_the_same)
{
    static const uint64_t sizes[] = { 0, 1, 125, 126, 127, 65535, 65536, 1ull << 40, INT64_MAX };
    static const uint8_t opcodes[] = { WS_CONTINUATION, WS_TEXT, WS_BINARY };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (unsigned bits = 0; bits < 24; bits++) {
            struct ws_frame out = { .opcode = opcodes[bits / 8], .last = bits & 1,
                                    .deflated = bits & 2 && bits >= 8, .masked = bits & 4,
                                    .mask = { 1, 2, 3, 4 }, .size = sizes[i] }, in;
            struct ws_rules rules = { out.masked, true };
            char head[WS_HEAD_MAX];
            const char *why;
            size_t size = bide__ws_frame_write(head, &out);
            CHECK_EQ(bide__ws_frame_read(&in, &rules, head, size, &why), size);
            CHECK(in.opcode == out.opcode && in.last == out.last && in.masked == out.masked);
            CHECK(in.deflated == out.deflated && in.size == out.size);
            CHECK(!in.masked || memcmp(in.mask, out.mask, 4) == 0);
        }
}

/* ---- masks ---- */

TEST(a_mask_is_the_same_at_every_offset_and_size)
{
    static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
    char from[400], to[400], twin[400];
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (char)(i * 7);
    for (size_t at = 0; at < 9; at++)
        for (size_t skew = 0; skew < 9; skew++)
            for (size_t size = 0; size + skew < 300; size++) {
                memset(to, 0, sizeof to);
                bide__ws_mask(to, from + skew, size, mask, at);
                for (size_t i = 0; i < size; i++)
                    twin[i] = (char)((uint8_t)from[skew + i] ^ mask[(at + i) % 4]);
                CHECK_MEM(to, twin, size);
                CHECK_EQ(to[size], 0);
            }
}

TEST(masking_twice_in_place_changes_nothing)
{
    static const uint8_t mask[4] = { 1, 0, 255, 128 };
    char text[] = "The quick brown fox jumps over the lazy dog, and over it again and again, 123";
    char before[sizeof text];
    memcpy(before, text, sizeof text);
    bide__ws_mask(text, text, sizeof text, mask, 3);
    CHECK(memcmp(text, before, sizeof text) != 0);
    bide__ws_mask(text, text, sizeof text, mask, 3);
    CHECK_STR(text, before);
}

TEST(a_mask_tells_whether_what_it_left_is_ascii)
{
    static const uint8_t mask[4] = { 0x80, 0x7f, 0xff, 0x03 };
    char text[150], to[150];
    for (size_t size = 0; size < sizeof text; size++)
        for (size_t odd = 0; odd <= size; odd++) {
            memset(text, 'x', size);
            if (odd < size)
                text[odd] = (char)0x80;
            bide__ws_mask(text, text, size, mask, 0);
            CHECK_EQ(bide__ws_mask(to, text, size, mask, 0), odd == size);
        }
}

/* ---- UTF-8 ---- */

static const struct { const char *text; bool is; } texts[] = {
    { "", true }, { "plain", true }, { "\x7f", true }, { "\xc2\x80", true }, { "\xdf\xbf", true },
    { "\xe0\xa0\x80", true }, { "\xed\x9f\xbf", true }, { "\xee\x80\x80", true },
    { "\xef\xbf\xbf", true }, { "\xf0\x90\x80\x80", true }, { "\xf4\x8f\xbf\xbf", true },
    { "a long enough piece of ASCII before \xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", true },
    { "\x80", false }, { "\xbf", false }, { "\xc0\x80", false }, { "\xc1\xbf", false },
    { "\xc2", false }, { "\xc2\x41", false }, { "\xe0\x9f\xbf", false }, { "\xe1\x80", false },
    { "\xed\xa0\x80", false }, { "\xed\xbf\xbf", false }, { "\xf0\x8f\xbf\xbf", false },
    { "\xf0\x90\x80", false }, { "\xf4\x90\x80\x80", false }, { "\xf5\x80\x80\x80", false },
    { "\xff", false }, { "\xfe", false }, { "\xe1\x80\xc0", false },
    { "0123456789abcdef0123456789abcde\xff", false },
};

TEST(one_wrong_byte_anywhere_in_a_text_is_seen)
{
    char text[150];
    memset(text, 'x', sizeof text);
    for (size_t size = 0; size < sizeof text; size++) {
        CHECK(bide__ws_utf8_is(text, size));
        for (size_t odd = 0; odd < size; odd++) {
            text[odd] = (char)0x80;
            CHECK(!bide__ws_utf8_is(text, size));
            text[odd] = 'x';
        }
    }
}

TEST(utf8_is_told_apart_however_it_is_cut)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t size = strlen(texts[i].text);
        CHECK_EQ(bide__ws_utf8_is(texts[i].text, size), texts[i].is);
        for (size_t step = 1; step < 20; step++) {
            struct ws_utf8 u = { 0 };
            bool good = true;
            for (size_t at = 0; at < size && good; at += step)
                good = bide__ws_utf8_take(&u, texts[i].text + at,
                                          size - at < step ? size - at : step);
            CHECK_EQ(good && u.need == 0, texts[i].is);
        }
    }
}

static size_t encode(char *to, uint32_t c)
{
    size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t first[] = { 0, 0xc0, 0xe0, 0xf0 };
    to[0] = (char)(first[more] | c >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        to[i] = (char)(0x80 | (c >> (6 * (more - i)) & 63));
    return more + 1;
}

TEST(every_character_and_nothing_else_is_utf8)
{
    char text[4];
    for (uint32_t c = 0; c < 0x130000; c++) {
        size_t size = encode(text, c);
        CHECK_EQ(bide__ws_utf8_is(text, size), c < 0x110000 && (c < 0xd800 || c > 0xdfff));
        CHECK(size == 1 || !bide__ws_utf8_is(text, size - 1));
    }
}

TEST(a_wrong_byte_is_refused_before_its_character_ends)
{
    struct ws_utf8 u = { 0 };
    CHECK(bide__ws_utf8_take(&u, "\xf4", 1));
    CHECK(!bide__ws_utf8_take(&u, "\x90", 1));
}

/* ---- close ---- */

TEST(close_codes_are_those_that_may_be_sent)
{
    static const struct { int from, to; bool may; } ranges[] = {
        { 0, 999, false }, { 1000, 1003, true }, { 1004, 1006, false }, { 1007, 1014, true },
        { 1015, 2999, false }, { 3000, 4999, true }, { 5000, 65535, false },
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        for (int code = ranges[i].from; code <= ranges[i].to; code++)
            CHECK_EQ(bide__ws_code_is(code), ranges[i].may);
}

TEST(a_close_frame_says_a_code_and_a_reason_or_nothing)
{
    struct ws_close c;
    const char *why = NULL;
    CHECK_EQ(bide__ws_close_read(&c, "", 0, &why), 0);
    CHECK_EQ(c.code, WS_NO_CODE);
    CHECK_EQ(bide__ws_close_read(&c, "\x03\xe8" "bye", 5, &why), 0);
    CHECK_EQ(c.code, 1000);
    CHECK_EQ(c.reason_size, 3);
    CHECK_MEM(c.reason, "bye", 3);
    CHECK_EQ(bide__ws_close_read(&c, "\x03", 1, &why), WS_PROTOCOL);
    CHECK_STR(why, "a close frame of one byte");
    CHECK_EQ(bide__ws_close_read(&c, "\x03\xed", 2, &why), WS_PROTOCOL);
    CHECK_STR(why, "a close code that must not be sent");
    CHECK_EQ(bide__ws_close_read(&c, "\x03\xe8\xff", 3, &why), WS_BAD_DATA);
    CHECK_STR(why, "the reason of a close is not UTF-8");
}

TEST(a_close_frame_that_was_written_reads_the_same)
{
    char payload[WS_CONTROL_MAX];
    struct ws_close c;
    const char *why;
    CHECK_EQ(bide__ws_close_write(payload, WS_NO_CODE, NULL, 0), 0);
    CHECK_EQ(bide__ws_close_write(payload, 4999, "so", 2), 4);
    CHECK_EQ(bide__ws_close_read(&c, payload, 4, &why), 0);
    CHECK_EQ(c.code, 4999);
    CHECK_MEM(c.reason, "so", 2);
}
