/* cli/options.c -- reads options into a struct by a table.
 *
 * getopt_long() would parse the same words, but its table knows neither types nor help,
 * so each command would repeat the conversion and the wording of errors.  Here an error
 * always has the form "bide fetch: --jobs: expected a number of 1 or more, got 'x'". */
#include "cli/options.h"
#include "cli/command.h"
#include <bide/base.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A parse under way. */
struct parse {
    const struct options *known;
    int argc, next;
    char **argv;
    char *into;
    unsigned char *given;       /* per option: was it given? */
};

static size_t count_options(const struct options *known)
{
    return known->count + known->shared_count;
}

static const struct option *option_at(const struct options *known, size_t i)
{
    return i < known->count ? &known->list[i] : &known->shared[i - known->count];
}

static size_t index_of(const struct options *known, const struct option *option)
{
    size_t i = 0;
    while (option_at(known, i) != option)
        i++;
    return i;
}

static const char *expected[] = {
    [OPTION_COUNT] = "a number of 1 or more",
    [OPTION_NUMBER] = "a number of 0 or more",
    [OPTION_SECONDS] = "seconds, more than 0, or 'inf'",
    [OPTION_RATE] = "a rate such as 10, 10/s or 600/m",
    [OPTION_SIZE] = "a size such as 1000, 64k, 10M, 1G or 'inf'",
};

static void print_option(const struct option *option)
{
    char left[64];
    char letter[5] = "    ";
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(left, sizeof left, "  %s--%s%s%s", letter, option->name, option->value ? " " : "",
             option->value ? option->value : "");
    const char *help = option->help;
    for (;;) {
        size_t size = strcspn(help, "\n");
        printf("%-30s %.*s\n", left, (int)size, help);
        if (help[size] == '\0')
            return;
        help += size + 1;
        left[0] = '\0';
    }
}

static int print_help(const struct options *known)
{
    printf("Usage: %s %s\n\n%s\n\nOptions:\n", known->command, known->usage, known->about);
    for (size_t i = 0; i < count_options(known); i++)
        print_option(option_at(known, i));
    printf("%-30s %s\n", "  -h, --help", "show this help");
    return OPTIONS_HELPED;
}

static int refuse(const struct parse *p, const struct option *option, const char *what,
                  const char *got)
{
    fprintf(stderr, "%s: --%s: %s", p->known->command, option->name, what);
    if (got)
        fprintf(stderr, ", got '%s'", got);
    fputc('\n', stderr);
    return OPTIONS_WRONG;
}

static int read_number(const char *text, size_t least, size_t *number)
{
    if (text[0] < '0' || text[0] > '9')
        return -1;
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (errno || *end || n < least || n > SIZE_MAX / 2)
        return -1;
    *number = (size_t)n;
    return 0;
}

/* A decimal number with no sign, no hexadecimal and no words, which strtod() would all
 * take. */
static char *read_decimal(const char *text, double *number)
{
    if ((text[0] < '0' || text[0] > '9') && text[0] != '.')
        return NULL;
    size_t digits = strspn(text, "0123456789.");
    char *end;
    *number = strtod(text, &end);
    return end == text + digits && isfinite(*number) ? end : NULL;
}

int options_read_seconds(const char *text, double *seconds)
{
    if (strcmp(text, "inf") == 0) {
        *seconds = BIDE_FOREVER;
        return 0;
    }
    char *end = read_decimal(text, seconds);
    return end && *end == '\0' && *seconds > 0 && *seconds <= 1e9 ? 0 : -1;
}

static int read_rate(const char *text, double *rate)
{
    char *end = read_decimal(text, rate);
    if (!end || !(*rate > 0) || *rate > 1e9)
        return -1;
    static const struct { const char *text; double seconds; } units[] = {
        { "", 1 }, { "/s", 1 }, { "/m", 60 }, { "/min", 60 }, { "/h", 3600 },
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(end, units[i].text) != 0)
            continue;
        *rate /= units[i].seconds;
        return 0;
    }
    return -1;
}

static int read_size(const char *text, size_t *size)
{
    if (strcmp(text, "inf") == 0) {
        *size = BIDE_UNLIMITED;
        return 0;
    }
    double number;
    char *end = read_decimal(text, &number);
    if (!end)
        return -1;
    static const char units[] = "kMGT";
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (*end && (!unit || end[1]))
        return -1;
    for (long i = unit ? unit - units + 1 : 0; i > 0; i--)
        number *= 1024;
    if (number < 1 || number > 1e18)
        return -1;
    *size = (size_t)number;
    return 0;
}

static int add_text(const struct parse *p, struct text_list *list, const char *text,
                    const struct option *option)
{
    if (!list->items) {
        list->items = calloc((size_t)p->argc, sizeof *list->items);
        list->by = calloc((size_t)p->argc, sizeof *list->by);
    }
    if (!list->items || !list->by)
        return -1;
    list->by[list->count] = option;
    list->items[list->count++] = text;
    return 0;
}

