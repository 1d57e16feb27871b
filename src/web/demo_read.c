/* What the demo's services read of a request: numbers within limits, times, the whole query. */
#include "web/demo.h"

#include "http/query.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool bide__demo_number(const char *text, long least, long most, long *number)
{
    char *end;
    if (!text || text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *number = strtol(text, &end, 10);
    return errno == 0 && *end == '\0' && *number >= least && *number <= most;
}

bool bide__demo_query(const bide_request *req, const char *name, long least, long most,
                      long *number)
{
    const char *text = bide_request_query(req, name);
    return !text || bide__demo_number(text, least, most, number);
}

bool bide__demo_seconds(const char *text, double *seconds)
{
    char *end;
    if (!text)
        return true;
    *seconds = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*seconds) && *seconds >= 0 &&
           *seconds <= DEMO_DELAY_MAX;
}

const struct bide_pair *bide__demo_pairs(bide_request *req)
{
    const char *query = strchr(req->target, '?');
    query = query ? query + 1 : "";
    return bide__query_read(&req->scratch, text_of(query, strlen(query)));
}

bool bide__demo_is_type(const bide_request *req, const char *type)
{
    const char *given = bide_request_header(req, "Content-Type");
    return given && bide__text_is_caseless(text_of(given, strcspn(given, "; \t")), type);
}

const char *bide__demo_print(bide_request *req, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int size = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = size < 0 ? NULL : bide__scratch_take(&req->scratch, (size_t)size + 1);
    if (!text) {
        bide_fail(BIDE_ENOMEM, "out of memory for an answer");
        return NULL;
    }
    va_start(args, fmt);
    vsnprintf(text, (size_t)size + 1, fmt, args);
    va_end(args);
    return text;
}
