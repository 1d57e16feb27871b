/* Names as SQL quotes them. */
#include "db/name.h"

size_t bide__db_name_next(const char **name, char quote, bool of_table, char piece[DB_NAME_PIECE])
{
    const char *at = *name;
    bool dot = of_table && *at == '.', doubled = dot && at[1] == '.';
    size_t size = 0;
    if (*at == '\0')
        return 0;
    *name = at + 1 + doubled;
    if (*at == quote || (dot && !doubled))
        piece[size++] = quote;
    piece[size++] = *at;
    if (dot && !doubled)
        piece[size++] = quote;
    return size;
}
