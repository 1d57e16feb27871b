/* cli/fetch_options.c -- the command line of `bide fetch`, checked before anything
 * begins.
 *
 * Whatever is wrong with the question itself (a header that is none, a file that is not
 * there) is told at once with exit status 2, not once per URL. */
#include "cli/fetch.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOBS_DEFAULT 100
#define TIMEOUT_DEFAULT 300
#define CONNECT_TIMEOUT_DEFAULT 30
#define SIZE_MAX_DEFAULT ((size_t)1 << 30)
#define DATA_MAX ((size_t)64 << 20)

#define FIELD(name) offsetof(struct fetch_options, name)
static const struct option option_list[] = {
    { 'i', "input", OPTION_TEXT, FIELD(file), "FILE",
      "read URLs from FILE, one per line; '-': standard input" },
    { 'o', "output-dir", OPTION_TEXT, FIELD(directory), "DIR",
      "keep each body in a file in DIR, which is made if needed" },
    { 'j', "jobs", OPTION_COUNT, FIELD(jobs), "N", "fetch N at once (default 100)" },
    { 0, "per-host", OPTION_COUNT, FIELD(per_host), "N",
      "at most N of them from the same host (default: no limit)" },
    { 0, "rate", OPTION_RATE, FIELD(rate), "N/s", "begin at most N per second (or N/m, N/h)" },
    { 0, "timeout", OPTION_SECONDS, FIELD(timeout), "SECONDS",
      "for a URL in all, every try included (default 300)" },
    { 0, "connect-timeout", OPTION_SECONDS, FIELD(connect_timeout), "SECONDS",
      "for connecting (default 30)" },
    { 0, "retries", OPTION_NUMBER, FIELD(retries), "N",
      "try N times more after a failure that may pass (default 0)" },
    { 0, "retry-delay", OPTION_SECONDS, FIELD(retry_delay), "SECONDS",
      "before the first of them, then doubled (default 0.5)" },
    { 0, "retry-cap", OPTION_SECONDS, FIELD(retry_cap), "SECONDS",
      "the longest delay (default 30)" },
    { 0, "retry-all", OPTION_FLAG, FIELD(retry_all), NULL,
      "repeat POST and other methods that are not idempotent, too" },
    { 'X', "request", OPTION_TEXT, FIELD(method), "METHOD",
      "the method (default GET, with -d POST)" },
    { 'H', "header", OPTION_LIST, FIELD(headers), "'NAME: VALUE'",
      "send this header; may be given many times" },
    { 'd', "data", OPTION_TEXT, FIELD(data), "TEXT|@FILE", "send this as the body" },
    { 0, "max-size", OPTION_SIZE, FIELD(size_max), "BYTES",
      "the longest body to accept (default 1G)" },
    { 'f', "fail", OPTION_FLAG, FIELD(fail), NULL, "a status of 400 or more is an error" },
    { 0, "ordered", OPTION_FLAG, FIELD(ordered), NULL,
      "print results in the order of the input" },
    { 'q', "quiet", OPTION_FLAG, FIELD(quiet), NULL, "no progress bar and no summary" },
    { 0, "summary", OPTION_FLAG, FIELD(summary), NULL,
      "print the summary also where standard error is no terminal" },
};
static const struct options known = {
    .command = "bide fetch",
    .usage = "[OPTION]... URL... | -i FILE",
    .about = "Fetches URLs, many at once, and prints one line of JSON for each: url, status,\n"
             "bytes, seconds, attempts, error.  Exit status: 0 all went well, 1 some failed,\n"
             "2 wrong usage, 130 stopped by Ctrl-C.",
    .list = option_list,
    .count = sizeof option_list / sizeof option_list[0],
};

static int refuse(const char *what, const char *got)
{
    fprintf(stderr, "bide fetch: %s", what);
    if (got)
        fprintf(stderr, ", got '%s'", got);
    fputc('\n', stderr);
    return OPTIONS_WRONG;
}

static int refuse_file(const char *option, const char *file)
{
    fprintf(stderr, "bide fetch: --%s: %s: %s\n", option, file, strerror(errno));
    return OPTIONS_WRONG;
}

