/* The reader: strict RFC 8259, one pass, in place.
 *
 * Texts are unescaped where they lie, and their closing quote becomes the NUL.  The bytes of 0
 * behind the whole end every loop, for 0 is legal nowhere; so nothing asks for the end.  While a
 * container is open its value is the index of the one around it: nesting takes neither stack nor
 * memory. */
#include "json/parse.h"

#include "base/memory.h"
#include "json/number.h"
#include "json/scan.h"

#include <math.h>

enum { ROOM_MIN = 16 };         /* nodes */
/* Digits behind the point of a number that is read here; far fewer than an exponent is held to. */
enum { FRACTION_MAX = 1000 };
static const size_t NOBODY = SIZE_MAX;

struct reader {
    char *at, *start, *end;
    struct document *document;
    struct bide_json *nodes;    /* behind it */
    size_t count, room;
    size_t open;                /* the innermost open container's index, or NOBODY */
    size_t depth, depth_max;
    bool has_big;
    struct parse_error *error;
};

static int fail_at(struct reader *r, const char *at, const char *why)
{
    *r->error = (struct parse_error){ BIDE_EINVAL, why, (size_t)(at - r->start) };
    if (at >= r->end)
        *r->error = (struct parse_error){ BIDE_EEOF, "the document ends too early",
                                          (size_t)(r->end - r->start) };
    return -1;
}

static int fail(struct reader *r, const char *why)
{
    return fail_at(r, r->at, why);
}

/* ---- nodes ---- */

static COLD bool grow(struct reader *r)
{
    size_t room = r->room + r->room / 2 + ROOM_MIN;
    struct document *d = bide__resize(r->document, sizeof *d + room * sizeof *r->nodes);
    if (!d) {
        *r->error = (struct parse_error){ BIDE_ENOMEM, "out of memory", 0 };
        return false;
    }
    r->document = d;
    r->nodes = (struct bide_json *)(void *)(d + 1);
    r->room = room;
    return true;
}

/* A new node behind the others, or NULL. */
INLINE struct bide_json *add(struct reader *r)
{
    if (__builtin_expect(r->count == r->room, 0) && !grow(r))
        return NULL;
    return &r->nodes[r->count++];
}

INLINE int add_plain(struct reader *r, enum node_kind kind, uint64_t value)
{
    struct bide_json *node = add(r);
    if (!node)
        return -1;
    node->tag = node_tag(kind, 0);
    node->as.u = value;
    return 1;
}

/* ---- texts ---- */

/* Four hexadecimal digits; < 0: they are none. */
static int read_hex(const char *at)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ?
                    (c | 32) - 'a' + 10 : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 63));
        *to++ = (char)(0x80 | (c & 63));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 63));
        *to++ = (char)(0x80 | (c >> 6 & 63));
        *to++ = (char)(0x80 | (c & 63));
    }
    return to;
}

/* "\uXXXX" at r->at, with its second half where it is half of a pair. */
static char *read_unicode(struct reader *r, char *to)
{
    int high = read_hex(r->at + 2);
    if (high < 0)
        return fail(r, "\\u is not followed by four hexadecimal digits"), NULL;
    uint32_t c = (uint32_t)high;
    if (high >= 0xd800 && high <= 0xdfff) {
        int low = r->at[6] == '\\' && r->at[7] == 'u' ? read_hex(r->at + 8) : -1;
        if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
            return fail(r, "half of a surrogate pair"), NULL;
        c = 0x10000 + (((uint32_t)high & 0x3ff) << 10) + ((uint32_t)low & 0x3ff);
        r->at += 6;
    }
    r->at += 6;
    return put_utf8(to, c);
}

/* One escape at r->at; where what it means ends. */
static char *read_escape(struct reader *r, char *to)
{
    static const char means[256] = {
        ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n',
        ['r'] = '\r', ['t'] = '\t',
    };
    uint8_t c = (uint8_t)r->at[1];
    if (c == 'u')
        return read_unicode(r, to);
    if (!means[c])
        return fail_at(r, r->at + 1, "no such escape"), NULL;
    r->at += 2;
    *to = means[c];
    return to + 1;
}

/* The rest of a text, from the first escape on: what follows moves down. */
static char *read_escaped(struct reader *r)
{
    char *to = r->at;
    for (;;) {
        unsigned size = scan_plain(r->at);
        uint8_t c = (uint8_t)r->at[size];
        if (size == 0 && c == '"')
            return to;
        if (size == 0 && c == '\\') {
            to = read_escape(r, to);
            if (!to)
                return NULL;
            continue;
        }
        if (size == 0 && c < ' ')
            return fail(r, "a control character in a text must be escaped"), NULL;
        if (size == 0)
            size = utf8_size(r->at, 4);
        if (size == 0)
            return fail(r, "invalid UTF-8"), NULL;
        memmove(to, r->at, size);
        to += size;
        r->at += size;
    }
}

