/* UTF-8 and windows-1252 are decoded here, all others by iconv(3).  The C library's iconv loads
 * its tables at the first use of a charset; bide__alloc has no part in those. */
#include "http/charset.h"

#include "base/memory.h"
#include "json/scan.h"

#include <bide/error.h>
#include <errno.h>
#include <iconv.h>
#include <stdio.h>

#define REPLACEMENT "\xef\xbf\xbd"      /* U+FFFD */

enum { LABEL_MAX = 40 };

/* ---- labels ---- */

/* Names that mean something else than they say, or that iconv does not know: label, iconv's. */
static const char *const labels[][2] = {
    { "utf8", "UTF-8" }, { "utf-8", "UTF-8" }, { "unicode-1-1-utf-8", "UTF-8" },
    { "x-unicode20utf8", "UTF-8" }, { "unicode11utf8", "UTF-8" }, { "unicode20utf8", "UTF-8" },
    { "latin1", "WINDOWS-1252" }, { "l1", "WINDOWS-1252" }, { "ascii", "WINDOWS-1252" },
    { "us-ascii", "WINDOWS-1252" }, { "ansi_x3.4-1968", "WINDOWS-1252" },
    { "iso-8859-1", "WINDOWS-1252" }, { "iso8859-1", "WINDOWS-1252" },
    { "iso88591", "WINDOWS-1252" }, { "iso_8859-1", "WINDOWS-1252" }, { "cp819", "WINDOWS-1252" },
    { "ibm819", "WINDOWS-1252" }, { "cp1252", "WINDOWS-1252" }, { "x-cp1252", "WINDOWS-1252" },
    { "windows-1252", "WINDOWS-1252" },
    { "latin5", "CP1254" }, { "l5", "CP1254" }, { "iso-8859-9", "CP1254" },
    { "iso8859-9", "CP1254" }, { "iso_8859-9", "CP1254" }, { "tis-620", "CP874" },
    { "iso-8859-11", "CP874" }, { "windows-874", "CP874" }, { "dos-874", "CP874" },
    { "gb2312", "GB18030" }, { "gb_2312-80", "GB18030" }, { "gbk", "GB18030" },
    { "x-gbk", "GB18030" }, { "chinese", "GB18030" }, { "big5", "BIG5-HKSCS" },
    { "x-x-big5", "BIG5-HKSCS" }, { "shift_jis", "CP932" }, { "shift-jis", "CP932" },
    { "sjis", "CP932" }, { "x-sjis", "CP932" }, { "ms_kanji", "CP932" }, { "windows-31j", "CP932" },
    { "euc-kr", "CP949" }, { "ks_c_5601-1987", "CP949" }, { "ksc5601", "CP949" },
    { "korean", "CP949" }, { "x-euc-jp", "EUC-JP" }, { "utf-16", "UTF-16LE" },
    { "utf-16le", "UTF-16LE" }, { "utf-16be", "UTF-16BE" },
    { "unicode", "UTF-16LE" }, { "ucs-2", "UTF-16LE" }, { "iso-10646-ucs-2", "UTF-16LE" },
    { "unicodefffe", "UTF-16BE" }, { "koi", "KOI8-R" }, { "koi8", "KOI8-R" },
    { "x-mac-roman", "MACINTOSH" }, { "x-mac-cyrillic", "MAC-CYRILLIC" },
    { "iso-8859-8-i", "ISO-8859-8" }, { "logical", "ISO-8859-8" },
};

/* iconv's name of a label; false: it can be none.  iconv takes options behind '/'. */
static bool find_name(struct text label, char name[LABEL_MAX + 1])
{
    if (label.size == 0 || label.size > LABEL_MAX)
        return false;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        if (bide__text_is_caseless(label, labels[i][0])) {
            snprintf(name, LABEL_MAX + 1, "%s", labels[i][1]);
            return true;
        }
    }
    for (size_t i = 0; i < label.size; i++)
        if (!char_is(label.at[i], CHAR_TOKEN))
            return false;
    snprintf(name, LABEL_MAX + 1, "%.*s", (int)label.size, label.at);
    return true;
}

