/* bide/json.h -- JSON documents (RFC 8259): parsed and read, built and written.
 *
 *     bide_auto(json) j = bide_json_parse(text, size);
 *     const char *name;
 *     int age;
 *     if (bide_json_get(j, "user.name", &name) < 0 || bide_json_get(j, "user.age", &age) < 0)
 *         return bide_errcode();      // "user.age: there is no such member"
 *
 *     bide_auto(json) out = bide_json_new();
 *     bide_json_set(out, "name", bide_value(name));
 *     bide_json *tags = bide_json_array(out, "tags");
 *     bide_json_add(tags, bide_value("new"));
 *     char *text = bide_json_write(out, NULL);
 *
 * A document, and any value in it, is a bide_json.  Values belong to their document and end with
 * it; bide_json_free() is for what _parse, _new and _new_array returned.
 *
 * Paths     are names and, in arrays, numbers from 0, with dots between: "users.0.name".  A dot or
 *           a backslash in a name is written behind a backslash.  "" or NULL is the value itself.
 * Reading   what must be there: bide_json_get(), whose result must be looked at.  What may be
 *           missing: bide_json_text(), _int(), ... with what counts then.  On NULL they fail with
 *           the error held, so one check, at the end, is enough.
 * Building  puts failure off: what goes wrong (NaN, invalid UTF-8, no memory, a name in an array)
 *           makes the document bad, and writing it fails with the first sentence.  Calls on a NULL
 *           object do nothing.
 * Numbers   without point and exponent are integers, exact within int64_t and uint64_t.  What is
 *           larger, and reals beyond double, keep their digits: bide_json_digits().  Reals are
 *           written in the fewest digits that read as the same double.
 * Names     that occur twice are legal in JSON: the last one counts, as in Python;
 * bide_json_next()
 *           shows all of them.
 *
 * Belongs to no loop: any thread, one at a time; any number of threads may read. */
#ifndef BIDE_JSON_H
#define BIDE_JSON_H
#include <bide/error.h>
#include <bide/value.h>

typedef struct bide_json bide_json;

BIDE_BEGIN_

/* What a value is. */
enum bide_json_type {
    BIDE_JSON_NONE,             /* of NULL */
    BIDE_JSON_NULL,
    BIDE_JSON_BOOL,
    BIDE_JSON_INTEGER,
    BIDE_JSON_REAL,
    BIDE_JSON_TEXT,
    BIDE_JSON_ARRAY,
    BIDE_JSON_OBJECT,
};
/* The default of .depth_max, and the limit for documents that are built. */
enum { BIDE_JSON_DEPTH_MAX = 1024 };
/* The default of .size_max, 1 GiB. */
enum { BIDE_JSON_SIZE_MAX = 1 << 30 };

/* Options of bide_json_parse(); 0 is the default of each. */
struct bide_json_opts {
    size_t abi_;
    size_t size_max;            /* bytes of text; default: BIDE_JSON_SIZE_MAX */
    size_t depth_max;           /* containers in each other; default: BIDE_JSON_DEPTH_MAX */
};
/* Parses a text, strictly: RFC 8259 in valid UTF-8 (a byte order mark before it is skipped), and
 * nothing else behind it.  The text is not needed afterwards.  NULL: BIDE_EINVAL or, cut short,
 * BIDE_EEOF: "line 3, column 7: expected ',' or '}'" (columns count characters); BIDE_ELIMIT: size
 * or depth; BIDE_ENOMEM.  Counterpart: json.loads(), orjson.loads(). */
#define bide_json_parse(text, ...) bide_json_parse_(text, __VA_ARGS__, )
#define bide_json_parse_(text, size, ...) \
    bide_json_parse_opts(text, size, BIDE_OPTS_(bide_json_opts, __VA_ARGS__))
bide_json *bide_json_parse_opts(const char *text, size_t size, const struct bide_json_opts *opts);
/* Frees a document; NULL is allowed. */
void bide_json_free(bide_json *document);
BIDE_AUTO_(json, bide_json_free)

/* ---- reading ---- */

