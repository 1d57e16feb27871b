#include "mysql/column.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { BINARY_CHARSET = 63 };

static bool is_unsigned(const MYSQL_FIELD *f) { return f->flags & UNSIGNED_FLAG; }
static bool is_binary(const MYSQL_FIELD *f) { return f->charsetnr == BINARY_CHARSET; }

/* MariaDB's own types are texts to the protocol, and told apart by a note beside it. */
static bool has_note(const MYSQL_FIELD *f, enum mariadb_field_attr_t kind,
                     MARIADB_CONST_STRING *note)
{
    return mariadb_field_attr(note, f, kind) == 0 && note->length;
}

static bool is_json(const MYSQL_FIELD *f)
{
    MARIADB_CONST_STRING note;
    return f->type == MYSQL_TYPE_JSON
        || (has_note(f, MARIADB_FIELD_ATTR_FORMAT_NAME, &note)
            && note.length == 4 && memcmp(note.str, "json", 4) == 0);
}

static enum mysql_kind kind_of(const MYSQL_FIELD *f)
{
    switch (f->type) {
    case MYSQL_TYPE_TINY:
        return f->length == 1 && !is_unsigned(f) ? KIND_BOOL : KIND_INT;
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_YEAR: return KIND_INT;
    case MYSQL_TYPE_LONGLONG: return is_unsigned(f) ? KIND_UINT : KIND_INT;
    case MYSQL_TYPE_BIT: return KIND_BITS;
    case MYSQL_TYPE_FLOAT: return KIND_FLOAT;
    case MYSQL_TYPE_DOUBLE: return KIND_REAL;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: return KIND_NUMERIC;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE: return KIND_DATE;
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP: return KIND_TIME;
    case MYSQL_TYPE_TIME: return KIND_CLOCK;
    case MYSQL_TYPE_GEOMETRY: return KIND_BYTES;
    default: return is_binary(f) && !is_json(f) ? KIND_BYTES : KIND_TEXT;
    }
}

static const char *integer_name(const MYSQL_FIELD *f)
{
    bool sign = !is_unsigned(f);
    switch (f->type) {
    case MYSQL_TYPE_TINY: return sign ? "tinyint" : "tinyint unsigned";
    case MYSQL_TYPE_SHORT: return sign ? "smallint" : "smallint unsigned";
    case MYSQL_TYPE_INT24: return sign ? "mediumint" : "mediumint unsigned";
    case MYSQL_TYPE_LONG: return sign ? "int" : "int unsigned";
    case MYSQL_TYPE_LONGLONG: return sign ? "bigint" : "bigint unsigned";
    default: return NULL;
    }
}

static const char *string_name(const MYSQL_FIELD *f)
{
    if (f->flags & (ENUM_FLAG | SET_FLAG))
        return f->flags & ENUM_FLAG ? "enum" : "set";
    if (is_json(f))
        return "json";
    switch (f->type) {
    case MYSQL_TYPE_STRING: return is_binary(f) ? "binary" : "char";
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING: return is_binary(f) ? "varbinary" : "varchar";
    default: return is_binary(f) ? "blob" : "text";
    }
}

static const char *type_name(const MYSQL_FIELD *f)
{
    const char *integer = integer_name(f);
    if (integer)
        return integer;
    switch (f->type) {
    case MYSQL_TYPE_YEAR: return "year";
    case MYSQL_TYPE_BIT: return "bit";
    case MYSQL_TYPE_FLOAT: return "float";
    case MYSQL_TYPE_DOUBLE: return "double";
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: return "decimal";
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE: return "date";
    case MYSQL_TYPE_DATETIME: return "datetime";
    case MYSQL_TYPE_TIMESTAMP: return "timestamp";
    case MYSQL_TYPE_TIME: return "time";
    case MYSQL_TYPE_GEOMETRY: return "geometry";
    case MYSQL_TYPE_NULL: return "null";
    default: return string_name(f);
    }
}

struct mysql_column *bide__mysql_columns(struct mysql_arena *arena, const MYSQL_FIELD *fields,
                                         size_t count)
{
    struct mysql_column *columns = bide__mysql_take(arena, (count + 1) * sizeof *columns);
    for (size_t i = 0; columns && i < count; i++) {
        const MYSQL_FIELD *f = &fields[i];
        MARIADB_CONST_STRING note;
        bool noted = has_note(f, MARIADB_FIELD_ATTR_DATA_TYPE_NAME, &note);
        const char *name = bide__mysql_take_text(arena, f->name, f->name_length);
        const char *type = noted ? bide__mysql_take_text(arena, note.str, note.length)
                                 : type_name(f);
        if (!name || !type)
            return NULL;
        columns[i] = (struct mysql_column){ name, type, kind_of(f), f->decimals };
    }
    return columns;
}