static struct text trimmed(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (at < end && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return text_of(at, (size_t)(end - at));
}

/* The end of a parameter: the next ';' outside of quotes. */
static const char *parameter_end(const char *at, const char *end)
{
    bool quoted = false;
    for (; at < end && (quoted || *at != ';'); at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (quoted && *at == '\\' && at + 1 < end)
            at++;
    }
    return at;
}

struct text bide__charset_of(struct text content_type)
{
    if (content_type.size == 0)
        return text_of(NULL, 0);
    const char *end = content_type.at + content_type.size;
    const char *at = parameter_end(content_type.at, end);
    while (at < end) {
        const char *start = at + 1;
        at = parameter_end(start, end);
        const char *equals = memchr(start, '=', (size_t)(at - start));
        if (!equals || !bide__text_is_caseless(trimmed(start, equals), "charset"))
            continue;
        struct text value = trimmed(equals + 1, at);
        if (value.size >= 2 && value.at[0] == '"' && value.at[value.size - 1] == '"')
            value = trimmed(value.at + 1, value.at + value.size - 1);
        if (value.size > 0)
            return value;
    }
    return text_of(NULL, 0);
}

/* ---- decoding ---- */

struct out {
    char *at;
    size_t size, room, max;
    int code;
};

static char *out_room(struct out *out, size_t more)
{
    if (out->room - out->size <= more) {        /* one more for the NUL */
        size_t room = out->room * 2 + more + 256;
        char *at = bide__resize(out->at, room);
        if (!at)
            return out->code = BIDE_ENOMEM, NULL;
        out->at = at;
        out->room = room;
    }
    return out->at + out->size;
}

static bool out_put(struct out *out, const char *bytes, size_t size)
{
    if (out->max - out->size < size)
        return out->code = BIDE_ELIMIT, false;
    char *to = out_room(out, size);
    if (to)
        memcpy(to, bytes, size);
    out->size += to ? size : 0;
    return to != NULL;
}

/* How many bytes of a broken sequence one U+FFFD stands for: those that could have begun one. */
static size_t broken_size(const char *at, size_t size)
{
    static const char tails[][4] = { "\x80\x80\x80", "\xa0\x80\x80", "\x90\x80\x80" };
    char whole[4];
    for (size_t n = size < 3 ? size : 3; n > 1; n--) {
        for (int i = 0; i < 3; i++) {
            memcpy(whole, at, n);
            memcpy(whole + n, tails[i], 4 - n);
            if (utf8_size(whole, 4) > n)
                return n;
        }
    }
    return 1;
}

enum { PIECE = 8, RUN = 64 };

INLINE bool is_ascii_piece(const char *at)
{
    uint64_t word;
    memcpy(&word, at, PIECE);
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

INLINE bool is_ascii_run(const char *at)
{
    typedef uint64_t vector __attribute__((vector_size(16)));
    vector v[RUN / sizeof(vector)];
    memcpy(v, at, RUN);
    v[0] |= v[1] | v[2] | v[3];
    return ((v[0][0] | v[0][1]) & UINT64_C(0x8080808080808080)) == 0;
}

/* ASCII at the beginning, as far as it goes in whole pieces. */
static size_t ascii_size(const char *at, size_t size)
{
    size_t i = 0;
    while (size - i >= RUN && is_ascii_run(at + i))
        i += RUN;
    while (size - i >= PIECE && is_ascii_piece(at + i))
        i += PIECE;
    return i;
}

/* The bytes before the first that is no UTF-8. */
static size_t valid_size(struct text body)
{
    size_t i = 0;
    while (i < body.size) {
        const char *at = body.at + i;
        size_t left = body.size - i;
        if (left >= PIECE && is_ascii_piece(at)) {
            i += PIECE + ascii_size(at + PIECE, left - PIECE);
            continue;
        }
        unsigned size = utf8_size(at, left);
        if (size == 0)
            break;
        i += size;
    }
    return i;
}

static bool decode_utf8(struct text body, struct out *out)
{
    while (body.size > 0) {
        size_t valid = valid_size(body);
        if (!out_put(out, body.at, valid))
            return false;
        body = text_of(body.at + valid, body.size - valid);
        if (body.size == 0)
            break;
        size_t broken = broken_size(body.at, body.size);
        if (!out_put(out, REPLACEMENT, 3))
            return false;
        body = text_of(body.at + broken, body.size - broken);
    }
    return true;
}

static bool decode_1252(struct text body, struct out *out)
{
    /* 0x80 to 0x9f; what windows leaves open is itself. */
    static const uint16_t upper[32] = {
        0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039,
        0x152, 0x8d, 0x17d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
        0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
    };
    for (size_t i = 0; i < body.size; i++) {
        uint8_t byte = (uint8_t)body.at[i];
        unsigned c = byte >= 0x80 && byte < 0xa0 ? upper[byte - 0x80] : byte;
        char utf8[3];
        size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
        if (size == 3)
            utf8[0] = (char)(0xe0 | c >> 12);
        if (size > 1)
            utf8[size - 2] = (char)(size == 2 ? 0xc0 | c >> 6 : 0x80 | (c >> 6 & 63));
        utf8[size - 1] = (char)(size == 1 ? c : 0x80 | (c & 63));
        if (!out_put(out, utf8, size))
            return false;
    }
    return true;
}

/* One call of iconv: what it made is in *out.  < 0: errno says what stopped it. */
static int convert(iconv_t converter, char **in, size_t *in_size, struct out *out)
{
    char *to = out_room(out, 1024);
    if (!to)
        return 0;
    size_t room = out->room - out->size - 1, before = room;
    size_t rc = iconv(converter, in, in_size, &to, &room);
    out->size += before - room;
    if (out->size > out->max)
        out->code = BIDE_ELIMIT;
    return rc == (size_t)-1 ? -1 : 0;
}

static bool decode_iconv(iconv_t converter, struct text body, size_t unit, struct out *out)
{
    char *in = (char *)(uintptr_t)body.at;      /* iconv does not write there */
    size_t left = body.size;
    while (left > 0 && out->code == 0) {
        if (convert(converter, &in, &left, out) == 0 || out->code < 0 || errno == E2BIG)
            continue;
        size_t skip = errno == EINVAL || left < unit ? left : unit;
        in += skip;
        left -= skip;
        out_put(out, REPLACEMENT, 3);
    }
    if (out->code == 0)
        convert(converter, NULL, NULL, out);
    return out->code == 0;
}

/* By iconv's name.  1: done; 0: nobody knows it. */
static int decode(const char *name, struct text body, struct out *out)
{
    if (strcmp(name, "UTF-8") == 0)
        return decode_utf8(body, out), 1;
    if (strcmp(name, "WINDOWS-1252") == 0)
        return decode_1252(body, out), 1;
    iconv_t converter = iconv_open("UTF-8", name);
    if (converter == (iconv_t)-1) {
        if (errno == ENOMEM)
            out->code = BIDE_ENOMEM;
        return errno == ENOMEM;
    }
    decode_iconv(converter, body, strncmp(name, "UTF-16", 6) == 0 ? 2 : 1, out);
    iconv_close(converter);
    return 1;
}

/* The charset that a byte order mark names, and what it takes; NULL: there is none. */
static const char *find_mark(struct text body, size_t *size)
{
    *size = 0;
    if (body.size >= 3 && memcmp(body.at, "\xef\xbb\xbf", 3) == 0)
        return *size = 3, "UTF-8";
    if (body.size >= 2 && memcmp(body.at, "\xff\xfe", 2) == 0)
        return *size = 2, "UTF-16LE";
    if (body.size >= 2 && memcmp(body.at, "\xfe\xff", 2) == 0)
        return *size = 2, "UTF-16BE";
    return NULL;
}

static int finish(struct out *out, struct text *text, char **memory)
{
    if (out->code == 0 && out_room(out, 1)) {
        out->at[out->size] = '\0';
        *text = text_of(out->at, out->size);
        *memory = out->at;
        return 0;
    }
    bide__free(out->at);
    return out->code;
}

int bide__charset_decode(struct text body, struct text label, const char *fallback,
                         size_t size_max, struct text *text, char **memory)
{
    char found[LABEL_MAX + 1];
    size_t mark;
    struct out out = { .max = size_max };
    const char *name = find_mark(body, &mark);
    body = text_of(body.at + mark, body.size - mark);
    *text = body;
    *memory = NULL;
    if (!name && label.at && find_name(label, found))
        name = found;
    if (name && strcmp(name, "UTF-8") != 0 && decode(name, body, &out))
        return finish(&out, text, memory);
    bool is_utf8 = name && strcmp(name, "UTF-8") == 0;
    if (valid_size(body) == body.size)
        return body.size > size_max ? BIDE_ELIMIT : 0;
    if (is_utf8)
        fallback = "utf-8";
    if (!find_name(fallback ? text_of(fallback, strlen(fallback)) : text_of("latin1", 6), found) ||
        !decode(found, body, &out))
        return BIDE_EINVAL;
    return finish(&out, text, memory);
}