/* The value at a path.  NULL: BIDE_EINVAL, "user.tags.7: there are 3 items".  Finding a name takes
 * time in proportion to the members of its object. */
const bide_json *bide_json_at(const bide_json *j, const char *path);
/* What it is; of NULL BIDE_JSON_NONE. */
enum bide_json_type bide_json_type(const bide_json *j);
/* Is there a value at the path, and is it not null?  Holds no error. */
bool bide_json_has(const bide_json *j, const char *path);
/* Items of an array, members of an object; 0 of anything else. */
size_t bide_json_count(const bide_json *j);
/* The items, or the members' values, in order; item NULL: the first.  NULL: there are no more.
 *     for (const bide_json *item = NULL; (item = bide_json_next(j, item));) */
const bide_json *bide_json_next(const bide_json *j, const bide_json *item);
/* The name of a member's value; NULL: it is none. */
const char *bide_json_name(const bide_json *member);

/* Reads what must be there into *to: const char *, bool, any integer of int or larger, float,
 * double, or const bide_json * (any value).  0; BIDE_EINVAL: "user.age: a text, not an integer" or
 * "there is no such member", and *to is as it was; BIDE_ELIMIT: "user.age: does not fit".  Text is
 * valid as long as the document and has a NUL behind it; a text with a NUL in it is refused as
 * such (bide_json_sized() reads it).  Integers are read as reals too, not the other way round. */
#define bide_json_get(j, path, to) bide_json_get_(j, path, BIDE_JSON_WANTED_(to), to)
/* What is at the path, or `otherwise` if there is nothing or null.  If something else is there, it
 * is `otherwise` as well, and the error is held: for what must be right use bide_json_get(). */
const char *bide_json_text(const bide_json *j, const char *path, const char *otherwise);
int64_t bide_json_int(const bide_json *j, const char *path, int64_t otherwise);
double bide_json_real(const bide_json *j, const char *path, double otherwise);
bool bide_json_bool(const bide_json *j, const char *path, bool otherwise);
/* A text with its size, which may have NULs in it; NULL: BIDE_EINVAL, it is none. */
const char *bide_json_sized(const bide_json *j, size_t *size);
/* The digits, as they were written, of a number that is too large for uint64_t or double; NULL: it
 * is none. */
const char *bide_json_digits(const bide_json *j);

/* ---- building ---- */

/* A new document: an object, or an array.  NULL: BIDE_ENOMEM. */
bide_json *bide_json_new(void);
bide_json *bide_json_new_array(void);
/* Sets a member of an object, or, if name is NULL, adds an item to an array; names and texts are
 * copied.  A member of that name is replaced in its place; only containers can be changed later. */
void bide_json_set(bide_json *parent, const char *name, struct bide_value value);
/* Adds an item to an array. */
#define bide_json_add(array, value) bide_json_set(array, NULL, value)
/* The same with an empty object or array, which is returned for filling; NULL: it is bad. */
bide_json *bide_json_object(bide_json *parent, const char *name);
bide_json *bide_json_array(bide_json *parent, const char *name);
/* Sets a copy of a value of any document; of NULL, the error held makes the document bad. */
void bide_json_set_copy(bide_json *parent, const char *name, const bide_json *value);
/* Sets what a JSON text says; what is no JSON makes the document bad. */
void bide_json_set_raw(bide_json *parent, const char *name, const char *text, size_t size);
/* Why the document, of which j is the root or a container, is bad: < 0 with the error held; 0: it
 * is not. */
BIDE_CHECK int bide_json_check(const bide_json *j);

/* ---- writing ---- */

/* Options of bide_json_write(); 0 is the default of each. */
struct bide_json_write_opts {
    size_t abi_;
    int indent;                 /* blanks a level, 1 to 8, each value on its own line; 0: one line
                                   without blanks */
    size_t size_max;            /* bytes; default: BIDE_JSON_SIZE_MAX */
};
/* Writes a value as text with a NUL behind it, to be freed with bide_json_text_free().  *size, if
 * not NULL, is its length.  NULL: what made the document bad; BIDE_ELIMIT; BIDE_ENOMEM; j is
 * NULL.  Texts are written as UTF-8; only what must be is escaped.  Counterpart: json.dumps(),
 * orjson.dumps(). */
