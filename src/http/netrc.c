/* Words between white space: "machine NAME", "default", then "login", "password", "account" and
 * their words; "macdef NAME" and lines up to an empty one are passed over, and so are comments
 * from a word that begins with # to the line's end, where a keyword could stand.  Words may be in
 * double quotes; a backslash takes the next character as it is. */
#include "http/netrc.h"

#include "bide/error.h"

#include <string.h>

struct scan {
    const char *at, *end;
    size_t line;
    char word[NETRC_TOKEN_MAX + 1];
    bool comments;              /* a word may begin a comment here */
    bool inside;                /* a machine has been named */
    const char *why;            /* not NULL: it went wrong */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_line(struct scan *s)
{
    while (s->at < s->end && *s->at != '\n')
        s->at++;
}

static void skip_space(struct scan *s)
{
    for (; s->at < s->end; s->at++) {
        if (s->comments && *s->at == '#')
            skip_line(s);
        if (s->at == s->end || !is_space(*s->at))
            return;
        s->line += *s->at == '\n';
    }
}

static bool put(struct scan *s, size_t *size)
{
    if (*s->at == '\0')
        s->why = "there is a NUL in it";
    else if (*size == NETRC_TOKEN_MAX)
        s->why = "a word is longer than 1023 bytes";
    else
        s->word[(*size)++] = *s->at++;
    return !s->why;
}

/* The next word, into s->word.  False: there is none, or something is wrong. */
static bool next(struct scan *s)
{
    size_t size = 0;
    skip_space(s);
    if (s->at == s->end)
        return false;
    bool quoted = *s->at == '"';
    s->at += quoted;
    while (s->at < s->end && !(quoted ? *s->at == '"' : is_space(*s->at))) {
        if (*s->at == '\\' && s->end - s->at > 1)
            s->at++;
        if (*s->at == '\n') {
            s->why = "a quoted word does not end in its line";
            return false;
        }
        if (!put(s, &size))
            return false;
    }
    if (quoted && s->at == s->end) {
        s->why = "a quoted word does not end";
        return false;
    }
    s->at += quoted;
    s->word[size] = '\0';
    return true;
}

/* A macro ends with an empty line. */
static void skip_macro(struct scan *s)
{
    while (s->at < s->end) {
        skip_line(s);
        if (s->at == s->end)
            return;
        s->at++;
        s->line++;
        if (s->at < s->end && (*s->at == '\n' || *s->at == '\r'))
            return;
    }
}

static bool is_caseless(const char *a, const char *b)
{
    return bide__text_is_caseless(text_of(a, strlen(a)), b);
}

/* A word that belongs to the keyword before it; it may begin with #. */
static bool argument(struct scan *s)
{
    s->comments = false;
    bool there = next(s);
    s->comments = true;
    if (!there && !s->why)
        s->why = "it ends after a keyword";
    return there;
}

/* What stands under one machine, or passes over it (into NULL).  Ends before the next one, with
 * its keyword in s->word: true; false: at the end. */
static bool read_entry(struct scan *s, struct netrc_login *into)
{
    while (next(s)) {
        char *to = NULL;
        if (strcmp(s->word, "machine") == 0 || strcmp(s->word, "default") == 0)
            return true;
        if (strcmp(s->word, "macdef") == 0) {
            if (!argument(s))
                return false;
            skip_macro(s);
            continue;
        }
        if (!s->inside)
            s->why = "before the first machine there may only be macros";
        else if (strcmp(s->word, "login") == 0 || strcmp(s->word, "user") == 0)
            to = into ? into->login : NULL;
        else if (strcmp(s->word, "password") == 0)
            to = into ? into->password : NULL;
        else if (strcmp(s->word, "account") != 0)
            s->why = "there is a word that is no keyword";
        if (s->why || !argument(s))
            return false;
        if (to)
            strcpy(to, s->word);
    }
    return false;
}

static bool suits(const struct netrc_login *entry, const char *login)
{
    return !login || entry->login[0] == '\0' || strcmp(entry->login, login) == 0;
}

/* One entry, whose keyword is in s->word.  *found: it is the host's. */
static bool read_machine(struct scan *s, const char *host, const char *login,
                         struct netrc_login *entry, bool *found)
{
    bool ours = strcmp(s->word, "default") == 0;
    s->inside = true;
    *found = false;
    if (!ours) {
        if (!argument(s))
            return false;
        ours = is_caseless(s->word, host);
    }
    entry->login[0] = entry->password[0] = '\0';
    bool more = read_entry(s, ours ? entry : NULL);
    *found = ours && !s->why && suits(entry, login);
    return more;
}

int bide__netrc_find(struct text text, const char *host, const char *login,
                     struct netrc_login *found, size_t *line, const char **why)
{
    struct scan s = { .at = text.at, .end = text.at + text.size, .line = 1, .comments = true };
    bool ours = false;
    bool more = read_entry(&s, NULL);       /* macros may stand before all machines */
    while (more && !ours)
        more = read_machine(&s, host, login, found, &ours);
    if (ours && login && found->login[0] == '\0' && strlen(login) <= NETRC_TOKEN_MAX)
        strcpy(found->login, login);
    *line = s.line;
    *why = s.why;
    return s.why ? BIDE_EINVAL : ours;
}
