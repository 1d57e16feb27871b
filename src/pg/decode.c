#include "pg/decode.h"

#include "pg/types.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* Since 2000, PostgreSQL's epoch. */
#define EPOCH_DAYS INT64_C(10957)
#define EPOCH_US (EPOCH_DAYS * INT64_C(86400000000))

/* ---- what types there are -------------------------------------------------------------------- */

static const struct pg_builtin { unsigned type, array; bool binary; const char *name, *array_name; }
builtins[] = {
    { PG_BOOL, 1000, true, "bool", "bool[]" }, { PG_BYTEA, 1001, true, "bytea", "bytea[]" },
    { PG_CHAR, 1002, true, "char", "char[]" }, { PG_NAME, 1003, true, "name", "name[]" },
    { PG_INT2, 1005, true, "int2", "int2[]" }, { PG_INT4, 1007, true, "int4", "int4[]" },
    { PG_TEXT, 1009, true, "text", "text[]" }, { PG_BPCHAR, 1014, true, "bpchar", "bpchar[]" },
    { PG_VARCHAR, 1015, true, "varchar", "varchar[]" }, { PG_INT8, 1016, true, "int8", "int8[]" },
    { PG_FLOAT4, 1021, true, "float4", "float4[]" },
    { PG_FLOAT8, 1022, true, "float8", "float8[]" },
    { PG_OID, 1028, true, "oid", "oid[]" }, { PG_JSON, 199, true, "json", "json[]" },
    { PG_TIMESTAMP, 1115, true, "timestamp", "timestamp[]" },
    { PG_DATE, 1182, true, "date", "date[]" },
    { PG_TIMESTAMPTZ, 1185, true, "timestamptz", "timestamptz[]" },
    { PG_NUMERIC, 1231, true, "numeric", "numeric[]" }, { PG_UUID, 2951, true, "uuid", "uuid[]" },
    { PG_JSONB, 3807, true, "jsonb", "jsonb[]" }, { PG_VOID, 0, true, "void", "" },
    { 1083, 1183, false, "time", "time[]" }, { 1266, 1270, false, "timetz", "timetz[]" },
    { 1186, 1187, false, "interval", "interval[]" }, { 869, 1041, false, "inet", "inet[]" },
    { 650, 651, false, "cidr", "cidr[]" }, { 829, 1040, false, "macaddr", "macaddr[]" },
    { 790, 791, false, "money", "money[]" }, { 142, 143, false, "xml", "xml[]" },
    { 600, 1017, false, "point", "point[]" }, { 1560, 1561, false, "bit", "bit[]" },
    { 1562, 1563, false, "varbit", "varbit[]" }, { 705, 0, false, "unknown", "" },
};
enum { BUILTINS = sizeof builtins / sizeof *builtins };

static const struct pg_builtin *find(unsigned type)
{
    for (int i = 0; i < BUILTINS; i++)
        if (builtins[i].type == type || (type && builtins[i].array == type))
            return &builtins[i];
    return NULL;
}

unsigned bide__pg_element(unsigned type)
{
    switch (type) {             /* most are */
    case PG_BOOL: case PG_INT2: case PG_INT4: case PG_INT8: case PG_FLOAT8: case PG_TEXT:
    case PG_VARCHAR: case PG_NUMERIC: case PG_TIMESTAMP: case PG_TIMESTAMPTZ:
        return 0;
    default:
        break;
    }
    const struct pg_builtin *b = find(type);
    return b && b->type != type ? b->type : 0;
}

const char *bide__pg_type_name(unsigned type)
{
    const struct pg_builtin *b = find(type);
    return !b ? "" : b->type == type ? b->name : b->array_name;
}

bool bide__pg_reads_binary(const PGresult *description)
{
    for (int i = 0; i < PQnfields(description); i++) {
        const struct pg_builtin *b = find(PQftype(description, i));
        if (!b || !b->binary)
            return false;
    }
    return true;
}

/* ---- failures -------------------------------------------------------------------------------- */

static int strange(unsigned type)
{
    return bide_fail(BIDE_EDB, "the server's %s cannot be read", bide__pg_type_name(type));
}

static int no_memory(void) { return bide_fail(BIDE_ENOMEM, "postgresql: out of memory"); }

