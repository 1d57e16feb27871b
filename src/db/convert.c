#include "db/convert.h"

#include <bide/error.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *bide__db_what(const struct bide_value *v)
{
    static const char *const names[] = {
        [BIDE_VALUE_NULL] = "NULL", [BIDE_VALUE_BOOL] = "a bool", [BIDE_VALUE_INT] = "an integer",
        [BIDE_VALUE_UINT] = "an integer", [BIDE_VALUE_REAL] = "a real", [BIDE_VALUE_TEXT] = "text",
        [BIDE_VALUE_BYTES] = "bytes", [BIDE_VALUE_NUMERIC] = "a numeric",
        [BIDE_VALUE_TIME] = "a time", [BIDE_VALUE_DATE] = "a date", [BIDE_VALUE_ARRAY] = "an array",
    };
    return names[v->type];
}

static int refuse(const struct bide_value *v, const char *wanted)
{
    return bide_fail(BIDE_EDB, "is %s, not %s", bide__db_what(v), wanted);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static int whole(double d, int64_t *number)
{
    if (!(d >= -0x1p63 && d < 0x1p63) || d != trunc(d))
        return bide_fail(BIDE_EDB, "is %g, not an integer of 64 bits", d);
    *number = (int64_t)d;
    return 0;
}

/* "12" and "12.000", but not "12.5". */
static int digits_to_int(const char *digits, int64_t *number)
{
    char *end;
    errno = 0;
    long long n = strtoll(digits, &end, 10);
    if (*end == '.')
        do
            end++;
        while (*end == '0');
    if (errno || end == digits || *end)
        return bide_fail(BIDE_EDB, "is %.40s, not an integer of 64 bits", digits);
    *number = n;
    return 0;
}

int bide__db_to_int(const struct bide_value *v, int64_t *number)
{
    switch (v->type) {
    case BIDE_VALUE_BOOL:
    case BIDE_VALUE_INT:
        *number = v->as.i;
        return 0;
    case BIDE_VALUE_UINT:
        if (v->as.u > INT64_MAX)
            return bide_fail(BIDE_EDB, "is %llu, not an integer of 64 bits with a sign",
                             (unsigned long long)v->as.u);
        *number = (int64_t)v->as.u;
        return 0;
    case BIDE_VALUE_REAL:
        return whole(v->as.d, number);
    case BIDE_VALUE_NUMERIC:
        return digits_to_int(v->as.s, number);
    default:
        return refuse(v, "an integer");
    }
}

int bide__db_to_real(const struct bide_value *v, double *number)
{
    switch (v->type) {
    case BIDE_VALUE_INT: *number = (double)v->as.i; return 0;
    case BIDE_VALUE_UINT: *number = (double)v->as.u; return 0;
    case BIDE_VALUE_REAL: *number = v->as.d; return 0;
    case BIDE_VALUE_NUMERIC: *number = strtod(v->as.s, NULL); return 0;
    default: return refuse(v, "a number");
    }
}

int bide__db_to_bool(const struct bide_value *v, bool *truth)
{
    if (v->type != BIDE_VALUE_BOOL && v->type != BIDE_VALUE_INT && v->type != BIDE_VALUE_UINT)
        return refuse(v, "a bool");
    *truth = v->as.i != 0;
    return 0;
}

/* ---- times ----------------------------------------------------------------------------------- */

#define DAY_US INT64_C(86400000000)

static bool is_infinite(int64_t i) { return i == INT64_MAX || i == INT64_MIN; }

int bide__db_to_time(const struct bide_value *v, int64_t *microseconds)
{
    if (v->type != BIDE_VALUE_TIME && v->type != BIDE_VALUE_DATE)
        return refuse(v, "a time");
    *microseconds = v->as.i;
    if (v->type == BIDE_VALUE_DATE && !is_infinite(v->as.i)
        && __builtin_mul_overflow(v->as.i, DAY_US, microseconds))
        return bide_fail(BIDE_EDB, "is a date too far off");
    return 0;
}

/* The civil date of a day, by the 400-year cycle that begins on 1 March. */
static void civil(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t in_era = z - era * 146097;
    int64_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * in_year + 2) / 153;
    *day = (int)(in_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = y + era * 400 + (*month <= 2);
}

static int write_date(char *place, int64_t days)
{
    int64_t year;
    int month, day;
    civil(days, &year, &month, &day);
    return snprintf(place, DB_TEXT_SIZE, "%04lld-%02d-%02d", (long long)year, month, day);
}

/* ISO 8601, as RFC 3339 has it. */
static void write_time(char *place, int64_t us)
{
    int64_t days = us / DAY_US - (us % DAY_US < 0);
    int64_t rest = us - days * DAY_US;
    int used = write_date(place, days);
    int seconds = (int)(rest / 1000000), fraction = (int)(rest % 1000000);
    used += snprintf(place + used, DB_TEXT_SIZE - (size_t)used, "T%02d:%02d:%02d", seconds / 3600,
                     seconds / 60 % 60, seconds % 60);
    if (fraction)
        used += snprintf(place + used, DB_TEXT_SIZE - (size_t)used, ".%06d", fraction);
    snprintf(place + used, DB_TEXT_SIZE - (size_t)used, "Z");
}

/* ---- texts ----------------------------------------------------------------------------------- */

static void write_real(char *place, double d)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(place, DB_TEXT_SIZE, "%.*g", digits, d);
        if (strtod(place, NULL) == d)
            return;
    }
}

static void write_moment(char *place, const struct bide_value *v)
{
    if (is_infinite(v->as.i))
        snprintf(place, DB_TEXT_SIZE, "%sinfinity", v->as.i < 0 ? "-" : "");
    else if (v->type == BIDE_VALUE_DATE)
        write_date(place, v->as.i);
    else
        write_time(place, v->as.i);
}

static int write_value(const struct bide_value *v, char *place)
{
    switch (v->type) {
    case BIDE_VALUE_BOOL:
        snprintf(place, DB_TEXT_SIZE, "%s", v->as.i ? "true" : "false");
        return 0;
    case BIDE_VALUE_INT:
        snprintf(place, DB_TEXT_SIZE, "%lld", (long long)v->as.i);
        return 0;
    case BIDE_VALUE_UINT:
        snprintf(place, DB_TEXT_SIZE, "%llu", (unsigned long long)v->as.u);
        return 0;
    case BIDE_VALUE_REAL:
        write_real(place, v->as.d);
        return 0;
    case BIDE_VALUE_TIME:
    case BIDE_VALUE_DATE:
        write_moment(place, v);
        return 0;
    default:
        return refuse(v, "text");
    }
}

int bide__db_to_text(const struct bide_value *v, char *place, const char **text)
{
    if (v->type == BIDE_VALUE_NULL || v->type == BIDE_VALUE_TEXT || v->type == BIDE_VALUE_NUMERIC) {
        *text = v->as.s;
        return 0;
    }
    if (!place)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    int rc = write_value(v, place);
    *text = rc < 0 ? "" : place;
    return rc;
}
