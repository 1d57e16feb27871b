/* Content codings: whole, byte by byte and in random splits; cut short and damaged at every byte;
 * bombs.  What was not built in is left out. */
#define ZLIB_CONST
#include "test.h"

#include "base/memory.h"
#include "base/random.h"
#include "codings.h"
#include "http/coding.h"

#include <bide/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct sample {
    const char *value, *data, *text;
    size_t size;
} samples[] = {
#define SAMPLE(value, data) { value, data, CODINGS_TEXT, sizeof data - 1 }
#ifdef BIDE_ZLIB
    SAMPLE("gzip", GZIP), SAMPLE("X-GZip", GZIP), SAMPLE("gzip, identity", GZIP),
    SAMPLE(" ,identity,, gzip\t", GZIP), SAMPLE("deflate", ZLIB), SAMPLE("deflate", RAW),
    SAMPLE("gzip, gzip", GZIP_TWICE), SAMPLE("gzip,identity,x-gzip", GZIP_TWICE),
    { "gzip", GZIP GZIP, CODINGS_TEXT CODINGS_TEXT, 2 * (sizeof GZIP - 1) },
#endif
#ifdef BIDE_BROTLI
    SAMPLE("br", BROTLI),
#endif
#ifdef BIDE_ZSTD
    SAMPLE("zstd", ZSTD),
    { "zstd", ZSTD ZSTD, CODINGS_TEXT CODINGS_TEXT, 2 * (sizeof ZSTD - 1) },
#endif
    SAMPLE("identity", CODINGS_TEXT), SAMPLE("", CODINGS_TEXT), SAMPLE(" , ", CODINGS_TEXT),
};
enum { SAMPLES = sizeof samples / sizeof *samples, OUT_MAX = 4096 };

struct result {
    int rc;
    const char *why;
    char out[OUT_MAX];
    size_t size;
};

static size_t draw(uint64_t *random, size_t max)
{
    return random ? bide__random(random) % (max + 1) : max;
}

/* One call of run() on memory of exactly these sizes. */
static int run_exact(struct coding *c, const char **at, size_t *left, size_t piece, size_t room,
                     bool last, struct result *result)
{
    char *in = malloc(piece ? piece : 1), *out = malloc(room ? room : 1);
    memcpy(in, *at, piece);
    const char *in_at = in;
    size_t in_left = piece, made = room;
    int rc = bide__coding_run(c, &in_at, &in_left, out, &made, last);
    CHECK(in_left <= piece && in_at == in + (piece - in_left));
    CHECK(made <= room && result->size + made <= OUT_MAX);
    memcpy(result->out + result->size, out, made);
    result->size += made;
    *at += piece - in_left;
    *left -= piece - in_left;
    free(in);
    free(out);
    return rc;
}

/* Decodes in pieces of at most `in` bytes into room for at most `out`; random draws less. */
static struct result decode(const char *value, const char *data, size_t size, size_t in, size_t out,
                            uint64_t *random)
{
    struct result result = { 0 };
    struct coding *c;
    result.rc = bide__coding_open(&c, text_of(value, strlen(value)), NULL, &result.why);
    if (result.rc < 0)
        return result;
    int idle = 0;
    while (result.rc == 0) {
        size_t before = size, made = result.size, piece = draw(random, in < size ? in : size);
        size_t room = draw(random, out);
        result.rc = run_exact(c, &data, &size, piece, room, piece == size, &result);
        idle = before == size && made == result.size ? idle + 1 : 0;
        CHECK(idle < 100);
    }
    CHECK(result.rc < 0 || size == 0);
    result.why = bide__coding_why(c);
    CHECK((result.rc < 0) == (result.why != NULL));
    bide__coding_free(c);
    return result;
}

static void check_text(const struct result *result, const struct sample *sample)
{
    if (result->rc != 1)
        test_fail(__FILE__, __LINE__, "%s: %d %s", sample->value, result->rc, result->why);
    CHECK_EQ(result->size, strlen(sample->text));
    CHECK_MEM(result->out, sample->text, result->size);
}

TEST(every_coding_is_decoded_at_once_byte_by_byte_and_in_random_splits)
{
    uint64_t random = 1;
    for (int i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        struct result whole = decode(s->value, s->data, s->size, SIZE_MAX, OUT_MAX, NULL);
        check_text(&whole, s);
        struct result bytes = decode(s->value, s->data, s->size, 1, OUT_MAX, NULL);
        check_text(&bytes, s);
        struct result narrow = decode(s->value, s->data, s->size, SIZE_MAX, 1, NULL);
        check_text(&narrow, s);
        for (int turn = 0; turn < 50; turn++) {
            struct result parts = decode(s->value, s->data, s->size, 9, 9, &random);
            check_text(&parts, s);
        }
    }
}

