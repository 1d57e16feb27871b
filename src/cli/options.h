/* cli/options.h -- command-line options, described by a table.
 *
 * A command fills a struct of its own; the table says which option goes to which field
 * and what kind of value it takes.  Help is made from the same table, so the two cannot
 * disagree. Understood are --name, --name=value, --name value, -n, -nvalue, -n value,
 * flags in a bunch (-qk), and -- before operands that begin with a dash; options and
 * operands may be mixed. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H
#include <stddef.h>

enum option_kind {
    OPTION_FLAG,                /* bool: no value */
    OPTION_TEXT,                /* const char *: any text; given twice is an error */
    OPTION_LIST,                /* struct text_list: may be given many times */
    OPTION_COUNT,               /* size_t: 1 or more */
    OPTION_NUMBER,              /* size_t: 0 or more */
    OPTION_SECONDS,             /* double: more than 0, or inf */
    OPTION_RATE,                /* double, per second: 10, 10/s, 600/m, 36000/h */
    OPTION_SIZE,                /* size_t: bytes; 64k, 10M, 1G, or inf */
};

/* One option. */
struct option {
    char letter;                /* 0: none */
    const char *name;           /* without the dashes */
    enum option_kind kind;
    size_t offset;              /* of its field in the command's struct */
    const char *value;          /* what the help calls its value; NULL for a flag */
    const char *help;           /* one line, or several with '\n' between */
};
/* The values of an option that may be given many times; of several options, if they share the
 * field, in the order of the command line. */
struct text_list {
    const char **items;
    const struct option **by;   /* which option gave each */
    size_t count;
};

/* What a command says about itself. */
struct options {
    const char *command;        /* "bide fetch": begins every message */
    const char *usage;          /* "[OPTION]... URL..." */
    const char *about;          /* a paragraph for the help */
    const struct option *list;
    size_t count;
    const struct option *shared;        /* those it has in common with other commands: their
                                           fields are those of the struct's first member */
    size_t shared_count;
};

enum { OPTIONS_HELPED = -1, OPTIONS_WRONG = -2 };

/* Reads argv[1] and on into *into, moves the operands to argv[0] and on and returns how
 * many there are. OPTIONS_HELPED: help was asked for and printed; OPTIONS_WRONG: a
 * sentence was printed. */
int options_parse(const struct options *known, int argc, char **argv, void *into);
/* The exit status for a result of options_parse() below 0. */
int options_status(int parsed);
/* Reads what OPTION_SECONDS takes: 0 or -1. */
int options_read_seconds(const char *text, double *seconds);
/* Frees what a list holds. */
void options_free_list(struct text_list *list);

#endif