/* ---- binary ---------------------------------------------------------------------------------- */

static inline uint64_t big(const char *bytes, size_t size)
{
    uint64_t n = 0;
    uint32_t small;
    if (size == sizeof n) {
        memcpy(&n, bytes, sizeof n);
        return be64toh(n);
    }
    if (size == sizeof small) {
        memcpy(&small, bytes, sizeof small);
        return be32toh(small);
    }
    for (size_t i = 0; i < size; i++)
        n = n << 8 | (unsigned char)bytes[i];
    return n;
}

static double real_of(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static double short_real_of(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return (double)f;
}

static size_t size_of(unsigned type)
{
    switch (type) {
    case PG_BOOL: return 1;
    case PG_INT2: return 2;
    case PG_INT4: case PG_OID: case PG_FLOAT4: case PG_DATE: return 4;
    case PG_INT8: case PG_FLOAT8: case PG_TIMESTAMP: case PG_TIMESTAMPTZ: return 8;
    case PG_UUID: return 16;
    default: return 0;
    }
}

static int64_t moved(int64_t i, int64_t least, int64_t most, int64_t epoch)
{
    return i == most ? INT64_MAX : i == least ? INT64_MIN : i + epoch;
}

/* What most columns have, on the shortest way. */
static int int4_from_binary(bide_rows *rows, unsigned type, const char *bytes, size_t size,
                            struct bide_value *v)
{
    (void)rows;
    if (size != 4)
        return strange(type);
    *v = bide_value((int32_t)big(bytes, 4));
    return 0;
}

static int int8_from_binary(bide_rows *rows, unsigned type, const char *bytes, size_t size,
                            struct bide_value *v)
{
    (void)rows;
    if (size != 8)
        return strange(type);
    *v = bide_value((int64_t)big(bytes, 8));
    return 0;
}

static int text_from_binary(bide_rows *rows, unsigned type, const char *bytes, size_t size,
                            struct bide_value *v)
{
    (void)rows, (void)type;
    *v = bide_value_sized(bytes, size);
    return 0;
}

static int numeric(bide_rows *rows, const char *bytes, size_t size, struct bide_value *v)
{
    char *text = bide__rows_keep(rows, bide__pg_numeric_size(bytes, size));
    if (!text)
        return no_memory();
    int length = bide__pg_numeric(bytes, size, text);
    if (length < 0)
        return strange(PG_NUMERIC);
    *v = bide_value_sized(text, (size_t)length);
    v->type = BIDE_VALUE_NUMERIC;
    return 0;
}

static int uuid(bide_rows *rows, const char *bytes, struct bide_value *v)
{
    static const char digits[] = "0123456789abcdef";
    char *text = bide__rows_keep(rows, 37), *at = text;
    if (!text)
        return no_memory();
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[(unsigned char)bytes[i] >> 4];
        *at++ = digits[(unsigned char)bytes[i] & 15];
    }
    *at = '\0';
    *v = bide_value_sized(text, 36);
    return 0;
}

static pg_reader from_binary, from_text;

/* One dimension after the other: the innermost are the items. */
static int binary_items(bide_rows *rows, unsigned type, int depth, const uint32_t *counts,
                        const char **at, const char *end, struct bide_value *v)
{
    size_t count = counts[0];
    struct bide_value *items = bide__rows_keep(rows, count * sizeof *items + 1);
    if (!items)
        return no_memory();
    for (size_t i = 0; i < count; i++) {
        int rc = 0;
        if (depth > 1) {
            rc = binary_items(rows, type, depth - 1, counts + 1, at, end, &items[i]);
        } else {
            int64_t size = end - *at >= 4 ? (int32_t)big(*at, 4) : -2;
            if (size < -1 || end - *at - 4 < size)
                return strange(type);
            *at += 4;
            items[i] = BIDE_NULL;
            if (size < 0)
                continue;
            /* An item has no NUL behind it: the next one's size comes there. */
            char *copy = bide__rows_keep(rows, (size_t)size + 1);
            if (!copy)
                return no_memory();
            memcpy(copy, *at, (size_t)size);
            copy[size] = '\0';
            rc = from_binary(rows, type, copy, (size_t)size, &items[i]);
            *at += size;
        }
        if (rc < 0)
            return rc;
    }
    *v = bide_value_array(items, count);
    return 0;
}

