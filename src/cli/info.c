/* cli/info.c -- `bide info`: what runs here, and which limits it will meet. */
#include "cli/command.h"
#include "cli/machine.h"
#include "cli/ndjson.h"
#include "cli/options.h"
#include <bide.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct info_options { bool json; };

static const struct option option_list[] = {
    { 'j', "json", OPTION_FLAG, offsetof(struct info_options, json), NULL,
      "print one JSON object" },
};
static const struct options known = {
    .command = "bide info",
    .usage = "[--json]",
    .about = "Tells the version, the poller, how stacks are guarded, the limits of this machine\n"
             "that matter, and what to raise.",
    .list = option_list,
    .count = 1,
};

static int ask_poller(void *name)
{
    *(const char **)name = bide_poller_name();
    return 0;
}

static void print_string(const char *key, const char *text)
{
    char room[NDJSON_ROOM(256) + 1];
    *ndjson_string(room, text, strnlen(text, 256)) = '\0';
    printf("%s\"%s\":%s", strcmp(key, "version") == 0 ? "{" : ",", key, room);
}

static void print_json(const char *poller, const struct fact *facts, size_t count)
{
    print_string("version", bide_version());
    print_string("poller", poller);
    for (size_t i = 0; i < count; i++) {
        if (facts[i].is_number)
            printf(",\"%s\":%" PRIu64, facts[i].key, facts[i].number);
        else
            print_string(facts[i].key, facts[i].text);
    }
    printf(",\"advice\":{");
    const char *before = "";
    for (size_t i = 0; i < count; i++) {
        char room[NDJSON_ROOM(sizeof facts[i].advice) + 1];
        if (!facts[i].advice[0])
            continue;
        *ndjson_string(room, facts[i].advice, strlen(facts[i].advice)) = '\0';
        printf("%s\"%s\":%s", before, facts[i].key, room);
        before = ",";
    }
    printf("}}\n");
}

static void print_text(const char *poller, const struct fact *facts, size_t count)
{
    printf("%-22s %s\n", "bide", bide_version());
    printf("%-22s %s\n", "poller", poller);
    for (size_t i = 0; i < count; i++)
        printf("%-22s %s\n", facts[i].title, facts[i].text);
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (facts[i].advice[0])
            printf("%s- %s: %s\n", any ? "" : "\nWhat to raise:\n", facts[i].title,
                   facts[i].advice);
        any = any || facts[i].advice[0];
    }
    if (!any)
        printf("\nNothing needs to be raised.\n");
}

int info_command(int argc, char **argv)
{
    struct info_options options = { false };
    struct fact facts[MACHINE_FACTS];
    const char *poller = NULL;
    int operands = options_parse(&known, argc, argv, &options);
    if (operands < 0)
        return options_status(operands);
    if (operands > 0) {
        fprintf(stderr, "bide info: unexpected '%s' (see bide info --help)\n", argv[0]);
        return EXIT_USAGE;
    }
    if (bide_run(ask_poller, &poller) < 0 || !poller) {
        fprintf(stderr, "bide info: %s\n", bide_errmsg());
        return EXIT_FAILED;
    }
    size_t count = machine_look(facts);
    if (options.json)
        print_json(poller, facts, count);
    else
        print_text(poller, facts, count);
    return EXIT_FINE;
}
