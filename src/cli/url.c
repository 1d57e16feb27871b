/* cli/url.c -- `bide url`: URLs made absolute and normal, or taken apart.
 *
 * What was typed or pasted goes in, one line for each comes out, so that a shell script and the
 * library never read a URL two ways.  Standard input is read line by line into fixed memory, and
 * answered at once. */
#include "cli/command.h"
#include "cli/ndjson.h"
#include "cli/options.h"
#include <bide.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest line of standard input; a URL is shorter, but may have white space around it. */
#define LINE_SIZE 65536

struct url_options {
    const char *base, *get;
    struct text_list add;
    bool json;
};

/* What the command works with. */
struct work {
    struct url_options options;
    bide_url *base;             /* NULL: none */
    struct bide_pair *add;      /* ends with {NULL, NULL} */
    const struct part *part;    /* the one to print; NULL: the URL */
    int status;
};

static const struct option option_list[] = {
    { 'b', "base", OPTION_TEXT, offsetof(struct url_options, base), "BASE",
      "the page on which the URLs stand: relative ones are\njoined to it" },
    { 'a', "add", OPTION_LIST, offsetof(struct url_options, add), "NAME=VALUE",
      "add a query parameter, percent-encoded; many times" },
    { 'g', "get", OPTION_TEXT, offsetof(struct url_options, get), "PART",
      "print one part: scheme, user, password, host,\nhost_unicode, port, path, query, fragment, "
      "origin\nor target; an empty line if there is none" },
    { 'j', "json", OPTION_FLAG, offsetof(struct url_options, json), NULL,
      "print all parts, as one JSON object per line" },
};
static const struct options known = {
    .command = "bide url",
    .usage = "[OPTION]... URL... | -",
    .about = "Prints each URL absolute and normal, as bide fetch would ask for it; - reads lines\n"
             "from standard input.  Without a scheme it is taken for http.  What is no URL is\n"
             "told on standard error, and the exit status is then 1.",
    .list = option_list,
    .count = sizeof option_list / sizeof option_list[0],
};

/* One part by its name; the port is a number and has no text. */
struct part { const char *name, *(*text)(const bide_url *u); };
static const struct part parts[] = {
    { "url", bide_url_text }, { "scheme", bide_url_scheme }, { "user", bide_url_user },
    { "password", bide_url_password }, { "host", bide_url_host },
    { "host_unicode", bide_url_host_unicode }, { "port", NULL }, { "path", bide_url_path },
    { "query", bide_url_query }, { "fragment", bide_url_fragment },
    { "origin", bide_url_origin }, { "target", bide_url_target },
};
static const size_t part_count = sizeof parts / sizeof parts[0];

/* ---- printing ---- */

static void print_string(const char *text)
{
    size_t size = text ? strlen(text) : 0;
    char *room = malloc(NDJSON_ROOM(size) + 1);
    if (text && room) {
        *ndjson_string(room, text, size) = '\0';
        fputs(room, stdout);
    } else {
        fputs("null", stdout);
    }
    free(room);
}

static void print_params(const bide_url *u)
{
    const char *before = "";
    fputs(",\"params\":[", stdout);
    for (const struct bide_pair *pair = bide_url_params(u); pair->name; pair++) {
        printf("%s[", before);
        print_string(pair->name);
        putchar(',');
        print_string(pair->value);
        putchar(']');
        before = ",";
    }
    fputs("]}\n", stdout);
}

static void print_json(const bide_url *u, const char *input)
{
    fputs("{\"input\":", stdout);
    print_string(input);
    for (size_t i = 0; i < part_count; i++) {
        printf(",\"%s\":", parts[i].name);
        if (parts[i].text)
            print_string(parts[i].text(u));
        else
            printf("%d", bide_url_port(u));
    }
    print_params(u);
}

/* A decoded part may hold anything: a line stays one line. */
static void print_part(const struct part *part, const bide_url *u)
{
    if (!part->text) {
        printf("%d\n", bide_url_port(u));
        return;
    }
    const char *text = part->text(u);
    for (; text && *text; text++)
        putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
    putchar('\n');
}

static void print_url(const struct work *work, const bide_url *u, const char *input)
{
    if (work->options.json)
        print_json(u, input);
    else
        print_part(work->part, u);
}

/* ---- one URL ---- */

static bide_url *read_url(const struct work *work, const char *text)
{
    bide_auto(url) u = work->base ? bide_url_join(work->base, text)
                                  : bide_url_parse(text, .guess_scheme = true);
    if (!u || !work->add->name)
        return bide_steal(u);
    return bide_url_build(.from = u, .add = work->add);
}

