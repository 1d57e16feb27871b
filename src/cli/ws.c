/* cli/ws.c -- `bide ws`: lines from standard input to a WebSocket, its messages to standard output.
 *
 * Two tasks: one reads lines and sends them, the other receives and prints.  What is typed may be
 * answered late, so the end of standard input does not end the connection at once: it is closed
 * when nothing has come for a while. */
#include "cli/ws.h"
#include "cli/command.h"
#include <bide/pipe.h>
#include <bide/web.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_DEFAULT (4 << 20)
#define CONNECT_SECONDS 30
#define GOODBYE_SECONDS 2

/* ---- lines go out ---- */

static void prompt(const struct ws_run *run)
{
    if (run->prompts)
        fputs("> ", stderr);
}

static int send_line(struct ws_run *run, const char *line, size_t size)
{
    struct bide_message m = { .type = run->options.binary ? BIDE_BINARY : BIDE_TEXT, .data = line,
                              .size = size };
    if (m.size > 0 && line[m.size - 1] == '\n')
        m.size--;
    return bide_ws_send(run->ws, &m);
}

static int send_lines(void *arg)
{
    struct ws_run *run = arg;
    bide_auto(stream) in = bide_stdin();
    if (!in)
        return bide_errcode();
    bide_stream_line_max(in, run->options.size_max ? run->options.size_max : LINE_MAX_DEFAULT);
    char *line;
    ssize_t size;
    prompt(run);
    while ((size = bide_read_until(in, "\n", &line)) > 0) {
        int rc = send_line(run, line, (size_t)size);
        if (rc < 0)
            return rc == BIDE_ECLOSED ? 0 : rc;         /* who receives knows why */
        prompt(run);
    }
    run->said_all = true;
    return (int)size;
}

/* When there is nothing more to say, and nothing more comes. */
static int close_when_quiet(void *arg)
{
    struct ws_run *run = arg;
    int rc = send_lines(run);
    if (rc < 0 || !run->said_all)
        return rc;
    double left;
    while (rc == 0 && (left = run->options.linger - bide_ws_silence(run->ws)) > 0)
        rc = bide_sleep(left);
    return rc == 0 ? bide_ws_finish(run->ws, 1000, NULL) : rc;
}

/* ---- messages come in ---- */

static int write_text(struct ws_run *run, const char *text, size_t size)
{
    int rc = output_reserve_sized(&run->out, size + 1);
    if (rc < 0)
        return rc;
    char *at = mempcpy(output_place(&run->out), text, size);
    *at++ = '\n';
    output_commit(&run->out, at);
    return output_flush(&run->out);
}

/* What is no JSON is printed as it is. */
static int write_message(struct ws_run *run, const struct bide_message *m)
{
    bide_auto(json) document = run->options.json ? bide_json_parse(m->data, m->size) : NULL;
    size_t size = m->size;
    char *pretty = document ? bide_json_write(document, &size, .indent = 2) : NULL;
    if (run->prompts)
        fputs("\r< ", stderr);
    int rc = write_text(run, pretty ? pretty : m->data, pretty ? size : m->size);
    bide_json_text_free(pretty);
    prompt(run);
    return rc;
}

static int receive(struct ws_run *run)
{
    struct bide_message m;
    int rc;
    while ((rc = bide_ws_recv(run->ws, &m)) > 0)
        if ((rc = write_message(run, &m)) < 0)
            break;
    return rc;
}

/* ---- the run ---- */

static bide_ws *dial(struct ws_run *run, bide_session *session)
{
    const struct ws_options *o = &run->options;
    return bide_ws_connect(session, run->url, .protocols = run->protocols, .deflate = o->deflate,
        .heartbeat = o->ping, .headers = run->headers, .redirects = o->location,
        .message_max = o->size_max, .timeout = o->timeout != 0 ? o->timeout : CONNECT_SECONDS);
}

static int close_code(const struct ws_run *run, int rc)
{
    int code = bide_ws_close_code(run->ws);
    const char *reason = bide_ws_close_reason(run->ws);
    bool in_order = code == 1000 || code == 1001 || code == 1005;
    if (rc < 0)
        return rc;
    if (in_order)
        return 0;
    return bide_fail(BIDE_EWS, "the server closed with %d%s%s", code, *reason ? ": " : "", reason);
}

/* Ctrl-C closes as the end of standard input does, within a moment. */
static int say_goodbye(struct ws_run *run)
{
    BIDE_SHIELD(shelter, GOODBYE_SECONDS);
    return bide_ws_finish(run->ws, 1000, NULL);
}

/* What cannot be sent ends the receiving too. */
static int converse(struct ws_run *run)
{
    BIDE_GROUP(sending);
    bide_spawn(sending, close_when_quiet, run);
    int rc = receive(run);
    if (rc == BIDE_ECANCELED || (rc == 0 && run->said_all))
        return bide_group_wait(sending);
    return rc;
}

static int talk(struct ws_run *run)
{
    int rc = converse(run);
    if (!bide_cancelled())
        return close_code(run, rc);
    run->stopped = true;
    bide_ignore(say_goodbye(run));
    return rc;
}

static bide_session *open_session(struct ws_run *run, bide_tls **tls)
{
    const struct ws_options *o = &run->options;
    bool own = o->ca_file || o->cert_file;
    *tls = own ? bide_tls_new(.ca_file = o->ca_file, .cert_file = o->cert_file,
                              .key_file = o->key_file, .insecure = o->insecure) : NULL;
    if (own && !*tls)
        return NULL;
    return bide_session_open(.auth = { .user = run->user, .password = run->password }, .tls = *tls,
        .insecure = o->insecure && !own, .proxy = o->proxy, .trust_env = true);
}

static int run_ws(void *arg)
{
    struct ws_run *run = arg;
    bide_auto(tls) tls = NULL;
    bide_auto(session) session = open_session(run, &tls);
    run->misused = !session;
    bide_auto(ws) ws = session ? dial(run, session) : NULL;
    if (!ws) {
        run->stopped = bide_cancelled();
        return bide_errcode();
    }
    run->ws = ws;
    run->prompts = !run->options.quiet && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    int rc = output_open(&run->out, STDOUT_FILENO);
    if (rc == 0)
        rc = talk(run);
    if (run->prompts)
        fputc('\n', stderr);
    output_close(&run->out);
    return rc;
}

static int exit_status(const struct ws_run *run, int rc)
{
    if (rc == 0)
        return EXIT_FINE;
    if (run->stopped)
        return EXIT_STOPPED;
    if (!run->options.quiet && run->out.error != -EPIPE)
        fprintf(stderr, "bide ws: %s\n", bide_errmsg());
    return run->misused ? EXIT_USAGE : EXIT_FAILED;
}

int ws_command(int argc, char **argv)
{
    struct ws_run run = { .ws = NULL };
    int rc = ws_read_options(&run, argc, argv);
    int status = rc < 0 ? options_status(rc)
                        : exit_status(&run, bide_run(run_ws, &run, .stop_on_signal = true));
    ws_free_options(&run);
    return status;
}
