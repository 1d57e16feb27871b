/* WebSocket: the same verdict on a head, a text, a message however the bytes are cut; what is
 * accepted writes itself again; nothing is read beyond its end.  Byte 0 chooses what the rest
 * is, and the cuts. */
#include "fuzz.h"

#include "http/ws_close.h"
#include "http/ws_deflate.h"
#include "http/ws_frame.h"
#include "http/ws_handshake.h"
#include "http/ws_mask.h"
#include "http/ws_params.h"
#include "http/ws_utf8.h"

#include <bide/error.h>
#include <string.h>

static void heads(const char *text, size_t size, unsigned choice)
{
    const struct ws_rules rules = { choice & 1, choice & 2 };
    struct ws_frame frame, again;
    char head[WS_HEAD_MAX];
    const char *why = NULL;
    int whole = bide__ws_frame_read(&frame, &rules, text, size, &why), rc = 0;
    for (size_t n = 0; n <= size && rc == 0; n++)
        rc = bide__ws_frame_read(&again, &rules, text, n, &why);
    MUST(rc == whole && (rc >= 0 || why));
    if (rc > 0) {
        MUST(bide__ws_frame_write(head, &frame) == (size_t)rc);
        MUST(memcmp(head, text, (size_t)rc) == 0);
    }
}

static void texts(const char *text, size_t size, size_t step)
{
    struct ws_utf8 u = { 0 };
    struct ws_close close;
    const char *why = NULL;
    bool good = true;
    for (size_t at = 0; at < size && good; at += step)
        good = bide__ws_utf8_take(&u, text + at, size - at < step ? size - at : step);
    MUST((good && u.need == 0) == bide__ws_utf8_is(text, size));
    if (size > WS_CONTROL_MAX)
        return;
    int wrong = bide__ws_close_read(&close, text, size, &why);
    MUST(wrong ? why != NULL : close.code == WS_NO_CODE || bide__ws_code_is(close.code));
    MUST(wrong || close.reason_size == (size < 2 ? 0 : size - 2));
}

static void masks(const char *text, size_t size, size_t step)
{
    static const uint8_t mask[4] = { 3, 141, 59, 26 };
    char *one = malloc(size + 1), *two = malloc(size + 1);
    MUST(one && two);
    bide__ws_mask(one, text, size, mask, 0);
    for (size_t at = 0; at < size; at += step)
        bide__ws_mask(two + at, text + at, size - at < step ? size - at : step, mask, at);
    MUST(memcmp(one, two, size) == 0);
    free(one);
    free(two);
}

static void lists(const char *text, size_t size, unsigned choice)
{
    struct ws_params p = { 0 }, q = { 0 };
    char out[300];
    const char *why = NULL;
    struct writer w = { .at = out, .room = sizeof out };
    int rc = bide__ws_params_choose(&p, text_of(text, size), choice & 1);
    MUST(rc == 0 || rc == -1);
    if (p.deflate) {
        bide__ws_params_answer(&w, &p);
        MUST(w.code == 0 && p.server_bits >= WS_BITS_MIN && p.client_bits <= WS_BITS_MAX);
        MUST(bide__ws_params_agree(&q, text_of(out, w.size), true, false, &why) == 0);
        MUST(q.server_bits == p.server_bits && q.client_bits == p.client_bits);
        MUST(q.server_resets == p.server_resets && q.client_resets == p.client_resets);
    }
    q = (struct ws_params){ 0 };
    MUST(bide__ws_params_agree(&q, text_of(text, size), true, choice & 2, &why) == 0 || why);
    struct text chosen = bide__ws_protocol_choose("a, bb, ccc", text_of(text, size));
    MUST(!chosen.at || chosen.size > 0);
    struct ws_asked asked = { .is_get = true, .upgrades = true, .upgrade = text_from("websocket"),
                              .key = text_of(text, size), .version = text_from("13"),
                              .host = text_of(text, size), .origin = text_of(text, size) };
    int status = bide__ws_check(&asked, choice & 4 ? "https://a.example" : NULL, &why);
    MUST(status == 0 || status == 400 || status == 403);
}

struct outcome { int rc; size_t size; uint32_t sum; };

static struct outcome inflate_all(const char *text, size_t size, size_t step, size_t room)
{
    const struct ws_params params = { .deflate = true, .server_bits = 15, .client_bits = 15 };
    struct ws_deflate *d = bide__ws_deflate_new(&params, true);
    struct outcome o = { 0 };
    char out[256];
    for (size_t at = 0; d && o.size < 100000;) {
        size_t some = size - at < step ? size - at : step;
        struct coding_pieces p = { .in = text + at, .in_size = some, .out = out, .room = room,
                                   .last = at + some == size };
        o.rc = bide__ws_inflate(d, &p);
        at += some - p.in_size;
        for (size_t i = 0; i < room - p.room; i++)
            o.sum = o.sum * 31 + (uint8_t)out[i];
        o.size += room - p.room;
        if (o.rc != 0)
            break;
    }
    MUST(o.rc >= 0 || o.rc == BIDE_EWS);
    bide__ws_deflate_free(d);
    return o;
}

static void deflated(const char *text, size_t size, size_t step)
{
    struct outcome whole = inflate_all(text, size, SIZE_MAX, 256);
    struct outcome parts = inflate_all(text, size, step, 1 + step);
    if (whole.size >= 100000 || parts.size >= 100000)
        return;
    MUST(whole.rc == parts.rc);
    MUST(whole.rc < 0 || (whole.size == parts.size && whole.sum == parts.sum));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *text = (const char *)data + 1;
    unsigned choice = data[0] / 8;
    switch (data[0] % 8) {
    case 0: heads(text, size - 1, choice); break;
    case 1: texts(text, size - 1, choice + 1); break;
    case 2: masks(text, size - 1, choice + 1); break;
    case 3: case 4: lists(text, size - 1, choice); break;
    default: deflated(text, size - 1, choice + 1);
    }
    return 0;
}
