/* One segment of a route's path: text, or braces with text around them. */
#include "web/route.h"

#include "base/memory.h"

#include <string.h>

static bool is_name(struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        bool fine = (char_lower(c) >= 'a' && char_lower(c) <= 'z') || char_is(c, CHAR_DIGIT) ||
                    c == '_' || c == '-';
        if (!fine)
            return false;
    }
    return text.size > 0;
}

/* Where the brace that opens at `at` is closed; those of an expression may be nested. */
static const char *closing(const char *at, const char *end)
{
    for (int depth = 0; at < end; at++) {
        if (*at == '\\' && at + 1 < end)
            at++;
        else if (*at == '{')
            depth++;
        else if (*at == '}' && --depth == 0)
            return at;
    }
    return NULL;
}

static struct text between(const char *from, const char *to)
{
    return text_of(from, (size_t)(to - from));
}

/* What is in the braces: a name, and behind a colon what has to fit. */
static const char *read_inside(struct segment *s, struct text inside)
{
    const char *colon = memchr(inside.at, ':', inside.size), *end = inside.at + inside.size;
    s->name = between(inside.at, colon ? colon : end);
    s->kind = colon ? SEGMENT_FITTING : SEGMENT_ANY;
    if (!is_name(s->name))
        return "in braces stands one name of letters, digits, '_' and '-'";
    if (!colon)
        return NULL;
    s->expression = between(colon + 1, end);
    if (bide__text_is(s->expression, "*"))
        s->kind = SEGMENT_REST;
    if (s->kind == SEGMENT_REST && (s->before.size > 0 || s->after.size > 0))
        return "{...:*} must be a whole segment";
    return s->expression.size > 0 ? NULL : "no expression behind the colon";
}

const char *bide__segment_read(struct segment *s, struct text text)
{
    const char *open = memchr(text.at, '{', text.size), *end = text.at + text.size;
    *s = (struct segment){ .kind = SEGMENT_FIXED, .all = text, .before = text };
    if (!open)
        return memchr(text.at, '}', text.size) ? "a brace is closed that was not opened" : NULL;
    const char *close = closing(open, end);
    if (!close)
        return "a brace is not closed";
    s->before = between(text.at, open);
    s->after = between(close + 1, end);
    if (memchr(s->after.at, '{', s->after.size) || memchr(s->after.at, '}', s->after.size) ||
        memchr(s->before.at, '}', s->before.size))
        return "a segment has at most one pair of braces";
    return read_inside(s, between(open + 1, close));
}

/* "^(...)$", where \d, which POSIX does not know, is a digit. */
static char *whole_expression(struct text from)
{
    char *out = bide__alloc(4 * from.size + 5), *to = out;
    if (!out)
        return NULL;
    memcpy(to, "^(", 2);
    to += 2;
    for (size_t i = 0; i < from.size; i++) {
        bool escape = from.at[i] == '\\' && i + 1 < from.size;
        if (escape && from.at[i + 1] == 'd') {
            memcpy(to, "[0-9]", 5);
            to += 5;
            i++;
            continue;
        }
        *to++ = from.at[i];
        if (escape)
            *to++ = from.at[++i];
    }
    memcpy(to, ")$", 3);
    return out;
}

const char *bide__expression_compile(regex_t *regex, struct text expression)
{
    char *all = whole_expression(expression);
    if (!all)
        return "out of memory";
    int rc = regcomp(regex, all, REG_EXTENDED | REG_NOSUB);
    bide__free(all);
    if (rc == 0)
        return NULL;
    return rc == REG_ESPACE ? "out of memory" : "the expression is not one of POSIX's";
}

bool bide__segment_fits(const struct segment *s, const regex_t *regex, char *asked, size_t *size)
{
    size_t length = strlen(asked), around = s->before.size + s->after.size;
    if (length <= around || memcmp(asked, s->before.at, s->before.size) != 0 ||
        memcmp(asked + length - s->after.size, s->after.at, s->after.size) != 0)
        return false;
    *size = length - around;
    if (s->kind == SEGMENT_ANY)
        return true;
    char *end = asked + s->before.size + *size, behind = *end;
    *end = '\0';
    bool fits = regexec(regex, asked + s->before.size, 0, NULL, 0) == 0;
    *end = behind;
    return fits;
}
