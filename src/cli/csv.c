/* cli/csv.c -- see csv.h.
 *
 * Fields are short, so what counts is what each of them costs, not each byte: plain ones are looked
 * through 16 or eight bytes at a time for whatever may end them, quoted ones by memchr(). */
#include "cli/csv.h"
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* ---- plain fields ---- */

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u

/* High bits where a byte is 0; above the first, some may be wrong. */
static uint64_t zeroes(uint64_t word)
{
    return (word - ONES) & ~word & HIGHS;
}

static bool ends_field(char c, char separator)
{
    return c == separator || c == '\n' || c == '\r';
}

/* Where a plain field ends, or `end`. */
static const char *find_end(const char *at, const char *end, char separator)
{
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi8(separator), feed = _mm_set1_epi8('\n'),
        back = _mm_set1_epi8('\r');
    for (; end - at >= 16; at += 16) {
        __m128i some = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i found = _mm_or_si128(_mm_cmpeq_epi8(some, wanted),
                                     _mm_or_si128(_mm_cmpeq_epi8(some, feed),
                                                  _mm_cmpeq_epi8(some, back)));
        unsigned mask = (unsigned)_mm_movemask_epi8(found);
        if (mask)
            return at + __builtin_ctz(mask);
    }
#endif
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t separators = ONES * (unsigned char)separator;
    for (; end - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        uint64_t found = zeroes(word ^ separators) | zeroes(word ^ ONES * '\n') |
            zeroes(word ^ ONES * '\r');
        if (found)
            return at + __builtin_ctzll(found) / 8;
    }
#endif
    while (at < end && !ends_field(*at, separator))
        at++;
    return at;
}

/* ---- quoted fields ---- */

static size_t count_lines(const char *text, size_t size)
{
    size_t lines = 0;
    const char *end = text + size;
    while ((text = memchr(text, '\n', (size_t)(end - text))) != NULL) {
        lines++;
        text++;
    }
    return lines;
}

/* Behind the closing quote of the field whose text begins at `at`; NULL: there is none. */
static const char *find_quote(const struct csv_format *f, const char *at, const char *end,
                              struct csv_field *field)
{
    field->text = at;
    while ((at = memchr(at, f->quote, (size_t)(end - at))) != NULL) {
        at++;
        if (at == end || *at != f->quote)
            break;
        field->doubled = true;
        at++;
    }
    if (at)
        field->size = (uint32_t)(at - 1 - field->text);
    return at;
}

/* ---- rows ---- */

/* The line from `at` on is not read: it is passed over, up to the next. */
static enum csv_result refuse(const char *data, const char *at, const char *end, const char *why,
                              struct csv_row *row)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    row->size = (size_t)((newline ? newline + 1 : end) - data);
    row->text_size = row->size - (newline ? 1 : 0);
    row->lines = count_lines(data, row->size);
    row->column = row->count;
    row->why = why;
    return CSV_WRONG;
}

/* Takes the end of a row at `at`: CSV_MORE if a line feed may follow. */
static enum csv_result finish(const char *data, const char *at, const char *end, bool last,
                              struct csv_row *row)
{
    row->text_size = (size_t)(at - data);
    row->lines++;
    if (at < end && *at == '\r') {
        if (++at == end && !last)
            return CSV_MORE;
        if (at < end && *at == '\n')
            at++;
    } else if (at < end) {
        at++;
    }
    row->size = (size_t)(at - data);
    return CSV_ROW;
}

void csv_give_up(const char *data, size_t size, const char *why, struct csv_row *row)
{
    refuse(data, data, data + size, why, row);
}

enum csv_result csv_read(const struct csv_format *f, const char *data, size_t size, bool last,
                         struct csv_row *row)
{
    const char *at = data, *end = data + (size < UINT32_MAX ? size : UINT32_MAX);
    row->count = row->lines = 0;
    if (size == 0)
        return CSV_MORE;
    for (;;) {
        if (row->count == row->room)
            return refuse(data, at, end, "too many fields", row);
        struct csv_field *field = &row->fields[row->count];
        *field = (struct csv_field){ .text = at };
        if (f->quote && at < end && *at == f->quote) {
            field->quoted = true;
            at = find_quote(f, at + 1, end, field);
            if (!at && last)
                return refuse(data, data, end, "a quoted field has no end", row);
            if (!at || (at == end && !last))
                return CSV_MORE;
            row->lines += count_lines(field->text, field->size);
            if (at < end && !ends_field(*at, f->separator))
                return refuse(data, at, end, "there is text behind a closing quote", row);
        } else {
            at = find_end(at, end, f->separator);
            field->size = (uint32_t)(at - field->text);
        }
        if (at == end && !last)
            return CSV_MORE;
        row->count++;
        if (at == end || *at != f->separator)
            return finish(data, at, end, last, row);
        at++;
    }
}

size_t csv_copy(const struct csv_format *f, const struct csv_field *field, char *to)
{
    const char *at = field->text, *end = at + field->size;
    char *begin = to;
    if (!field->doubled) {
        memcpy(to, at, field->size);
        return field->size;
    }
    while (at < end) {
        *to++ = *at;
        at += *at == f->quote ? 2 : 1;
    }
    return (size_t)(to - begin);
}
