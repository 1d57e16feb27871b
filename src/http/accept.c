/* Reading lists of names with qualities; each question walks the list anew, which is short. */
#include "http/accept.h"

#include "http/parameters.h"

#include <string.h>

struct entry {
    struct text name;           /* "text/html", "*", "gzip" */
    unsigned quality;
};

/* "1", "0.5", "0.123": up to three digits behind the point. */
static bool read_quality(struct text text, unsigned *quality)
{
    if (text.size == 0 || text.size > 5 || text.at[0] < '0' || text.at[0] > '1' ||
        (text.size > 1 && text.at[1] != '.'))
        return false;
    unsigned value = text.at[0] == '1' ? QUALITY_MOST : 0, worth = QUALITY_MOST / 10;
    for (size_t i = 2; i < text.size; i++, worth /= 10) {
        if (!char_is(text.at[i], CHAR_DIGIT))
            return false;
        value += (unsigned)(text.at[i] - '0') * worth;
    }
    *quality = value;
    return value <= QUALITY_MOST;
}

static struct text read_name(struct reader *r)
{
    const char *start = r->at;
    while (r->at < r->end && *r->at != ',' && *r->at != ';' && *r->at != ' ' && *r->at != '\t')
        r->at++;
    return text_of(start, (size_t)(r->at - start));
}

/* The parameters behind a name; false: they are no such. */
static bool read_parameters(struct reader *r, struct entry *entry)
{
    struct parameter p;
    int rc;
    while ((rc = bide__read_parameter(r, ";,", &p)) > 0)
        if (bide__text_is_caseless(p.name, "q") && !read_quality(p.value, &entry->quality))
            return false;
    bide__read_space(r);
    return rc == 0 && (r->at == r->end || *r->at == ',');
}

/* The next entry that is one; false: the list is over. */
static bool next_entry(struct reader *r, struct entry *entry)
{
    for (;;) {
        do
            bide__read_space(r);
        while (bide__read_char(r, ','));
        if (r->at == r->end)
            return false;
        *entry = (struct entry){ .quality = QUALITY_MOST };
        entry->name = read_name(r);
        bool good = read_parameters(r, entry) && entry->name.size > 0;
        while (r->at < r->end && *r->at != ',')
            r->at++;
        if (good)
            return true;
    }
}

static bool is_empty(struct text value)
{
    struct reader r = reader_of(value);
    struct entry entry;
    return !value.at || !next_entry(&r, &entry);
}

/* How close an entry is to a type: 3 is the type, 2 its kind, 1 anything, 0 something else. */
static unsigned closeness(struct text name, const char *type)
{
    size_t kind = strcspn(type, "/") + 1;
    if (bide__text_is(name, "*/*"))
        return 1;
    if (bide__text_is_caseless(name, type))
        return 3;
    if (name.size != kind + 1 || name.at[kind] != '*')
        return 0;
    for (size_t i = 0; i < kind; i++)
        if (char_lower(name.at[i]) != char_lower(type[i]))
            return 0;
    return 2;
}

unsigned bide__accept_type(struct text value, const char *type)
{
    struct reader r = reader_of(value);
    struct entry entry;
    unsigned closest = 0, quality = 0;
    if (is_empty(value))
        return QUALITY_MOST;
    while (next_entry(&r, &entry)) {
        unsigned close = closeness(entry.name, type);
        if (close > closest) {
            closest = close;
            quality = entry.quality;
        }
    }
    return quality;
}

/* "x-gzip" is another name of gzip (RFC 9110, 8.4.1.3). */
static bool names_coding(struct text name, const char *coding)
{
    return bide__text_is_caseless(name, coding) ||
           (strcmp(coding, "gzip") == 0 && bide__text_is_caseless(name, "x-gzip"));
}

/* What is not told has the quality of "*", if that is there. */
static unsigned coding_quality(struct text value, const char *coding, unsigned untold)
{
    struct reader r = reader_of(value);
    struct entry entry;
    while (next_entry(&r, &entry)) {
        if (names_coding(entry.name, coding))
            return entry.quality;
        if (bide__text_is(entry.name, "*"))
            untold = entry.quality;
    }
    return untold;
}

unsigned bide__accept_coding_quality(struct text value, const char *coding)
{
    return value.at ? coding_quality(value, coding, 0) : 0;
}

int bide__accept_coding(struct text value, const char *const *offered, unsigned count)
{
    int chosen = ACCEPT_IDENTITY;
    if (!value.at)
        return chosen;
    unsigned best = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned quality = coding_quality(value, offered[i], 0);
        if (quality > best) {
            best = quality;
            chosen = (int)i;
        }
    }
    /* Identity is always good enough, but seldom asked for by name. */
    struct reader r = reader_of(value);
    struct entry entry;
    while (next_entry(&r, &entry))
        if (bide__text_is_caseless(entry.name, "identity") && entry.quality > best)
            return ACCEPT_IDENTITY;
    return chosen;
}
