/* cli/elsewhere.c -- the commands that are in another program, bide-db, beside this one.
 *
 * The databases' client libraries bring a score of others with them (Kerberos, LDAP, ...).  Loading
 * and binding all these was most of what `bide get` did before its first word.  So they are linked
 * to a program of their own, which `bide` becomes when it is asked for such a command: the same
 * process, the same words.  bide-db has all commands; there, these functions are those of import.c
 * and export.c.
 */
#include "cli/command.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the folder of this program, not that of a link to it; so it is found in a build folder, under
 * any prefix, and of the same version. */
static int find_beside(char path[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - sizeof "bide-db");
    if (size < 0)
        return -1;
    path[size] = '\0';
    char *slash = strrchr(path, '/');
    strcpy(slash ? slash + 1 : path, "bide-db");
    return 0;
}

/* Returns only if it fails; errno says why. */
static void run_there(const char *path, int argc, char **argv)
{
    char name[] = "bide", **words = calloc((size_t)argc + 2, sizeof *words);
    if (!words)
        return;
    words[0] = name;
    memcpy(words + 1, argv, (size_t)argc * sizeof *words);
    execv(path, words);
    free(words);
}

static int become(int argc, char **argv)
{
    char path[PATH_MAX];
    if (find_beside(path) < 0) {
        fprintf(stderr, "bide %s: where bide is, is not known: /proc/self/exe: %s\n", argv[0],
                strerror(errno));
        return EXIT_FAILED;
    }
    run_there(path, argc, argv);
    if (errno == ENOENT)
        fprintf(stderr, "bide %s: this needs the program bide-db, which is not installed beside "
                "bide (%s)\n", argv[0], path);
    else
        fprintf(stderr, "bide %s: %s: %s\n", argv[0], path, strerror(errno));
    return EXIT_FAILED;
}

int import_command(int argc, char **argv) { return become(argc, argv); }
int export_command(int argc, char **argv) { return become(argc, argv); }
