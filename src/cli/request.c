/* cli/request.c -- makes a session and the options of its calls of what was asked for. */
#include "cli/request.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define RETRIES_MAX 1000

/* ---- saying no ---- */

int request_refuse(const struct request *r, const char *what, const char *got)
{
    fprintf(stderr, "%s: %s", r->command, what);
    if (got)
        fprintf(stderr, ", got '%s'", got);
    fputc('\n', stderr);
    return OPTIONS_WRONG;
}

int request_refuse_file(const struct request *r, const char *option, const char *file)
{
    fprintf(stderr, "%s: --%s: %s: %s\n", r->command, option, file, strerror(errno));
    return OPTIONS_WRONG;
}

/* ---- pairs ---- */

bool request_is_token(const char *text, size_t size)
{
    static const char legal[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return size > 0 && strspn(text, legal) >= size;
}

bool request_split(struct bide_pair *pair, const char *text, char at)
{
    char *copy = strdup(text);
    char *sign = copy ? strchr(copy, at) : NULL;
    *pair = (struct bide_pair){ copy, sign ? sign + 1 : NULL };
    if (sign)
        *sign = '\0';
    return copy != NULL;
}

void request_free_pairs(struct bide_pair *pairs)
{
    for (size_t i = 0; pairs && pairs[i].name; i++)
        free((void *)(uintptr_t)pairs[i].name);
    free(pairs);
}

static struct bide_pair *new_pairs(size_t count)
{
    return calloc(count + 1, sizeof(struct bide_pair));
}

/* "Name: value"; an empty value is left as "". */
static int split_header(const struct request *r, const char *option, const char *text,
                        struct bide_pair *pair)
{
    char what[64];
    size_t name_size = strcspn(text, ":");
    if (text[name_size] != ':' || !request_is_token(text, name_size)) {
        snprintf(what, sizeof what, "--%s: expected 'Name: value'", option);
        return request_refuse(r, what, text);
    }
    snprintf(what, sizeof what, "--%s: a header is one line", option);
    if (strpbrk(text, "\r\n"))
        return request_refuse(r, what, NULL);
    if (!request_split(pair, text, ':'))
        return request_refuse(r, "out of memory", NULL);
    char *value = (char *)(uintptr_t)pair->value;
    value += strspn(value, " \t");
    for (size_t size = strlen(value); size > 0 && strchr(" \t", value[size - 1]); size--)
        value[size - 1] = '\0';
    pair->value = value;
    return 0;
}

/* ---- headers ---- */

static bool is_named(const struct bide_pair *pairs, const char *name)
{
    for (; pairs && pairs->name; pairs++)
        if (strcasecmp(pairs->name, name) == 0)
            return true;
    return false;
}

/* Adds it unless -H says it. */
static int add_header(struct request *r, size_t *count, const char *name, const char *value)
{
    if (!value || is_named(r->headers, name) || is_named(r->defaults, name))
        return 0;
    char *copy = strdup(name);
    if (!copy)
        return request_refuse(r, "out of memory", NULL);
    r->headers[(*count)++] = (struct bide_pair){ copy, value };
    return 0;
}

/* What the other options say in headers. */
static int add_implied(struct request *r, size_t *count)
{
    const struct request_options *o = r->options;
    bool json = o->data.count > 0 && strcmp(o->data.by[0]->name, "json") == 0;
    const char *type = json ? "application/json" : "application/x-www-form-urlencoded";
    if (o->range && asprintf(&r->range, "bytes=%s", o->range) < 0) {
        r->range = NULL;
        return request_refuse(r, "out of memory", NULL);
    }
    int rc = add_header(r, count, "Content-Type", o->data.count && !o->in_query ? type : NULL);
    if (rc == 0)
        rc = add_header(r, count, "Accept", json ? "application/json" : NULL);
    if (rc == 0)
        rc = add_header(r, count, "Referer", o->referer);
    return rc == 0 ? add_header(r, count, "Range", r->range) : rc;
}

/* "Name:" goes to the session, whose headers leave defaults out; all others to each call. */
static int make_headers(struct request *r)
{
    const struct text_list *texts = &r->options->headers;
    size_t count = 0, left_out = 0;
    r->headers = new_pairs(texts->count + 4);
    r->defaults = new_pairs(texts->count);
    if (!r->headers || !r->defaults)
        return request_refuse(r, "out of memory", NULL);
    for (size_t i = 0; i < texts->count; i++) {
        struct bide_pair pair;
        int rc = split_header(r, "header", texts->items[i], &pair);
        if (rc < 0)
            return rc;
        if (*pair.value)
            r->headers[count++] = pair;
        else
            r->defaults[left_out++] = (struct bide_pair){ pair.name, NULL };
    }
    return add_implied(r, &count);
}

static int make_proxy_headers(struct request *r)
{
    const struct text_list *texts = &r->options->proxy_headers;
    r->proxy_headers = new_pairs(texts->count);
    if (!r->proxy_headers)
        return request_refuse(r, "out of memory", NULL);
    int rc = 0;
    for (size_t i = 0; i < texts->count && rc == 0; i++)
        rc = split_header(r, "proxy-header", texts->items[i], &r->proxy_headers[i]);
    return rc;
}

static int make_query(struct request *r)
{
    const struct text_list *texts = &r->options->query;
    if (texts->count == 0)
        return 0;
    r->query = new_pairs(texts->count);
    bool fits = r->query != NULL;
    for (size_t i = 0; i < texts->count && fits; i++)
        fits = request_split(&r->query[i], texts->items[i], '=');
    return fits ? 0 : request_refuse(r, "out of memory", NULL);
}

/* ---- time ---- */

static double *timeout_of(struct bide_timeouts *t, const char *name, size_t size)
{
    const struct { const char *name; double *field; } phases[] = {
        { "pool", &t->pool }, { "dns", &t->dns }, { "connect", &t->connect },
        { "proxy", &t->proxy }, { "tls", &t->tls }, { "send", &t->send },
        { "first_byte", &t->first_byte }, { "idle", &t->idle },
    };
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++)
        if (strlen(phases[i].name) == size && memcmp(phases[i].name, name, size) == 0)
            return phases[i].field;
    return NULL;
}

