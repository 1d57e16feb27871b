/* cli/ws_options.c -- the command line of `bide ws`. */
#include "cli/request.h"
#include "cli/ws.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds of silence after the end of standard input. */
#define LINGER_DEFAULT 1

#define FIELD(name) offsetof(struct ws_options, name)
static const struct option option_list[] = {
    { 'H', "header", OPTION_LIST, FIELD(headers), "'NAME: VALUE'",
      "send this header with the handshake; many times" },
    { 'p', "protocol", OPTION_LIST, FIELD(protocols), "NAME",
      "offer this sub-protocol, the best one first; many times" },
    { 'o', "origin", OPTION_TEXT, FIELD(origin), "URL",
      "the page that connects, for servers that ask" },
    { 'b', "binary", OPTION_FLAG, FIELD(binary), NULL, "lines are binary messages" },
    { 'j', "json", OPTION_FLAG, FIELD(json), NULL, "print messages that are JSON with indents" },
    { 0, "deflate", OPTION_FLAG, FIELD(deflate), NULL, "compress, if the server does too" },
    { 0, "ping", OPTION_SECONDS, FIELD(ping), "SECONDS",
      "ping after so much silence; end after as much again" },
    { 0, "linger", OPTION_SECONDS, FIELD(linger), "SECONDS",
      "after the end of standard input, close when nothing\nhas come for so long (default 1)" },
    { 'u', "user", OPTION_TEXT, FIELD(user), "USER:PASSWORD", "who asks" },
    { 'x', "proxy", OPTION_TEXT, FIELD(proxy), "URL",
      "go through this proxy: http://, https://, socks5://,\nsocks5h://; '': none" },
    { 'k', "insecure", OPTION_FLAG, FIELD(insecure), NULL,
      "do NOT verify servers: whoever is on the way can read\nand change everything" },
    { 0, "cacert", OPTION_TEXT, FIELD(ca_file), "FILE",
      "trust these authorities instead of the system's" },
    { 'E', "cert", OPTION_TEXT, FIELD(cert_file), "FILE", "our certificate" },
    { 0, "key", OPTION_TEXT, FIELD(key_file), "FILE", "its key (default: in the same file)" },
    { 'L', "location", OPTION_FLAG, FIELD(location), NULL, "follow redirects" },
    { 'm', "timeout", OPTION_SECONDS, FIELD(timeout), "SECONDS",
      "for connecting and the handshake (default 30)" },
    { 0, "max-size", OPTION_SIZE, FIELD(size_max), "BYTES",
      "the longest message to accept (default 4M)" },
    { 'q', "quiet", OPTION_FLAG, FIELD(quiet), NULL, "no prompt, and no word of how it ended" },
};
static const struct options known = {
    .command = "bide ws",
    .usage = "[OPTION]... URL",
    .about = "Talks to a WebSocket (ws://, wss://): each line of standard input is a message,\n"
             "each message is printed as a line.  Ctrl-C closes it.\n"
             "Exit status: 0 it was closed in order, 1 it failed or was closed for a fault,\n"
             "2 wrong usage, 130 stopped by Ctrl-C.",
    .list = option_list,
    .count = sizeof option_list / sizeof option_list[0],
};

static int refuse(const char *what, const char *got)
{
    fprintf(stderr, got ? "bide ws: %s, got '%s'\n" : "bide ws: %s\n", what, got);
    return OPTIONS_WRONG;
}

static int no_memory(void)
{
    return refuse("out of memory", NULL);
}

/* "Name: value". */
static int read_header(struct bide_pair *pair, const char *text)
{
    size_t name_size = strcspn(text, ":");
    if (text[name_size] != ':' || !request_is_token(text, name_size) || strpbrk(text, "\r\n"))
        return refuse("--header: expected 'Name: value'", text);
    if (!request_split(pair, text, ':'))
        return no_memory();
    pair->value += strspn(pair->value, " \t");
    return 0;
}

static int read_headers(struct ws_run *run)
{
    const struct ws_options *o = &run->options;
    size_t count = 0;
    run->headers = calloc(o->headers.count + 2, sizeof *run->headers);
    if (!run->headers)
        return no_memory();
    for (size_t i = 0; i < o->headers.count; i++) {
        int rc = read_header(&run->headers[count++], o->headers.items[i]);
        if (rc < 0)
            return rc;
    }
    if (!o->origin)
        return 0;
    run->headers[count] = (struct bide_pair){ strdup("Origin"), o->origin };
    return run->headers[count].name ? 0 : no_memory();
}

static int join_protocols(struct ws_run *run)
{
    const struct text_list *list = &run->options.protocols;
    size_t size = 1;
    for (size_t i = 0; i < list->count; i++)
        size += strlen(list->items[i]) + 2;
    char *at = list->count ? run->protocols = malloc(size) : NULL;
    if (list->count && !at)
        return no_memory();
    for (size_t i = 0; i < list->count; i++) {
        if (!request_is_token(list->items[i], strlen(list->items[i])))
            return refuse("--protocol: expected a name", list->items[i]);
        at = stpcpy(stpcpy(at, i > 0 ? ", " : ""), list->items[i]);
    }
    return 0;
}

static int split_user(struct ws_run *run)
{
    const char *user = run->options.user;
    if (!user)
        return 0;
    const char *colon = strchr(user, ':');
    if (!colon)
        return refuse("--user: expected USER:PASSWORD", user);
    run->user = strndup(user, (size_t)(colon - user));
    run->password = strdup(colon + 1);
    return run->user && run->password ? 0 : no_memory();
}

/* ws://, wss://, http://, https://, or a host alone. */
static int read_url(struct ws_run *run, const char *text)
{
    if (strncmp(text, "ws://", 5) == 0 || strncmp(text, "wss://", 6) == 0 ||
        strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0) {
        run->url = text;
        return 0;
    }
    return refuse("expected a URL such as wss://example.org/chat", text);
}

int ws_read_options(struct ws_run *run, int argc, char **argv)
{
    int urls = options_parse(&known, argc, argv, &run->options);
    if (urls < 0)
        return urls;
    if (urls != 1)
        return refuse(urls ? "more than one URL" : "no URL (see bide ws --help)", NULL);
    if (run->options.linger == 0)
        run->options.linger = LINGER_DEFAULT;
    int rc = read_url(run, argv[0]);
    if (rc == 0)
        rc = read_headers(run);
    if (rc == 0)
        rc = join_protocols(run);
    return rc == 0 ? split_user(run) : rc;
}

void ws_free_options(struct ws_run *run)
{
    request_free_pairs(run->headers);
    free(run->protocols);
    free(run->user);
    if (run->password)
        explicit_bzero(run->password, strlen(run->password));
    free(run->password);
    options_free_list(&run->options.headers);
    options_free_list(&run->options.protocols);
}
