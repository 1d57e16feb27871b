/* Heads of frames: two bytes, a longer length if need be, the mask. */
#include "http/ws_frame.h"

#include <bide/error.h>
#include <string.h>

enum { FIN = 0x80, RSV1 = 0x40, RSV23 = 0x30, OPCODE = 0x0f, MASK = 0x80, LENGTH = 0x7f };
enum { LENGTH16 = 126, LENGTH64 = 127 };

/* What the first byte has wrong; NULL: nothing. */
static const char *judge_first(uint8_t first, const struct ws_rules *rules)
{
    unsigned opcode = first & OPCODE;
    if (first & RSV23)
        return "a reserved bit is set";
    if (opcode > WS_BINARY && (opcode < WS_CLOSE || opcode > WS_PONG))
        return "a frame of a kind that does not exist";
    if (first & RSV1 && !rules->deflate)
        return "a frame is compressed, which was not agreed on";
    if (first & RSV1 && opcode != WS_TEXT && opcode != WS_BINARY)
        return "the mark of a compressed message is not at its beginning";
    if (ws_is_control(opcode) && !(first & FIN))
        return "a control frame is in fragments";
    return NULL;
}

static const char *judge_second(uint8_t first, uint8_t second, const struct ws_rules *rules)
{
    if ((second & MASK) != 0 && !rules->masked)
        return "a server's frame is masked";
    if ((second & MASK) == 0 && rules->masked)
        return "a client's frame is not masked";
    if (ws_is_control(first & OPCODE) && (second & LENGTH) > WS_CONTROL_MAX)
        return "a control frame is longer than 125 bytes";
    return NULL;
}

/* How many bytes of length follow the first two. */
static unsigned length_size(uint8_t second)
{
    unsigned length = second & LENGTH;
    return length == LENGTH16 ? 2 : length == LENGTH64 ? 8 : 0;
}

static uint64_t number(const uint8_t *at, unsigned size)
{
    uint64_t n = 0;
    while (size-- > 0)
        n = n << 8 | *at++;
    return n;
}

static const char *read_length(struct ws_frame *frame, const uint8_t *bytes)
{
    unsigned more = length_size(bytes[1]);
    frame->size = more ? number(bytes + 2, more) : bytes[1] & LENGTH;
    if (more == 8 && frame->size >> 63)
        return "the length of a frame has its highest bit set";
    if (more && frame->size < (more == 2 ? LENGTH16 : 65536))
        return "the length of a frame is not written in the shortest way";
    return NULL;
}

static int refuse(const char *why, const char **out)
{
    *out = why;
    return BIDE_EWS;
}

int bide__ws_frame_read(struct ws_frame *frame, const struct ws_rules *rules, const char *data,
                        size_t size, const char **why)
{
    const uint8_t *bytes = (const uint8_t *)data;
    const char *wrong = size > 0 ? judge_first(bytes[0], rules) : NULL;
    if (!wrong && size > 1)
        wrong = judge_second(bytes[0], bytes[1], rules);
    if (wrong)
        return refuse(wrong, why);
    if (size < 2)
        return 0;
    unsigned head = 2 + length_size(bytes[1]);
    if (size < head)
        return 0;
    wrong = read_length(frame, bytes);
    if (wrong)
        return refuse(wrong, why);
    frame->opcode = bytes[0] & OPCODE;
    frame->last = bytes[0] & FIN;
    frame->deflated = bytes[0] & RSV1;
    frame->masked = bytes[1] & MASK;
    if (!frame->masked)
        return (int)head;
    if (size < head + 4)
        return 0;
    memcpy(frame->mask, data + head, 4);
    return (int)head + 4;
}

size_t bide__ws_frame_write(char head[WS_HEAD_MAX], const struct ws_frame *frame)
{
    uint8_t *at = (uint8_t *)head;
    unsigned more = frame->size < LENGTH16 ? 0 : frame->size < 65536 ? 2 : 8;
    uint8_t length = more == 0 ? (uint8_t)frame->size : more == 2 ? LENGTH16 : LENGTH64;
    *at++ = (uint8_t)((frame->last ? FIN : 0) | (frame->deflated ? RSV1 : 0) | frame->opcode);
    *at++ = (uint8_t)(length | (frame->masked ? MASK : 0));
    for (unsigned i = more; i-- > 0;)
        *at++ = (uint8_t)(frame->size >> (8 * i));
    if (frame->masked) {
        memcpy(at, frame->mask, 4);
        at += 4;
    }
    return (size_t)(at - (uint8_t *)head);
}
