/* By std::from_chars and std::to_chars: exact, without a locale, and without memory. */
#include "json/number.h"

#include <charconv>
#include <cstring>
#include <stdlib.h>
#include <locale.h>

double bide__real_read(const char *at, const char *end)
{
    double real;
    std::from_chars_result result = std::from_chars(at, end, real);
    if (result.ec == std::errc())
        return real;
    /* Too large or too small: the C library says which. */
    return strtod_l(at, nullptr, newlocale(LC_ALL_MASK, "C", nullptr));
}

char *bide__real_write(char *to, double real)
{
    char *end = std::to_chars(to, to + REAL_TEXT_MAX - 2, real).ptr;
    for (const char *at = to; at < end; at++)
        if (*at == '.' || *at == 'e')
            return end;
    memcpy(end, ".0", 2);
    return end + 2;
}
