/* What comes, and what has to be answered, as a table: framing, control frames, fragments, UTF-8,
 * closing, limits, deflate.  Each case against a server and a client that echo, its bytes whole,
 * in halves, one by one, and at every cut. */
#include "ws_ends.h"

/* One frame: its first byte, its payload. */
struct said { unsigned first; const char *data; size_t size; };

#define F(first, text) { first, BYTES(text) }
#define RAW(text) { 256, BYTES(text) }          /* bytes as they are */

struct ws_case {
    const char *name;
    struct said said[10];
    const char *heard;          /* "81:text 88:1000 " ..., bytes beyond ASCII as \xNN */
    int code;                   /* of bide_ws_recv() in the end */
    int close_code;             /* bide_ws_close_code() */
};

#define MANY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define M125 MANY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abc"
#define BYE F(0x88, "\x03\xe8")
#define GREEK "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"
#define GREEK_HEARD "\\xce\\xba\\xe1\\xbd\\xb9\\xcf\\x83\\xce\\xbc\\xce\\xb5"

static const struct ws_case cases[] = {
    /* 1: framing */
    { "an empty text", { F(0x81, ""), BYE }, "81: 88:1000 ", 0, 1000 },
    { "a text", { F(0x81, "hi"), BYE }, "81:hi 88:1000 ", 0, 1000 },
    { "125 bytes", { F(0x82, M125), BYE }, "82:" M125 " 88:1000 ", 0, 1000 },
    { "128 bytes", { F(0x82, MANY MANY), BYE }, "82:" MANY MANY " 88:1000 ", 0, 1000 },
    { "several", { F(0x81, "a"), F(0x82, "b"), F(0x81, "c"), BYE }, "81:a 82:b 81:c 88:1000 ", 0,
      1000 },
    /* 2: pings and pongs */
    { "an empty ping", { F(0x89, ""), BYE }, "8a: 88:1000 ", 0, 1000 },
    { "a ping", { F(0x89, "xy"), BYE }, "8a:xy 88:1000 ", 0, 1000 },
    { "a binary ping", { F(0x89, "\0\xff"), BYE }, "8a:\\x00\\xff 88:1000 ", 0, 1000 },
    { "a ping of 125 bytes", { F(0x89, M125), BYE }, "8a:" M125 " 88:1000 ", 0, 1000 },
    { "a ping of 126 bytes", { RAW("\x89\xfe\x00\x7e") }, "88:1002 ", BIDE_EWS, 1006 },
    { "a pong that nobody asked for", { F(0x8a, "x"), BYE }, "88:1000 ", 0, 1000 },
    { "pong, then ping", { F(0x8a, "x"), F(0x89, "y"), BYE }, "8a:y 88:1000 ", 0, 1000 },
    { "ten pings", { F(0x89, "0"), F(0x89, "1"), F(0x89, "2"), F(0x89, "3"), F(0x89, "4"), BYE },
      "8a:0 8a:1 8a:2 8a:3 8a:4 88:1000 ", 0, 1000 },
    /* 3: reserved bits */
    { "RSV3", { F(0x91, "x") }, "88:1002 ", BIDE_EWS, 1006 },
    { "RSV2", { F(0xa1, "x") }, "88:1002 ", BIDE_EWS, 1006 },
    { "RSV1 of what was not agreed on", { F(0xc1, "x") }, "88:1002 ", BIDE_EWS, 1006 },
    { "RSV1 on a ping", { F(0xc9, "x") }, "88:1002 ", BIDE_EWS, 1006 },
    { "RSV after a message", { F(0x81, "a"), F(0xb2, "x") }, "81:a 88:1002 ", BIDE_EWS, 1006 },
    /* 4: opcodes */
    { "opcode 3", { F(0x83, "") }, "88:1002 ", BIDE_EWS, 1006 },
    { "opcode 7", { F(0x87, "x") }, "88:1002 ", BIDE_EWS, 1006 },
    { "opcode 11", { F(0x8b, "") }, "88:1002 ", BIDE_EWS, 1006 },
    { "opcode 15", { F(0x8f, "x") }, "88:1002 ", BIDE_EWS, 1006 },
    /* 5: fragments */
    { "two fragments", { F(0x01, "a"), F(0x80, "b"), BYE }, "81:ab 88:1000 ", 0, 1000 },
    { "empty fragments", { F(0x01, ""), F(0x00, ""), F(0x80, ""), BYE }, "81: 88:1000 ", 0, 1000 },
    { "a ping in between", { F(0x01, "a"), F(0x89, "p"), F(0x80, "b"), BYE },
      "8a:p 81:ab 88:1000 ", 0, 1000 },
    { "a ping in fragments", { F(0x09, "a"), F(0x80, "b") }, "88:1002 ", BIDE_EWS, 1006 },
    { "a pong in fragments", { F(0x0a, "a") }, "88:1002 ", BIDE_EWS, 1006 },
    { "a close in fragments", { F(0x08, "\x03\xe8") }, "88:1002 ", BIDE_EWS, 1006 },
    { "a continuation of nothing", { F(0x80, "x") }, "88:1002 ", BIDE_EWS, 1006 },
    { "another of nothing", { F(0x00, "x") }, "88:1002 ", BIDE_EWS, 1006 },
    { "a continuation after the end", { F(0x81, "a"), F(0x80, "b") }, "81:a 88:1002 ", BIDE_EWS,
      1006 },
    { "a text within a text", { F(0x01, "a"), F(0x81, "b") }, "88:1002 ", BIDE_EWS, 1006 },
    { "a text within a binary", { F(0x02, "a"), F(0x01, "b") }, "88:1002 ", BIDE_EWS, 1006 },
    { "a close within a text", { F(0x01, "a"), BYE }, "88:1000 ", 0, 1000 },
    /* 6: UTF-8 */
    { "Greek", { F(0x81, GREEK), BYE }, "81:" GREEK_HEARD " 88:1000 ", 0, 1000 },
    { "a character in two fragments", { F(0x01, "\xce"), F(0x80, "\xba"), BYE },
      "81:\\xce\\xba 88:1000 ", 0, 1000 },
    { "a surrogate", { F(0x81, "\xed\xa0\x80") }, "88:1007 ", BIDE_EWS, 1006 },
    { "an overlong slash", { F(0x81, "\xc0\xaf") }, "88:1007 ", BIDE_EWS, 1006 },
    { "beyond the last", { F(0x81, "\xf4\x90\x80\x80") }, "88:1007 ", BIDE_EWS, 1006 },
    { "cut short", { F(0x81, "a\xe2\x82") }, "88:1007 ", BIDE_EWS, 1006 },
    { "cut short in fragments", { F(0x01, "a\xe2"), F(0x80, "\x82") }, "88:1007 ", BIDE_EWS, 1006 },
    { "wrong in the first of two fragments", { F(0x01, "\xff"), F(0x80, "a") }, "88:1007 ",
      BIDE_EWS, 1006 },
    { "binary may be anything", { F(0x82, "\xff\xfe"), BYE }, "82:\\xff\\xfe 88:1000 ", 0, 1000 },
    { "a NUL in a text", { F(0x81, "a\0b"), BYE }, "81:a\\x00b 88:1000 ", 0, 1000 },
    /* 7: closing */
    { "a close that says nothing", { F(0x88, "") }, "88: ", 0, 1005 },
    { "a close of one byte", { F(0x88, "\x03") }, "88:1002 ", BIDE_EWS, 1006 },
    { "a close with a reason", { F(0x88, "\x03\xe9going") }, "88:1001 ", 0, 1001 },
    { "a reason of 123 bytes", { F(0x88, "\x03\xe8" MANY "0123456789abcdef0123456789abcdef"
                                         "0123456789abcdef0123456789a") }, "88:1000 ", 0, 1000 },
    { "a reason that is not UTF-8", { F(0x88, "\x03\xe8\xff") }, "88:1007 ", BIDE_EWS, 1006 },
    { "code 999", { F(0x88, "\x03\xe7") }, "88:1002 ", BIDE_EWS, 1006 },
    { "code 1004", { F(0x88, "\x03\xec") }, "88:1002 ", BIDE_EWS, 1006 },
    { "code 1005", { F(0x88, "\x03\xed") }, "88:1002 ", BIDE_EWS, 1006 },
    { "code 1006", { F(0x88, "\x03\xee") }, "88:1002 ", BIDE_EWS, 1006 },
    { "code 1015", { F(0x88, "\x03\xf7") }, "88:1002 ", BIDE_EWS, 1006 },
    { "code 2999", { F(0x88, "\x0b\xb7") }, "88:1002 ", BIDE_EWS, 1006 },
    { "code 3000", { F(0x88, "\x0b\xb8") }, "88:3000 ", 0, 3000 },
    { "code 4999", { F(0x88, "\x13\x87") }, "88:4999 ", 0, 4999 },
    { "code 5000", { F(0x88, "\x13\x88") }, "88:1002 ", BIDE_EWS, 1006 },
    { "code 65535", { F(0x88, "\xff\xff") }, "88:1002 ", BIDE_EWS, 1006 },
    { "code 1007 from the peer", { F(0x88, "\x03\xef") }, "88:1007 ", 0, 1007 },
    { "what follows a close is not looked at", { BYE, F(0x81, "x"), F(0x89, "y"), F(0x83, "") },
      "88:1000 ", 0, 1000 },
    { "the end without a close", { F(0x81, "a") }, "81:a ", BIDE_EEOF, 1006 },
    { "the end within a frame", { RAW("\x81\x85") }, "", BIDE_EEOF, 1006 },
    { "the end within a message", { F(0x01, "a") }, "", BIDE_EEOF, 1006 },
    { "nothing at all", { { 0, NULL, 0 } }, "", BIDE_EEOF, 1006 },
    /* 9: limits; the message may have 1000 bytes */
    { "a frame announced as too long", { RAW("\x82\xfe\x03\xe9") }, "88:1009 ", BIDE_EWS, 1006 },
    { "one of 2^62 bytes", { RAW("\x82\xff\x40\0\0\0\0\0\0\0") }, "88:1009 ", BIDE_EWS, 1006 },
    { "one of 2^63 bytes", { RAW("\x82\xff\x80\0\0\0\0\0\0\0") }, "88:1002 ", BIDE_EWS, 1006 },
    { "a length that could be shorter", { RAW("\x82\xfe\x00\x7d") }, "88:1002 ", BIDE_EWS, 1006 },
    { "fragments that are too long together", { F(0x02, MANY MANY MANY MANY MANY), F(0x00, MANY
      MANY MANY MANY MANY), F(0x00, MANY MANY MANY MANY MANY), F(0x80, MANY MANY) }, "88:1009 ",
      BIDE_EWS, 1006 },
};

