/* CSV: any text is rows; cut anywhere, they are the same rows, and what is written of them is read
 * again; and what looks like a value of some type is one.  The first byte is the separator. */
#include "fuzz.h"

#include "cli/csv_write.h"
#include "cli/import_type.h"

#include <string.h>

#define FIELDS 64

/* A NUL stands behind the text. */
static void check_type(const char *text, size_t size)
{
    enum import_type type = import_type_of(text, size);
    struct bide_value value;
    MUST(import_type_fits(type, text, size));
    MUST(import_type_value(type, text, size, &value) == 0);
    for (type = TYPE_NONE; type <= TYPE_TEXT; type++)
        if (import_type_value(type, text, size, &value) == 0)
            MUST(import_type_fits(type, text, size));
}

/* Memory of just this size, so that what is read behind it is found. */
static void check_row(const struct csv_format *f, const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        const struct csv_field *field = &row->fields[i];
        char *text = malloc(field->size + 1), *room = malloc(CSV_ROOM(field->size) + 1);
        struct csv_field again;
        struct csv_row one = { .fields = &again, .room = 1 };
        MUST(text && room);
        size_t size = csv_copy(f, field, text);
        MUST(size <= field->size);
        text[size] = '\0';
        check_type(text, size);
        char *end = csv_write(f, room, text, size);
        *end++ = '\n';
        MUST(csv_read(f, room, (size_t)(end - room), true, &one) == CSV_ROW);
        MUST(one.count == 1 && one.size == (size_t)(end - room));
        char *copy = malloc(again.size + 1);
        MUST(copy && csv_copy(f, &again, copy) == size && memcmp(copy, text, size) == 0);
        free(copy);
        free(room);
        free(text);
    }
}

/* A row that was whole is not there with a byte less. */
static void check_cut(const struct csv_format *f, const char *text, const struct csv_row *row)
{
    struct csv_field fields[FIELDS];
    struct csv_row cut = { .fields = fields, .room = FIELDS };
    size_t size = row->size / 2;
    enum csv_result result = csv_read(f, text, size, false, &cut);
    MUST(result == CSV_MORE || (result == CSV_ROW && cut.size == row->size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv_field fields[FIELDS];
    struct csv_row row = { .fields = fields, .room = FIELDS };
    if (size == 0 || *data == '\n' || *data == '\r' || *data == '"')
        return 0;
    const struct csv_format f = { (char)*data, '"' };
    const char *text = (const char *)data + 1;
    size--;
    csv_guess(text, size, '"');
    while (size > 0) {
        enum csv_result result = csv_read(&f, text, size, true, &row);
        MUST(result != CSV_MORE && row.size > 0 && row.size <= size && row.text_size <= row.size);
        if (result == CSV_ROW) {
            check_row(&f, &row);
            check_cut(&f, text, &row);
        }
        text += row.size;
        size -= row.size;
    }
    return 0;
}
