/* Lines of seven fields with tabs between: domain, TRUE if names below it are meant too, path,
 * TRUE if Secure, expiry (0: with the session), name, value.
 *
 * Reading goes over the text twice, so that a bad line is told of before anything is added.  What
 * others write is taken: lines that end in CRLF, a dot before the domain or none, a value that is
 * missing, seconds with a fraction, an expiry that is left empty, IPv6 with and without brackets.
 * Written is what all of them read. */
#include "http/cookie_text.h"

#include "bide/error.h"
#include "http/cookie_match.h"
#include "http/public_suffix.h"

#include <string.h>

enum { FIELD_DOMAIN, FIELD_BELOW, FIELD_PATH, FIELD_SECURE, FIELD_EXPIRES, FIELD_NAME, FIELD_VALUE,
       FIELDS };

static const char marker[] = "#HttpOnly_";

static const char *split(struct text line, struct text fields[FIELDS])
{
    const char *at = line.at, *end = line.at + line.size;
    unsigned count = 0;
    while (count < FIELDS) {
        const char *tab = count < FIELD_VALUE ? memchr(at, '\t', (size_t)(end - at)) : NULL;
        fields[count++] = text_of(at, (size_t)((tab ? tab : end) - at));
        if (!tab)
            break;
        at = tab + 1;
    }
    if (count < FIELD_VALUE)
        return "it has no seven fields with tabs between them";
    if (count == FIELD_VALUE)
        fields[FIELD_VALUE] = text_of(end, 0);
    return NULL;
}

static const char *read_flag(struct text field, bool *flag)
{
    *flag = bide__text_is_caseless(field, "TRUE");
    return *flag || bide__text_is_caseless(field, "FALSE") ? NULL
                                                           : "a field is neither TRUE nor FALSE";
}

/* In lower case, into room; an IPv6 address gets its brackets. */
static const char *read_domain(struct cookie_plan *plan, struct text field, bool below,
                               char room[URL_HOST_MAX + 2])
{
    if (field.size > 0 && field.at[0] == '.')
        field = text_of(field.at + 1, field.size - 1);
    if (field.size == 0 || field.size > URL_HOST_MAX)
        return "the domain is empty or longer than 253 characters";
    bool bare = memchr(field.at, ':', field.size) && field.at[0] != '[';
    size_t size = 0;
    if (bare)
        room[size++] = '[';
    for (size_t i = 0; i < field.size; i++) {
        if (!char_is(field.at[i], CHAR_HOST) && !strchr("[]:", field.at[i]))
            return "the domain has a character in it that no name has";
        room[size++] = char_lower(field.at[i]);
    }
    if (bare)
        room[size++] = ']';
    if (size > URL_HOST_MAX)
        return "the domain is empty or longer than 253 characters";
    plan->domain = text_of(room, size);
    plan->host_only = !below || bide__cookie_host_is_address(plan->domain);
    return NULL;
}

static const char *read_expiry(struct cookie_plan *plan, struct text field, int64_t now)
{
    const char *dot = memchr(field.at, '.', field.size);
    uint64_t seconds = 0;
    if (dot) {
        const char *end = field.at + field.size;
        if (bide__chars_skip(dot + 1, end, CHAR_DIGIT) < end)
            return "the expiry is no number of seconds";
        field.size = (size_t)(dot - field.at);
    }
    if (field.size > 0 && !bide__text_number(field, &seconds))
        return "the expiry is no number of seconds";
    uint64_t latest = (uint64_t)now + COOKIE_AGE_MAX;
    plan->persistent = seconds > 0;
    plan->expires = (int64_t)(seconds < latest ? seconds : latest);
    return NULL;
}

static const char *read_pair(struct cookie_plan *plan, struct text name, struct text value)
{
    plan->name = name;
    plan->value = value;
    if (name.size + value.size == 0)
        return "it has neither name nor value";
    if (name.size + value.size > COOKIE_SIZE_MAX)
        return "name and value are larger than 4096 bytes";
    if (memchr(name.at, '=', name.size) || memchr(name.at, ';', name.size))
        return "the name has a = or ; in it";
    return memchr(value.at, ';', value.size) ? "the value has a ; in it" : NULL;
}

