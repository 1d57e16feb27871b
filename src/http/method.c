/* Recognising methods and well-known header names. */
#include "http/method.h"

#include <string.h>

#define METHOD_NAME_(name, idempotent) [METHOD_##name] = { #name, sizeof #name - 1, idempotent },
static const struct {
    const char *name;
    uint8_t size;
    bool idempotent;
} methods[] = { [METHOD_OTHER] = { "", 0, false }, METHODS_(METHOD_NAME_) };

/* Kept apart from the names: the search reads sizes alone, one cache line. */
#define HEADER_SIZE_(name, spelling) [HEADER_##name] = sizeof spelling - 1,
static const uint8_t header_sizes[HEADER_COUNT] = { HEADERS_(HEADER_SIZE_) };
#define HEADER_NAME_(name, spelling) [HEADER_##name] = spelling,
static const char *const header_names[HEADER_COUNT] = { HEADERS_(HEADER_NAME_) };

/* By length: the first header of that length, for lengths up to 19. */
enum { LENGTH_MAX = 19 };
static const uint8_t first_of_length[LENGTH_MAX + 1] = {
    [2] = HEADER_TE, [4] = HEADER_DATE, [5] = HEADER_RANGE, [6] = HEADER_ACCEPT,
    [7] = HEADER_TRAILER, [8] = HEADER_LOCATION, [10] = HEADER_CONNECTION,
    [11] = HEADER_RETRY_AFTER, [12] = HEADER_CONTENT_TYPE, [13] = HEADER_AUTHORIZATION,
    [14] = HEADER_CONTENT_LENGTH, [15] = HEADER_ACCEPT_ENCODING, [16] = HEADER_CONTENT_ENCODING,
    [17] = HEADER_TRANSFER_ENCODING, [19] = HEADER_IF_UNMODIFIED_SINCE,
};

enum method bide__method_of(struct text name)
{
    for (unsigned i = METHOD_OTHER + 1; i < sizeof methods / sizeof *methods; i++)
        if (methods[i].size == name.size && memcmp(methods[i].name, name.at, name.size) == 0)
            return (enum method)i;
    return METHOD_OTHER;
}

struct text bide__method_name(enum method method)
{
    return text_of(methods[method].name, methods[method].size);
}

bool bide__method_is_idempotent(enum method method)
{
    return methods[method].idempotent;
}

/* The name is made of token characters, none of which folds into a letter under
 * | 32 except the letters themselves; '-' has that bit set already. */
static bool same_name(const char *at, const char *lower, size_t size)
{
    uint64_t eight, wanted;
    for (; size >= 8; at += 8, lower += 8, size -= 8) {
        memcpy(&eight, at, 8);
        memcpy(&wanted, lower, 8);
        if ((eight | 0x2020202020202020u) != wanted)
            return false;
    }
    for (size_t i = 0; i < size; i++)
        if ((at[i] | 32) != lower[i])
            return false;
    return true;
}

enum header bide__header_of(struct text name)
{
    if (name.size > LENGTH_MAX)
        return HEADER_OTHER;
    unsigned i = first_of_length[name.size];
    if (i == 0)
        return HEADER_OTHER;
    for (; i < HEADER_COUNT && header_sizes[i] == name.size; i++)
        if (same_name(name.at, header_names[i], name.size))
            return (enum header)i;
    return HEADER_OTHER;
}
