/* cli/csv_guess.c -- which separator a file uses, from how it begins. */
#include "cli/csv.h"

#define LINES 10
#define FIELDS 256

/* How many fields the first lines have if all have as many, else 0. */
static size_t width_with(const struct csv_format *f, const char *data, size_t size)
{
    struct csv_field fields[FIELDS];
    struct csv_row row = { .fields = fields, .room = FIELDS };
    size_t width = 0;
    for (int i = 0; i < LINES; i++) {
        enum csv_result result = csv_read(f, data, size, false, &row);
        if (result == CSV_MORE)
            break;
        if (result == CSV_WRONG || (width && row.count != width))
            return 0;
        width = row.count;
        data += row.size;
        size -= row.size;
    }
    return width;
}

char csv_guess(const char *data, size_t size, char quote)
{
    static const char separators[] = { ',', ';', '\t', '|' };
    char best = ',';
    size_t most = 1;
    for (size_t i = 0; i < sizeof separators; i++) {
        struct csv_format f = { separators[i], quote };
        size_t width = width_with(&f, data, size);
        if (width > most) {
            most = width;
            best = separators[i];
        }
    }
    return best;
}
