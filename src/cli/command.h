/* cli/command.h -- what a sub-command is, and what the program's exit statuses mean.
 *
 * A command gets the words after its own name and returns an exit status.  It prints
 * results on standard output and everything else, errors above all, on standard error. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

enum exit_status {
    EXIT_FINE = 0,
    EXIT_FAILED = 1,            /* something that was asked for did not work */
    EXIT_USAGE = 2,             /* asked wrongly; nothing was begun */
    EXIT_STOPPED = 130,         /* ended by Ctrl-C, as shells report it */
};

/* One sub-command: its name, one line of help, and the function. */
struct command {
    const char *name, *help;
    int (*run)(int argc, char **argv);
};

int get_command(int argc, char **argv);
int fetch_command(int argc, char **argv);
int crawl_command(int argc, char **argv);
int import_command(int argc, char **argv);
int export_command(int argc, char **argv);
int queue_command(int argc, char **argv);
int serve_command(int argc, char **argv);
int ws_command(int argc, char **argv);
int url_command(int argc, char **argv);
int info_command(int argc, char **argv);

#endif
