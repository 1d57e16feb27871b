/* Nothing of a value is looked at before its signature was. */
#include "web/session_value.h"

#include "http/base64.h"
#include "web/secret.h"

#include <bide/error.h>
#include <stdio.h>

enum { LABEL_MAX = 300, CODE_SIZE = (SIGNATURE_SIZE * 4 + 2) / 3 };

static void write_label(char out[LABEL_MAX], const char *name)
{
    snprintf(out, LABEL_MAX, "bide session %s", name);
}

int bide__session_value_write(struct writer *w, const char *key, const char *name,
                              struct text document, int64_t expires)
{
    char label[LABEL_MAX], signature[SIGNATURE_SIZE];
    size_t start = w->size;
    write_label(label, name);
    bide__base64url_write(w, document);
    writer_literal(w, ".");
    bide__writer_number(w, (uint64_t)expires);
    if (w->code < 0)
        return bide_fail(w->code, "session: %s", w->why);
    int rc = bide__sign(key, label, text_of(w->at + start, w->size - start), signature);
    if (rc < 0)
        return rc;
    writer_literal(w, ".");
    bide__base64url_write(w, text_of(signature, sizeof signature));
    writer_put(w, "", 1);
    return w->code < 0 ? bide_fail(w->code, "session: %s", w->why) : 0;
}

/* The index of the key that has signed; -1: none of them. */
static int signer(const char *const *keys, const char *name, struct text signed_text,
                  struct text code)
{
    char label[LABEL_MAX], given[CODE_SIZE + 1], wanted[SIGNATURE_SIZE];
    if (code.size != CODE_SIZE || bide__base64_read(given, code, true) != SIGNATURE_SIZE)
        return -1;
    write_label(label, name);
    for (int i = 0; keys[i]; i++)
        if (bide__sign(keys[i], label, signed_text, wanted) == 0 &&
            bide__secret_same(text_of(given, SIGNATURE_SIZE), text_of(wanted, SIGNATURE_SIZE)))
            return i;
    return -1;
}

bool bide__session_value_read(struct session_value *value, const char *const *keys,
                              const char *name, struct text text, char *out)
{
    uint64_t expires;
    const char *end = text.at + text.size;
    const char *last = memrchr(text.at, '.', text.size), *dot = NULL;
    if (last)
        dot = memrchr(text.at, '.', (size_t)(last - text.at));
    if (!dot)
        return false;
    int key = signer(keys, name, text_of(text.at, (size_t)(last - text.at)),
                     text_of(last + 1, (size_t)(end - last) - 1));
    ssize_t size = key < 0 ? -1
                   : bide__base64_read(out, text_of(text.at, (size_t)(dot - text.at)), true);
    if (size < 0 || !bide__text_number(text_of(dot + 1, (size_t)(last - dot) - 1), &expires) ||
        expires > INT64_MAX)
        return false;
    *value = (struct session_value){ text_of(out, (size_t)size), (int64_t)expires, (size_t)key };
    return true;
}
