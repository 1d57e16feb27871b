#include "mysql/decode.h"

#include "mysql/moment.h"

#include <bide/error.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- both ------------------------------------------------------------------------------------ */

static struct bide_value truth_or_number(int64_t i)
{
    return i == 0 || i == 1 ? bide_value_bool_(i != 0) : bide_value_int_(i);
}

static struct bide_value bits(const char *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | (unsigned char)bytes[i];
    return bide_value_uint_(number);
}

static struct bide_value of_text(int type, const char *text, size_t size)
{
    struct bide_value v = { type, size, { 0 } };
    v.as.s = text;
    return v;
}

/* ---- in text --------------------------------------------------------------------------------- */

static struct bide_value moment_or_text(const struct mysql_column *column, const char *text,
                                        size_t size)
{
    MYSQL_TIME t;
    struct bide_value v;
    bool good = bide__mysql_read_moment(text, &t)
        && bide__mysql_moment(&t, column->kind == KIND_DATE, &v);
    return good ? v : of_text(BIDE_VALUE_TEXT, text, size);
}

void bide__mysql_decode_text(const struct mysql_column *column, const char *text, size_t size,
                             struct bide_value *v)
{
    switch (column->kind) {
    case KIND_INT: *v = bide_value_int_(strtoll(text, NULL, 10)); break;
    case KIND_UINT: *v = bide_value_uint_(strtoull(text, NULL, 10)); break;
    case KIND_BOOL: *v = truth_or_number(strtoll(text, NULL, 10)); break;
    case KIND_BITS: *v = bits(text, size); break;
    case KIND_REAL: *v = bide_value_real_(strtod(text, NULL)); break;
    case KIND_FLOAT: *v = bide_value_real_((double)strtof(text, NULL)); break;
    case KIND_DATE:
    case KIND_TIME: *v = moment_or_text(column, text, size); break;
    case KIND_NUMERIC: *v = of_text(BIDE_VALUE_NUMERIC, text, size); break;
    case KIND_BYTES: *v = of_text(BIDE_VALUE_BYTES, text, size); break;
    default: *v = of_text(BIDE_VALUE_TEXT, text, size);
    }
}

/* ---- in binary ------------------------------------------------------------------------------- */

/* Has libmariadb write it into `place`.  False: it is NULL. */
static bool read(MYSQL_STMT *statement, unsigned at, enum enum_field_types type, void *place,
                 size_t room, bool sign, unsigned long *size)
{
    my_bool is_null = 0, error = 0;
    MYSQL_BIND bind = {
        .buffer_type = type, .buffer = place, .buffer_length = room, .length = size,
        .is_null = &is_null, .error = &error, .is_unsigned = !sign,
    };
    mysql_stmt_fetch_column(statement, &bind, at, 0);
    return !is_null;
}

static int read_text(const struct mysql_column *column, MYSQL_STMT *statement, unsigned at,
                     struct mysql_arena *arena, struct bide_value *v)
{
    enum { TRIED = 256 };
    char first[TRIED];
    unsigned long size = 0;
    if (!read(statement, at, MYSQL_TYPE_STRING, first, sizeof first, true, &size))
        return 0;
    bool fits = size <= sizeof first;
    char *text = fits ? bide__mysql_take_text(arena, first, size)
                      : bide__mysql_take(arena, size + 1);
    if (!text)
        return bide_fail(BIDE_ENOMEM, "mysql: out of memory");
    if (!fits) {
        read(statement, at, MYSQL_TYPE_STRING, text, size, true, &size);
        text[size] = '\0';
    }
    bide__mysql_decode_text(column, text, size, v);
    return 0;
}

static int read_moment(const struct mysql_column *column, MYSQL_STMT *statement, unsigned at,
                       struct mysql_arena *arena, struct bide_value *v)
{
    MYSQL_TIME t = { 0 };
    unsigned long size = 0;
    enum enum_field_types type = column->kind == KIND_CLOCK  ? MYSQL_TYPE_TIME
        : column->kind == KIND_DATE ? MYSQL_TYPE_DATE : MYSQL_TYPE_DATETIME;
    if (!read(statement, at, type, &t, sizeof t, true, &size))
        return 0;
    if (column->kind != KIND_CLOCK && bide__mysql_moment(&t, column->kind == KIND_DATE, v))
        return 0;
    char text[MYSQL_MOMENT_SIZE];
    size_t written = column->kind == KIND_CLOCK
        ? bide__mysql_write_clock(&t, column->digits, text)
        : bide__mysql_write_moment(&t, column->kind == KIND_DATE, text);
    const char *kept = bide__mysql_take_text(arena, text, written);
    if (!kept)
        return bide_fail(BIDE_ENOMEM, "mysql: out of memory");
    *v = of_text(BIDE_VALUE_TEXT, kept, written);
    return 0;
}

int bide__mysql_decode_binary(const struct mysql_column *column, MYSQL_STMT *statement,
                              unsigned at, struct mysql_arena *arena, struct bide_value *v)
{
    unsigned long size = 0;
    int64_t i = 0;
    double d = 0;
    *v = BIDE_NULL;
    switch (column->kind) {
    case KIND_INT:
    case KIND_BOOL:
        if (read(statement, at, MYSQL_TYPE_LONGLONG, &i, sizeof i, true, &size))
            *v = column->kind == KIND_BOOL ? truth_or_number(i) : bide_value_int_(i);
        return 0;
    case KIND_UINT:
        if (read(statement, at, MYSQL_TYPE_LONGLONG, &i, sizeof i, false, &size))
            *v = bide_value_uint_((uint64_t)i);
        return 0;
    case KIND_REAL:
    case KIND_FLOAT:
        if (read(statement, at, MYSQL_TYPE_DOUBLE, &d, sizeof d, true, &size))
            *v = bide_value_real_(d);
        return 0;
    case KIND_DATE:
    case KIND_TIME:
    case KIND_CLOCK:
        return read_moment(column, statement, at, arena, v);
    default:
        return read_text(column, statement, at, arena, v);
    }
}
