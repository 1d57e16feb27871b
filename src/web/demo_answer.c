/* How the demo's services answer: with documents, whatever bytes were asked with, and with
 * letters. */
#include "web/demo.h"
#include "web/exchange.h"

#include "base/memory.h"
#include "http/charset.h"

#include <string.h>
#include <strings.h>

int bide__demo_json(bide_request *req, int status, bide_json *answer)
{
    size_t size;
    char *text = bide_json_write(answer, &size);
    bide_json_free(answer);
    if (!text)
        return bide_errcode();
    text[size] = '\n';                  /* where the NUL was */
    int rc = bide_respond(req, status, "application/json", text, size + 1);
    bide_json_text_free(text);
    return rc;
}

int bide__demo_bad(bide_request *req, const char *what)
{
    return bide_respond_text(req, 400, "%s is not a number that can be served here\n", what);
}

void bide__demo_spoil(bide_json *j)
{
    bide_fail(BIDE_ENOMEM, "out of memory for an answer");
    bide_json_set_copy(j, "", NULL);
}

void bide__demo_set(bide_json *j, const char *name, const char *value)
{
    struct text text, none = { NULL, 0 };
    char *memory = NULL;
    if (!value || bide__charset_decode(text_of(value, strlen(value)), none, NULL, SIZE_MAX,
                                       &text, &memory) < 0)
        bide__demo_spoil(j);
    else
        bide_json_set(j, name, bide_value_sized(text.at, text.size));
    bide__free(memory);
}

static bool same_name(const struct bide_pair *a, const struct bide_pair *b)
{
    return strcasecmp(a->name, b->name) == 0;
}

/* One that comes first, together with those of its name that follow. */
static void set_pair(bide_json *j, const struct bide_pair *pair)
{
    const struct bide_pair *next = pair + 1;
    while (next->name && !same_name(next, pair))
        next++;
    if (!next->name) {
        bide__demo_set(j, pair->name, pair->value);
        return;
    }
    bide_json *several = bide_json_array(j, pair->name);
    for (next = pair; next->name; next++)
        if (same_name(next, pair))
            bide__demo_set(several, NULL, next->value);
}

void bide__demo_set_pairs(bide_json *j, const char *name, const struct bide_pair *pairs)
{
    bide_json *object = bide_json_object(j, name);
    if (!pairs)
        bide__demo_spoil(object);
    for (const struct bide_pair *pair = pairs; pair && pair->name; pair++) {
        const struct bide_pair *before = pairs;
        while (before < pair && !same_name(before, pair))
            before++;
        if (before == pair)
            set_pair(object, pair);
    }
}

bide_json *bide__demo_told(bide_request *req)
{
    bide_json *j = bide_json_new();
    const char *host = bide_request_header(req, "Host");
    const char *url = bide__demo_print(req, "http://%s%s", host ? host : "", req->target);
    bide_json_set(j, "method", bide_value(bide_request_method(req)));
    bide__demo_set(j, "path", bide_request_path(req));
    bide__demo_set(j, "url", url);
    bide__demo_set_pairs(j, "query", bide__demo_pairs(req));
    bide__demo_set_pairs(j, "headers", bide_request_headers(req));
    return j;
}

int bide__demo_letters(bide_request *req, long from, long count)
{
    const struct demo *demo = bide_request_state(req);
    int rc = count == 0 ? bide_respond_write(req, "", 0) : 0;
    for (long n; rc == 0 && count > 0; from += n, count -= n) {
        long place = from % DEMO_LETTERS;
        n = count < DEMO_LETTERS - place ? count : DEMO_LETTERS - place;
        rc = bide_respond_write(req, demo->letters + place, (size_t)n);
    }
    return rc;
}

int bide__demo_cut(bide_request *req)
{
    req->responded = DONE;
    bide__exchange_cut(req);
    return 0;
}
