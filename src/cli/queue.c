/* cli/queue.c -- `bide queue`: looks after a work list that bide fetch, crawl and import share.
 *
 * `bide queue URL` shows it; other verbs stand before the URL, which cannot be taken for one. */
#include "cli/queue.h"
#include "cli/command.h"
#include <stdio.h>
#include <string.h>

/* Some verbs take words behind the URL. */
static const struct verb {
    const char *name;
    int (*run)(struct queue_run *run);          /* waits: in each of them */
    bool takes_words, takes_input, takes_json;
} verbs[] = {
    { "show", queue_show, false, false, true },
    { "add", queue_add, true, true, true },
    { "results", queue_results, false, false, false },
    { "dead", queue_dead, false, false, false },
    { "retry", queue_retry, true, false, true },
    { "drain", queue_drain, false, false, false },
    { "drop", queue_drop, false, false, true },
};

#define FIELD(name) offsetof(struct queue_options, name)
static const struct option option_list[] = {
    { 'i', "input", OPTION_TEXT, FIELD(file), "FILE",
      "add: the lines of FILE; '-': standard input" },
    WORK_OPTION_MAX(struct queue_options, work),
    { 0, "queue-patience", OPTION_SECONDS, FIELD(work.patience), "SECONDS",
      "add: how long Redis may be away (default 300)" },
    { 0, "json", OPTION_FLAG, FIELD(json), NULL,
      "show, add, retry, drop: one object, for programs" },
};
static const struct options known = {
    .command = "bide queue",
    .usage = "[VERB] redis://HOST[:PORT][/DATABASE]/STREAM [ITEM]...",
    .about = "Looks after a work list that bide fetch, crawl and import share.  Verbs:\n"
             "  show       how much is left and done, and who works at it (the usual one)\n"
             "  add        put ITEMs on the list, each once\n"
             "  results    print the lines that came of what is done\n"
             "  dead       print what was put aside, and why\n"
             "  retry      put ITEMs that were put aside back on the list, or all\n"
             "  drain      take out what nobody works at, and print it\n"
             "  drop       delete the list with its results\n"
             "Exit status: 0 all went well, 1 it did not, 2 wrong usage.",
    .list = option_list,
    .count = sizeof option_list / sizeof option_list[0],
};

static int refuse(const char *what, const char *which)
{
    fprintf(stderr, "bide queue: %s%s (see bide queue --help)\n", which, what);
    return EXIT_USAGE;
}

/* The verb that the first word is, or the usual one before a URL. */
static const struct verb *find_verb(char ***words, int *count)
{
    const struct verb *verb = NULL;
    if (*count > 0 && strchr((*words)[0], ':'))
        return &verbs[0];
    for (size_t i = 0; *count > 0 && !verb && i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp((*words)[0], verbs[i].name) == 0)
            verb = &verbs[i];
    if (verb) {
        ++*words;
        --*count;
    }
    return verb;
}

static int check(const struct verb *verb, const struct queue_options *o, char **words, int count)
{
    if (count == 0)
        return refuse(": which list? (redis://HOST[:PORT]/STREAM)", verb->name);
    if (count > 1 && !verb->takes_words)
        return refuse(": takes the list alone", verb->name);
    if (o->file && !verb->takes_input)
        return refuse(": there is nothing to be read", verb->name);
    if (o->json && !verb->takes_json)
        return refuse(": prints lines anyway", verb->name);
    if (verb->takes_input && count == 1 && !o->file)
        return refuse(": nothing to add: name ITEMs, or a file of them with -i", verb->name);
    struct work_place place;
    if (work_place_read(&place, words[0]) < 0)
        return refuse("", bide_errmsg());
    return EXIT_FINE;
}

struct call { struct queue_run run; const struct verb *verb; };

static int run(void *arg)
{
    struct call *call = arg;
    int rc = work_queue_open(&call->run.queue, &call->run.options->work, "bide queue", "item");
    if (rc == 0)
        rc = call->verb->run(&call->run);
    work_queue_close(&call->run.queue);
    return rc;
}

static int run_verb(const struct verb *verb, struct queue_options *o, char **words, int count)
{
    struct call call = { { .options = o, .words = words + 1, .count = (size_t)count - 1 }, verb };
    int status = check(verb, o, words, count);
    if (status != EXIT_FINE)
        return status;
    o->work.url = words[0];
    if (work_options_check(&o->work, "bide queue") < 0)
        return EXIT_USAGE;
    int rc = bide_run(run, &call, .stop_on_signal = true);
    work_queue_leave(&call.run.queue, NULL, NULL);
    if (rc == BIDE_ECANCELED)
        return EXIT_STOPPED;
    if (rc < 0 && rc != -EPIPE)         /* who read has had enough; no failure */
        fprintf(stderr, "bide queue: %s\n", bide_errmsg());
    return rc < 0 && rc != -EPIPE ? EXIT_FAILED : EXIT_FINE;
}

int queue_command(int argc, char **argv)
{
    struct queue_options options = { .file = NULL };
    int count = options_parse(&known, argc, argv, &options);
    if (count < 0)
        return options_status(count);
    char **words = argv;
    if (count == 0)
        return refuse("which list? (redis://HOST[:PORT]/STREAM)", "");
    const struct verb *verb = find_verb(&words, &count);
    if (!verb)
        return refuse(": neither a verb nor a list", words[0]);
    return run_verb(verb, &options, words, count);
}
