/* cli/robots.c -- see robots.h.
 *
 * Patterns and paths are brought to one spelling first: percent-codes of plain characters
 * are decoded, everything that is not ASCII is encoded, and so are a path's own '*' and
 * '$', which in a rule would mean something else.  A pattern is then a row of pieces
 * between its stars, and each piece is looked for behind the one before: the leftmost
 * place is always right, so that nothing is tried twice and a file made of stars costs no
 * more than any other. */
#include "cli/robots.h"
#include <bide/error.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DELAY_MAX 1e6
/* Bytes of a path in its one spelling for which no memory is asked. */
#define PATH_ROOM 3072

/* A file being read. */
struct reader {
    struct robots *robots;
    const char *agent;
    bool in_rules;              /* the group's names are over: the next one begins another */
    bool names_us, names_all;   /* the group is for us; for everybody */
    bool found;                 /* some group was for us */
    double delay_all;
};
/* A piece of the file. */
struct span { const char *at; size_t size; };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct span trim(struct span s)
{
    while (s.size > 0 && is_blank(s.at[0])) {
        s.at++;
        s.size--;
    }
    while (s.size > 0 && is_blank(s.at[s.size - 1]))
        s.size--;
    return s;
}

static bool is_word(struct span s, const char *word)
{
    return s.size == strlen(word) && strncasecmp(s.at, word, s.size) == 0;
}

static bool is_unreserved(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("-._~", c));
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    int letter = c | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Writes one byte that stands for itself. */
static char *put_plain(char *out, unsigned char c, bool is_path)
{
    static const char digits[] = "0123456789ABCDEF";
    bool special = c == '$' || (is_path && c == '*');
    if (c > 0x20 && c < 0x7f && !special) {
        *out = (char)c;
        return out + 1;
    }
    out[0] = '%';
    out[1] = digits[c >> 4];
    out[2] = digits[c & 15];
    return out + 3;
}