static bool is_token(const char *text, size_t size)
{
    static const char legal[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return size > 0 && strspn(text, legal) >= size;
}

/* Splits "Name: value" into two strings in one allocation, which the name owns. */
static int split_header(const char *text, struct bide_pair *pair)
{
    size_t name_size = strcspn(text, ":");
    if (text[name_size] != ':' || !is_token(text, name_size))
        return refuse("--header: expected 'Name: value'", text);
    if (strpbrk(text, "\r\n"))
        return refuse("--header: a header is one line", NULL);
    char *copy = strdup(text);
    if (!copy)
        return refuse("out of memory", NULL);
    copy[name_size] = '\0';
    char *value = copy + name_size + 1;
    value += strspn(value, " \t");
    for (size_t size = strlen(value); size > 0 && strchr(" \t", value[size - 1]); size--)
        value[size - 1] = '\0';
    *pair = (struct bide_pair){ copy, value };
    return 0;
}

static int make_headers(struct fetch_plan *plan)
{
    const struct text_list *texts = &plan->options.headers;
    plan->headers = calloc(texts->count + 2, sizeof *plan->headers);
    if (!plan->headers)
        return refuse("out of memory", NULL);
    bool typed = false;
    for (size_t i = 0; i < texts->count; i++) {
        int rc = split_header(texts->items[i], &plan->headers[i]);
        if (rc < 0)
            return rc;
        typed = typed || strcasecmp(plan->headers[i].name, "Content-Type") == 0;
    }
    if (!plan->options.data || typed)
        return 0;
    char type[] = "Content-Type: application/x-www-form-urlencoded";
    return split_header(type, &plan->headers[texts->count]);
}

/* Reads the whole file; one byte more than the limit is asked for, to see that there is
 * no more. */
static int read_data(struct fetch_plan *plan, int fd, const char *file)
{
    plan->data = malloc(65536);
    for (size_t room = 65536; plan->data; room *= 2) {
        while (plan->data_size < room) {
            ssize_t n = read(fd, (char *)plan->data + plan->data_size, room - plan->data_size);
            if (n == 0)
                return 0;
            if (n < 0 && errno != EINTR)
                return refuse_file("data", file);
            plan->data_size += n > 0 ? (size_t)n : 0;
        }
        if (plan->data_size > DATA_MAX)
            return refuse("--data: more than 64 MiB", file);
        void *more = realloc(plan->data, 2 * room);
        if (!more)
            break;
        plan->data = more;
    }
    return refuse("out of memory", NULL);
}

static int make_data(struct fetch_plan *plan)
{
    const char *data = plan->options.data;
    if (!data)
        return 0;
    if (data[0] != '@') {
        plan->data = strdup(data);
        plan->data_size = strlen(data);
        return plan->data ? 0 : refuse("out of memory", NULL);
    }
    const char *file = data + 1;
    if (strcmp(file, "-") == 0)
        return read_data(plan, STDIN_FILENO, "standard input");
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse_file("data", file);
    int rc = read_data(plan, fd, file);
    close(fd);
    return rc;
}

static int open_directory(struct fetch_plan *plan)
{
    const char *name = plan->options.directory;
    if (!name)
        return 0;
    if (mkdir(name, 0777) < 0 && errno != EEXIST)
        return refuse_file("output-dir", name);
    plan->directory = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return plan->directory < 0 ? refuse_file("output-dir", name) : 0;
}

static bool is_idempotent(const char *method)
{
    static const char *const methods[] = { "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" };
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(method, methods[i]) == 0)
            return true;
    return false;
}

static void set_defaults(struct fetch_options *o)
{
    if (o->jobs == 0)
        o->jobs = JOBS_DEFAULT;
    if (o->timeout <= 0)
        o->timeout = TIMEOUT_DEFAULT;
    if (o->connect_timeout <= 0)
        o->connect_timeout = CONNECT_TIMEOUT_DEFAULT;
    if (o->retry_delay <= 0)
        o->retry_delay = 0.5;
    if (o->retry_cap <= 0)
        o->retry_cap = 30;
    if (o->size_max == 0)
        o->size_max = SIZE_MAX_DEFAULT;
    if (!o->method)
        o->method = o->data ? "POST" : "GET";
}

static int check_options(const struct fetch_options *o, int urls)
{
    if (urls == 0 && !o->file)
        return refuse("no URL: name some, or a file of them with -i (see bide fetch --help)", NULL);
    if (!is_token(o->method, strlen(o->method)))
        return refuse("--request: expected a method such as GET", o->method);
    if (o->jobs > 1000000)
        return refuse("--jobs: expected at most 1000000", NULL);
    if (o->retries > 1000)
        return refuse("--retries: expected at most 1000", NULL);
    if (o->file && o->data && strcmp(o->file, "-") == 0 && strcmp(o->data, "@-") == 0)
        return refuse("--input and --data cannot both read standard input", NULL);
    return 0;
}

int fetch_plan_make(struct fetch_plan *plan, int argc, char **argv)
{
    *plan = (struct fetch_plan){ .directory = -1 };
    int urls = options_parse(&known, argc, argv, &plan->options);
    if (urls < 0)
        return urls;
    set_defaults(&plan->options);
    plan->repeatable = plan->options.retry_all || is_idempotent(plan->options.method);
    int rc = check_options(&plan->options, urls);
    if (rc == 0)
        rc = make_headers(plan);
    if (rc == 0)
        rc = make_data(plan);
    if (rc == 0)
        rc = open_directory(plan);
    return rc < 0 ? rc : urls;
}

void fetch_plan_free(struct fetch_plan *plan)
{
    for (size_t i = 0; plan->headers && plan->headers[i].name; i++)
        free((void *)(uintptr_t)plan->headers[i].name);
    free(plan->headers);
    options_free_list(&plan->options.headers);
    free(plan->data);
    if (plan->directory >= 0)
        close(plan->directory);
}
