/* cli/request_options.h -- the options about a request, which `bide get` and `bide fetch` share.
 *
 * One table, so that both take the same words and mean the same by them.  Letters are curl's
 * where it has the option. */
#ifndef CLI_REQUEST_OPTIONS_H
#define CLI_REQUEST_OPTIONS_H
#include "cli/options.h"
#include <stdbool.h>

/* What the command line says about requests.  The first member of a command's own options. */
struct request_options {
    const char *method;
    struct text_list headers, query;
    bool head, in_query, location, compressed, expect;
    size_t redirect_max;
    /* the body */
    struct text_list data;      /* -d and its kin, in their order */
    struct text_list form;      /* -F, --form-string */
    const char *upload, *compress;
    /* who asks */
    const char *user, *bearer, *user_agent, *referer, *range;
    bool digest, netrc;
    struct text_list cookies;
    const char *cookie_jar;
    /* the way */
    const char *proxy, *no_proxy, *unix_path, *local_address;
    struct text_list proxy_headers;
    bool ipv4, ipv6;
    /* TLS */
    bool insecure;
    const char *ca_file, *ca_dir, *crl_file, *cert_file, *key_file, *key_password;
    const char *pins, *min_version, *ciphers, *server_name;
    /* patience */
    double timeout, connect_timeout, retry_delay, retry_cap;
    struct text_list phase_timeouts;
    size_t retries, size_max;
    bool retry_all, fail, trace;
};

extern const struct option request_option_list[];
extern const size_t request_option_count;

/* Frees the lists. */
void request_options_free(struct request_options *o);

#endif
