#include "pg/encode.h"

#include "base/memory.h"
#include "db/convert.h"
#include "pg/decode.h"
#include "pg/types.h"

#include <bide/error.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts ----------------------------------------------------------------------------------- */

static int no_memory(void) { return bide_fail(BIDE_ENOMEM, "postgresql: out of memory"); }

char *bide__pg_reserve(struct pg_text *text, size_t size)
{
    if (text->room - text->size <= size) {
        size_t room = (text->room + size) * 2 + 64;
        char *bytes = bide__resize(text->bytes, room);
        if (!bytes)
            return NULL;
        text->bytes = bytes;
        text->room = room;
    }
    return text->bytes + text->size;
}

int bide__pg_write_bytes(struct pg_text *text, const void *bytes, size_t size)
{
    char *at = bide__pg_reserve(text, size);
    if (!at)
        return no_memory();
    if (size)
        memcpy(at, bytes, size);
    text->size += size;
    return 0;
}

static int write_hex(struct pg_text *text, const char *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char *at = bide__pg_reserve(text, 2 + 2 * size);
    if (!at)
        return no_memory();
    *at++ = '\\';
    *at++ = 'x';
    for (size_t i = 0; i < size; i++) {
        *at++ = digits[(unsigned char)bytes[i] >> 4];
        *at++ = digits[(unsigned char)bytes[i] & 15];
    }
    text->size += 2 + 2 * size;
    return 0;
}

/* An array's items are quoted, so that none can be taken for NULL or for a mark. */
static int write_quoted(struct pg_text *text, const char *bytes, size_t size)
{
    char *from = bide__pg_reserve(text, 2 * size + 2), *at = from;
    if (!from)
        return no_memory();
    *at++ = '"';
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '"' || bytes[i] == '\\')
            *at++ = '\\';
        *at++ = bytes[i];
    }
    *at++ = '"';
    text->size += (size_t)(at - from);
    return 0;
}

static int write_item(struct pg_text *text, const struct bide_value *v)
{
    if (v->type == BIDE_VALUE_NULL)
        return bide__pg_write_bytes(text, "NULL", 4);
    if (v->type == BIDE_VALUE_ARRAY)
        return bide__pg_write(text, v);
    if (v->type == BIDE_VALUE_TEXT)
        return write_quoted(text, v->as.s, v->size);
    struct pg_text item = { 0 };
    int rc = bide__pg_write(&item, v);
    if (rc == 0)
        rc = write_quoted(text, item.bytes, item.size);
    bide__free(item.bytes);
    return rc;
}

static int write_array(struct pg_text *text, const struct bide_value *v)
{
    int rc = bide__pg_write_bytes(text, "{", 1);
    for (size_t i = 0; rc == 0 && i < v->size; i++) {
        rc = i ? bide__pg_write_bytes(text, ",", 1) : 0;
        if (rc == 0)
            rc = write_item(text, &v->as.array[i]);
    }
    return rc < 0 ? rc : bide__pg_write_bytes(text, "}", 1);
}

int bide__pg_write(struct pg_text *text, const struct bide_value *v)
{
    char place[DB_TEXT_SIZE];
    const char *written = NULL;
    switch (v->type) {
    case BIDE_VALUE_ARRAY: return write_array(text, v);
    case BIDE_VALUE_BYTES: return write_hex(text, v->as.s, v->size);
    case BIDE_VALUE_TEXT:
    case BIDE_VALUE_NUMERIC: return bide__pg_write_bytes(text, v->as.s, v->size);
    default:
        if (bide__db_to_text(v, place, &written) < 0)
            return bide_errcode();
        return bide__pg_write_bytes(text, written, strlen(written));
    }
}

/* ---- does it fit? ---------------------------------------------------------------------------- */

enum kinds {
    NUMBERS = 1 << BIDE_VALUE_INT | 1 << BIDE_VALUE_UINT | 1 << BIDE_VALUE_REAL
        | 1 << BIDE_VALUE_NUMERIC | 1 << BIDE_VALUE_BOOL,
    WHOLE = 1 << BIDE_VALUE_INT | 1 << BIDE_VALUE_UINT | 1 << BIDE_VALUE_BOOL
        | 1 << BIDE_VALUE_REAL | 1 << BIDE_VALUE_NUMERIC,
    TRUTHS = 1 << BIDE_VALUE_BOOL | 1 << BIDE_VALUE_INT | 1 << BIDE_VALUE_UINT,
    MOMENTS = 1 << BIDE_VALUE_TIME | 1 << BIDE_VALUE_DATE,
    PLAIN = ~(1 << BIDE_VALUE_BYTES | 1 << BIDE_VALUE_ARRAY),
};

/* The kinds of values that a type takes, besides texts. */
static int taken_by(Oid type)
{
    switch (type) {
    case PG_BOOL: return TRUTHS;
    case PG_INT2: case PG_INT4: case PG_INT8: case PG_OID: return WHOLE;
    case PG_FLOAT4: case PG_FLOAT8: case PG_NUMERIC: return NUMBERS;
    case PG_BYTEA: return 1 << BIDE_VALUE_BYTES;
    case PG_DATE: case PG_TIMESTAMP: case PG_TIMESTAMPTZ: return MOMENTS;
    case PG_TEXT: case PG_VARCHAR: case PG_BPCHAR: case PG_NAME: return PLAIN;
    default: return ~(1 << BIDE_VALUE_BYTES);
    }
}