/* A line that is no comment. */
static const char *read_line(struct cookie_plan *plan, struct text line, int64_t now,
                             char room[URL_HOST_MAX + 2])
{
    struct text fields[FIELDS];
    bool below = false;
    if (bide__chars_skip_field(line.at, line.at + line.size) < line.at + line.size)
        return "it has a control character in it";
    const char *why = split(line, fields);
    if (why || (why = read_flag(fields[FIELD_BELOW], &below)) ||
        (why = read_domain(plan, fields[FIELD_DOMAIN], below, room)) ||
        (why = read_flag(fields[FIELD_SECURE], &plan->secure)) ||
        (why = read_expiry(plan, fields[FIELD_EXPIRES], now)))
        return why;
    plan->path = fields[FIELD_PATH];
    if (plan->path.size == 0 || plan->path.at[0] != '/' || plan->path.size > URL_SIZE_MAX)
        return "the path does not begin with / or is longer than 16384 characters";
    return read_pair(plan, fields[FIELD_NAME], fields[FIELD_VALUE]);
}

/* Would a server have been allowed to set it? */
static bool is_allowed(const struct cookie_plan *plan)
{
    struct set_cookie c = { .name = plan->name, .value = plan->value, .path = plan->path,
                            .secure = plan->secure };
    return !bide__set_cookie_prefix_fault(&c, plan->host_only) &&
           (plan->host_only || !bide__public_suffix(plan->domain));
}

static bool next_line(struct text *rest, struct text *line)
{
    if (rest->size == 0)
        return false;
    const char *newline = memchr(rest->at, '\n', rest->size);
    size_t size = newline ? (size_t)(newline - rest->at) : rest->size;
    *line = text_of(rest->at, size);
    if (size > 0 && line->at[size - 1] == '\r')
        line->size--;
    size += newline != NULL;
    *rest = text_of(rest->at + size, rest->size - size);
    return true;
}

/* Takes the mark from its front; false: there is no cookie in it. */
static bool has_cookie(struct text *line, bool *http_only)
{
    size_t size = sizeof marker - 1;
    *http_only = line->size > size && memcmp(line->at, marker, size) == 0;
    if (*http_only)
        *line = text_of(line->at + size, line->size - size);
    size_t blank = 0;
    while (blank < line->size && (line->at[blank] == ' ' || line->at[blank] == '\t'))
        blank++;
    return blank < line->size && (*http_only || line->at[0] != '#');
}

/* jar NULL: only looks. */
static int read_all(struct bide_cookies *jar, struct text rest, int64_t now, size_t *number,
                    const char **why)
{
    int added = 0;
    struct text line;
    char room[URL_HOST_MAX + 2];
    for (*number = 1; next_line(&rest, &line); ++*number) {
        struct cookie_plan plan = { .same_site = SAME_SITE_UNSET };
        if (!has_cookie(&line, &plan.http_only))
            continue;
        *why = read_line(&plan, line, now, room);
        if (*why)
            return BIDE_EINVAL;
        int rc = jar && is_allowed(&plan) ? bide__cookies_put(jar, &plan, now) : 0;
        if (rc < 0) {
            *why = "out of memory";
            return rc;
        }
        added += rc;
    }
    return added;
}

int bide__cookies_read(struct bide_cookies *jar, struct text text, int64_t now, size_t *line,
                       const char **why)
{
    int rc = read_all(NULL, text, now, line, why);
    return rc < 0 ? rc : read_all(jar, text, now, line, why);
}

static void print_one(const struct cookie *c, struct writer *w)
{
    struct text domain = cookie_domain(c);
    bool bracketed = domain.at[0] == '[';
    if (c->http_only)
        writer_put(w, marker, sizeof marker - 1);
    if (!c->host_only)
        writer_literal(w, ".");
    writer_put(w, domain.at + bracketed, domain.size - 2u * bracketed);
    writer_put(w, c->host_only ? "\tFALSE\t" : "\tTRUE\t", c->host_only ? 7 : 6);
    writer_put(w, cookie_path(c).at, c->path_size);
    writer_put(w, c->secure ? "\tTRUE\t" : "\tFALSE\t", c->secure ? 6 : 7);
    bide__writer_number(w, c->expires == INT64_MAX ? 0 : (uint64_t)c->expires);
    writer_literal(w, "\t");
    writer_put(w, c->text, c->name_size);
    writer_literal(w, "\t");
    writer_put(w, cookie_value(c).at, c->value_size);
    writer_literal(w, "\n");
}

int bide__cookies_print(const struct bide_cookies *jar, int64_t now, struct writer *w)
{
    int count = 0;
    writer_literal(w, "# Netscape HTTP Cookie File\n");
    for (struct cookie_link *at = jar->all.after; at != &jar->all; at = at->after) {
        const struct cookie *c = cookie_of(at, all);
        if (c->expires <= now)
            continue;
        print_one(c, w);
        count++;
    }
    return count;
}
