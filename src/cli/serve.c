/* cli/serve.c -- `bide serve`: files of a directory, an echo, or the demo's small services.
 *
 * The first line on standard output is the address, so a script can ask for any free port
 * and read which one it got.  It listens on this machine alone unless told otherwise.
 * Ending it by a signal is the ordinary way, so that is a success. */
#include "cli/serve.h"
#include "cli/command.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Seconds that running requests get at the end. */
#define GRACE 0.5

static const char *scheme_of(const struct serve_options *options)
{
    return options->tls ? "https" : "http";
}

/* Nobody waits for an address that could not be written. */
static void tell_address(void *arg, const char *address)
{
    const struct serve_options *options = arg;
    if (strncmp(address, "unix:", 5) == 0)
        printf("%s\n", address);
    else
        printf("%s://%s\n", scheme_of(options), address);
    fflush(stdout);
}

static bide_app *make_app(const struct serve_options *options)
{
    if (options->directory)
        return serve_directory_app(options);
    return options->echo ? serve_echo_app(options) : bide_demo_app();
}

static int add_middlewares(bide_app *app, const struct serve_options *options)
{
    if (options->compress && bide_use_compress(app) < 0)
        return bide_errcode();
    return options->cors ? bide_use_cors(app, "*", .headers = "*", .methods = "*", .expose = "*")
                         : 0;
}

/* ---- where ---- */

/* Ended by one that is all zero; NULL: out of memory. */
static struct bide_site *sites_of(const struct serve_options *options, bide_tls *tls)
{
    const struct text_list *addresses = &options->addresses;
    struct bide_site *sites = calloc(addresses->count + 2, sizeof *sites);
    if (!sites) {
        bide_fail(BIDE_ENOMEM, "out of memory");
        return NULL;
    }
    sites[0].address = "127.0.0.1:0";
    sites[0].tls = tls;
    for (size_t i = 0; i < addresses->count; i++)
        sites[i] = (struct bide_site){ .address = addresses->items[i], .tls = tls };
    return sites;
}

BIDE_WAITS static int run(bide_app *app, const struct serve_options *options,
                          const struct bide_site *sites)
{
    int form = options->log ? serve_log_of(options->log) : BIDE_LOG_NONE;
    int rc = bide_app_run(app, NULL, .sites = sites, .workers = (unsigned)options->workers,
                          .access_log = form,
                          .access_format = form == BIDE_LOG_NONE ? options->log : NULL,
                          .listening = tell_address,
                          .listening_arg = (void *)(uintptr_t)options, .grace = GRACE);
    return rc == BIDE_ECANCELED && bide_cancelled() ? 0 : rc;
}

static int serve(void *arg)
{
    const struct serve_options *options = arg;
    bide_auto(app) app = make_app(options);
    if (!app || add_middlewares(app, options) < 0)
        return bide_errcode();
    bide_auto(tls) tls = options->tls ? bide_tls_new(.server = true, .cert_file = options->tls,
                                                     .key_file = options->key) : NULL;
    if (options->tls && !tls)
        return bide_errcode();
    struct bide_site *sites = sites_of(options, tls);
    int rc = sites ? run(app, options, sites) : bide_errcode();
    free(sites);
    return rc;
}

/* Every connection is an open file. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int serve_command(int argc, char **argv)
{
    struct serve_options options = { .demo = false };
    int status = serve_options_read(argc, argv, &options);
    if (status > 0)
        return status - 1;
    raise_file_limit();
    int rc = bide_run(serve, &options, .stop_on_signal = true);
    options_free_list(&options.addresses);
    if (rc == 0)
        return EXIT_FINE;
    fprintf(stderr, "bide serve: %s\n", bide_errmsg());
    return EXIT_FAILED;
}