TEST(nothing_is_nothing_in_every_coding)
{
    for (int i = 0; i < SAMPLES; i++) {
        struct result empty = decode(samples[i].value, "", 0, SIZE_MAX, OUT_MAX, NULL);
        CHECK_EQ(empty.rc, 1);
        CHECK_EQ(empty.size, 0);
    }
}

TEST(data_cut_short_at_any_byte_is_refused)
{
    for (int i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        size_t whole = s->text[sizeof CODINGS_TEXT - 1] ? s->size / 2 : s->size;
        if (s->data == s->text)
            continue;                           /* identity */
        for (size_t size = 1; size < s->size; size++) {
            if (size == whole)
                continue;                       /* the first of two members */
            struct result cut = decode(s->value, s->data, size, SIZE_MAX, OUT_MAX, NULL);
            CHECK_EQ(cut.rc, BIDE_EHTTP);
            CHECK_HAS(cut.why, "cut short");
            struct result bytes = decode(s->value, s->data, size, 1, 1, NULL);
            CHECK_EQ(bytes.rc, BIDE_EHTTP);
            CHECK_STR(bytes.why, cut.why);
        }
    }
}

TEST(whatever_follows_the_end_is_refused)
{
    static const char *const tails[] = { "x", "\037", "\037\213", "garbage behind it", "\0" };
    for (int i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        for (size_t k = 0; k < sizeof tails / sizeof *tails && s->data != s->text; k++) {
            char data[600];
            size_t tail = strlen(tails[k]) + !*tails[k];
            memcpy(data, s->data, s->size);
            memcpy(data + s->size, tails[k], tail);
            struct result whole = decode(s->value, data, s->size + tail, SIZE_MAX, OUT_MAX, NULL);
            CHECK_EQ(whole.rc, BIDE_EHTTP);
            struct result bytes = decode(s->value, data, s->size + tail, 1, 7, NULL);
            CHECK_EQ(bytes.rc, BIDE_EHTTP);
        }
    }
}

/* Without a checksum of its own a coding may turn into another text; with one it may not, but for
 * what it does not cover: the header of gzip. */
static void damage(const struct sample *s, size_t at, int mask)
{
    char data[600];
    memcpy(data, s->data, s->size);
    data[at] = (char)(data[at] ^ mask);
    struct result whole = decode(s->value, data, s->size, SIZE_MAX, OUT_MAX, NULL);
    struct result bytes = decode(s->value, data, s->size, 1, 3, NULL);
    CHECK((whole.rc == 1) == (bytes.rc == 1));
    if (whole.rc == 1) {
        CHECK_EQ(bytes.size, whole.size);
        CHECK_MEM(bytes.out, whole.out, whole.size);
        bool raw = s->size == sizeof RAW - 1 && memcmp(s->data, RAW, s->size) == 0;
        bool summed = !raw && strcmp(s->value, "br") != 0 && strcmp(s->value, "deflate") != 0;
        if (summed)
            check_text(&whole, s);
    } else {
        CHECK(whole.rc == BIDE_EHTTP || whole.rc == BIDE_ELIMIT);
    }
}

TEST(data_damaged_at_any_bit_is_refused_or_decodes_to_the_same)
{
    for (int i = 0; i < SAMPLES; i++) {
        if (samples[i].data == samples[i].text)
            continue;
        for (size_t at = 0; at < samples[i].size; at++)
            for (int bit = 0; bit < 8; bit++)
                damage(&samples[i], at, 1 << bit);
    }
}

TEST(a_wrong_checksum_has_a_sentence_of_its_own)
{
    static const char *const summed[] = { "gzip", "deflate", "zstd" };
    for (int i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        bool is_summed = false;
        for (int k = 0; k < 3; k++)
            is_summed |= strcmp(s->value, summed[k]) == 0;
        if (!is_summed || (s->size == sizeof RAW - 1 && memcmp(s->data, RAW, s->size) == 0))
            continue;
        char data[600];
        memcpy(data, s->data, s->size);
        data[s->size - 1] ^= 1;
        struct result result = decode(s->value, data, s->size, SIZE_MAX, OUT_MAX, NULL);
        CHECK_EQ(result.rc, BIDE_EHTTP);
        CHECK_HAS(result.why, "checksum");
    }
}

TEST(unknown_and_too_many_codings_are_refused)
{
    static const struct {
        const char *value, *why;
    } cases[] = {
        { "compress", "not known" }, { "gzi", "not known" }, { "gzip;q=1", "not known" },
        { "gzip br", "not known" }, { "*", "not known" }, { "sdch, gzip", "not known" },
#ifdef BIDE_ZLIB
        { "gzip,gzip,gzip,gzip", "too many" },
#endif
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct result result = decode(cases[i].value, "", 0, 1, 1, NULL);
        CHECK_EQ(result.rc, BIDE_EHTTP);
        CHECK_HAS(result.why, cases[i].why);
    }
}

