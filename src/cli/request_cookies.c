/* cli/request_cookies.c -- cookies of the command line, and the jar.
 *
 * As with curl, cookies that servers set are forgotten at once unless some are sent or kept; but
 * who follows redirects gets them, for many sites lead in circles without. */
#include "cli/request.h"
#include <stdlib.h>
#include <string.h>

/* Seconds that keeping the jar gets after Ctrl-C. */
#define LAST_SECONDS 5.0

static size_t count_cookies(const struct text_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        for (const char *at = list->items[i]; at; at = strchr(at + 1, ';'))
            count++;
    return count;
}

/* "a=1; b=2": as a Cookie header has them. */
static int add_cookies(struct request *r, const char *text, size_t *count)
{
    while (*text) {
        text += strspn(text, "; \t");
        size_t size = strcspn(text, ";"), used = size;
        while (used > 0 && strchr(" \t", text[used - 1]))
            used--;
        char *one = strndup(text, used);
        bool fits = one && (used == 0 || request_split(&r->cookies[*count], one, '='));
        free(one);
        if (!fits)
            return request_refuse(r, "out of memory", NULL);
        if (used > 0 && !r->cookies[(*count)++].value)
            return request_refuse(r, "--cookie: expected 'NAME=VALUE' or a file", NULL);
        text += size;
    }
    return 0;
}

int request_prepare_cookies(struct request *r)
{
    const struct request_options *o = r->options;
    size_t count = 0;
    if (o->cookies.count == 0 && !o->cookie_jar && !o->location)
        return 0;
    r->jar = bide_cookies_new();
    r->cookies = calloc(count_cookies(&o->cookies) + 1, sizeof *r->cookies);
    if (!r->jar || !r->cookies)
        return request_refuse(r, "out of memory", NULL);
    for (size_t i = 0; i < o->cookies.count; i++) {
        int rc = strchr(o->cookies.items[i], '=') ? add_cookies(r, o->cookies.items[i], &count) : 0;
        if (rc < 0)
            return rc;
    }
    r->fetch.cookies = count > 0 ? r->cookies : NULL;
    return 0;
}

static int load(const struct request *r, const char *file, bool may_be_missing)
{
    int rc = bide_cookies_load(r->jar, file);
    return rc >= 0 || (may_be_missing && rc == -ENOENT) ? 0 : rc;
}

int request_load_cookies(const struct request *r)
{
    const struct request_options *o = r->options;
    for (size_t i = 0; i < o->cookies.count; i++) {
        const char *file = o->cookies.items[i];
        bool is_jar = o->cookie_jar && strcmp(o->cookie_jar, file) == 0;
        int rc = *file && !is_jar && !strchr(file, '=') ? load(r, file, false) : 0;
        if (rc < 0)
            return rc;
    }
    return o->cookie_jar ? load(r, o->cookie_jar, true) : 0;
}

int request_keep_cookies(const struct request *r)
{
    if (!r->options->cookie_jar)
        return 0;
    BIDE_SHIELD(shield, LAST_SECONDS);
    int rc = bide_cookies_save(r->jar, r->options->cookie_jar);
    if (rc >= 0)
        return 0;
    bide_within("cookies");
    return rc;
}
