/* Messages of WebSocket, and their echo. Each message has a number and a mask of its own, and must
 * come back as the same text in one unmasked frame. */
#include "dial.h"
#include "load.h"

#include <string.h>

enum { NUMBER = 8, MESSAGE_MAX = 125, MASKED_HEAD = 6, HEAD = 2, TEXT_FINAL = 0x81 };

static char message[MESSAGE_MAX];
static uint32_t mask_state = 2463534242;

static uint32_t next_mask(void)
{
    mask_state ^= mask_state << 13;
    mask_state ^= mask_state >> 17;
    mask_state ^= mask_state << 5;
    return mask_state;
}

/* The message's first characters. */
static void number_message(uint32_t id)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < NUMBER; i++)
        message[i] = digits[(id >> (28 - 4 * i)) & 15];
}

static void open_websocket(const struct load *load, struct link *link)
{
    static uint32_t first_id;
    if (load->size < NUMBER || load->size > MESSAGE_MAX)
        load_refuse("a message that is too long or too short", "", 0);
    for (size_t i = NUMBER; i < load->size; i++)
        message[i] = (char)('a' + i % 26);
    link->asked_id = link->answered_id = first_id += 0x01000193;
    dial_upgrade(link->wire.fd, load->path);
    dial_upgraded(link->wire.fd);
}

static size_t write_frame(char *out, size_t size)
{
    uint32_t mask = next_mask();
    out[0] = (char)TEXT_FINAL;
    out[1] = (char)(0x80 | size);
    memcpy(out + HEAD, &mask, sizeof mask);
    const char *key = (const char *)&mask;
    for (size_t i = 0; i < size; i++)
        out[MASKED_HEAD + i] = (char)(message[i] ^ key[i & 3]);
    return MASKED_HEAD + size;
}

static size_t ask(const struct load *load, struct link *link, const char **bytes)
{
    static char frames[DEPTH_MAX * (MASKED_HEAD + MESSAGE_MAX)];
    size_t size = 0;
    for (int i = 0; i < load->depth; i++) {
        number_message(link->asked_id++);
        size += write_frame(frames + size, load->size);
    }
    *bytes = frames;
    return size;
}

static size_t answer(const struct load *load, struct link *link, const char *data, size_t size)
{
    if (size < HEAD + load->size)
        return 0;
    number_message(link->answered_id++);
    if ((unsigned char)data[0] != TEXT_FINAL || (size_t)data[1] != load->size ||
        memcmp(data + HEAD, message, load->size) != 0)
        load_refuse("not the message's echo", data, size);
    return HEAD + load->size;
}

const struct protocol load_websocket = { open_websocket, ask, answer };