/* The text whose opening quote is at r->at. */
INLINE int read_text(struct reader *r, enum node_kind kind)
{
    char *start = ++r->at, *end;
    for (;;) {
        unsigned plain = scan_plain(r->at);
        r->at += plain;
        if (plain == SCAN_SIZE)
            continue;
        end = r->at;
        if (__builtin_expect(*end == '"', 1))
            break;
        unsigned size = (uint8_t)*end >= 0x80 ? utf8_size(end, 4) : 0;
        if (size > 0) {
            r->at += size;
            continue;
        }
        if ((uint8_t)*end >= 0x80)
            return fail(r, "invalid UTF-8");
        end = read_escaped(r);
        if (!end)
            return -1;
        break;
    }
    r->at++;
    *end = '\0';
    struct bide_json *node = add(r);
    if (!node)
        return -1;
    node->tag = node_tag(kind, (size_t)(end - start));
    node->as.text = start;
    return 1;
}

/* ---- numbers ---- */

INLINE bool is_digit(char c)
{
    return (uint8_t)(c - '0') < 10;
}

/* A number that 64 bits cannot hold keeps its text; the NUL behind it comes last of all. */
static int add_big(struct reader *r, const char *start, bool is_whole)
{
    struct bide_json *node = add(r);
    if (!node)
        return -1;
    node->tag = node_tag(NODE_BIG, (size_t)(r->at - start)) | (is_whole ? NODE_WHOLE : 0);
    node->as.text = start;
    r->has_big = true;
    return 1;
}

/* The exponent at r->at, behind 'e', held within what matters; false: it is none. */
static bool read_exponent(struct reader *r, int *exponent)
{
    bool negative = *r->at == '-';
    int value = 0;
    if (*r->at == '-' || *r->at == '+')
        r->at++;
    if (!is_digit(*r->at))
        return false;
    for (; is_digit(*r->at); r->at++)
        value = value < 100000 ? value * 10 + (*r->at - '0') : value;
    *exponent += negative ? -value : value;
    return true;
}

/* digits * 10^exponent is exact if both are exact doubles (Clinger). */
static bool exact_real(uint64_t digits, int exponent, double *real)
{
    static const double powers[] = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    };
    if (digits > UINT64_C(1) << 53 || exponent < -22 || exponent > 22)
        return false;
    *real = exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
    return true;
}

/* Behind the whole part: the fraction and the exponent. */
static int read_real(struct reader *r, const char *start, uint64_t digits, bool fits)
{
    int exponent = 0;
    if (*r->at == '.') {
        char *point = r->at++;
        if (!is_digit(*r->at))
            return fail(r, "a digit must follow the point");
        for (; is_digit(*r->at); r->at++) {
            fits = fits && digits < UINT64_MAX / 10 - 1;
            digits = digits * 10 + (uint64_t)(*r->at - '0');
        }
        fits = fits && r->at - point <= FRACTION_MAX;
        exponent = fits ? -(int)(r->at - point - 1) : 0;
    }
    if ((*r->at | 32) == 'e') {
        r->at++;
        if (!read_exponent(r, &exponent))
            return fail(r, "a digit must follow in the exponent");
    }
    struct bide_json number;
    if (!fits || !exact_real(digits, exponent, &number.as.d))
        number.as.d = bide__real_read(start, r->at);
    else if (*start == '-')
        number.as.d = -number.as.d;
    if (isinf(number.as.d))
        return add_big(r, start, false);
    return add_plain(r, NODE_REAL, number.as.u);
}

INLINE int read_number(struct reader *r)
{
    const char *start = r->at;
    bool negative = *start == '-', fits = true;
    r->at += negative;
    if (!is_digit(*r->at))
        return fail(r, "a digit must follow the sign");
    uint64_t digits = (uint64_t)(*r->at++ - '0');
    if (digits == 0 && is_digit(*r->at))
        return fail(r, "a number must not begin with 0");
    for (; is_digit(*r->at); r->at++) {
        fits &= !__builtin_mul_overflow(digits, 10u, &digits);
        fits &= !__builtin_add_overflow(digits, (uint64_t)(*r->at - '0'), &digits);
    }
    if (*r->at == '.' || (*r->at | 32) == 'e')
        return read_real(r, start, digits, fits);
    if (!fits || (negative && digits > (uint64_t)INT64_MAX + 1))
        return add_big(r, start, true);
    return add_plain(r, digits > INT64_MAX && !negative ? NODE_UINT : NODE_INT,
                     negative ? 0 - digits : digits);
}

