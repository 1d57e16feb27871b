/* By the C library: more digits until they read as the same double again. */
#include "json/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A static object in glibc and musl: nothing to free, and it cannot fail. */
static locale_t plain_locale(void)
{
    return newlocale(LC_ALL_MASK, "C", NULL);
}

double bide__real_read(const char *at, const char *end)
{
    (void)end;
    return strtod_l(at, NULL, plain_locale());
}

char *bide__real_write(char *to, double real)
{
    locale_t before = uselocale(plain_locale());
    int size = 0;
    /* Fifteen digits are never too many, but for the few that a denormal has. */
    for (int digits = fabs(real) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        size = snprintf(to, REAL_TEXT_MAX, "%.*g", digits, real);
        if (strtod(to, NULL) == real)
            break;
    }
    uselocale(before);
    if (!strpbrk(to, ".e"))
        size += snprintf(to + size, REAL_TEXT_MAX - (size_t)size, ".0");
    return to + size;
}