#define bide_json_write(j, ...) bide_json_write_(j, __VA_ARGS__, )
#define bide_json_write_(j, size, ...) \
    bide_json_write_opts(j, size, BIDE_OPTS_(bide_json_write_opts, __VA_ARGS__))
char *bide_json_write_opts(const bide_json *j, size_t *size,
                           const struct bide_json_write_opts *opts);
/* Frees it; NULL is allowed. */
void bide_json_text_free(char *text);

/* Behind bide_json_get(): what `to` points to. */
enum bide_json_wanted_ {
    BIDE_JSON_WANT_TEXT_, BIDE_JSON_WANT_BOOL_, BIDE_JSON_WANT_INT_, BIDE_JSON_WANT_UINT_,
    BIDE_JSON_WANT_LONG_, BIDE_JSON_WANT_ULONG_, BIDE_JSON_WANT_FLOAT_, BIDE_JSON_WANT_DOUBLE_,
    BIDE_JSON_WANT_JSON_,
};
BIDE_CHECK int bide_json_get_(const bide_json *j, const char *path, enum bide_json_wanted_ wanted,
                              void *to);

BIDE_END_

#ifdef __cplusplus
/* Behind bide_json_get(). */
inline enum bide_json_wanted_ bide_json_wanted_(const char **) { return BIDE_JSON_WANT_TEXT_; }
inline enum bide_json_wanted_ bide_json_wanted_(bool *) { return BIDE_JSON_WANT_BOOL_; }
inline enum bide_json_wanted_ bide_json_wanted_(int *) { return BIDE_JSON_WANT_INT_; }
inline enum bide_json_wanted_ bide_json_wanted_(unsigned *) { return BIDE_JSON_WANT_UINT_; }
inline enum bide_json_wanted_ bide_json_wanted_(long *)
{
    return sizeof(long) == 8 ? BIDE_JSON_WANT_LONG_ : BIDE_JSON_WANT_INT_;
}
inline enum bide_json_wanted_ bide_json_wanted_(unsigned long *)
{
    return sizeof(long) == 8 ? BIDE_JSON_WANT_ULONG_ : BIDE_JSON_WANT_UINT_;
}
inline enum bide_json_wanted_ bide_json_wanted_(long long *) { return BIDE_JSON_WANT_LONG_; }
inline enum bide_json_wanted_ bide_json_wanted_(unsigned long long *)
{
    return BIDE_JSON_WANT_ULONG_;
}
inline enum bide_json_wanted_ bide_json_wanted_(float *) { return BIDE_JSON_WANT_FLOAT_; }
inline enum bide_json_wanted_ bide_json_wanted_(double *) { return BIDE_JSON_WANT_DOUBLE_; }
inline enum bide_json_wanted_ bide_json_wanted_(const bide_json **)
{
    return BIDE_JSON_WANT_JSON_;
}
#define BIDE_JSON_WANTED_(to) bide_json_wanted_(to)
#else
#define BIDE_JSON_WANTED_(to) _Generic((to), const char **: BIDE_JSON_WANT_TEXT_, \
    bool *: BIDE_JSON_WANT_BOOL_, int *: BIDE_JSON_WANT_INT_, unsigned *: BIDE_JSON_WANT_UINT_, \
    long *: sizeof(long) == 8 ? BIDE_JSON_WANT_LONG_ : BIDE_JSON_WANT_INT_, \
    unsigned long *: sizeof(long) == 8 ? BIDE_JSON_WANT_ULONG_ : BIDE_JSON_WANT_UINT_, \
    long long *: BIDE_JSON_WANT_LONG_, unsigned long long *: BIDE_JSON_WANT_ULONG_, \
    float *: BIDE_JSON_WANT_FLOAT_, double *: BIDE_JSON_WANT_DOUBLE_, \
    const bide_json **: BIDE_JSON_WANT_JSON_)
#endif
#endif