/* ---- values ---- */

INLINE void skip_blank(struct reader *r)
{
    while (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')
        r->at++;
}

static int read_word(struct reader *r, const char *word, size_t size, enum node_kind kind)
{
    if (memcmp(r->at, word, size) != 0)
        return fail(r, "expected a value");
    r->at += size;
    return add_plain(r, kind, 0);
}

/* 1: empty, so it is complete already; 0: an item follows. */
INLINE int open_container(struct reader *r, enum node_kind kind, char close)
{
    struct bide_json *node = add(r);
    if (!node)
        return -1;
    node->tag = node_tag(kind, 0);
    node->as.span = 1;
    if (r->depth == r->depth_max) {
        *r->error = (struct parse_error){ BIDE_ELIMIT, "nested too deeply",
                                          (size_t)(r->at - r->start) };
        return -1;
    }
    r->at++;
    skip_blank(r);
    if (*r->at == close) {
        r->at++;
        return 1;
    }
    r->depth++;
    node->as.span = r->open;
    r->open = (size_t)(node - r->nodes);
    return 0;
}

INLINE void close_container(struct reader *r)
{
    struct bide_json *node = &r->nodes[r->open];
    size_t index = r->open;
    r->open = node->as.span;
    node->as.span = r->count - index;
    r->depth--;
    r->at++;
}

static int read_value(struct reader *r)
{
    switch (*r->at) {
    case '"':
        return read_text(r, NODE_TEXT);
    case '{':
        return open_container(r, NODE_OBJECT, '}');
    case '[':
        return open_container(r, NODE_ARRAY, ']');
    case 't':
        return read_word(r, "true", 4, NODE_TRUE);
    case 'f':
        return read_word(r, "false", 5, NODE_FALSE);
    case 'n':
        return read_word(r, "null", 4, NODE_NULL);
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7':
    case '8': case '9':
        return read_number(r);
    default:
        return fail(r, "expected a value");
    }
}

INLINE int read_name(struct reader *r)
{
    if (*r->at != '"')
        return fail(r, "expected a name in quotes");
    if (read_text(r, NODE_NAME) < 0)
        return -1;
    skip_blank(r);
    if (*r->at != ':')
        return fail(r, "expected ':'");
    r->at++;
    skip_blank(r);
    return 1;
}

/* Behind a value: 1: another one follows; 0: that was the document. */
INLINE int read_behind(struct reader *r)
{
    while (r->open != NOBODY) {
        struct bide_json *around = &r->nodes[r->open];
        bool in_object = node_kind(around) == NODE_OBJECT;
        around->tag += 1 << NODE_SHIFT;
        skip_blank(r);
        if (*r->at == ',') {
            r->at++;
            return 1;
        }
        if (*r->at != (in_object ? '}' : ']'))
            return fail(r, in_object ? "expected ',' or '}'" : "expected ',' or ']'");
        close_container(r);
    }
    skip_blank(r);
    return r->at < r->end ? fail(r, "something follows the document") : 0;
}

static int read_document(struct reader *r)
{
    int more = 1;
    if (memcmp(r->at, "\xef\xbb\xbf", 3) == 0)
        r->at += 3;                             /* a byte order mark says nothing in UTF-8 */
    while (more > 0) {
        skip_blank(r);
        if (r->open != NOBODY && node_kind(&r->nodes[r->open]) == NODE_OBJECT && read_name(r) < 0)
            return -1;
        int complete = read_value(r);
        if (complete < 0)
            return -1;
        if (complete)
            more = read_behind(r);
    }
    return more;
}

static void end_big(struct reader *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (node_kind(&r->nodes[i]) == NODE_BIG)
            r->start[r->nodes[i].as.text - r->start + (ptrdiff_t)node_size(&r->nodes[i])] = '\0';
}

struct document *bide__json_read(char *text, size_t size, size_t depth_max,
                                 struct parse_error *error)
{
    struct reader r = { .at = text, .start = text, .end = text + size, .open = NOBODY,
                        .depth_max = depth_max, .error = error };
    r.room = size / 8;                          /* a guess */
    if (!grow(&r) || read_document(&r) < 0) {
        bide__free(r.document);
        return NULL;
    }
    if (r.has_big)
        end_big(&r);
    *r.document = (struct document){ .text = text };
    r.nodes[0].tag |= NODE_ROOT;
    return r.document;
}