static int read_value(const struct parse *p, const struct option *option, void *field,
                      const char *text)
{
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return 0;
    case OPTION_TEXT:
        *(const char **)field = text;
        return 0;
    case OPTION_LIST:
        return add_text(p, field, text, option);
    case OPTION_COUNT:
        return read_number(text, 1, field);
    case OPTION_NUMBER:
        return read_number(text, 0, field);
    case OPTION_SECONDS:
        return options_read_seconds(text, field);
    case OPTION_RATE:
        return read_rate(text, field);
    case OPTION_SIZE:
        return read_size(text, field);
    }
    return -1;
}

static int take_option(struct parse *p, const struct option *option, const char *value)
{
    if (option->kind != OPTION_FLAG && !value) {
        if (p->next >= p->argc)
            return refuse(p, option, "needs a value", NULL);
        value = p->argv[p->next++];
    }
    if (option->kind == OPTION_TEXT && p->given[index_of(p->known, option)]++)
        return refuse(p, option, "given twice", NULL);
    if (read_value(p, option, p->into + option->offset, value) == 0)
        return 0;
    if (option->kind == OPTION_LIST)
        return refuse(p, option, "out of memory", NULL);
    char what[96];
    snprintf(what, sizeof what, "expected %s", expected[option->kind]);
    return refuse(p, option, what, value);
}

static int unknown_long(const struct parse *p, const char *word, size_t size)
{
    fprintf(stderr, "%s: unknown option '--%.*s'", p->known->command, (int)size, word);
    for (size_t i = 0; i < count_options(p->known); i++) {
        const char *name = option_at(p->known, i)->name;
        if (size > 1 && strncmp(name, word, size < strlen(name) ? size : strlen(name)) == 0) {
            fprintf(stderr, "; did you mean '--%s'?", name);
            break;
        }
    }
    fprintf(stderr, " (see %s --help)\n", p->known->command);
    return OPTIONS_WRONG;
}

static int take_long(struct parse *p, const char *word)
{
    size_t size = strcspn(word, "=");
    const char *value = word[size] ? word + size + 1 : NULL;
    if (strcmp(word, "help") == 0)
        return print_help(p->known);
    for (size_t i = 0; i < count_options(p->known); i++) {
        const struct option *option = option_at(p->known, i);
        if (strlen(option->name) != size || memcmp(option->name, word, size) != 0)
            continue;
        if (option->kind == OPTION_FLAG && value)
            return refuse(p, option, "takes no value", value);
        return take_option(p, option, value);
    }
    return unknown_long(p, word, size);
}

static const struct option *find_letter(const struct options *known, char letter)
{
    for (size_t i = 0; i < count_options(known); i++)
        if (option_at(known, i)->letter == letter)
            return option_at(known, i);
    return NULL;
}

static int take_letters(struct parse *p, const char *word)
{
    for (; *word; word++) {
        if (*word == 'h')
            return print_help(p->known);
        const struct option *option = find_letter(p->known, *word);
        if (!option) {
            fprintf(stderr, "%s: unknown option '-%c' (see %s --help)\n", p->known->command,
                    *word, p->known->command);
            return OPTIONS_WRONG;
        }
        if (option->kind != OPTION_FLAG)
            return take_option(p, option, word[1] ? word + 1 : NULL);
        int rc = take_option(p, option, NULL);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int take_words(struct parse *p)
{
    int operands = 0;
    bool only_operands = false;
    while (p->next < p->argc) {
        char *word = p->argv[p->next++];
        int rc = 0;
        if (only_operands || word[0] != '-' || word[1] == '\0')
            p->argv[operands++] = word;
        else if (word[1] != '-')
            rc = take_letters(p, word + 1);
        else if (word[2] != '\0')
            rc = take_long(p, word + 2);
        else
            only_operands = true;
        if (rc < 0)
            return rc;
    }
    return operands;
}

int options_parse(const struct options *known, int argc, char **argv, void *into)
{
    struct parse p = { .known = known, .argc = argc, .next = 1, .argv = argv, .into = into };
    p.given = calloc(count_options(known) + 1, 1);
    if (!p.given) {
        fprintf(stderr, "%s: out of memory\n", known->command);
        return OPTIONS_WRONG;
    }
    int rc = take_words(&p);
    free(p.given);
    return rc;
}

int options_status(int parsed)
{
    return parsed == OPTIONS_HELPED ? EXIT_FINE : EXIT_USAGE;
}

void options_free_list(struct text_list *list)
{
    free(list->items);
    free(list->by);
    *list = (struct text_list){ NULL, NULL, 0 };
}