TEST(a_failure_is_told_again_and_again)
{
#ifdef BIDE_ZLIB
    struct coding *c;
    const char *why = NULL, *in = "no gzip at all";
    CHECK_EQ(bide__coding_open(&c, text_of("gzip", 4), NULL, &why), 0);
    for (int i = 0; i < 3; i++) {
        char out[10];
        size_t in_size = strlen(in), out_size = sizeof out;
        CHECK_EQ(bide__coding_run(c, &in, &in_size, out, &out_size, false), BIDE_EHTTP);
        CHECK_EQ(out_size, 0);
        CHECK_HAS(bide__coding_why(c), "damaged");
    }
    bide__coding_free(c);
#endif
    bide__coding_free(NULL);
    CHECK(bide__coding_why(NULL) == NULL);
}

TEST(what_is_accepted_is_what_is_built_in)
{
    char list[100];
    const char *accepted = bide__coding_accept();
    snprintf(list, sizeof list, "%s", accepted ? accepted : "");
    for (char *name = strtok(list, ", "); name; name = strtok(NULL, ", "))
        CHECK_EQ(decode(name, "", 0, 1, 1, NULL).rc, 1);
#if defined BIDE_ZLIB && defined BIDE_BROTLI && defined BIDE_ZSTD
    CHECK_STR(accepted, "gzip, deflate, br, zstd");
#endif
}

TEST(windows_beyond_the_limit_are_refused)
{
#ifdef BIDE_ZSTD
    struct result wide = decode("zstd", ZSTD_WIDE, sizeof ZSTD_WIDE - 1, SIZE_MAX, OUT_MAX, NULL);
    CHECK_EQ(wide.rc, BIDE_ELIMIT);
    CHECK_HAS(wide.why, "window");
#endif
#ifdef BIDE_BROTLI
    struct result large = decode("br", BROTLI_WIDE, sizeof BROTLI_WIDE - 1, SIZE_MAX, OUT_MAX,
                                 NULL);
    CHECK_EQ(large.rc, BIDE_EHTTP);
#endif
}

#ifdef BIDE_ZLIB
#include <zlib.h>

/* A gzip member of zeros, or of something else. */
static size_t pack(char *out, size_t room, const char *in, size_t size)
{
    z_stream z = { 0 };
    CHECK_EQ(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (const Bytef *)in;
    z.avail_in = (uInt)size;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)room;
    CHECK_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t packed = room - z.avail_out;
    deflateEnd(&z);
    return packed;
}

#ifdef BIDE_ZSTD
static void put_stored(char **to, const char *from, size_t size, bool is_last)
{
    const char head[] = { is_last, (char)size, 0, (char)~size, (char)0xff };
    memcpy(*to, head, sizeof head);
    memcpy(*to + sizeof head, from, size);
    *to += sizeof head + size;
}

/* Blocks without a byte in them, in which the inner decoder gets nothing to do. */
TEST(a_coding_within_another_may_have_to_wait_long)
{
    enum { FIRST = 10, REST = sizeof ZSTD - 1 - FIRST };
    char data[400] = "\037\213\010\0\0\0\0\0\0\003", *to = data + 10;
    put_stored(&to, ZSTD, FIRST, false);
    for (int i = 0; i < 30; i++)
        put_stored(&to, "", 0, false);
    put_stored(&to, &ZSTD[FIRST], REST, true);
    uLong tail[] = { crc32(0, (const Bytef *)ZSTD, sizeof ZSTD - 1), sizeof ZSTD - 1 };
    for (int i = 0; i < 8; i++)
        *to++ = (char)(tail[i / 4] >> i % 4 * 8);
    struct result bytes = decode("zstd, gzip", data, (size_t)(to - data), 1, OUT_MAX, NULL);
    CHECK_EQ(bytes.rc, 1);
    CHECK_STR(bytes.out, CODINGS_TEXT);
}
#endif

/* Memory that bide holds, and the most of it. */
static size_t held, held_max;
static void *counted_alloc(size_t size)
{
    size_t *memory = malloc(size + 16);
    held += memory ? *memory = size : 0;
    held_max = held > held_max ? held : held_max;
    return memory ? memory + 2 : NULL;
}
static void counted_free(void *memory)
{
    if (memory) {
        held -= ((size_t *)memory)[-2];
        free((size_t *)memory - 2);
    }
}
static void *counted_resize(void *memory, size_t size)
{
    void *other = counted_alloc(size);
    if (other && memory)
        memcpy(other, memory, ((size_t *)memory)[-2] < size ? ((size_t *)memory)[-2] : size);
    if (other)
        counted_free(memory);
    return other;
}