static int binary_array(bide_rows *rows, unsigned type, const char *bytes, size_t size,
                        struct bide_value *v)
{
    enum { DEPTH_MAX = 6 };
    const char *at = bytes + 12, *end = bytes + size;
    uint32_t counts[DEPTH_MAX];
    uint64_t all = 1;
    size_t depth = size >= 12 ? big(bytes, 4) : DEPTH_MAX + 1;
    if (depth > DEPTH_MAX || size < 12 + depth * 8)
        return strange(type);
    for (size_t i = 0; i < depth; i++, at += 8) {
        counts[i] = (uint32_t)big(at, 4);
        all *= counts[i];
        if (all > size)
            return strange(type);
    }
    if (depth)
        return binary_items(rows, type, (int)depth, counts, &at, end, v);
    *v = bide_value_array(NULL, 0);
    return 0;
}

static int from_binary(bide_rows *rows, unsigned type, const char *bytes, size_t size,
                       struct bide_value *v)
{
    size_t wanted = size_of(type);
    if (wanted && wanted != size)
        return strange(type);
    switch (type) {
    case PG_BOOL: *v = bide_value((bool)(bytes[0] != 0)); return 0;
    case PG_INT2: *v = bide_value((int16_t)big(bytes, 2)); return 0;
    case PG_INT4: return int4_from_binary(rows, type, bytes, size, v);
    case PG_OID: *v = bide_value((uint32_t)big(bytes, 4)); return 0;
    case PG_INT8: return int8_from_binary(rows, type, bytes, size, v);
    case PG_FLOAT4: *v = bide_value(short_real_of((uint32_t)big(bytes, 4))); return 0;
    case PG_FLOAT8: *v = bide_value(real_of(big(bytes, 8))); return 0;
    case PG_DATE:
        *v = bide_value_date(moved((int32_t)big(bytes, 4), INT32_MIN, INT32_MAX, EPOCH_DAYS));
        return 0;
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ:
        *v = bide_value_time(moved((int64_t)big(bytes, 8), INT64_MIN, INT64_MAX, EPOCH_US));
        return 0;
    case PG_NUMERIC: return numeric(rows, bytes, size, v);
    case PG_UUID: return uuid(rows, bytes, v);
    case PG_BYTEA: *v = bide_value_bytes(bytes, size); return 0;
    case PG_JSONB:              /* a byte with the version before the text */
        *v = bide_value_sized(bytes + (size > 0), size - (size > 0));
        return 0;
    default: return text_from_binary(rows, type, bytes, size, v);
    }
}

/* ---- text ------------------------------------------------------------------------------------ */

static int nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int hex_bytes(bide_rows *rows, const char *text, size_t size, struct bide_value *v)
{
    if (size < 2 || text[0] != '\\' || text[1] != 'x' || size % 2)
        return bide_fail(BIDE_EDB, "bytea is read as hex only: set bytea_output to hex");
    size_t count = size / 2 - 1;
    char *bytes = bide__rows_keep(rows, count + 1);
    if (!bytes)
        return no_memory();
    for (size_t i = 0; i < count; i++) {
        int high = nibble(text[2 + 2 * i]), low = nibble(text[3 + 2 * i]);
        if (high < 0 || low < 0)
            return strange(PG_BYTEA);
        bytes[i] = (char)(high << 4 | low);
    }
    bytes[count] = '\0';
    *v = bide_value_bytes(bytes, count);
    return 0;
}

/* An item up to ',' or '}' into copy, without its quotes and backslashes. */
static const char *take_item(const char *at, char *copy, size_t *size, bool *quoted)
{
    size_t n = 0;
    bool within = false;
    *quoted = *at == '"';
    for (; *at && (within || (*at != ',' && *at != '}')); at++) {
        if (*at == '"')
            within = !within;
        else if (*at == '\\' && at[1])
            copy[n++] = *++at;
        else
            copy[n++] = *at;
    }
    copy[n] = '\0';
    *size = n;
    return at;
}

/* No longer than its bytes up to there. */
static size_t item_size_max(const char *at)
{
    const char *from = at;
    bool within = false;
    for (; *at && (within || (*at != ',' && *at != '}')); at++) {
        if (*at == '\\' && at[1])
            at++;
        else if (*at == '"')
            within = !within;
    }
    return (size_t)(at - from);
}

