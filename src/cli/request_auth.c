/* cli/request_auth.c -- who asks, over which way: users, proxies, certificates. */
#include "cli/request.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_SIZE 1024
#define PINS_MAX 32

/* ---- users ---- */

/* One line from the terminal, which does not show it; false: there is no terminal, or no line. */
static bool ask_terminal(int fd, const char *user, char password[PASSWORD_SIZE])
{
    struct termios before, quiet;
    if (tcgetattr(fd, &before) < 0)
        return false;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    dprintf(fd, "Password of %.200s: ", user);
    tcsetattr(fd, TCSAFLUSH, &quiet);
    ssize_t size = read(fd, password, PASSWORD_SIZE - 1);
    tcsetattr(fd, TCSAFLUSH, &before);
    dprintf(fd, "\n");
    if (size <= 0)
        return false;
    password[size] = '\0';
    password[strcspn(password, "\r\n")] = '\0';
    return true;
}

static int ask_password(struct request *r)
{
    char password[PASSWORD_SIZE];
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    bool told = fd >= 0 && ask_terminal(fd, r->user, password);
    if (fd >= 0)
        close(fd);
    if (!told)
        return request_refuse(r, "--user: expected 'USER:PASSWORD', and there is no terminal to "
                              "ask for the password", NULL);
    r->password = strdup(password);
    explicit_bzero(password, sizeof password);
    return r->password ? 0 : request_refuse(r, "out of memory", NULL);
}

static int split_user(struct request *r)
{
    r->user = strdup(r->options->user);
    if (!r->user)
        return request_refuse(r, "out of memory", NULL);
    char *colon = strchr(r->user, ':');
    if (!colon)
        return ask_password(r);
    *colon = '\0';
    r->password = strdup(colon + 1);
    return r->password ? 0 : request_refuse(r, "out of memory", NULL);
}

int request_prepare_auth(struct request *r)
{
    const struct request_options *o = r->options;
    if (o->user && o->bearer)
        return request_refuse(r, "--user and --bearer do not go together", NULL);
    if (o->digest && !o->user)
        return request_refuse(r, "--digest: there is no --user", NULL);
    int rc = o->user ? split_user(r) : 0;
    r->fetch.auth = (struct bide_auth){ .user = r->user, .password = r->password,
                                        .bearer = o->bearer, .digest = o->digest };
    return rc;
}

/* ---- the way ---- */

/* The session takes from the environment what nothing else is said about, as curl does: proxies
 * always, users only if asked for.  With --noproxy the options stand in for the environment, for
 * a proxy that is named counts for every host. */
void request_prepare_proxy(const struct request *r)
{
    const struct request_options *o = r->options;
    if (!o->netrc)
        setenv("NETRC", "", 1);         /* no file is called so */
    if (!o->no_proxy)
        return;
    setenv("no_proxy", o->no_proxy, 1);
    unsetenv("NO_PROXY");
    static const char *const names[] = { "http_proxy", "https_proxy" };
    for (size_t i = 0; o->proxy && i < sizeof names / sizeof names[0]; i++)
        setenv(names[i], o->proxy, 1);
}

/* ---- TLS ---- */

static bool is_asked(const struct request_options *o)
{
    const char *const any[] = { o->ca_file, o->ca_dir, o->crl_file, o->cert_file, o->key_file,
                                o->key_password, o->pins, o->min_version, o->ciphers };
    for (size_t i = 0; i < sizeof any / sizeof any[0]; i++)
        if (any[i])
            return true;
    return false;
}

/* "sha256//HASH;sha256//HASH", as curl has it: one '/' less is the library's.  In place. */
static int split_pins(struct request *r, char *text, const char *pins[PINS_MAX + 1])
{
    size_t count = 0;
    for (char *rest = text, *pin; (pin = strsep(&rest, ";"));) {
        if (count == PINS_MAX)
            return request_refuse(r, "--pinnedpubkey: too many", NULL);
        if (strncmp(pin, "sha256//", 8) == 0)
            memmove(pin + 7, pin + 8, strlen(pin + 8) + 1);
        pins[count++] = pin;
    }
    pins[count] = NULL;
    return 0;
}

int request_prepare_tls(struct request *r)
{
    const struct request_options *o = r->options;
    const char *pins[PINS_MAX + 1];
    if (!is_asked(o))
        return 0;
    char *text = strdup(o->pins ? o->pins : "");
    int rc = text ? split_pins(r, text, pins) : request_refuse(r, "out of memory", NULL);
    if (rc == 0) {
        r->tls = bide_tls_new(.insecure = o->insecure, .ca_file = o->ca_file, .ca_dir = o->ca_dir,
            .cert_file = o->cert_file, .key_file = o->key_file, .crl_file = o->crl_file,
            .key_password = o->key_password, .pins = o->pins ? pins : NULL,
            .min_version = o->min_version, .ciphers = o->ciphers);
        rc = r->tls ? 0 : request_refuse(r, bide_errmsg(), NULL);
    }
    free(text);
    return rc;
}
