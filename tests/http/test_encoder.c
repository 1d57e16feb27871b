/* Encoders: what they make is decoded to the same, in whatever pieces; what was flushed can be
 * decoded at once. */
#include "test.h"

#include "base/random.h"
#include "http/coding.h"
#include "http/encoder.h"

#include <bide/error.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
#ifdef BIDE_ZLIB
    "gzip", "x-gzip", "deflate",
#endif
#ifdef BIDE_ZSTD
    "zstd",
#endif
    NULL
};
enum { SIZE = 100000, PACKED = 200000 };
static char text[SIZE], packed[PACKED], again[SIZE + 1];

static void make_text(uint64_t *random)
{
    for (size_t i = 0; i < SIZE; i++)
        text[i] = (char)('a' + bide__random(random) % (i < SIZE / 2 ? 3 : 26));
}

static size_t draw(uint64_t *random, size_t max)
{
    return random ? bide__random(random) % max + 1 : SIZE_MAX;
}

/* Encodes all of the text in pieces; how much came out, or < 0. */
static ssize_t encode(const char *name, int level, size_t size, uint64_t *random)
{
    struct encoder *e;
    const char *why, *in = text;
    size_t made = 0;
    int rc = bide__encoder_open(&e, text_of(name, strlen(name)), level, &why);
    if (rc < 0)
        return rc;
    do {
        size_t piece = draw(random, 5000), room = draw(random, 700);
        piece = piece < size ? piece : size;
        enum encoder_until until = piece == size ? ENCODER_END :
                                   random && bide__random(random) % 8 == 0 ? ENCODER_FLUSH :
                                   ENCODER_MORE;
        bool is_end = until == ENCODER_END;
        size -= piece;
        do {
            size_t space = room < PACKED - made ? room : PACKED - made;
            rc = bide__encoder_run(e, &in, &piece, packed + made, &space, until);
            made += space;
        } while (rc == 0);
        if (rc < 0 || is_end)
            break;
    } while (true);
    bide__encoder_free(e);
    return rc < 0 ? rc : (ssize_t)made;
}

static void check_decoded(const char *name, size_t packed_size, size_t size, bool whole)
{
    struct coding *c;
    const char *why, *in = packed;
    size_t made = SIZE + 1;
    CHECK_EQ(bide__coding_open(&c, text_of(name, strlen(name)), NULL, &why), 0);
    int rc = bide__coding_run(c, &in, &packed_size, again, &made, whole);
    if (rc != whole)
        test_fail(__FILE__, __LINE__, "%s: %d %s", name, rc, bide__coding_why(c));
    CHECK_EQ(made, size);
    CHECK_MEM(again, text, size);
    bide__coding_free(c);
}

TEST(what_is_encoded_decodes_to_the_same_in_any_pieces)
{
    uint64_t random = 5;
    make_text(&random);
    for (int i = 0; names[i]; i++) {
        ssize_t whole = encode(names[i], 0, SIZE, NULL);
        CHECK(whole > 0 && whole < SIZE);
        check_decoded(names[i], (size_t)whole, SIZE, true);
        for (int turn = 0; turn < 10; turn++) {
            ssize_t parts = encode(names[i], 0, SIZE, &random);
            CHECK(parts > 0);
            check_decoded(names[i], (size_t)parts, SIZE, true);
        }
        ssize_t empty = encode(names[i], 0, 0, NULL);
        CHECK(empty > 0);
        check_decoded(names[i], (size_t)empty, 0, true);
    }
}

TEST(every_level_is_decoded_within_the_limits)
{
    uint64_t random = 6;
    make_text(&random);
    static const int levels[] = { -5, 1, 4, 22, 1000 };
    for (int i = 0; names[i]; i++) {
        for (size_t k = 0; k < sizeof levels / sizeof *levels; k++) {
            ssize_t size = encode(names[i], levels[k], 20000, NULL);
            CHECK(size > 0);
            check_decoded(names[i], (size_t)size, 20000, true);
        }
    }
}

TEST(what_was_flushed_can_be_decoded_at_once)
{
    memcpy(text, "data: 1\n\n", 9);
    for (int i = 0; names[i]; i++) {
        struct encoder *e;
        const char *why, *in = text;
        size_t left = 9, room = PACKED;
        CHECK_EQ(bide__encoder_open(&e, text_of(names[i], strlen(names[i])), 0, &why), 0);
        CHECK_EQ(bide__encoder_run(e, &in, &left, packed, &room, ENCODER_FLUSH), 1);
        CHECK_EQ(left, 0);
        check_decoded(names[i], room, 9, false);
        bide__encoder_free(e);
    }
}

TEST(unknown_names_are_refused)
{
    static const char *const unknown[] = { "", "compress", "identity", "gzip, zstd", "br" };
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        struct encoder *e;
        const char *why = NULL;
        CHECK_EQ(bide__encoder_open(&e, text_of(unknown[i], strlen(unknown[i])), 0, &why),
                 BIDE_EHTTP);
        CHECK(e == NULL);
        CHECK_HAS(why, i < 4 ? "not known" : "not built in");
    }
    bide__encoder_free(NULL);
}

static int encode_all(void *unused)
{
    (void)unused;
    for (int i = 0; names[i]; i++) {
        ssize_t size = encode(names[i], 1, 3000, NULL);
        if (size < 0)
            return bide_fail((int)size, "%s", names[i]);
        check_decoded(names[i], (size_t)size, 3000, true);
    }
    return 0;
}

static int encode_only(void *unused)
{
    (void)unused;
    for (int i = 0; names[i]; i++) {
        ssize_t size = encode(names[i], 1, 3000, NULL);
        if (size < 0)
            return bide_fail((int)size, "%s", names[i]);
    }
    return 0;
}

TEST(out_of_memory_is_an_error)
{
    uint64_t random = 8;
    make_text(&random);
    CHECK_EQ(encode_all(NULL), 0);
    if (bide_test_each_allocation(encode_only, NULL) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}
