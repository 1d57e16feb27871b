/* What a part's headers say: its name, a file's name and type (RFC 7578, 4.2).
 *
 * Browsers put names into quotes without escaping backslashes, for they are none of HTTP's quoted
 * strings; only \" and \\, which other clients send, are read as what they stand for. */
#include "base/memory.h"
#include "http/disposition.h"
#include "web/upload.h"

static struct text find(const struct bide_upload *up, const char *name)
{
    for (const struct bide_pair *pair = up->reader.headers; pair->name; pair++)
        if (bide__text_is_caseless(text_from(pair->name), name))
            return text_from(pair->value);
    return text_of(NULL, 0);
}

/* Writes a parameter's value and a NUL to out: what comes behind it. */
static char *put_value(const struct parameter *p, char *out)
{
    struct text v = p->value;
    for (size_t i = 0; i < v.size; i++) {
        if (p->quoted && v.at[i] == '\\' && i + 1 < v.size && strchr("\"\\", v.at[i + 1]))
            i++;
        *out++ = v.at[i];
    }
    *out++ = '\0';
    return out;
}

/* Likewise the file's name, as it may be used: NULL: there is none. */
static char *put_filename(struct text disposition, char *out)
{
    struct parameter p;
    ssize_t size;
    if (bide__parameter_find(disposition, "filename", &p))
        size = bide__filename_sanitize(out, (size_t)(put_value(&p, out) - out) - 1);
    else if (bide__parameter_find(disposition, "filename*", &p))
        size = bide__disposition_filename(disposition, out);
    else
        return NULL;
    if (size < 0)
        *out = '\0';
    return out;
}

static const char *put_type(struct text type, bool is_file, char *out)
{
    size_t size = 0;
    while (size < type.size && !strchr("; \t", type.at[size])) {
        out[size] = char_lower(type.at[size]);
        size++;
    }
    out[size] = '\0';
    if (size > 0)
        return out;
    return is_file ? "application/octet-stream" : "text/plain";
}

/* Codings from the time of mail: nobody sends them any more, and RFC 7578 (4.7) says so. */
static int check_coding(struct bide_upload *up)
{
    static const char *const plain[] = { "7bit", "8bit", "binary" };
    struct text coding = find(up, "Content-Transfer-Encoding");
    bool known = !coding.at;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        known |= bide__text_is_caseless(coding, plain[i]);
    if (known)
        return 0;
    bide_fail(BIDE_EINVAL, "a part of the body has the Content-Transfer-Encoding %.*s",
              (int)coding.size, coding.at);
    return bide__request_refuse(up->req, 415);
}

int bide__upload_describe(struct bide_upload *up, struct bide_upload_part *part)
{
    struct parameter p;
    struct text disposition = find(up, "Content-Disposition"), type = find(up, "Content-Type");
    int rc = check_coding(up);
    if (rc < 0)
        return rc;
    size_t room = 2 * disposition.size + DISPOSITION_NAME_SIZE + type.size + 3;
    bide__free(up->texts);
    up->texts = bide__zalloc(room);
    if (!up->texts)
        return bide_fail(BIDE_ENOMEM, "out of memory for a part of the body");
    char *name = up->texts, *next = name + 1;
    if (disposition.at && bide__parameter_find(disposition, "name", &p))
        next = put_value(&p, name);
    part->name = name;
    part->filename = disposition.at ? put_filename(disposition, next) : NULL;
    part->type = put_type(type, part->filename, up->texts + room - type.size - 1);
    part->headers = up->reader.headers;
    return 0;
}
