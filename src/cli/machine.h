/* cli/machine.h -- the limits of this machine that matter to a program with many tasks.
 *
 * Each is a fact with a name, a value, and, where it is in the way, a sentence that says
 * what to do.  What the machine does not tell is left out. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MACHINE_FACTS 20

/* One limit or property. */
struct fact {
    const char *key;            /* "open_files", for programs */
    const char *title;          /* "open files", for people */
    bool is_number;
    uint64_t number;
    char text[96];              /* the value, for people */
    char advice[240];           /* what to raise, and why; "" if nothing */
};

/* Fills the list, at most MACHINE_FACTS of them; returns how many. */
size_t machine_look(struct fact facts[MACHINE_FACTS]);

#endif