/* Feeds the same data `times` times; how much came out in all. */
static uint64_t explode(const char *value, const struct coding_limits *limits, const char *data,
                        size_t size, int times, int *rc, const char **why)
{
    static char out[65536];
    struct coding *c;
    uint64_t made = 0;
    CHECK_EQ(bide__coding_open(&c, text_of(value, strlen(value)), limits, why), 0);
    *rc = 0;
    for (int i = 0; i < times && *rc == 0; i++) {
        const char *at = data;
        size_t left = size, room;
        do {
            room = sizeof out;
            *rc = bide__coding_run(c, &at, &left, out, &room, i == times - 1);
            made += room;
        } while (*rc == 0 && (left > 0 || room > 0));
    }
    *why = bide__coding_why(c);
    bide__coding_free(c);
    return made;
}

enum { ZEROS = 10 << 20 };
static char zeros[ZEROS], bomb[1 << 16], nested[1 << 16];

TEST(a_bomb_stops_at_the_limit_in_little_memory)
{
    static const struct bide_allocator counted = { counted_alloc, counted_resize, counted_free };
    CHECK_EQ(bide_allocator_set(&counted), 0);
    size_t size = pack(bomb, sizeof bomb, zeros, ZEROS);
    size_t twice = pack(nested, sizeof nested, bomb, size);
    const char *why;
    int rc;
    uint64_t made = explode("gzip", NULL, bomb, size, 1000, &rc, &why);     /* of 10 GB */
    CHECK_EQ(rc, BIDE_ELIMIT);
    CHECK_HAS(why, "bomb");
    CHECK(made <= CODING_RATIO_FREE + 65536);
    made = explode("gzip, gzip", NULL, nested, twice, 1000, &rc, &why);
    CHECK_EQ(rc, BIDE_ELIMIT);
    CHECK(made <= CODING_RATIO_FREE + 65536);
    CHECK_EQ(held, 0);
    CHECK(held_max < 200000);
    bide_allocator_set(NULL);
}

/* The outermost coding yields gigabytes of which the inner one makes nothing. */
TEST(a_bomb_whose_output_is_swallowed_stops_too)
{
    char empty[100], *members = malloc(ZEROS);
    size_t one = pack(empty, sizeof empty, "", 0), count = ZEROS / one;
    for (size_t i = 0; i < count; i++)
        memcpy(members + i * one, empty, one);
    size_t size = pack(bomb, sizeof bomb, members, count * one);
    const char *why;
    int rc;
    CHECK_EQ(explode("gzip, gzip", NULL, bomb, size, 100, &rc, &why), 0);
    CHECK_EQ(rc, BIDE_ELIMIT);
    free(members);
}

TEST(limits_can_be_set_and_lifted)
{
    size_t size = pack(bomb, sizeof bomb, zeros, ZEROS);
    const char *why;
    int rc;
    struct coding_limits none = { .ratio_max = BIDE_UNLIMITED };
    CHECK_EQ(explode("gzip", &none, bomb, size, 3, &rc, &why), 3 * (uint64_t)ZEROS);
    CHECK_EQ(rc, 1);
    struct coding_limits steep = { .ratio_max = 2000 };
    CHECK_EQ(explode("gzip", &steep, bomb, size, 3, &rc, &why), 3 * (uint64_t)ZEROS);
    CHECK_EQ(rc, 1);
    struct coding_limits small = { .size_max = 1000000, .ratio_max = BIDE_UNLIMITED };
    explode("gzip", &small, bomb, size, 3, &rc, &why);
    CHECK_EQ(rc, BIDE_ELIMIT);
    CHECK_HAS(why, "too large");
    struct coding_limits exact = { .size_max = ZEROS };
    size = pack(bomb, sizeof bomb, zeros, 1000);
    exact.size_max = 1000;
    CHECK_EQ(explode("gzip", &exact, bomb, size, 1, &rc, &why), 1000);
    CHECK_EQ(rc, 1);
    exact.size_max = 999;
    explode("gzip", &exact, bomb, size, 1, &rc, &why);
    CHECK_EQ(rc, BIDE_ELIMIT);
}
#endif

static int decode_all(void *unused)
{
    (void)unused;
    for (int i = 0; i < SAMPLES; i++) {
        struct result result = decode(samples[i].value, samples[i].data, samples[i].size, 5,
                                      OUT_MAX, NULL);
        if (result.rc < 0) {
            CHECK_EQ(result.rc, BIDE_ENOMEM);
            CHECK_STR(result.why, "out of memory");
            return bide_fail(result.rc, "%s: %s", samples[i].value, result.why);
        }
        check_text(&result, &samples[i]);
    }
    return 0;
}

TEST(out_of_memory_is_an_error_and_nothing_is_left)
{
    int faults = bide_test_each_allocation(decode_all, NULL);
    if (faults < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(SAMPLES == 3 || faults > 10);
}
