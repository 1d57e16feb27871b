/* cli/result.c -- see result.h.
 *
 * Errors are given by name, not number: names mean the same on every machine, and a
 * person can read them.  bide's own codes are named as in bide/error.h, the rest as errno
 * is. */
#include "cli/result.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *result_error_name(int code)
{
#define BIDE_NAME(name, number, text) \
    case -(number): \
        return &#name[sizeof "BIDE_" - 1];
    switch (code) {
        BIDE_ERRORS_(BIDE_NAME)
    default:
        break;
    }
#undef BIDE_NAME
#ifdef __GLIBC__
    return strerrorname_np(-code);
#else
    return NULL;
#endif
}

void result_fail(struct result *r)
{
    r->error.code = bide_errcode();
    const char *text = bide_errmsg();
    const char *url = strchr(text, ' ');
    if (url && strncmp(url + 1, r->url, r->url_size) == 0 &&
        strncmp(url + 1 + r->url_size, ": ", 2) == 0)
        text = url + 1 + r->url_size + 2;
    snprintf(r->error.text, sizeof r->error.text, "%s", text);
}

bool result_may_pass(const struct result *r)
{
    if (r->status >= 400 && r->status < 500)
        return r->status == 408 || r->status == 425 || r->status == 429;
    return r->error.code != BIDE_EURL && r->error.code != BIDE_ELIMIT;
}

char *result_write_error(char *at, const struct bide_error *error)
{
    char number[32];
    const char *name = result_error_name(error->code);
    if (!name) {
        snprintf(number, sizeof number, "E%d", -error->code);
        name = number;
    }
    at = ndjson_text(at, "{\"code\":");
    at = ndjson_string(at, name, strlen(name));
    at = ndjson_text(at, ",\"message\":");
    at = ndjson_string(at, error->text, strlen(error->text));
    *at++ = '}';
    return at;
}

static char *write_way(char *at, const struct result *r)
{
    at = ndjson_number(ndjson_text(at, ",\"redirects\":"), r->redirects);
    at = ndjson_text(at, ",\"final_url\":");
    return r->final_url ? ndjson_string(at, r->final_url, strnlen(r->final_url, FINAL_URL_MAX))
                        : ndjson_text(at, "null");
}

static char *write_phases(char *at, const struct bide_report *r)
{
    const struct { const char *name; double seconds; } phases[] = {
        { "{\"pool\":", r->pool }, { ",\"dns\":", r->dns }, { ",\"connect\":", r->connect },
        { ",\"proxy\":", r->proxy }, { ",\"tls\":", r->tls }, { ",\"send\":", r->send },
        { ",\"first_byte\":", r->first_byte }, { ",\"total\":", r->total },
    };
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++)
        at = ndjson_seconds(ndjson_text(at, phases[i].name), phases[i].seconds);
    at = ndjson_text(at, r->reused ? ",\"reused\":true" : ",\"reused\":false");
    at = ndjson_number(ndjson_text(at, ",\"sent\":"), r->sent);
    at = ndjson_text(at, ",\"remote\":");
    at = *r->remote ? ndjson_string(at, r->remote, strnlen(r->remote, sizeof r->remote))
                    : ndjson_text(at, "null");
    return ndjson_text(at, "}");
}

size_t result_room(const struct result *r)
{
    size_t file = r->file ? strlen(r->file) : 0;
    size_t final_url = r->final_url ? strnlen(r->final_url, FINAL_URL_MAX) : 0;
    return NDJSON_ROOM(r->url_size) + NDJSON_ROOM(strlen(r->error.text)) + NDJSON_ROOM(file) +
           NDJSON_ROOM(final_url) + 1280;
}

char *result_write(char *at, const struct result *r)
{
    at = ndjson_text(at, "{\"url\":");
    at = ndjson_string(at, r->url, r->url_size);
    at = ndjson_text(at, ",\"status\":");
    at = r->status > 0 ? ndjson_number(at, (uint64_t)r->status) : ndjson_text(at, "null");
    at = ndjson_text(at, ",\"bytes\":");
    at = ndjson_number(at, r->bytes);
    at = ndjson_text(at, ",\"seconds\":");
    at = ndjson_seconds(at, r->seconds);
    at = ndjson_text(at, ",\"attempts\":");
    at = ndjson_number(at, r->attempts);
    if (r->followed)
        at = write_way(at, r);
    if (r->report)
        at = write_phases(ndjson_text(at, ",\"phases\":"), r->report);
    if (r->file) {
        at = ndjson_text(at, ",\"file\":");
        at = ndjson_string(at, r->file, strlen(r->file));
    }
    at = ndjson_text(at, ",\"error\":");
    at = r->error.code < 0 ? result_write_error(at, &r->error) : ndjson_text(at, "null");
    return ndjson_text(at, "}\n");
}
