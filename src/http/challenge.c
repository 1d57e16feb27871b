/* The reading, with one look ahead where a comma leaves open what follows. */
#include "http/challenge.h"

/* Commas may be doubled, first and last. */
static void read_commas(struct reader *r)
{
    do
        bide__read_space(r);
    while (bide__read_char(r, ','));
}

static bool is_element_end(const struct reader *r)
{
    return r->at == r->end || *r->at == ',';
}

static bool is_token68(char c)
{
    return char_is(c, CHAR_HOST) || c == '~' || c == '+' || c == '/';
}

/* token68, if that is all up to the next comma; else the reader stays. */
static bool read_token68(struct reader *r, struct text *token)
{
    struct reader look = *r;
    const char *start = look.at;
    while (look.at < look.end && is_token68(*look.at))
        look.at++;
    if (look.at == start)
        return false;
    while (bide__read_char(&look, '='))
        ;
    *token = text_of(start, (size_t)(look.at - start));
    bide__read_space(&look);
    if (!is_element_end(&look)) {
        *token = text_of(NULL, 0);
        return false;
    }
    r->at = look.at;
    return true;
}

/* name=value.  1; 0: it is no parameter but maybe a challenge, and the reader stays; -1 */
static int read_auth_parameter(struct reader *r, struct parameter *p)
{
    struct reader look = *r;
    *p = (struct parameter){ .name = bide__read_token(&look) };
    bide__read_space(&look);
    if (p->name.size == 0 || !bide__read_char(&look, '='))
        return 0;
    bide__read_space(&look);
    if (look.at < look.end && *look.at == '"') {
        p->quoted = true;
        if (!bide__read_quoted(&look, &p->value))
            return -1;
    } else {
        p->value = bide__read_token(&look);
        if (p->value.size == 0)
            return -1;
    }
    bide__read_space(&look);
    r->at = look.at;
    return is_element_end(r) ? 1 : -1;
}

static bool same_name(struct text a, struct text b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (char_lower(a.at[i]) != char_lower(b.at[i]))
            return false;
    return true;
}

static bool take(struct challenge *c, const struct parameter *p)
{
    if (c->count == CHALLENGE_PARAMETERS_MAX)
        return false;
    for (unsigned i = 0; i < c->count; i++)
        if (same_name(c->parameters[i].name, p->name))
            return false;
    c->parameters[c->count++] = *p;
    return true;
}

static int read_parameters(struct reader *r, struct challenge *c)
{
    for (;;) {
        struct parameter p;
        int rc = read_auth_parameter(r, &p);
        if (rc <= 0)
            return rc < 0 || c->count == 0 ? -1 : 1;
        if (!take(c, &p))
            return -1;
        read_commas(r);
        if (r->at == r->end)
            return 1;
    }
}

int bide__challenge_next(struct reader *r, struct challenge *c)
{
    read_commas(r);
    *c = (struct challenge){ .count = 0 };
    if (r->at == r->end)
        return 0;
    c->scheme = bide__read_token(r);
    if (c->scheme.size == 0)
        return -1;
    bool space = r->at < r->end && *r->at == ' ';
    bide__read_space(r);
    if (is_element_end(r))
        return 1;
    if (!space)
        return -1;
    return read_token68(r, &c->token68) ? 1 : read_parameters(r, c);
}

int bide__challenge_parameters(struct reader *r, struct challenge *c)
{
    *c = (struct challenge){ .count = 0 };
    read_commas(r);
    int rc = read_parameters(r, c);
    return rc > 0 && r->at < r->end ? -1 : rc;
}

const struct parameter *bide__challenge_find(const struct challenge *c, const char *name)
{
    for (unsigned i = 0; i < c->count; i++)
        if (bide__text_is_caseless(c->parameters[i].name, name))
            return &c->parameters[i];
    return NULL;
}
