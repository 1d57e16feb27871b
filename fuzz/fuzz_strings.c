/* Sets and maps of strings against a plain list: whatever is done, both hold the same, in the same
 * order.  Each operation is a byte that says what, one that says how long the key is, and the key;
 * some let an allocation fail. */
#include "fuzz.h"

#include <bide/error.h>
#include <bide/memory.h>
#include <bide/strings.h>
#include <string.h>

enum { KEY_MAX = 4, MODEL_MAX = 4096 };

struct pair { unsigned char key[KEY_MAX]; size_t size; void *value; };
static struct pair model[MODEL_MAX];
static size_t count;
static int left;                /* allocations that succeed before one fails; < 0: all do */
static size_t dropped;

static void *alloc(size_t size)
{
    return left >= 0 && left-- == 0 ? NULL : malloc(size);
}

static void drop(void *value)
{
    MUST(value);
    dropped++;
}

static size_t position(const unsigned char *key, size_t size)
{
    size_t i = 0;
    while (i < count && (model[i].size != size || memcmp(model[i].key, key, size) != 0))
        i++;
    return i;
}

static void forget(size_t at)
{
    memmove(&model[at], &model[at + 1], (--count - at) * sizeof model[0]);
}

static void set(bide_strmap *map, const unsigned char *key, size_t size, void *value)
{
    size_t at = position(key, size), before = dropped;
    void *old = at < count ? model[at].value : NULL;
    int rc = bide_strmap_set_sized(map, key, size, value);
    MUST(dropped - before == (rc == 0 && old && old != value));
    if (rc < 0) {
        MUST(rc == BIDE_ENOMEM && at == count);
        return;
    }
    MUST(rc == (at == count));
    if (at == count)
        count++;
    memcpy(model[at].key, key, size);
    model[at].size = size;
    model[at].value = value;
}

static void take(bide_strmap *map, const unsigned char *key, size_t size, bool dropping)
{
    size_t at = position(key, size), before = dropped;
    void *value = at < count ? model[at].value : NULL;
    if (dropping) {
        MUST(bide_strmap_remove_sized(map, key, size) == (at < count));
        MUST(dropped - before == (value != NULL));
    } else {
        MUST(bide_strmap_take_sized(map, key, size) == value && dropped == before);
    }
    if (at < count)
        forget(at);
}

/* Walks all, removing what `mask` says on the way. */
static void walk(bide_strmap *map, unsigned mask)
{
    uint64_t at = 0;
    size_t size, i = 0, step = 0;
    void *value;
    for (const char *key; (key = bide_strmap_next_sized(map, &at, &size, &value)); step++) {
        MUST(i < count && model[i].size == size && memcmp(model[i].key, key, size) == 0);
        MUST(key[size] == '\0' && model[i].value == value);
        if (mask >> step % 4 & 1)
            take(map, model[i].key, size, true);
        else
            i++;
    }
    MUST(i == count && bide_strmap_count(map) == count);
}

static void act(bide_strmap *map, unsigned what, const unsigned char *key, size_t size)
{
    left = what & 8 ? (int)(what >> 4 & 3) : -1;
    switch (what & 7) {
    case 0: case 1: case 2:
        set(map, key, size, what & 128 ? NULL : &model[what >> 4]);
        break;
    case 3:
        take(map, key, size, true);
        break;
    case 4:
        take(map, key, size, false);
        break;
    case 5:
        walk(map, what >> 4);
        break;
    case 6:
        MUST(bide_strmap_has_sized(map, key, size) == (position(key, size) < count));
        break;
    default:
        if (what != 0xff)
            break;
        bide_strmap_clear(map);
        count = 0;
    }
    left = -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct bide_allocator failing = { alloc, realloc, free };
    left = -1;
    count = 0;
    MUST(bide_allocator_set(&failing) == 0);
    bide_strmap *map = bide_strmap_new(.drop = drop);
    for (size_t i = 0; i + 2 <= size && count < MODEL_MAX - 1;) {
        size_t key_size = data[i + 1] % (KEY_MAX + 1);
        if (key_size > size - i - 2)
            break;
        act(map, data[i], data + i + 2, key_size);
        i += 2 + key_size;
    }
    walk(map, 0);
    bide_strmap_free(map);
    return 0;
}
