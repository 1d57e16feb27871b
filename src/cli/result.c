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
    if (r->file) {
        at = ndjson_text(at, ",\"file\":");
        at = ndjson_string(at, r->file, strlen(r->file));
    }
    at = ndjson_text(at, ",\"error\":");
    at = r->error.code < 0 ? result_write_error(at, &r->error) : ndjson_text(at, "null");
    return ndjson_text(at, "}\n");
}
