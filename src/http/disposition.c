/* The name comes from a stranger and becomes a file of ours: no way to another directory, no hidden
 * file, nothing that a terminal would obey. */
#include "http/disposition.h"

#include <string.h>

enum { RAW_MAX = 4096 };        /* a name that is longer as it was sent is none */

bool bide__disposition_is(struct text value, const char *type)
{
    struct reader r = reader_of(value);
    bide__read_space(&r);
    return bide__text_is_caseless(bide__read_token(&r), type);
}

static size_t without_directory(char *name, size_t size)
{
    size_t start = size;
    while (start > 0 && name[start - 1] != '/' && name[start - 1] != '\\')
        start--;
    memmove(name, name + start, size - start);
    return size - start;
}

static size_t without_controls(char *name, size_t size)
{
    size_t kept = 0;
    for (size_t i = 0; i < size; i++)
        if ((uint8_t)name[i] >= 0x20 && name[i] != 0x7f)
            name[kept++] = name[i];
    return kept;
}

/* Cut where a character begins. */
static size_t shortened(const char *name, size_t size)
{
    if (size < DISPOSITION_NAME_SIZE)
        return size;
    size = DISPOSITION_NAME_SIZE - 1;
    while (size > 0 && ((uint8_t)name[size] & 0xc0) == 0x80)
        size--;
    return size;
}

static bool is_trimmed(char c)
{
    return c == '.' || c == ' ';
}

ssize_t bide__filename_sanitize(char *name, size_t size)
{
    size = without_controls(name, without_directory(name, size));
    size_t start = 0;
    while (start < size && is_trimmed(name[start]))
        start++;
    size -= start;
    memmove(name, name + start, size);
    size = shortened(name, size);
    while (size > 0 && is_trimmed(name[size - 1]))
        size--;
    name[size] = '\0';
    return size > 0 ? (ssize_t)size : -1;
}

ssize_t bide__disposition_filename(struct text value, char out[DISPOSITION_NAME_SIZE])
{
    char raw[RAW_MAX];
    struct parameter p;
    ssize_t size = -1;
    if (bide__parameter_find(value, "filename*", &p))
        size = bide__parameter_extended(&p, raw, sizeof raw);
    if (size < 0 && bide__parameter_find(value, "filename", &p))
        size = bide__parameter_text(&p, raw, sizeof raw);
    if (size < 0)
        return -1;
    size = bide__filename_sanitize(raw, (size_t)size);
    if (size > 0)
        memcpy(out, raw, (size_t)size + 1);
    return size;
}
