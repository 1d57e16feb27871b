/* A directory for programs: {"items": [{"name": ..., "type": ..., ...}]}. */
#include "web/listing.h"

#include "http/date.h"
#include "http/heap_writer.h"
#include "http/percent.h"
#include "json/scan.h"

#include "base/memory.h"

#include <bide/json.h>

#include <string.h>

static bool is_utf8(const char *name)
{
    size_t size = strlen(name);
    for (size_t at = 0, one; at < size; at += one) {
        one = (uint8_t)name[at] < 0x80 ? 1 : utf8_size(name + at, size - at);
        if (one == 0)
            return false;
    }
    return true;
}

static void set_href(bide_json *item, const struct listed *one)
{
    struct writer w = bide__heap_writer();
    bide__percent_write(&w, text_from(one->name));
    if (one->directory)
        writer_literal(&w, "/");
    struct text href = bide__heap_writer_end(&w, "a listing");
    if (href.at)
        bide_json_set(item, "href", bide_value_sized(href.at, href.size));
    else
        bide_json_set_copy(item, "href", NULL);
    bide__free((char *)(uintptr_t)href.at);
}

/* A name in another encoding than UTF-8 has no text; its href has all of its bytes. */
static void set_item(bide_json *item, const struct listed *one)
{
    char modified[DATE_SIZE];
    if (is_utf8(one->name))
        bide_json_set(item, "name", bide_value(one->name));
    set_href(item, one);
    bide_json_set(item, "type", bide_value(one->directory ? "directory" : "file"));
    if (!one->directory)
        bide_json_set(item, "size", bide_value(one->size));
    bide__date_write(modified, one->modified > 0 ? one->modified : 0);
    bide_json_set(item, "modified", bide_value_sized(modified, sizeof modified));
}

void bide__listing_write_json(struct writer *w, const struct listing *l)
{
    bide_auto(json) j = bide_json_new();
    bide_json *items = bide_json_array(j, "items");
    for (size_t i = 0; i < l->count; i++)
        set_item(bide_json_object(items, NULL), &l->items[i]);
    if (l->cut)
        bide_json_set(j, "cut", bide_value(true));
    size_t size;
    char *text = bide_json_write(j, &size);
    if (text)
        writer_put(w, text, size);
    else
        bide__writer_fail(w, bide_errcode(), "out of memory for a listing");
    bide_json_text_free(text);
}
