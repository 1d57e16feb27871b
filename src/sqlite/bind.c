#include "sqlite/bind.h"

#include "db/convert.h"

#include <bide/error.h>

#include <stdlib.h>
#include <string.h>

/* Which value a place takes, from 0; < 0: it has a name. */
static long value_of_place(sqlite3_stmt *statement, int place)
{
    const char *name = sqlite3_bind_parameter_name(statement, place);
    if (!name)
        return place - 1;       /* "?" */
    char *end;
    long number = strtol(name + 1, &end, 10);
    return end == name + 1 || *end || number < 1 ? -1 : number - 1;
}

int bide__sqlite_check_places(sqlite3_stmt *statement, size_t count)
{
    size_t wanted = 0;
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement); i++) {
        long value = value_of_place(statement, i);
        if (value < 0)
            return bide_fail(BIDE_EINVAL, "the parameter %s has a name: number it, as in ?1",
                             sqlite3_bind_parameter_name(statement, i));
        if ((size_t)value + 1 > wanted)
            wanted = (size_t)value + 1;
    }
    if (wanted != count)
        return bide_fail(BIDE_EINVAL, "the statement has parameters for %zu value%s, not for %zu",
                         wanted, wanted == 1 ? "" : "s", count);
    return 0;
}

static int bind_moment(sqlite3_stmt *statement, int place, const struct bide_value *v)
{
    char text[DB_TEXT_SIZE];
    const char *written;
    if (bide__db_to_text(v, text, &written) < 0)
        return SQLITE_MISUSE;
    return sqlite3_bind_text(statement, place, written, -1, SQLITE_TRANSIENT);
}

static int bind_one(sqlite3_stmt *statement, int place, const struct bide_value *v,
                    sqlite3_destructor_type life)
{
    switch (v->type) {
    case BIDE_VALUE_NULL:
        return sqlite3_bind_null(statement, place);
    case BIDE_VALUE_BOOL:
    case BIDE_VALUE_INT:
        return sqlite3_bind_int64(statement, place, v->as.i);
    case BIDE_VALUE_UINT:
        if (v->as.u > INT64_MAX)
            return SQLITE_RANGE;
        return sqlite3_bind_int64(statement, place, (int64_t)v->as.u);
    case BIDE_VALUE_REAL:
        return sqlite3_bind_double(statement, place, v->as.d);
    case BIDE_VALUE_TEXT:
    case BIDE_VALUE_NUMERIC:
        return sqlite3_bind_text64(statement, place, v->as.s, v->size, life, SQLITE_UTF8);
    case BIDE_VALUE_BYTES:
        return sqlite3_bind_blob64(statement, place, v->as.s, v->size, life);
    case BIDE_VALUE_TIME:
    case BIDE_VALUE_DATE:
        return bind_moment(statement, place, v);
    default:
        return SQLITE_MISUSE;
    }
}

static int refuse(int code, long number)
{
    if (code == SQLITE_NOMEM)
        return bide_fail(BIDE_ENOMEM, "sqlite: out of memory");
    return bide_fail(BIDE_EINVAL, "value %ld: SQLite takes no %s", number,
                     code == SQLITE_RANGE ? "integer beyond 64 bits with a sign"
                     : code == SQLITE_TOOBIG ? "text of this size" : "such value");
}

int bide__sqlite_bind(sqlite3_stmt *statement, const struct bide_value *values, size_t count,
                      bool copied)
{
    sqlite3_destructor_type life = copied ? SQLITE_TRANSIENT : SQLITE_STATIC;
    for (int place = 1; place <= sqlite3_bind_parameter_count(statement); place++) {
        long number = value_of_place(statement, place);
        if (number < 0 || (size_t)number >= count)
            continue;           /* check_places() has told */
        int code = bind_one(statement, place, &values[number], life);
        if (code != SQLITE_OK)
            return refuse(code, number + 1);
    }
    return 0;
}

int bide__sqlite_bind_row(sqlite3_stmt *statement, const struct bide_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int code = bind_one(statement, (int)i + 1, &values[i], SQLITE_STATIC);
        if (code != SQLITE_OK)
            return refuse(code, (long)i + 1);
    }
    return 0;
}