static size_t count_items(const char *at)
{
    size_t count = 1;
    bool within = false;
    int depth = 0;
    for (; *at; at++) {
        if (*at == '\\' && at[1])
            at++;
        else if (*at == '"')
            within = !within;
        else if (!within && *at == '{')
            depth++;
        else if (!within && *at == '}' && --depth == 0)
            break;
        else if (!within && *at == ',' && depth == 1)
            count++;
    }
    return count;
}

/* "{1,NULL,\"a b\",{...}}"; at stands on the brace, and behind the other one afterwards. */
static int text_items(bide_rows *rows, unsigned type, const char **at, int depth,
                      struct bide_value *v)
{
    enum { DEPTH_MAX = 6 };
    size_t room = count_items(*at), count = 0;
    struct bide_value *items = bide__rows_keep(rows, room * sizeof *items);
    if (!items)
        return no_memory();
    if (**at != '{' || depth > DEPTH_MAX)
        return strange(type);
    ++*at;
    while (**at && **at != '}' && count < room) {
        int rc = 0;
        if (**at == '{') {
            rc = text_items(rows, type, at, depth + 1, &items[count++]);
        } else {
            bool quoted;
            size_t size;
            char *copy = bide__rows_keep(rows, item_size_max(*at) + 1);
            if (!copy)
                return no_memory();
            *at = take_item(*at, copy, &size, &quoted);
            items[count] = BIDE_NULL;
            if (quoted || strcmp(copy, "NULL") != 0)
                rc = from_text(rows, type, copy, size, &items[count]);
            count++;
        }
        if (rc < 0)
            return rc;
        if (**at == ',')
            ++*at;
    }
    if (**at != '}')
        return strange(type);
    ++*at;
    *v = bide_value_array(items, count);
    return 0;
}

static int text_array(bide_rows *rows, unsigned type, const char *text, struct bide_value *v)
{
    const char *bounds = *text == '[' ? strchr(text, '=') : NULL;       /* "[0:1]={1,2}" */
    const char *at = bounds ? bounds + 1 : text;
    return text_items(rows, type, &at, 1, v);
}

static int from_text(bide_rows *rows, unsigned type, const char *text, size_t size,
                     struct bide_value *v)
{
    int rc = 0;
    int64_t i = 0;
    switch (type) {
    case PG_BOOL: *v = bide_value((bool)(text[0] == 't')); return 0;
    case PG_INT2: case PG_INT4: case PG_INT8: case PG_OID:
        *v = bide_value(strtoll(text, NULL, 10));
        return 0;
    case PG_FLOAT4: case PG_FLOAT8: *v = bide_value(strtod(text, NULL)); return 0;
    case PG_NUMERIC: *v = bide_value_numeric(text); return 0;
    case PG_BYTEA: return hex_bytes(rows, text, size, v);
    case PG_DATE:
        rc = bide__pg_read_date(text, &i);
        *v = bide_value_date(i);
        return rc < 0 ? strange(type) : 0;
    case PG_TIMESTAMP: case PG_TIMESTAMPTZ:
        rc = bide__pg_read_time(text, &i);
        *v = bide_value_time(i);
        return rc < 0 ? strange(type) : 0;
    default: *v = bide_value_sized(text, size); return 0;
    }
}

/* ---- who reads what -------------------------------------------------------------------------- */

static int array_from_binary(bide_rows *rows, unsigned type, const char *bytes, size_t size,
                             struct bide_value *v)
{
    return binary_array(rows, bide__pg_element(type), bytes, size, v);
}

static int array_from_text(bide_rows *rows, unsigned type, const char *text, size_t size,
                           struct bide_value *v)
{
    (void)size;
    return text_array(rows, bide__pg_element(type), text, v);
}

pg_reader *bide__pg_reader(unsigned type, bool binary)
{
    if (bide__pg_element(type))
        return binary ? array_from_binary : array_from_text;
    if (!binary)
        return from_text;
    switch (type) {
    case PG_INT4: return int4_from_binary;
    case PG_INT8: return int8_from_binary;
    case PG_TEXT: case PG_VARCHAR: return text_from_binary;
    default: return from_binary;
    }
}
