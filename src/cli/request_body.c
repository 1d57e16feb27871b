/* cli/request_body.c -- what is sent: data, JSON, forms, files.
 *
 * Data are read whole, for they go to every URL; files of -F and -T are read while they are
 * sent. */
#include "cli/request.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DATA_MAX ((size_t)64 << 20)
#define STDIN_PATH "/dev/stdin"

/* ---- bytes ---- */

static int no_memory(const struct request *r)
{
    return request_refuse(r, "out of memory", NULL);
}

static bool make_room(struct request_bytes *b, size_t size)
{
    if (b->room - b->size > size)
        return true;
    size_t room = 2 * (b->size + size) + 64;
    char *more = realloc(b->data, room);
    if (!more)
        return false;
    b->data = more;
    b->room = room;
    return true;
}

/* There is always a NUL behind them. */
static bool append(struct request_bytes *b, const char *text, size_t size)
{
    if (!make_room(b, size))
        return false;
    memcpy(b->data + b->size, text, size);
    b->size += size;
    b->data[b->size] = '\0';
    return true;
}

static bool append_encoded(struct request_bytes *b, const char *text, size_t size)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~";
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        char code[3] = { '%', digits[c >> 4], digits[c & 15] };
        bool is_plain = c && strchr(plain, c);
        if (!append(b, is_plain ? &text[i] : code, is_plain ? 1 : 3))
            return false;
    }
    return true;
}

static int read_all(const struct request *r, struct request_bytes *into, const char *option,
                    int fd, const char *file)
{
    char what[64];
    for (;;) {
        if (!make_room(into, 65536))
            return no_memory(r);
        ssize_t n = read(fd, into->data + into->size, into->room - into->size - 1);
        if (n < 0 && errno != EINTR)
            return request_refuse_file(r, option, file);
        into->size += n > 0 ? (size_t)n : 0;
        into->data[into->size] = '\0';
        if (n == 0)
            return 0;
        snprintf(what, sizeof what, "--%s: more than 64 MiB", option);
        if (into->size > DATA_MAX)
            return request_refuse(r, what, file);
    }
}

int request_read_file(const struct request *r, struct request_bytes *into, const char *option,
                      const char *file)
{
    if (strcmp(file, "-") == 0)
        return read_all(r, into, option, STDIN_FILENO, "standard input");
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return request_refuse_file(r, option, file);
    int rc = read_all(r, into, option, fd, file);
    close(fd);
    return rc;
}

/* ---- data ---- */

/* "CONTENT", "=CONTENT", "NAME=CONTENT", "@FILE", "NAME@FILE", as curl has it. */
static int add_encoded(struct request *r, const char *option, const char *text)
{
    struct request_bytes file = { NULL, 0, 0 };
    size_t name = strcspn(text, "=@");
    const char *content = text[name] ? text + name + 1 : text;
    size_t size = strlen(content);
    bool fits = true;
    int rc = 0;
    if (text[name] == '@') {
        rc = request_read_file(r, &file, option, content);
        content = file.data;
        size = file.size;
    }
    if (rc == 0 && text[name] && name > 0)
        fits = append(&r->body, text, name) && append(&r->body, "=", 1);
    if (rc == 0 && fits)
        fits = append_encoded(&r->body, content, size);
    free(file.data);
    return rc == 0 && !fits ? no_memory(r) : rc;
}

static int add_data(struct request *r, const char *option, const char *text)
{
    if (strcmp(option, "data-urlencode") == 0)
        return add_encoded(r, option, text);
    if (text[0] == '@' && strcmp(option, "data-raw") != 0)
        return request_read_file(r, &r->body, option, text + 1);
    return append(&r->body, text, strlen(text)) ? 0 : no_memory(r);
}

