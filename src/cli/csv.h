/* cli/csv.h -- CSV as RFC 4180 has it, and as people write it.
 *
 * A pure codec: a piece of memory goes in, one row's fields come out as places in it, so nothing is
 * copied.  Beyond the RFC: any separator and quote, rows that end with LF, CR LF or CR, quotes in
 * the middle of a field that does not begin with one (5" pipe) and rows of any width.  What the RFC
 * calls wrong and nobody can mean is refused with a sentence: text behind a closing quote, a quote
 * that never closes.  The row after that is the next line, so one stray quote costs one line. */
#ifndef CLI_CSV_H
#define CLI_CSV_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How rows are written. */
struct csv_format {
    char separator;             /* no letter, digit, quote, dot, sign or end of a line */
    char quote;                 /* 0: there are none */
};
/* One field. */
struct csv_field {
    const char *text;           /* between the quotes, if there are any; doubled ones still are */
    uint32_t size;
    bool quoted, doubled;       /* doubled: a quote stands in it, twice */
};
/* One row, in memory of the caller. */
struct csv_row {
    struct csv_field *fields;
    size_t room;                /* the most fields that a row may have */
    size_t count;
    size_t size;                /* bytes, its end included */
    size_t text_size;           /* bytes without its end */
    size_t lines;               /* lines that it takes */
    const char *why;            /* of CSV_WRONG: a static sentence */
    size_t column;              /* of CSV_WRONG: in which field, from 0 */
};
enum csv_result { CSV_MORE, CSV_ROW, CSV_WRONG };

/* Reads the row at the beginning of data, of which at most 4 GiB are looked at.  CSV_MORE: its
 * end is not there; call again with more behind it.  last: there is no more; CSV_MORE then says
 * that size is 0.  CSV_WRONG: size is that of the line to pass over. */
enum csv_result csv_read(const struct csv_format *f, const char *data, size_t size, bool last,
                         struct csv_row *row);
/* After CSV_MORE, when no more is wanted: makes CSV_WRONG of it. */
void csv_give_up(const char *data, size_t size, const char *why, struct csv_row *row);
/* Copies a field to `to`, which has room for its size, with single quotes for doubled ones: how
 * many bytes. */
size_t csv_copy(const struct csv_format *f, const struct csv_field *field, char *to);
/* The separator of what begins like this, out of , ; tab |: the one that splits the first lines
 * into most fields, all of them alike; a comma if there is none. */
char csv_guess(const char *data, size_t size, char quote);

#endif
