#include "db/convert.h"

#include "base/moment.h"
#include "db/moment.h"

#include <bide/error.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* A text with a NUL in it is none. */
static int read_time(const struct bide_value *v, int64_t *microseconds)
{
    if (strlen(v->as.s) == v->size && bide__db_read_moment(v->as.s, microseconds))
        return 0;
    return bide_fail(BIDE_EDB, "is the text \"%.40s\", not a time", v->as.s);
}

int bide__db_to_time(const struct bide_value *v, int64_t *microseconds)
{
    if (v->type == BIDE_VALUE_TEXT)
        return read_time(v, microseconds);
    if (v->type != BIDE_VALUE_TIME && v->type != BIDE_VALUE_DATE)
        return refuse(v, "a time");
    *microseconds = v->as.i;
    if (v->type == BIDE_VALUE_DATE && !is_infinite(v->as.i)
        && __builtin_mul_overflow(v->as.i, DAY_US, microseconds))
        return bide_fail(BIDE_EDB, "is a date too far off");
    return 0;
}

int bide__db_make(const struct bide_value *v, struct bide_value *made)
{
    bool truth = false;
    switch (made->type) {
    case BIDE_VALUE_INT: return bide__db_to_int(v, &made->as.i);
    case BIDE_VALUE_REAL: return bide__db_to_real(v, &made->as.d);
    case BIDE_VALUE_TIME: return bide__db_to_time(v, &made->as.i);
    default: break;
    }
    int rc = bide__db_to_bool(v, &truth);
    made->as.i = truth;
    return rc;
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
        bide__moment_time(place, v->as.i);
        return 0;
    case BIDE_VALUE_DATE:
        bide__moment_date(place, v->as.i);
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
