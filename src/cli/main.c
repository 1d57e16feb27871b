/* cli/main.c -- the program `bide`: finds the sub-command in one table and runs it.
 *
 * Adding a command is a file of its own, a prototype in command.h and a line in the
 * table.  The result of a command that prints through stdio is only good if it reached
 * its destination, so standard output is flushed and checked here, once for all. */
#include "cli/command.h"
#include <bide.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
    { "get", "fetch one URL: its body, and nothing else, on standard output", get_command },
    { "fetch", "fetch many URLs at once, one line of JSON for each", fetch_command },
    { "crawl", "fetch a site from link to link, one line of JSON for each page", crawl_command },
    { "import", "put the rows of CSV files into a table of a database", import_command },
    { "export", "print rows of a database as CSV or JSON", export_command },
    { "queue", "look after a work list that fetch, crawl and import share", queue_command },
    { "serve", "serve the files of a directory, an echo, or the demo", serve_command },
    { "ws", "talk to a WebSocket, line by line", ws_command },
    { "url", "make URLs absolute and normal, or take them apart", url_command },
    { "info", "tell version, poller, stack guard, and the limits of this machine", info_command },
};
static const size_t command_count = sizeof commands / sizeof commands[0];

static void print_help(void)
{
    printf("Usage: bide COMMAND [OPTION]...\n\n"
           "Waits for many things at once.\n\nCommands:\n");
    for (size_t i = 0; i < command_count; i++)
        printf("  %-8s %s\n", commands[i].name, commands[i].help);
    printf("  %-8s %s\n", "help", "explain a command: bide help fetch");
    printf("\nOptions:\n"
           "  -h, --help     show this help\n"
           "  -V, --version  show the version\n\n"
           "Every command knows --help.  The manual: man bide, man bide-fetch.\n");
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int unknown_command(const char *name)
{
    fprintf(stderr, "bide: no command '%s'; there are", name);
    for (size_t i = 0; i < command_count; i++)
        fprintf(stderr, "%s %s", i > 0 ? "," : "", commands[i].name);
    fprintf(stderr, " (see bide --help)\n");
    return EXIT_USAGE;
}

static int explain_command(int argc, char **argv)
{
    if (argc < 2) {
        print_help();
        return EXIT_FINE;
    }
    const struct command *command = find_command(argv[1]);
    if (!command)
        return unknown_command(argv[1]);
    char help[] = "--help";
    char *words[] = { argv[1], help, NULL };
    return command->run(2, words);
}

static bool is_one_of(const char *word, const char *letter, const char *name)
{
    return strcmp(word, letter) == 0 || strcmp(word, name) == 0;
}

static int run_command(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "bide: no command (see bide --help)\n");
        return EXIT_USAGE;
    }
    if (is_one_of(argv[1], "-h", "--help")) {
        print_help();
        return EXIT_FINE;
    }
    if (is_one_of(argv[1], "-V", "--version")) {
        printf("bide %s\n", bide_version());
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "help") == 0)
        return explain_command(argc - 1, argv + 1);
    if (argv[1][0] == '-') {
        fprintf(stderr, "bide: unknown option '%s' (see bide --help)\n", argv[1]);
        return EXIT_USAGE;
    }
    const struct command *command = find_command(argv[1]);
    return command ? command->run(argc - 1, argv + 1) : unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);           /* a closed pipe and a file size limit are errors */
    signal(SIGXFSZ, SIG_IGN);           /* of a write, not the end of the program */
    int status = run_command(argc, argv);
    if (fflush(stdout) == 0 || errno == EPIPE)
        return status;
    fprintf(stderr, "bide: standard output: %s\n", strerror(errno));
    return status == EXIT_FINE ? EXIT_FAILED : status;
}