/* The one spelling, at most three times as long; returns its size. */
static size_t spell(char *out, const char *text, size_t size, bool is_path)
{
    char *at = out;
    for (size_t i = 0; i < size; i++) {
        int high = text[i] == '%' && size - i > 2 ? hex_value(text[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        unsigned char code = (unsigned char)(high * 16 + low);
        if (low < 0) {
            at = put_plain(at, (unsigned char)text[i], is_path);
        } else if (is_unreserved(code)) {
            *at++ = (char)code;
            i += 2;
        } else {
            *at++ = '%';
            for (int k = 0; k < 2; k++, i++)
                *at++ = (char)(hex_value(text[i + 1]) > 9 ? text[i + 1] & ~0x20 : text[i + 1]);
        }
    }
    return (size_t)(at - out);
}

static struct robots_rule *new_rule(struct robots *r)
{
    if (r->count == r->room) {
        size_t room = r->room ? 2 * r->room : 16;
        struct robots_rule *more = realloc(r->rules, room * sizeof *more);
        if (!more)
            return NULL;
        r->rules = more;
        r->room = room;
    }
    return &r->rules[r->count++];
}

/* An empty rule says nothing. */
static int add_rule(struct reader *reader, struct span pattern, bool allow)
{
    struct robots *r = reader->robots;
    reader->in_rules = true;
    if (pattern.size == 0 || (!reader->names_us && !reader->names_all))
        return 0;
    struct robots_rule *rule = new_rule(r);
    if (!rule)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    bool to_end = pattern.at[pattern.size - 1] == '$';
    *rule = (struct robots_rule){ .at = r->text_size, .allow = allow, .to_end = to_end,
                                  .for_all = !reader->names_us };
    rule->size = spell(r->text + r->text_size, pattern.at, pattern.size - to_end, false);
    r->text_size += rule->size;
    return 0;
}

static bool is_name_char(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '_';
}

/* What of a name counts: "bide" of "bide/1.0". */
static size_t name_size(struct span s)
{
    size_t size = 0;
    while (size < s.size && is_name_char(s.at[size]))
        size++;
    return size;
}

static void add_name(struct reader *reader, struct span name)
{
    if (reader->in_rules)
        reader->in_rules = reader->names_us = reader->names_all = false;
    if (name.size > 0 && name.at[0] == '*' && (name.size == 1 || is_blank(name.at[1])))
        reader->names_all = true;
    name.size = name_size(name);
    if (name.size > 0 && is_word(name, reader->agent))
        reader->names_us = reader->found = true;
}

/* No standard has it, but many sites do. */
static void add_delay(struct reader *reader, struct span value)
{
    char text[24], *end;
    if (value.size == 0 || value.size >= sizeof text)
        return;
    memcpy(text, value.at, value.size);
    text[value.size] = '\0';
    double seconds = strtod(text, &end);
    if (*end || text[strspn(text, "0123456789.")] || !(seconds >= 0 && seconds <= DELAY_MAX))
        return;
    if (reader->names_us)
        reader->robots->delay = seconds;
    if (reader->names_all)
        reader->delay_all = seconds;
}

static int read_line(struct reader *reader, struct span line)
{
    const char *comment = memchr(line.at, '#', line.size);
    if (comment)
        line.size = (size_t)(comment - line.at);
    const char *colon = memchr(line.at, ':', line.size);
    if (!colon)
        return 0;
    size_t before = (size_t)(colon - line.at);
    struct span key = trim((struct span){ line.at, before });
    struct span value = trim((struct span){ colon + 1, line.size - before - 1 });
    if (is_word(key, "user-agent"))
        add_name(reader, value);
    else if (is_word(key, "allow") || is_word(key, "disallow"))
        return add_rule(reader, value, is_word(key, "allow"));
    else if (is_word(key, "crawl-delay"))
        add_delay(reader, value);
    return 0;
}

static int read_lines(struct reader *reader, const char *at, const char *end)
{
    int rc = 0;
    while (rc == 0 && at < end) {
        const char *start = at;
        while (at < end && *at != '\n' && *at != '\r')
            at++;
        rc = read_line(reader, (struct span){ start, (size_t)(at - start) });
        at++;
    }
    return rc;
}

/* Where a group names us, those for everybody do not count; of either kind only the rules
 * that are needed stay, and no more memory than they take. */
static void keep_ours(struct reader *reader)
{
    struct robots *r = reader->robots;
    size_t count = 0;
    if (!reader->found)
        r->delay = reader->delay_all;
    for (size_t i = 0; i < r->count; i++)
        if (r->rules[i].for_all == !reader->found)
            r->rules[count++] = r->rules[i];
    r->count = count;
    char *less = realloc(r->text, r->text_size + 1);
    if (less)
        r->text = less;
}

int robots_read(struct robots *r, const char *text, size_t size, const char *agent)
{
    struct reader reader = { .robots = r, .agent = agent };
    *r = (struct robots){ .delay = 0 };
    if (size > ROBOTS_SIZE_MAX)
        size = ROBOTS_SIZE_MAX;
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        size -= 3;
    }
    r->text = malloc(3 * size + 1);
    if (!r->text)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    int rc = read_lines(&reader, text, text + size);
    if (rc == 0)
        keep_ours(&reader);
    else
        robots_free(r);
    return rc;
}

static bool match(const struct robots_rule *rule, const char *pattern, const char *path,
                  size_t size)
{
    const char *end = pattern + rule->size, *path_end = path + size;
    bool first = true;
    for (;;) {
        const char *star = memchr(pattern, '*', (size_t)(end - pattern));
        size_t piece = (size_t)((star ? star : end) - pattern);
        size_t left = (size_t)(path_end - path);
        if (piece > left)
            return false;
        const char *at = path;
        if (!star && rule->to_end)
            at = first && piece < left ? NULL : path_end - piece;
        if (at && (first || (!star && rule->to_end)))
            at = memcmp(at, pattern, piece) == 0 ? at : NULL;
        else if (at)
            at = memmem(path, left, pattern, piece);
        if (!at)
            return false;
        if (!star)
            return true;
        path = at + piece;
        pattern = star + 1;
        first = false;
    }
}

static bool judge(const struct robots *r, const char *path, size_t size)
{
    const struct robots_rule *best = NULL;
    for (size_t i = 0; i < r->count; i++) {
        const struct robots_rule *rule = &r->rules[i];
        size_t weight = rule->size + rule->to_end;
        size_t most = best ? best->size + best->to_end : 0;
        if (best && (weight < most || (weight == most && best->allow)))
            continue;
        if (match(rule, r->text + rule->at, path, size))
            best = rule;
    }
    return !best || best->allow;
}

/* The file itself may always be fetched.  A path too long to be looked at is refused. */
bool robots_allow(const struct robots *r, const char *path, size_t size)
{
    char room[PATH_ROOM], *spelled = room;
    if (r->count == 0 || (size == 11 && memcmp(path, "/robots.txt", 11) == 0))
        return true;
    if (3 * size > sizeof room && !(spelled = malloc(3 * size)))
        return false;
    bool allowed = judge(r, spelled, spell(spelled, path, size, true));
    if (spelled != room)
        free(spelled);
    return allowed;
}

void robots_agent(char name[ROBOTS_AGENT_MAX], const char *user_agent)
{
    size_t size = name_size((struct span){ user_agent, strlen(user_agent) });
    if (size >= ROBOTS_AGENT_MAX)
        size = ROBOTS_AGENT_MAX - 1;
    memcpy(name, user_agent, size);
    name[size] = '\0';
}

void robots_free(struct robots *r)
{
    free(r->rules);
    free(r->text);
    *r = (struct robots){ .delay = 0 };
}
