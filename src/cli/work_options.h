/* cli/work_options.h -- the options of commands that work at a shared list. */
#ifndef CLI_WORK_OPTIONS_H
#define CLI_WORK_OPTIONS_H
#include "cli/options.h"
#include <stdbool.h>
#include <stddef.h>

/* Seconds without a word after which a worker is taken for dead. */
#define WORK_CLAIM_DEFAULT 60
/* How often an item is handed out before it is buried. */
#define WORK_TRIES_DEFAULT 5
/* Items in the list above which adding waits. */
#define WORK_LENGTH_DEFAULT 1000000
/* Seconds that a server may be away. */
#define WORK_PATIENCE_DEFAULT 300

struct work_options {
    const char *url;            /* NULL: there is no list */
    double claim, patience;
    size_t tries, length;
    bool stay;
};

/* Rows for a command's table of options; `member` is the struct work_options in its struct. */
#define WORK_OPTION_ROWS(type, member) \
    { 0, "queue", OPTION_TEXT, offsetof(type, member.url), "URL", \
      "share the work by the list redis://HOST[:PORT]/STREAM" }, \
    { 0, "queue-claim", OPTION_SECONDS, offsetof(type, member.claim), "SECONDS", \
      "take over from workers silent for so long (default 60)" }, \
    { 0, "queue-tries", OPTION_COUNT, offsetof(type, member.tries), "N", \
      "hand an item out N times, then put it aside (default 5)" }, \
    { 0, "queue-patience", OPTION_SECONDS, offsetof(type, member.patience), "SECONDS", \
      "how long Redis may be away (default 300)" }, \
    { 0, "queue-stay", OPTION_FLAG, offsetof(type, member.stay), NULL, \
      "wait for more when the list is empty" }
/* One more, where only who works at nothing adds to the list: workers would wait for themselves. */
#define WORK_OPTION_MAX(type, member) \
    { 0, "queue-max", OPTION_COUNT, offsetof(type, member.length), "N", \
      "wait with adding while the list has N (default 1000000)" }

/* Sets the defaults and checks that they go together: 0 or OPTIONS_WRONG, with a sentence
 * printed. */
int work_options_check(struct work_options *o, const char *command);

#endif