static void do_url(struct work *work, const char *text)
{
    bide_auto(url) u = read_url(work, text);
    if (u) {
        print_url(work, u, text);
        return;
    }
    fprintf(stderr, "bide url: %s\n", bide_errmsg());
    work->status = EXIT_FAILED;
}

/* ---- standard input ---- */

/* One line without its end; a NUL becomes another control, which no URL may have.  false: there
 * are no more.  *size is more than fits if the line is too long. */
static bool read_line(char line[LINE_SIZE], size_t *size)
{
    int c;
    *size = 0;
    while ((c = getchar_unlocked()) != EOF && c != '\n') {
        if (*size < LINE_SIZE - 1)
            line[*size] = (char)(c == '\0' ? 1 : c);
        ++*size;
    }
    line[*size < LINE_SIZE ? *size : LINE_SIZE - 1] = '\0';
    return c != EOF || *size > 0;
}

static void do_lines(struct work *work)
{
    static char line[LINE_SIZE];
    size_t size;
    for (unsigned long number = 1; read_line(line, &size) && !ferror(stdout); number++) {
        if (size >= LINE_SIZE) {
            fprintf(stderr, "bide url: line %lu is longer than %d bytes\n", number, LINE_SIZE - 1);
            work->status = EXIT_FAILED;
        } else if (line[strspn(line, " \t\r\f")]) {
            do_url(work, line);
        }
    }
    if (ferror(stdin)) {
        fprintf(stderr, "bide url: standard input: %s\n", strerror(errno));
        work->status = EXIT_FAILED;
    }
}

/* ---- the command ---- */

static int refuse(const char *sentence, const char *what)
{
    fprintf(stderr, "bide url: %s%s (see bide url --help)\n", sentence, what);
    return EXIT_USAGE;
}

static int read_part(struct work *work)
{
    const char *name = work->options.get ? work->options.get : "url";
    for (size_t i = 0; i < part_count; i++)
        if (strcmp(parts[i].name, name) == 0)
            work->part = &parts[i];
    return work->part ? EXIT_FINE : refuse("--get: no part is called ", name);
}

/* The names end where their '=' was: the words are this program's own. */
static int read_pairs(struct work *work)
{
    const struct text_list *list = &work->options.add;
    work->add = calloc(list->count + 1, sizeof *work->add);
    for (size_t i = 0; work->add && i < list->count; i++) {
        char *copy = strdup(list->items[i]);
        if (!copy)
            return EXIT_FAILED;
        char *equals = strchr(copy, '=');
        work->add[i].name = copy;
        work->add[i].value = equals ? equals + 1 : NULL;
        if (equals)
            *equals = '\0';
    }
    return work->add ? EXIT_FINE : EXIT_FAILED;
}

static int prepare(struct work *work, int count)
{
    const struct url_options *o = &work->options;
    if (count == 0)
        return refuse("no URL: name some, or - for the lines of standard input", "");
    if (o->get && o->json)
        return refuse("--get and --json do not go together", "");
    int status = read_part(work);
    if (status == EXIT_FINE)
        status = read_pairs(work);
    if (status != EXIT_FINE || !o->base)
        return status;
    work->base = bide_url_parse(o->base, .guess_scheme = true);
    return work->base ? EXIT_FINE : refuse("--base: ", bide_errmsg());
}

static int work_through(struct work *work, int count, char **words)
{
    for (int i = 0; i < count && !ferror(stdout); i++) {
        if (strcmp(words[i], "-") == 0)
            do_lines(work);
        else
            do_url(work, words[i]);
    }
    if (!ferror(stdout) || errno == EPIPE)
        return work->status;
    fprintf(stderr, "bide url: standard output: %s\n", strerror(errno));
    return EXIT_FAILED;
}

static void tidy_up(struct work *work)
{
    for (struct bide_pair *pair = work->add; pair && pair->name; pair++)
        free((char *)(uintptr_t)pair->name);
    free(work->add);
    options_free_list(&work->options.add);
    bide_url_free(work->base);
}

int url_command(int argc, char **argv)
{
    struct work work = { .status = EXIT_FINE };
    int count = options_parse(&known, argc, argv, &work.options);
    if (count < 0)
        return options_status(count);
    int status = prepare(&work, count);
    if (status == EXIT_FINE)
        status = work_through(&work, count, argv);
    else if (status == EXIT_FAILED)
        fprintf(stderr, "bide url: out of memory\n");
    tidy_up(&work);
    return status;
}
