/* Writing: into memory that doubles; what is not plain in a text is found sixteen bytes at a
 * time. */
#include "json/write.h"

#include "base/memory.h"
#include "json/built.h"
#include "json/number.h"
#include "json/scan.h"
#include "json/walk.h"

struct writer {
    char *at, *end, *start;     /* end: of the memory */
    size_t max;                 /* bytes that may be written */
    int indent;
    struct walk walk;
    bool failed;
    bool lent;                  /* the memory is somebody else's; if it is too small, ours comes */
};

enum { ROOM_FIRST = 256, SPARE = 64 };  /* what each step may write without asking */

static COLD bool grow(struct writer *w, size_t more)
{
    size_t used = (size_t)(w->at - w->start), room = (size_t)(w->end - w->start);
    w->failed = true;
    if (used > w->max)
        return bide_fail(BIDE_ELIMIT, "json: the text is larger than size_max %zu", w->max), false;
    room = room * 2 > used + more + SPARE ? room * 2 : used + more + SPARE + ROOM_FIRST;
    char *start = w->lent ? bide__alloc(room) : bide__resize(w->start, room);
    if (!start)
        return bide_fail(BIDE_ENOMEM, "json: out of memory"), false;
    if (w->lent)
        memcpy(start, w->start, used);
    w->failed = w->lent = false;
    w->start = start;
    w->at = start + used;
    w->end = start + room;
    return true;
}

/* Makes room for `more` bytes and SPARE. */
INLINE bool need(struct writer *w, size_t more)
{
    return (size_t)(w->end - w->at) >= more + SPARE || grow(w, more);
}

/* ---- numbers ---- */

static char *put_uint(char *to, uint64_t value)
{
    static const char pairs[] =
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243"
        "4445464748495051525354555657585960616263646566676869707172737475767778798081828384858687"
        "888990919293949596979899";
    char digits[20], *at = digits + sizeof digits;
    for (; value >= 100; value /= 100) {
        at -= 2;
        memcpy(at, pairs + value % 100 * 2, 2);
    }
    if (value >= 10) {
        at -= 2;
        memcpy(at, pairs + value * 2, 2);
    } else {
        *--at = (char)('0' + value);
    }
    size_t size = (size_t)(digits + sizeof digits - at);
    memcpy(to, at, size);
    return to + size;
}

static char *put_int(char *to, int64_t value)
{
    if (value >= 0)
        return put_uint(to, (uint64_t)value);
    *to = '-';
    return put_uint(to + 1, 0 - (uint64_t)value);
}

/* ---- texts ---- */

/* Bytes before the first that must be escaped, of SCAN_SIZE that may be read. */
INLINE unsigned scan_escape(const char *at)
{
#ifdef __SSE2__
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(31)), v);
    __m128i care = _mm_or_si128(low, _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                                  _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
    return (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(care) | 0x10000);
#else
    unsigned i = 0;
    while (i < SCAN_SIZE && (uint8_t)at[i] >= ' ' && at[i] != '"' && at[i] != '\\')
        i++;
    return i;
#endif
}

static char *put_escape(char *to, char byte)
{
    static const char names[32] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
    };
    uint8_t c = (uint8_t)byte;
    *to++ = '\\';
    if (c >= ' ') {
        *to++ = byte;
    } else if (names[c]) {
        *to++ = names[c];
    } else {
        memcpy(to, "u00", 3);
        to[3] = (char)('0' + (c >> 4));
        to[4] = "0123456789abcdef"[c & 15];
        to += 5;
    }
    return to;
}

/* A text in quotes.  It has SCAN_SIZE bytes of 0, or of a larger text, behind it. */
INLINE bool put_text(struct writer *w, const char *text, size_t size)
{
    const char *end = text + size;
    if (!need(w, size))
        return false;
    *w->at++ = '"';
    while (text < end) {
        unsigned plain = scan_escape(text);
        size_t left = (size_t)(end - text);
        memcpy(w->at, text, SCAN_SIZE);
        if (plain >= left) {
            w->at += left;
            break;
        }
        w->at += plain;
        text += plain;
        if (plain == SCAN_SIZE)
            continue;
        w->at = put_escape(w->at, *text++);
        if (!need(w, left))
            return false;
    }
    *w->at++ = '"';
    return true;
}

/* ---- values ---- */

static char *put_word(char *to, const char *word, size_t size)
{
    memcpy(to, word, size);
    return to + size;
}

