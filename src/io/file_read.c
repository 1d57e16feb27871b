/* Reading on, by bytes and by lines, and reading at an offset.
 *
 * A line is handed out where it lies in the block, with a NUL in place of the byte after it,
 * which comes back with the next call: no line is copied, but for the one at a block's end.
 * Newlines are looked for 64 bytes at a time, and those found are remembered as bits.  A
 * memchr(3) per line begins anew each time, and stumbles over the byte just put back: 14 ns for
 * a line of 80 bytes, against 9. */
#include "io/file.h"
#include "base/inline.h"
#include "core/park.h"
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { WINDOW = 64 };

static size_t rest_of(const bide_file *f)
{
    return f->end - f->begin;
}

/* What was gathered is written first; the block is for reading then. */
static int begin_reading(bide_file *f)
{
    return f->flags & FILE_GATHERS ? bide__file_push(f) : 0;
}

static ssize_t read_straight(bide_file *f, char *to, size_t size)
{
    bool ended;
    f->begin = f->end = 0;
    ssize_t n = bide__file_pull(f, to, size, f->where, &ended);
    if (n > 0)
        f->where += n;
    return n;
}

/* What is more than a block goes straight to the caller. */
static ssize_t read_some(bide_file *f, char *to, size_t size)
{
    if (!rest_of(f)) {
        bool straight = f->flags & FILE_PLAIN && size >= bide__file_room(f);
        if (straight)
            return read_straight(f, to, size);
        ssize_t n = bide__file_fill(f);
        if (n <= 0)
            return n;
    }
    size_t n = size < rest_of(f) ? size : rest_of(f);
    memcpy(to, f->block + f->begin, n);
    f->begin += n;
    return (ssize_t)n;
}

/* After a failure the place is the old one, and what is there will be read again. */
ssize_t bide__file_read_on(bide_file *f, char *to, size_t size)
{
    int rc = begin_reading(f);
    if (rc < 0)
        return rc;
    int64_t from = bide_file_tell(f);
    size_t got = 0;
    while (got < size) {
        ssize_t n = read_some(f, to + got, size - got);
        if (n < 0) {
            bide__file_forget(f);
            f->where = f->flags & FILE_PLAIN ? from : f->where;
            return n;
        }
        got += (size_t)n;
        if (n == 0 || !(f->flags & FILE_PLAIN))
            break;
    }
    return (ssize_t)got;
}

ssize_t bide_file_read(bide_file *f, void *buf, size_t size)
{
    int rc = bide__file_enter(f, FILE_READS, "read");
    return rc < 0 ? rc : (ssize_t)bide__file_leave(f, "read", bide__file_read_on(f, buf, size));
}

/* --- lines --- */

static ssize_t too_long(const bide_file *f)
{
    return bide_fail(BIDE_ELIMIT, "a line of more than %zu bytes", f->line_max);
}

/* How many bytes there are through the newline, or to the end; does not take them. */
static COLD ssize_t find_line(bide_file *f)
{
    int rc = begin_reading(f);
    if (rc == 0)
        rc = bide__file_take_block(f);
    if (rc < 0)
        return rc;
    for (size_t looked = 0; ; ) {
        const char *from = f->block + f->begin, *found = NULL;
        if (rest_of(f) > looked)
            found = memchr(from + looked, '\n', rest_of(f) - looked);
        size_t size = found ? (size_t)(found - from) + 1 : rest_of(f);
        if (size > f->line_max)
            return too_long(f);
        if (found)
            return (ssize_t)size;
        looked = size;
        ssize_t n = bide__file_fill(f);
        if (n <= 0)
            return n < 0 ? n : (ssize_t)rest_of(f);
    }
}

/* Which of 64 bytes are newlines. */
#ifdef __SSE2__
INLINE uint64_t newlines_in_16(const char *bytes)
{
    __m128i some = _mm_loadu_si128((const __m128i *)(const void *)bytes);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(some, _mm_set1_epi8('\n')));
}

INLINE uint64_t newlines_in(const char *bytes)
{
    return newlines_in_16(bytes) | newlines_in_16(bytes + 16) << 16 |
           newlines_in_16(bytes + 32) << 32 | newlines_in_16(bytes + 48) << 48;
}
#else
INLINE uint64_t newlines_in(const char *bytes)
{
    uint64_t found = 0;
    for (int i = 0; i < WINDOW; i++)
        found |= (uint64_t)(bytes[i] == '\n') << i;
    return found;
}
#endif

/* The size of the next line if it is whole in the block, else 0. */
INLINE size_t next_line(bide_file *f)
{
    uint64_t found = f->newlines;
    size_t window = f->window;
    while (!found) {
        window += WINDOW;
        if (window >= f->end)
            return 0;
        found = newlines_in(f->block + window);
        if (f->end - window < WINDOW)
            found &= (UINT64_C(1) << (f->end - window)) - 1;
    }
    f->window = window;
    f->newlines = found & (found - 1);
    return window + (size_t)__builtin_ctzll(found) + 1 - f->begin;
}

INLINE ssize_t take_line(bide_file *f, size_t size, char **line)
{
    *line = f->block + f->begin;
    f->begin += size;
    f->replaced = f->block[f->begin];
    f->block[f->begin] = '\0';
    f->flags |= FILE_LINE;
    return (ssize_t)size;
}

static COLD ssize_t line_slowly(bide_file *f, char **line)
{
    static char nothing[1];
    *line = nothing;
    int rc = bide__file_enter(f, FILE_READS, "read");
    if (rc < 0)
        return rc;
    ssize_t n = find_line(f);
    if (n > 0)
        n = take_line(f, (size_t)n, line);
    f->window = f->begin - WINDOW;
    f->newlines = 0;
    return (ssize_t)bide__file_leave(f, "read", n);
}

/* The straight way is for the line after a line, whole in the block: nobody else can be inside,
 * for whoever enters takes the mark FILE_LINE away, and the task need not give way. */
ssize_t bide_file_line(bide_file *f, char **line)
{
    const unsigned matter = FILE_LINE | FILE_BUSY | FILE_CLOSED | FILE_STALE;
    struct loop *l = bide__here;
    if (__builtin_expect(!f || (f->flags & matter) != FILE_LINE || !l || l->current->credit <= 1,
                         0))
        return line_slowly(f, line);
    f->block[f->begin] = f->replaced;
    size_t size = next_line(f);
    if (__builtin_expect(!size || size > f->line_max, 0)) {
        f->flags &= ~(unsigned)FILE_LINE;
        return line_slowly(f, line);
    }
    l->current->credit--;
    return take_line(f, size, line);
}

/* --- at an offset --- */

static ssize_t read_at(bide_file *f, char *to, size_t size, int64_t offset)
{
    size_t got = 0;
    if (offset < 0)
        return bide_fail(BIDE_EINVAL, "an offset below 0");
    for (bool ended = false; got < size && !ended; ) {
        ssize_t n = bide__file_pull(f, to + got, size - got, offset + (int64_t)got, &ended);
        if (n < 0)
            return n;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

ssize_t bide_file_read_at(bide_file *f, void *buf, size_t size, int64_t offset)
{
    int rc = bide__file_enter_at(f, FILE_READS, "read");
    if (rc < 0)
        return rc;
    return (ssize_t)bide__file_leave_at(f, "read", read_at(f, buf, size, offset));
}