static int check_range(const struct bide_value *v, Oid type)
{
    int64_t least = type == PG_INT2 ? INT16_MIN : type == PG_INT4 ? INT32_MIN
        : type == PG_OID ? 0 : INT64_MIN;
    int64_t most = type == PG_INT2 ? INT16_MAX : type == PG_INT4 ? INT32_MAX
        : type == PG_OID ? UINT32_MAX : INT64_MAX;
    int64_t number;
    if (bide__db_to_int(v, &number) < 0) {
        struct bide_error why = bide_error_held_();
        return bide_fail(BIDE_EINVAL, "%s", why.text);
    }
    if (number >= least && number <= most)
        return 0;
    return bide_fail(BIDE_EINVAL, "is %lld, beyond %s", (long long)number,
                     bide__pg_type_name(type));
}

/* Known is whether the server said which type it is. */
static int check(const struct bide_value *v, Oid type, bool known)
{
    if (v->type == BIDE_VALUE_NULL)
        return 0;
    if (v->type == BIDE_VALUE_TEXT)
        return memchr(v->as.s, '\0', v->size)
            ? bide_fail(BIDE_EINVAL, "has a byte of value 0, which no text may have") : 0;
    Oid element = bide__pg_element(type);
    if (v->type == BIDE_VALUE_ARRAY && (element || !known)) {
        for (size_t i = 0; i < v->size; i++) {
            bool nested = v->as.array[i].type == BIDE_VALUE_ARRAY;
            if (check(&v->as.array[i], nested ? type : element, known) < 0)
                return bide_within("item %zu", i + 1);
        }
        return 0;
    }
    if (!known)
        return 0;
    if (element || !(taken_by(type) & 1 << v->type)) {
        const char *name = bide__pg_type_name(type);
        return bide_fail(BIDE_EINVAL, "is %s, which the type %s does not take", bide__db_what(v),
                         *name ? name : "of this parameter");
    }
    bool whole = type == PG_INT2 || type == PG_INT4 || type == PG_INT8 || type == PG_OID;
    return whole ? check_range(v, type) : 0;
}

/* ---- parameters ------------------------------------------------------------------------------ */

static int make_room(struct pg_parameters *p, size_t count)
{
    char *memory = bide__zalloc(count * (sizeof *p->values + 2 * sizeof(int) + sizeof(Oid)) + 1);
    if (!memory)
        return no_memory();
    p->values = (const char **)(void *)memory;
    p->sizes = (int *)(void *)(memory + count * sizeof *p->values);
    p->formats = p->sizes + count;
    p->types = (Oid *)(void *)(p->formats + count);
    return 0;
}

/* Its text, for now by its place: the memory may move. */
static int write_one(struct pg_parameters *p, size_t i, const struct bide_value *v, Oid type)
{
    if (v->type == BIDE_VALUE_NULL)
        return 0;
    if (v->type == BIDE_VALUE_BYTES) {
        p->values[i] = v->as.s;
        p->sizes[i] = (int)v->size;
        p->formats[i] = 1;
        p->types[i] = PG_BYTEA;
        return v->size > INT32_MAX ? bide_fail(BIDE_EINVAL, "has more than 2 GiB") : 0;
    }
    size_t start = p->text.size;
    /* A whole real for an integer's place. */
    struct bide_value whole = *v;
    bool is_whole = type == PG_INT2 || type == PG_INT4 || type == PG_INT8 || type == PG_OID;
    int64_t number;
    if (is_whole && v->type != BIDE_VALUE_TEXT && v->type != BIDE_VALUE_UINT
        && bide__db_to_int(v, &number) == 0)
        whole = bide_value(number);
    int rc = bide__pg_write(&p->text, &whole);
    if (rc == 0)
        rc = bide__pg_write_bytes(&p->text, "", 1);
    p->values[i] = (const char *)(uintptr_t)(start + 1);
    return rc;
}

int bide__pg_encode(struct pg_parameters *p, const struct bide_value *values, size_t count,
                    const Oid *types)
{
    *p = (struct pg_parameters){ 0 };
    int rc = count ? make_room(p, count) : 0;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = check(&values[i], types ? types[i] : 0, types != NULL);
        if (rc == 0)
            rc = write_one(p, i, &values[i], types ? types[i] : 0);
        if (rc < 0)
            bide_within("value $%zu", i + 1);
    }
    for (size_t i = 0; rc == 0 && i < count; i++)
        if (p->values[i] && !p->formats[i])
            p->values[i] = p->text.bytes + (uintptr_t)p->values[i] - 1;
    if (rc < 0) {
        BIDE_KEEP_ERROR(why);
        bide__pg_parameters_free(p);
    }
    return rc;
}

void bide__pg_parameters_free(struct pg_parameters *p)
{
    bide__free((void *)p->values);
    bide__free(p->text.bytes);
    *p = (struct pg_parameters){ 0 };
}
