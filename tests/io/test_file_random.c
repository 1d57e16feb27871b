/* tests/io/test_file_random.c -- random calls on a file, beside a model that is an array.
 *
 * Whatever the block's size and the order of calls: a file is an array of bytes and a place. */
#include "io/place.h"

enum { SEEDS = 60, STEPS = 300, SIZE_MAX_ = 4000, PIECE = 700 };

struct model { char bytes[SIZE_MAX_ + PIECE]; size_t size, place; };

static uint32_t state;

static size_t below(size_t limit)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % limit;
}

/* Bytes of which every ninth or so ends a line. */
static void make_bytes(char *to, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = below(9) ? (char)('a' + below(26)) : '\n';
}

static void put(struct model *m, size_t at, const char *data, size_t size)
{
    if (at > m->size)
        memset(m->bytes + m->size, 0, at - m->size);
    memcpy(m->bytes + at, data, size);
    if (at + size > m->size)
        m->size = at + size;
}

static size_t rest(const struct model *m, size_t at, size_t wanted)
{
    size_t there = at < m->size ? m->size - at : 0;
    return wanted < there ? wanted : there;
}

static void read_on(bide_file *f, struct model *m)
{
    char got[PIECE];
    size_t wanted = below(PIECE), there = rest(m, m->place, wanted);
    CHECK_EQ(bide_file_read(f, got, wanted), there);
    CHECK_MEM(got, m->bytes + m->place, there);
    m->place += there;
}

static void read_line(bide_file *f, struct model *m)
{
    char *line;
    size_t there = rest(m, m->place, SIZE_MAX_ + PIECE);
    const char *end = there ? memchr(m->bytes + m->place, '\n', there) : NULL;
    size_t size = end ? (size_t)(end - m->bytes) - m->place + 1 : there;
    CHECK_EQ(bide_file_line(f, &line), size);
    CHECK_MEM(line, m->bytes + m->place, size);
    CHECK_EQ(line[size], '\0');
    m->place += size;
}

static void write_on(bide_file *f, struct model *m)
{
    char data[PIECE];
    size_t size = below(3) ? below(20) : below(PIECE);
    if (m->place + size > SIZE_MAX_)
        return;
    make_bytes(data, size);
    CHECK_EQ(bide_file_write(f, data, size), 0);
    if (size)
        put(m, m->place, data, size);
    m->place += size;
}

static void at_offset(bide_file *f, struct model *m)
{
    char data[PIECE];
    size_t at = below(SIZE_MAX_), size = below(PIECE);
    if (below(2)) {
        make_bytes(data, size);
        CHECK_EQ(bide_file_write_at(f, data, size, (int64_t)at), 0);
        if (size)
            put(m, at, data, size);
    } else {
        CHECK_EQ(bide_file_read_at(f, data, size, (int64_t)at), rest(m, at, size));
        CHECK_MEM(data, m->bytes + at, rest(m, at, size));
    }
}

static void move(bide_file *f, struct model *m)
{
    m->place = below(SIZE_MAX_);
    if (below(2))
        CHECK_EQ(bide_file_seek(f, (int64_t)m->place, SEEK_SET), m->place);
    else
        CHECK_EQ(bide_file_seek(f, (int64_t)m->place - (int64_t)m->size, SEEK_END), m->place);
}

static void cut(bide_file *f, struct model *m)
{
    size_t size = below(SIZE_MAX_);
    CHECK_EQ(bide_file_truncate(f, (int64_t)size), 0);
    if (size > m->size)
        memset(m->bytes + m->size, 0, size - m->size);
    m->size = size;
}

static void step(bide_file *f, struct model *m)
{
    static void (*const often[])(bide_file *, struct model *) = {
        read_on, read_line, read_line, read_line, write_on, write_on, write_on, at_offset,
    };
    size_t which = below(20);
    if (which < 16)
        often[which % 8](f, m);
    else if (which == 16)
        move(f, m);
    else if (which == 17 && !below(4))
        cut(f, m);
    else if (which == 18)
        CHECK_EQ(bide_file_flush(f), 0);
    else
        CHECK_EQ(bide_file_size(f), m->size);
    CHECK_EQ(bide_file_tell(f), m->place);
}

FILE_TEST(a_file_is_an_array_and_a_place)
{
    static struct model m;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        state = seed;
        memset(&m, 0, sizeof m);
        bide_auto(file) f = bide_file_open("a", "w+", .block = seed % 5 ? 1 + below(600) : 0);
        CHECK(f);
        for (int i = 0; i < STEPS; i++)
            step(f, &m);
        CHECK_EQ(bide_file_finish(f), 0);
        place_holds("a", m.bytes, m.size);
    }
}
