/* cli/get_options.c -- the command line of `bide get`. */
#include "cli/get.h"
#include "http/disposition.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct get_options, name)
static const struct option option_list[] = {
    { 'o', "output", OPTION_TEXT, FIELD(output), "FILE",
      "write to this file, which is whole or not there" },
    { 'O', "remote-name", OPTION_FLAG, FIELD(remote_name), NULL,
      "the same, named as the last part of the URL's path" },
    { 0, "resume", OPTION_FLAG, FIELD(resume), NULL,
      "with -o or -O: keep what came of it if it breaks off,\nand go on from there next time" },
    { 'C', "continue-at", OPTION_TEXT, FIELD(continue_at), "-", "the same" },
    { 'i', "include", OPTION_FLAG, FIELD(include), NULL, "the reply's head before its body" },
    { 0, "fail-with-body", OPTION_FLAG, FIELD(fail_with_body), NULL,
      "as --fail, and the body is written all the same" },
    { 's', "silent", OPTION_FLAG, FIELD(silent), NULL, "do not say why it failed" },
    { 'S', "show-error", OPTION_FLAG, FIELD(show_error), NULL, "say it, also with -s" },
};

/* The table of the shared options has a size that is known when linking only. */
static struct options known_options(void)
{
    return (struct options){
        .command = "bide get",
        .usage = "[OPTION]... URL",
        .about = "Fetches one URL and writes its body, and nothing else, to standard output.\n"
                 "Exit status: 0 the reply was complete and legal (with -f: and its status below\n"
                 "400), 1 it was not, 2 wrong usage, 130 stopped by Ctrl-C.  Options are curl's\n"
                 "where it has them.",
        .list = option_list,
        .count = sizeof option_list / sizeof option_list[0],
        .shared = request_option_list,
        .shared_count = request_option_count,
    };
}

static int no_memory(const struct get *get)
{
    return request_refuse(&get->request, "out of memory", NULL);
}

/* Takes who asks out of the URL, so that no line of --trace can show the password. */
static int take_user(struct get *get, const bide_url *u)
{
    struct request *r = &get->request;
    if (!bide_url_user(u) || r->fetch.auth.user || r->fetch.auth.bearer)
        return 0;
    r->user = strdup(bide_url_user(u));
    r->password = strdup(bide_url_password(u) ? bide_url_password(u) : "");
    if (!r->user || !r->password)
        return no_memory(get);
    r->fetch.auth.user = r->user;
    r->fetch.auth.password = r->password;
    return 0;
}

static int read_url(struct get *get, const char *text)
{
    const char *url = request_url(&get->request, text);
    bide_auto(url) u = url ? bide_url_parse(url, .guess_scheme = true) : NULL;
    int rc = !url ? no_memory(get) : u ? 0 : request_refuse(&get->request, bide_errmsg(), NULL);
    if (rc == 0)
        rc = take_user(get, u);
    if (rc == 0)
        get->url = strdup(bide_url_redacted(u));
    if (url != text)
        free((void *)(uintptr_t)url);
    return rc < 0 || get->url ? rc : no_memory(get);
}

/* The last part of the path, harmless as a name. */
static int name_file(struct get *get)
{
    const struct get_options *o = &get->options;
    char name[DISPOSITION_NAME_SIZE];
    if (o->output && strcmp(o->output, "-") == 0)
        return 0;
    if (!o->remote_name) {
        get->path = o->output ? strdup(o->output) : NULL;
        return o->output && !get->path ? no_memory(get) : 0;
    }
    bide_auto(url) u = bide_url_parse(get->url);
    const char *path = bide_url_path(u), *slash = path ? strrchr(path, '/') : NULL;
    snprintf(name, sizeof name, "%s", slash ? slash + 1 : "");
    if (bide__filename_sanitize(name, strlen(name)) <= 0)
        return request_refuse(&get->request, "--remote-name: the URL has no name in it; use -o",
                              NULL);
    get->path = strdup(name);
    return get->path ? 0 : no_memory(get);
}

static int check_resume(struct get *get)
{
    struct get_options *o = &get->options;
    struct request *r = &get->request;
    if (o->continue_at && strcmp(o->continue_at, "-") != 0)
        return request_refuse(r, "--continue-at: expected '-': where to go on is found out",
                              o->continue_at);
    o->resume = o->resume || o->continue_at;
    if (!o->resume)
        return 0;
    if (!o->output && !o->remote_name)
        return request_refuse(r, "--resume: name a file with -o", NULL);
    if (strcmp(r->method, "GET") != 0 || r->has_body || o->include || o->request.range)
        return request_refuse(r, "--resume goes with GET alone, without a body, --include and "
                              "--range", NULL);
    return 0;
}

static int check(struct get *get, int urls)
{
    const struct get_options *o = &get->options;
    const struct request *r = &get->request;
    if (urls == 0)
        return request_refuse(r, "no URL (see bide get --help)", NULL);
    if (urls > 1)
        return request_refuse(r, "more than one URL; bide fetch takes many", NULL);
    if (o->output && o->remote_name)
        return request_refuse(r, "--output and --remote-name do not go together", NULL);
    return check_resume(get);
}

int get_read_options(struct get *get, int argc, char **argv)
{
    struct options known = known_options();
    get->request.command = known.command;
    int urls = options_parse(&known, argc, argv, &get->options);
    if (urls < 0)
        return urls;
    int rc = request_prepare(&get->request, known.command, &get->options.request);
    if (rc == 0)
        rc = check(get, urls);
    if (rc == 0)
        rc = read_url(get, argv[0]);
    return rc == 0 ? name_file(get) : rc;
}
