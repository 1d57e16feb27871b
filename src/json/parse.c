/* Parsing: the text is copied, read in place, and what is wrong is told with its place. */
#include "json/parse.h"

#include "base/memory.h"
#include "json/built.h"
#include "json/scan.h"

/* Lines and columns count from 1; a column is a character, not a byte. */
static int tell(const char *text, const struct parse_error *error)
{
    size_t line = 1, column = 1;
    if (error->code == BIDE_ENOMEM)
        return bide_fail(BIDE_ENOMEM, "json: out of memory");
    for (size_t i = 0; i < error->offset; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else {
            column += ((uint8_t)text[i] & 0xc0) != 0x80;
        }
    }
    return bide_fail(error->code, "line %zu, column %zu: %s", line, column, error->why);
}

bide_json *bide_json_parse_opts(const char *text, size_t size, const struct bide_json_opts *opts)
{
    size_t size_max = opts->size_max ? opts->size_max : BIDE_JSON_SIZE_MAX;
    size_t depth_max = opts->depth_max ? opts->depth_max : BIDE_JSON_DEPTH_MAX;
    if (!text)
        return NULL;                            /* the error is held */
    if (size > size_max) {
        bide_fail(BIDE_ELIMIT, "json: %zu bytes are more than size_max %zu", size, size_max);
        return NULL;
    }
    char *copy = size < SIZE_MAX - SCAN_SIZE ? bide__alloc(size + SCAN_SIZE) : NULL;
    struct parse_error error = { BIDE_ENOMEM, NULL, 0 };
    if (copy) {
        memcpy(copy, text, size);
        memset(copy + size, 0, SCAN_SIZE);
        struct document *document = bide__json_read(copy, size, depth_max, &error);
        if (document)
            return (bide_json *)(void *)(document + 1);
        bide__free(copy);
    }
    tell(text, &error);
    return NULL;
}

void bide_json_free(bide_json *root)
{
    if (!root)
        return;
    struct document *document = node_document(root);
    for (struct chunk *chunk = document->chunks, *next; chunk && chunk->next; chunk = next) {
        next = chunk->next;
        bide__free(chunk);      /* the last of them is a part of the document */
    }
    bide__free(document->text);
    bide__free(document);
}