static int make_timeouts(struct request *r)
{
    const struct request_options *o = r->options;
    r->timeouts.total = o->timeout;
    r->timeouts.connect = o->connect_timeout;
    for (size_t i = 0; i < o->phase_timeouts.count; i++) {
        const char *text = o->phase_timeouts.items[i];
        size_t size = strcspn(text, "=");
        double *field = timeout_of(&r->timeouts, text, size);
        if (!field || !text[size] || options_read_seconds(text + size + 1, field) < 0)
            return request_refuse(r, "--phase-timeout: expected PHASE=SECONDS such as idle=5",
                                  text);
    }
    return 0;
}

/* ---- the whole ---- */

static bool is_idempotent(const char *method)
{
    static const char *const methods[] = { "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" };
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(method, methods[i]) == 0)
            return true;
    return false;
}

static const char *default_method(const struct request *r)
{
    if (r->options->head)
        return "HEAD";
    if (!r->has_body)
        return "GET";
    return r->options->upload ? "PUT" : "POST";
}

static int check(struct request *r)
{
    const struct request_options *o = r->options;
    r->method = o->method ? o->method : default_method(r);
    if (!request_is_token(r->method, strlen(r->method)))
        return request_refuse(r, "--request: expected a method such as GET", r->method);
    if (o->head && (o->method || r->has_body))
        return request_refuse(r, "--head goes with no other method and no body", NULL);
    if (o->retries > RETRIES_MAX)
        return request_refuse(r, "--retries: expected at most 1000", NULL);
    if (o->ipv4 && o->ipv6)
        return request_refuse(r, "--ipv4 and --ipv6 do not go together", NULL);
    if (o->redirect_max > 1000)
        return request_refuse(r, "--max-redirs: expected at most 1000", NULL);
    r->repeatable = !r->once && (o->retry_all || is_idempotent(r->method));
    return 0;
}

static void fill_fetch(struct request *r)
{
    const struct request_options *o = r->options;
    struct bide_fetch_opts *f = &r->fetch;
    f->abi_ = sizeof *f;
    f->timeouts = r->timeouts;
    f->headers = r->headers;
    f->retries = (int)o->retries;
    f->retry = (struct bide_retry_policy){
        .delay = o->retry_delay, .cap = o->retry_cap, .all_methods = o->retry_all };
    f->server_name = o->server_name;
}

int request_prepare(struct request *r, const char *command, const struct request_options *o)
{
    *r = (struct request){ .command = command, .options = o };
    int (*const parts[])(struct request *) = {
        request_prepare_body, check, make_headers, make_proxy_headers, make_query, make_timeouts,
        request_prepare_auth, request_prepare_cookies, request_prepare_tls,
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int rc = parts[i](r);
        if (rc < 0)
            return rc;
    }
    request_prepare_proxy(r);
    fill_fetch(r);
    return 0;
}

bide_session *request_session(const struct request *r, size_t limit, bide_trace_fn *trace,
                              void *trace_arg)
{
    const struct request_options *o = r->options;
    if (r->jar && request_load_cookies(r) < 0)
        return NULL;
    return bide_session_open(.limit = limit, .limit_per_host = limit, .headers = r->defaults,
        .query = r->query, .user_agent = o->user_agent, .cookies = r->jar,
        .no_cookies = !r->jar, .tls = r->tls, .insecure = o->insecure,
        .proxy = o->no_proxy ? NULL : o->proxy, .proxy_headers = r->proxy_headers,
        .trust_env = true, .unix_path = o->unix_path, .local_address = o->local_address,
        .family = o->ipv4 ? AF_INET : o->ipv6 ? AF_INET6 : 0,
        .redirect_max = (int)o->redirect_max, .no_redirects = !o->location,
        .no_decoding = !o->compressed, .trace = trace, .trace_arg = trace_arg);
}

void request_free(struct request *r)
{
    request_free_pairs(r->headers);
    request_free_pairs(r->defaults);
    request_free_pairs(r->query);
    request_free_pairs(r->cookies);
    request_free_pairs(r->proxy_headers);
    bide_multipart_free(r->form);
    bide_tls_free(r->tls);
    bide_cookies_free(r->jar);
    free(r->body.data);
    free(r->range);
    free(r->user);
    if (r->password)
        explicit_bzero(r->password, strlen(r->password));
    free(r->password);
}
