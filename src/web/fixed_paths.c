/* An open-addressed table, probed linearly. */
#include "web/fixed_paths.h"

#include "base/memory.h"

#include <bide/error.h>
#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static size_t hash_of(struct text text)
{
    const char *at = text.at;
    size_t left = text.size;
    uint64_t hash = left, word = 0;
    for (; left >= sizeof word; at += sizeof word, left -= sizeof word) {
        memcpy(&word, at, sizeof word);
        hash = mix(hash, word);
    }
    for (word = 0; left > 0; left--)
        word = word << 8 | (uint8_t)*at++;
    return mix(hash, word);
}

/* Its place, or the one where it would be. */
static struct fixed_path *place_of(const struct fixed_paths *paths, struct text text)
{
    for (size_t i = hash_of(text);; i++) {
        struct fixed_path *place = &paths->places[i & paths->mask];
        if (!place->path ||
            (place->size == text.size && memcmp(place->path, text.at, text.size) == 0))
            return place;
    }
}

static bool grow(struct fixed_paths *paths)
{
    size_t room = paths->places ? paths->mask + 1 : 0;
    if (2 * (paths->count + 1) <= room)
        return true;
    struct fixed_paths more = { .mask = room ? 2 * room - 1 : 15, .count = paths->count };
    more.places = bide__zalloc((more.mask + 1) * sizeof *more.places);
    if (!more.places)
        return false;
    for (size_t i = 0; i < room; i++)
        if (paths->places[i].path)
            *place_of(&more, text_of(paths->places[i].path, paths->places[i].size)) =
                paths->places[i];
    bide__free(paths->places);
    *paths = more;
    return true;
}

int bide__fixed_add(struct fixed_paths *paths, char *path, const struct route_set *set,
                    bide_app *app)
{
    if (!path || !grow(paths)) {
        bide__free(path);
        return bide_fail(BIDE_ENOMEM, "out of memory for routes");
    }
    size_t size = strlen(path);
    struct fixed_path *place = place_of(paths, text_of(path, size));
    if (place->path) {
        bide__free(path);
        return 0;
    }
    *place = (struct fixed_path){ path, size, set, app };
    paths->count++;
    return 0;
}

const struct fixed_path *bide__fixed_find(const struct fixed_paths *paths, struct text path)
{
    const struct fixed_path *place = paths->places ? place_of(paths, path) : NULL;
    return place && place->path ? place : NULL;
}

void bide__fixed_clear(struct fixed_paths *paths)
{
    for (size_t i = 0; paths->places && i <= paths->mask; i++)
        bide__free(paths->places[i].path);
    bide__free(paths->places);
    *paths = (struct fixed_paths){ .places = NULL };
}