/* A value without its items: of a container, the opening bracket, or both if it is empty. */
static bool put_value(struct writer *w, const struct bide_json *j)
{
    if (node_kind(j) == NODE_TEXT)
        return put_text(w, j->as.text, node_size(j));
    if (!need(w, node_kind(j) == NODE_BIG ? node_size(j) : 0))
        return false;
    switch (node_kind(j)) {
    case NODE_NULL:
        w->at = put_word(w->at, "null", 4);
        break;
    case NODE_FALSE:
        w->at = put_word(w->at, "false", 5);
        break;
    case NODE_TRUE:
        w->at = put_word(w->at, "true", 4);
        break;
    case NODE_INT:
        w->at = put_int(w->at, j->as.i);
        break;
    case NODE_UINT:
        w->at = put_uint(w->at, j->as.u);
        break;
    case NODE_REAL:
        w->at = bide__real_write(w->at, j->as.d);
        break;
    case NODE_BIG:
        w->at = put_word(w->at, j->as.text, node_size(j));
        break;
    default:
        *w->at++ = node_kind(j) == NODE_OBJECT ? '{' : '[';
        if (node_size(j) == 0)
            *w->at++ = node_kind(j) == NODE_OBJECT ? '}' : ']';
    }
    return true;
}

/* A new line, if that is wanted, indented for the present depth. */
INLINE bool put_line(struct writer *w)
{
    if (w->indent == 0)
        return true;
    size_t blanks = (size_t)w->indent * w->walk.depth;
    if (!need(w, blanks))
        return false;
    *w->at++ = '\n';
    memset(w->at, ' ', blanks);
    w->at += blanks;
    return true;
}

/* An item with what stands before it. */
INLINE bool put_item(struct writer *w, const struct bide_json *around, const struct bide_json *item)
{
    if (!put_line(w))
        return false;
    if (node_kind(around) == NODE_OBJECT) {
        size_t size = 0;
        const char *name = node_name(item, &size);
        if (!put_text(w, name, size))
            return false;
        *w->at++ = ':';
        if (w->indent > 0)
            *w->at++ = ' ';
    }
    return put_value(w, item);
}

/* Behind an item that is complete: the one that follows, with the comma; or the brackets of what
 * is complete with it, and NULL if that was all, or if it failed. */
INLINE const struct bide_json *put_behind(struct writer *w, const struct bide_json *item)
{
    while (w->walk.depth > 0) {
        const struct bide_json *around = walk_top(&w->walk)->j, *next = node_next(around, item);
        if (next) {
            *w->at++ = ',';
            return next;
        }
        w->walk.depth--;
        if (!put_line(w) || !need(w, 0))
            return NULL;
        *w->at++ = node_kind(around) == NODE_OBJECT ? '}' : ']';
        item = around;
    }
    return NULL;
}

static bool put_all(struct writer *w, const struct bide_json *j)
{
    if (!put_value(w, j))
        return false;
    const struct bide_json *item = node_first(j), *entered = item ? j : NULL;
    while (item) {
        if (entered && !bide__walk_enter(&w->walk, entered, NULL))
            return bide_fail(BIDE_ENOMEM, "json: out of memory"), false;
        if (!put_item(w, walk_top(&w->walk)->j, item))
            return false;
        const struct bide_json *first = node_first(item);
        entered = first ? item : NULL;
        item = first ? first : put_behind(w, item);
    }
    return !w->failed && need(w, 1);
}

/* The text with a NUL behind it; NULL: the error is held, and nothing of ours is left. */
static char *write_all(struct writer *w, const bide_json *j, size_t *size)
{
    bool ok = put_all(w, j);
    bide__walk_end(&w->walk);
    size_t written = (size_t)(w->at - w->start);
    if (ok && written > w->max) {
        bide_fail(BIDE_ELIMIT, "json: the text is larger than size_max %zu", w->max);
        ok = false;
    }
    if (!ok) {
        if (!w->lent)
            bide__free(w->start);
        return NULL;
    }
    *w->at = '\0';
    if (size)
        *size = written;
    return w->start;
}

/* Into what is lent from `space` to `end`, or, if that is NULL, into our own. */
static void start(struct writer *w, char *space, char *end, size_t max)
{
    w->at = w->start = space;
    w->end = end;
    w->max = max;
    w->indent = 0;
    w->failed = false;
    w->lent = space != NULL;
    walk_start(&w->walk);
}

char *bide_json_write_opts(const bide_json *j, size_t *size,
                           const struct bide_json_write_opts *opts)
{
    struct writer w;
    start(&w, NULL, NULL, opts->size_max ? opts->size_max : BIDE_JSON_SIZE_MAX);
    w.indent = opts->indent < 0 ? 0 : opts->indent > 8 ? 8 : opts->indent;
    return bide_json_check(j) < 0 ? NULL : write_all(&w, j, size);
}

char *bide__json_write_into(const bide_json *j, char *space, size_t room, size_t *size)
{
    struct writer w;
    start(&w, space, space + room, BIDE_JSON_SIZE_MAX);
    return bide_json_check(j) < 0 ? NULL : write_all(&w, j, size);
}

void bide_json_text_free(char *text)
{
    bide__free(text);
}
