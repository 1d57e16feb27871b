/* bide/value.h -- one value of any plain type, for calls that take what a program has at hand:
 * JSON documents, parameters of queries.
 *
 *     bide_json_set(out, "name", bide_value(name));
 *     bide_json_set(out, "age", bide_value(42));
 *     bide_json_set(out, "mail", BIDE_NULL);
 *
 * A value is copied by whoever it is handed to; a text must live until then only. */
#ifndef BIDE_VALUE_H
#define BIDE_VALUE_H
#include <bide/base.h>
#include <string.h>

/* What a value is. */
enum bide_value_type {
    BIDE_VALUE_NULL,
    BIDE_VALUE_BOOL,            /* as.i: 0 or 1 */
    BIDE_VALUE_INT,             /* as.i */
    BIDE_VALUE_UINT,            /* as.u */
    BIDE_VALUE_REAL,            /* as.d */
    BIDE_VALUE_TEXT,            /* as.s and size */
    BIDE_VALUE_BYTES,           /* as.s and size: any bytes */
    BIDE_VALUE_NUMERIC,         /* as.s and size: a number's decimal digits, exact */
    BIDE_VALUE_TIME,            /* as.i: microseconds since 1970-01-01 00:00 UTC */
    BIDE_VALUE_DATE,            /* as.i: days since 1970-01-01 */
    BIDE_VALUE_ARRAY,           /* as.array, size is the count */
};
/* A value; the size is fixed for ever. */
struct bide_value {
    int type;                   /* enum bide_value_type */
    size_t size;                /* bytes of the text, items of the array */
    union {
        int64_t i;
        uint64_t u;
        double d;
        const char *s;
        const struct bide_value *array;
    } as;
};

#ifdef __cplusplus
extern "C" {
#endif
/* Behind bide_value(): one function a type.  A text that is NULL is no value. */
static inline struct bide_value bide_value_bool_(bool x)
{
    struct bide_value v = { BIDE_VALUE_BOOL, 0, { x } };
    return v;
}
static inline struct bide_value bide_value_int_(int64_t x)
{
    struct bide_value v = { BIDE_VALUE_INT, 0, { x } };
    return v;
}
static inline struct bide_value bide_value_uint_(uint64_t x)
{
    struct bide_value v = { BIDE_VALUE_UINT, 0, { 0 } };
    v.as.u = x;
    return v;
}
static inline struct bide_value bide_value_real_(double x)
{
    struct bide_value v = { BIDE_VALUE_REAL, 0, { 0 } };
    v.as.d = x;
    return v;
}
/* A text of so many bytes, which may have no NUL behind it; NULL: no value. */
static inline struct bide_value bide_value_sized(const char *text, size_t size)
{
    struct bide_value v = { text ? BIDE_VALUE_TEXT : BIDE_VALUE_NULL, text ? size : 0, { 0 } };
    v.as.s = text;
    return v;
}
/* So many bytes of any kind; NULL: no value. */
static inline struct bide_value bide_value_bytes(const void *bytes, size_t size)
{
    struct bide_value v = { bytes ? BIDE_VALUE_BYTES : BIDE_VALUE_NULL, bytes ? size : 0, { 0 } };
    v.as.s = (const char *)bytes;
    return v;
}
/* A time-stamp, in microseconds since 1970-01-01 00:00 UTC. */
static inline struct bide_value bide_value_time(int64_t microseconds)
{
    struct bide_value v = { BIDE_VALUE_TIME, 0, { microseconds } };
    return v;
}
/* A date, in days since 1970-01-01. */
static inline struct bide_value bide_value_date(int64_t days)
{
    struct bide_value v = { BIDE_VALUE_DATE, 0, { days } };
    return v;
}
/* A number by its decimal digits, "-12.50"; NULL: no value. */
static inline struct bide_value bide_value_numeric(const char *digits)
{
    struct bide_value v = { digits ? BIDE_VALUE_NUMERIC : BIDE_VALUE_NULL,
                            digits ? strlen(digits) : 0, { 0 } };
    v.as.s = digits;
    return v;
}
/* A list of values, which must live as long as the value is used. */
static inline struct bide_value bide_value_array(const struct bide_value *items, size_t count)
{
    struct bide_value v = { BIDE_VALUE_ARRAY, count, { 0 } };
    v.as.array = items;
    return v;
}
static inline struct bide_value bide_value_text_(const char *text)
{
    return bide_value_sized(text, text ? strlen(text) : 0);
}
static inline struct bide_value bide_value_same_(struct bide_value value)
{
    return value;
}
static inline struct bide_value bide_value_null_(void)
{
    return bide_value_sized(NULL, 0);
}
#ifdef __cplusplus
}
#endif

/* No value: JSON's null, SQL's NULL. */
#define BIDE_NULL bide_value_null_()

/* The value of a number of any type, a bool, a text (char *, copied up to its NUL; NULL is
 * BIDE_NULL) or a struct bide_value.  A single char is a number, as in C.  In C, `true` and
 * comparisons are ints: for JSON's true write bide_value((bool)x). */
#ifdef __cplusplus
static inline struct bide_value bide_value(bool x) { return bide_value_bool_(x); }
static inline struct bide_value bide_value(char x) { return bide_value_int_(x); }
static inline struct bide_value bide_value(signed char x) { return bide_value_int_(x); }
static inline struct bide_value bide_value(unsigned char x) { return bide_value_int_(x); }
static inline struct bide_value bide_value(short x) { return bide_value_int_(x); }
static inline struct bide_value bide_value(unsigned short x) { return bide_value_int_(x); }
static inline struct bide_value bide_value(int x) { return bide_value_int_(x); }
static inline struct bide_value bide_value(unsigned x) { return bide_value_int_(x); }
static inline struct bide_value bide_value(long x) { return bide_value_int_(x); }
static inline struct bide_value bide_value(unsigned long x) { return bide_value_uint_(x); }
static inline struct bide_value bide_value(long long x) { return bide_value_int_(x); }
static inline struct bide_value bide_value(unsigned long long x) { return bide_value_uint_(x); }
static inline struct bide_value bide_value(float x) { return bide_value_real_(x); }
static inline struct bide_value bide_value(double x) { return bide_value_real_(x); }
static inline struct bide_value bide_value(const char *x) { return bide_value_text_(x); }
static inline struct bide_value bide_value(struct bide_value x) { return x; }
#else
#define bide_value(x) _Generic((x), bool: bide_value_bool_, char: bide_value_int_, \
    signed char: bide_value_int_, unsigned char: bide_value_int_, short: bide_value_int_, \
    unsigned short: bide_value_int_, int: bide_value_int_, unsigned: bide_value_int_, \
    long: bide_value_int_, unsigned long: bide_value_uint_, long long: bide_value_int_, \
    unsigned long long: bide_value_uint_, float: bide_value_real_, double: bide_value_real_, \
    char *: bide_value_text_, const char *: bide_value_text_, \
    struct bide_value: bide_value_same_)(x)
#endif

#endif