#ifdef BIDE_ZLIB
/* 12: deflate */
static const struct ws_case deflate_cases[] = {
    { "deflated", { F(0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00"), BYE }, "81:Hello 88:1000 ", 0, 1000 },
    { "not deflated", { F(0x81, "Hello"), BYE }, "81:Hello 88:1000 ", 0, 1000 },
    { "in fragments", { F(0x41, "\xf2\x48\xcd"), F(0x80, "\xc9\xc9\x07\x00"), BYE },
      "81:Hello 88:1000 ", 0, 1000 },
    { "a ping in between", { F(0x41, "\xf2\x48\xcd"), F(0x89, "p"), F(0x80, "\xc9\xc9\x07\x00"),
      BYE }, "8a:p 81:Hello 88:1000 ", 0, 1000 },
    { "twice, with the window", { F(0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00"),
      F(0xc1, "\xf2\x00\x11\x00\x00"), BYE }, "81:Hello 81:Hello 88:1000 ", 0, 1000 },
    { "an empty one", { F(0xc1, "\x00"), BYE }, "81: 88:1000 ", 0, 1000 },
    { "a last block", { F(0xc1, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), BYE }, "81:Hello 88:1000 ", 0,
      1000 },
    { "damaged", { F(0xc1, "\xff\xff") }, "88:1007 ", BIDE_EWS, 1006 },
    { "RSV1 on a continuation", { F(0x01, "a"), F(0xc0, "b") }, "88:1002 ", BIDE_EWS, 1006 },
    { "RSV1 on a close", { F(0xc8, "\x03\xe8") }, "88:1002 ", BIDE_EWS, 1006 },
    { "a text that is not UTF-8", { F(0xc1, "\xfa\x0f\x00") }, "88:1007 ", BIDE_EWS, 1006 },
    /* 1500 times 'a' */
    { "a bomb", { F(0xc2, "\x4a\x4c\x1c\x05\xa3\x60\x14\x8c\x82\x51\x30\xdc\x00\x00") }, "88:1009 ",
      BIDE_EWS, 1006 },
};
#endif

/* ---- what is said ---- */

static size_t encode(const struct ws_case *c, bool client, char *out)
{
    size_t size = 0;
    for (const struct said *s = c->said; s->data; s++) {
        if (s->first == 256) {
            memcpy(out + size, s->data, s->size);
            size += s->size;
            if (client)         /* written down as a client's: the mask's bit goes */
                out[size - s->size + 1] = (char)(out[size - s->size + 1] & 0x7f);
            else
                size = (size_t)(stpcpy(out + size, "mask") - out);
        } else {
            size += frame_of(out + size, !client, s->first, s->data, s->size);
        }
    }
    return size;
}

struct saying { bide_stream *raw; const char *bytes; size_t size, step; };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int say(void *arg)
{
    struct saying *s = arg;
    for (size_t at = 0; at < s->size; at += s->step)
        if (bide_write(s->raw, s->bytes + at, least(s->size - at, s->step)) < 0 ||
            bide_yield() < 0)
            break;
    return bide_write_end(s->raw) == BIDE_ECANCELED ? BIDE_ECANCELED : 0;
}

/* ---- what is heard ---- */

static size_t show(char *to, int first, const char *data, size_t size)
{
    char *at = to + sprintf(to, "%02x:", (unsigned)first);
    if (first == 0x88) {
        at += size >= 2 ? sprintf(at, "%d", (uint8_t)data[0] << 8 | (uint8_t)data[1]) : 0;
    } else {
        for (size_t i = 0; i < size; i++)
            at += sprintf(at, data[i] >= ' ' && (uint8_t)data[i] < 127 ? "%c" : "\\x%02x",
                          (uint8_t)data[i]);
    }
    return (size_t)(stpcpy(at, " ") - to);
}

static void hear(const struct ws_ends *e, char *out)
{
    char data[2000];
    size_t size;
    int first;
    *out = '\0';
    while ((first = peer_hears(e, data, sizeof data, &size)) >= 0)
        out += show(out, first, data, size);
}

static int echo_all(bide_ws *ws)
{
    struct bide_message m;
    int rc;
    while ((rc = bide_ws_recv(ws, &m)) > 0)
        if ((rc = bide_ws_send(ws, &m)) < 0)
            break;
    return rc;
}

static void run_case(const struct ws_case *c, bool client, bool deflate, size_t step)
{
    static char bytes[8000], heard[8000];
    struct ws_ends e = WS_ENDS(.client = client, .ws.message_max = 1000,
                               .params = { .deflate = deflate, .server_bits = 15,
                                           .client_bits = 15 });
    struct saying s = { .raw = e.raw, .bytes = bytes, .size = encode(c, client, bytes),
                        .step = step };
    BIDE_GROUP(g);
    bide_spawn(g, say, &s);
    int rc = echo_all(e.ws);
    if (rc != c->code)
        test_fail(__FILE__, __LINE__, "%s (%s, by %zu): %d, not %d: %s", c->name,
                  client ? "client" : "server", step, rc, c->code, bide_errmsg());
    CHECK_EQ(bide_ws_close_code(e.ws), c->close_code);
    CHECK_EQ(bide_group_wait(g), 0);
    hear(&e, heard);
    if (strcmp(heard, c->heard) != 0)
        test_fail(__FILE__, __LINE__, "%s (%s, by %zu): heard \"%s\", not \"%s\"", c->name,
                  client ? "client" : "server", step, heard, c->heard);
    ws_ends_close(&e);
}

static void run_all(const struct ws_case *all, size_t count, bool deflate)
{
    for (size_t i = 0; i < count; i++)
        for (int client = 0; client < 2; client++) {
            char bytes[8000];
            size_t size = encode(&all[i], client, bytes);
            run_case(&all[i], client, deflate, SIZE_MAX / 2);
            run_case(&all[i], client, deflate, size / 2 + 1);
            for (size_t step = 1; step < size && step < 8; step++)
                run_case(&all[i], client, deflate, step);
        }
}

TASK_TEST(each_case_is_answered_as_the_standard_has_it)
{
    run_all(cases, sizeof cases / sizeof *cases, false);
}

#ifdef BIDE_ZLIB
TASK_TEST(each_deflated_case_is_answered_as_the_standard_has_it)
{
    run_all(deflate_cases, sizeof deflate_cases / sizeof *deflate_cases, true);
}

TASK_TEST(what_is_no_matter_of_deflating_is_the_same_with_it)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!strstr(cases[i].name, "RSV1") && !strstr(cases[i].heard, MANY))
            run_case(&cases[i], false, true, 3);
}
#endif
