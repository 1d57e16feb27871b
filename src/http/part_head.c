/* The headers of one part of a multipart body.
 *
 * In a form (RFC 7578, and the HTML standard's algorithm, which is what servers are tested with)
 * names go out in UTF-8 as they are, but for the three bytes that would end them.  Elsewhere a
 * file's name that is not plain ASCII goes out twice: roughly, and as filename* (RFC 6266). */
#include "http/multipart.h"

#include "http/heap_writer.h"
#include "http/media_type.h"

#include <bide/http.h>

#include <string.h>

static const struct bide_pair *find(const struct bide_pair *pairs, const char *name)
{
    for (; pairs && pairs->name; pairs++)
        if (bide__text_is_caseless(text_from(pairs->name), name))
            return pairs;
    return NULL;
}

/* ---- names in quotes ---- */

/* A form's: a line's end within a field's name is CRLF, as in any text of a form. */
static void write_form_name(struct writer *w, const char *name, bool is_field)
{
    for (const char *at = name; *at; at++) {
        bool pair = at[0] == '\r' && at[1] == '\n';
        if (*at == '"')
            writer_literal(w, "%22");
        else if (is_field && (*at == '\n' || *at == '\r'))
            writer_literal(w, "%0D%0A");
        else if (*at == '\r')
            writer_literal(w, "%0D");
        else if (*at == '\n')
            writer_literal(w, "%0A");
        else
            writer_put(w, at, 1);
        if (is_field && pair)
            at++;
    }
}

/* As a quoted string (RFC 9110, 5.6.4); what is no ASCII, or no character, is '_'. */
static void write_quoted(struct writer *w, const char *text)
{
    for (; *text; text++) {
        char c = *text;
        if (c == '"' || c == '\\')
            writer_literal(w, "\\");
        if (c < ' ' || c == 0x7f)
            c = '_';
        writer_put(w, &c, 1);
    }
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

/* RFC 8187: UTF-8''... */
static void write_extended(struct writer *w, const char *text)
{
    writer_literal(w, "; filename*=UTF-8''");
    for (; *text; text++) {
        if (char_is(*text, CHAR_TOKEN) && !strchr("*'%", *text)) {
            writer_put(w, text, 1);
            continue;
        }
        const char *digits = "0123456789ABCDEF";
        char code[3] = { '%', digits[(uint8_t)*text >> 4], digits[(uint8_t)*text & 15] };
        writer_put(w, code, 3);
    }
}

/* ---- headers ---- */

static void write_form_disposition(struct writer *w, const char *name, const char *filename)
{
    writer_literal(w, "Content-Disposition: form-data; name=\"");
    write_form_name(w, name, true);
    writer_literal(w, "\"");
    if (filename) {
        writer_literal(w, "; filename=\"");
        write_form_name(w, filename, false);
        writer_literal(w, "\"");
    }
    writer_literal(w, "\r\n");
}

static void write_attachment(struct writer *w, const char *name, const char *filename)
{
    writer_literal(w, "Content-Disposition: attachment");
    if (name) {
        writer_literal(w, "; name=\"");
        write_quoted(w, name);
        writer_literal(w, "\"");
    }
    if (filename) {
        writer_literal(w, "; filename=\"");
        write_quoted(w, filename);
        writer_literal(w, "\"");
        if (!is_plain(filename))
            write_extended(w, filename);
    }
    writer_literal(w, "\r\n");
}

static const char *filename_of(const struct bide_part_opts *o)
{
    if (o->filename)
        return *o->filename ? o->filename : NULL;
    const char *slash = o->file ? strrchr(o->file, '/') : NULL;
    return slash ? slash + 1 : o->file;
}

static const char *type_of(const struct bide_part_opts *o, const char *filename)
{
    if (o->type || o->text)
        return o->type;
    if (o->multipart)
        return o->multipart->type;
    return bide__media_type(filename ? filename : "");
}

/* A value of NULL only leaves ours out. */
static void write_own(struct writer *w, const struct bide_pair *headers)
{
    for (; headers && headers->name; headers++)
        if (headers->value)
            bide__write_field(w, text_from(headers->name), text_from(headers->value));
}

struct text bide__part_head(const bide_multipart *m, const char *name,
                            const struct bide_part_opts *o)
{
    struct writer w = bide__heap_writer();
    const char *filename = filename_of(o), *type = type_of(o, filename);
    if (!find(o->headers, "Content-Disposition")) {
        if (m->is_form)
            write_form_disposition(&w, name, filename);
        else if (name || filename)
            write_attachment(&w, name, filename);
    }
    if (type && !find(o->headers, "Content-Type"))
        bide__write_field(&w, text_from("Content-Type"), text_from(type));
    write_own(&w, o->headers);
    bide__write_end(&w);
    return bide__heap_writer_end(&w, "a multipart body");
}
