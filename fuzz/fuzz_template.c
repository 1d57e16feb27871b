/* Templates: any text is one or is refused with a sentence; what the data holds comes out escaped,
 * and a page never grows beyond its limit. */
#include "fuzz.h"

#include <bide/error.h>
#include <bide/pair.h>
#include <bide/template.h>

#include <string.h>

static const char data[] = "{\"a\":\"<&\",\"b\":[1,{\"a\":2},[3,\"<\"]],\"c\":{\"a\":{\"b\":true}},"
    "\"d\":null,\"e\":-1.5}";

/* Nothing in it says that a value goes in as it is. */
static int escapes_all(const char *text)
{
    return !strchr(text, '<') && !strchr(text, '&') && !strstr(text, "{{{") && !strchr(text, '=');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    bide_json *j = bide_json_parse(data, sizeof data - 1);
    bide_template *t = bide_template_new(text, .size_max = 10000, .partials = BIDE_PAIRS(
        { "p", "  {{a}}\n{{#b}}{{>p}}{{/b}}" }, { "q", "{{>p}}" }));
    if (!t)
        MUST(bide_errcode() < 0 && *bide_errmsg());
    size_t length;
    char *page = t ? bide_template_render(t, j, &length) : NULL;
    if (page)
        MUST(length <= 10000 && page[length] == '\0' &&
             (!escapes_all(text) || !strchr(page, '<')));
    bide_template_text_free(page);
    bide_template_free(t);
    bide_json_free(j);
    free(text);
    return 0;
}