static int make_data(struct request *r)
{
    const struct text_list *list = &r->options->data;
    bool json = false;
    if (!append(&r->body, "", 0))
        return no_memory(r);
    for (size_t i = 0; i < list->count; i++) {
        const char *option = list->by[i]->name;
        bool is_json = strcmp(option, "json") == 0;
        if (i > 0 && is_json != json)
            return request_refuse(r, "--json and --data do not go together", NULL);
        json = is_json;
        if (i > 0 && !json && !append(&r->body, "&", 1))
            return no_memory(r);
        int rc = add_data(r, option, list->items[i]);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- forms ---- */

/* Both are looked for before either ends at the other. */
static void cut_parameters(char *value, const char **type, const char **filename)
{
    char *named = strstr(value, ";filename="), *typed = strstr(value, ";type=");
    *filename = named ? named + strlen(";filename=") : NULL;
    *type = typed ? typed + strlen(";type=") : NULL;
    if (named)
        *named = '\0';
    if (typed)
        *typed = '\0';
}

/* "NAME=@FILE": the file as a file; "NAME=<FILE": its text as a text. */
static int add_file(struct request *r, const char *name, const char *value, const char *type,
                    const char *filename)
{
    const char *path = value + 1;
    bool is_stdin = strcmp(path, "-") == 0;
    if (*value == '<') {
        struct request_bytes text = { NULL, 0, 0 };
        int rc = request_read_file(r, &text, "form", path);
        if (rc == 0)
            rc = bide_multipart_add(r->form, name, .text = text.data, .type = type,
                                    .filename = filename);
        free(text.data);
        return rc;
    }
    if (!is_stdin && access(path, R_OK) < 0)
        return request_refuse_file(r, "form", path);
    r->once = r->once || is_stdin;
    return bide_multipart_add(r->form, name, .file = is_stdin ? STDIN_PATH : path, .type = type,
                              .filename = filename ? filename : is_stdin ? "-" : NULL);
}

static int add_part(struct request *r, const struct bide_pair *pair, bool plain)
{
    const char *type = NULL, *filename = NULL;
    if (!pair->value || !*pair->name)
        return request_refuse(r, "--form: expected 'NAME=VALUE'", pair->name);
    if (!plain)
        cut_parameters((char *)(uintptr_t)pair->value, &type, &filename);
    int rc = !plain && (*pair->value == '@' || *pair->value == '<')
                 ? add_file(r, pair->name, pair->value, type, filename)
                 : bide_multipart_add(r->form, pair->name, .text = pair->value, .type = type,
                                      .filename = filename);
    return rc == 0 || rc == OPTIONS_WRONG ? rc : request_refuse(r, bide_errmsg(), NULL);
}

static int make_form(struct request *r)
{
    const struct text_list *list = &r->options->form;
    r->form = bide_multipart_new(NULL);
    if (!r->form)
        return no_memory(r);
    int rc = 0;
    for (size_t i = 0; i < list->count && rc == 0; i++) {
        struct bide_pair pair;
        if (!request_split(&pair, list->items[i], '='))
            return no_memory(r);
        rc = add_part(r, &pair, strcmp(list->by[i]->name, "form-string") == 0);
        free((void *)(uintptr_t)pair.name);
    }
    return rc;
}

/* ---- the body ---- */

static int use_upload(struct request *r)
{
    const char *file = r->options->upload;
    bool is_stdin = strcmp(file, "-") == 0;
    if (!is_stdin && access(file, R_OK) < 0)
        return request_refuse_file(r, "upload-file", file);
    r->fetch.file = is_stdin ? STDIN_PATH : file;
    r->once = r->once || is_stdin;
    return 0;
}

int request_prepare_body(struct request *r)
{
    const struct request_options *o = r->options;
    int kinds = (o->data.count > 0) + (o->form.count > 0) + (o->upload != NULL);
    if (kinds > 1)
        return request_refuse(r, "--data, --form and --upload-file do not go together", NULL);
    if (o->in_query && o->data.count == 0)
        return request_refuse(r, "--get: there is no --data to put into the query", NULL);
    r->has_body = kinds > 0 && !o->in_query;
    if (o->compress && !r->has_body)
        return request_refuse(r, "--compress: there is no body", NULL);
    int rc = 0;
    if (o->data.count > 0)
        rc = make_data(r);
    else if (o->form.count > 0)
        rc = make_form(r);
    else if (o->upload)
        rc = use_upload(r);
    if (o->data.count > 0 && !o->in_query) {
        r->fetch.data = r->body.data;
        r->fetch.data_size = r->body.size;
    }
    r->fetch.multipart = r->form;
    r->fetch.compress = o->compress;
    r->fetch.expect_continue = o->expect;
    return rc;
}

const char *request_url(const struct request *r, const char *url)
{
    if (!r->options->in_query)
        return url;
    size_t end = strcspn(url, "#");
    const char *query = memchr(url, '?', end);
    struct request_bytes b = { NULL, 0, 0 };
    bool fits = append(&b, url, end);
    if (fits && (!query || query + 1 < url + end))
        fits = append(&b, query ? "&" : "?", 1);
    if (fits && append(&b, r->body.data, r->body.size))
        return b.data;
    free(b.data);
    return NULL;
}
