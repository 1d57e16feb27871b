/* What a server can show: certificates with their keys, by the names that they are for. */
#ifndef TLS_IDENTITIES_H
#define TLS_IDENTITIES_H
#include <bide/strings.h>
#include <openssl/ssl.h>
#include <pthread.h>

struct identity;
struct identities {
    pthread_mutex_t lock;
    bide_strmap *by_name;       /* "example.org", "*.example.org"; NULL: not open */
    struct identity *all, *first;
};

/* Where a certificate with those above it and its key are; the key may be in the same file (NULL),
 * and be encrypted. */
struct identity_files { const char *certificate, *key, *password; };
/* Reads them into a context: 0, or < 0 with the error held. */
int bide__identity_read(SSL_CTX *context, const struct identity_files *files);

/* 0, BIDE_ENOMEM. */
int bide__identities_open(struct identities *ids);
void bide__identities_close(struct identities *ids);
/* Adds what was read into a context: how many names it has, 0: it will not be asked for; or
 * BIDE_ENOMEM, and nothing was added.  The first one is what the connections' own context has. */
int bide__identities_add(struct identities *ids, SSL_CTX *context);
/* Has a connection show what fits the name it was asked for (NULL: none), if it is not the first
 * one; false: out of memory.  Any thread. */
bool bide__identities_show(struct identities *ids, SSL *ssl, const char *name);

#endif
