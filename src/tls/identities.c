/* What a server can show, chosen by the name that a client asks for (SNI, RFC 6066).
 *
 * A name is looked up as it is, then with its first label replaced by "*" (RFC 6125: a wildcard
 * stands for one whole label).  Of several for one name OpenSSL takes what the client can verify,
 * and of those with keys of one kind the one that came first.
 *
 * The lock is held while a connection is given what it shows, a microsecond of a handshake of some
 * hundred; connections of all threads go through here, and certificates are added meanwhile. */
#include "tls/identities.h"

#include "base/memory.h"
#include "tls/refusal.h"

#include <bide/error.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { HOST_MAX = 253 };

struct identity {
    struct identity *next;
    X509 *certificate;
    EVP_PKEY *key;
    STACK_OF(X509) *chain;      /* those above it; NULL: none */
};
/* All for one name, in the order in which they came. */
struct bearers { struct identity **list; size_t count; };

/* ---- reading ---- */

static int give_password(char *to, int room, int encrypting, void *password)
{
    (void)encrypting;
    size_t size = password ? strlen(password) : 0;
    if (size == 0 || size > (size_t)room)
        return -1;
    memcpy(to, password, size);
    return (int)size;
}

int bide__identity_read(SSL_CTX *context, const struct identity_files *files)
{
    const char *key = files->key ? files->key : files->certificate;
    int rc = 0;
    SSL_CTX_set_default_passwd_cb(context, give_password);
    SSL_CTX_set_default_passwd_cb_userdata(context, (void *)(uintptr_t)files->password);
    if (SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1)
        rc = bide__tls_file_refused("certificate", files->certificate);
    else if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        rc = bide__tls_file_refused("key", key);
    SSL_CTX_set_default_passwd_cb_userdata(context, NULL);
    return rc;
}

/* ---- names ---- */

/* In lower case and without a last dot.  False: it is no name of a host, and no "*." with one. */
static bool write_name(char to[HOST_MAX + 1], const char *name, size_t size)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    if (size && name[size - 1] == '.')
        size--;
    if (size == 0 || size > HOST_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        to[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i]);
    to[size] = '\0';
    const char *rest = strncmp(to, "*.", 2) == 0 ? to + 2 : to;
    return *rest && *rest != '.' && strspn(rest, letters) == size - (size_t)(rest - to);
}

static void drop_bearers(void *arg)
{
    struct bearers *those = arg;
    bide__free(those->list);
    bide__free(those);
}

static struct bearers *bearers_of(struct identities *ids, const char *name)
{
    struct bearers *those = bide_strmap_get(ids->by_name, name);
    if (those)
        return those;
    those = bide__zalloc(sizeof *those);
    if (those && bide_strmap_set(ids->by_name, name, those) < 0) {
        drop_bearers(those);
        return NULL;
    }
    return those;
}

static bool put_name(struct identities *ids, const char *name, struct identity *one)
{
    struct bearers *those = bearers_of(ids, name);
    if (!those)
        return false;
    if (those->count && those->list[those->count - 1] == one)
        return true;
    struct identity **list = bide__resize(those->list, (those->count + 1) * sizeof *list);
    if (!list)
        return false;
    those->list = list;
    list[those->count++] = one;
    return true;
}

/* Of the newest one, which is last wherever it is. */
static void take_names(struct identities *ids, const struct identity *one)
{
    uint64_t at = 0;
    void *value;
    for (const char *name; (name = bide_strmap_next(ids->by_name, &at, &value));) {
        struct bearers *those = value;
        if (those->count && those->list[those->count - 1] == one)
            those->count--;
        if (!those->count)
            bide_strmap_remove(ids->by_name, name);
    }
}

/* How many; < 0: out of memory. */
static int put_names(struct identities *ids, struct identity *one)
{
    char name[HOST_MAX + 1];
    int count = 0;
    GENERAL_NAMES *names = X509_get_ext_d2i(one->certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; count >= 0 && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *given = sk_GENERAL_NAME_value(names, i);
        const ASN1_STRING *text = given->type == GEN_DNS ? given->d.dNSName : NULL;
        if (text && write_name(name, (const char *)ASN1_STRING_get0_data(text),
                               (size_t)ASN1_STRING_length(text)))
            count = put_name(ids, name, one) ? count + 1 : -1;
    }
    GENERAL_NAMES_free(names);
    return count;
}

/* ---- a set of them ---- */

int bide__identities_open(struct identities *ids)
{
    ids->by_name = bide_strmap_new(.drop = drop_bearers);
    if (!ids->by_name)
        return bide_errcode();
    pthread_mutex_init(&ids->lock, NULL);
    return 0;
}

static void free_identity(struct identity *one)
{
    X509_free(one->certificate);
    EVP_PKEY_free(one->key);
    sk_X509_pop_free(one->chain, X509_free);
    bide__free(one);
}

void bide__identities_close(struct identities *ids)
{
    if (!ids->by_name)
        return;
    while (ids->all) {
        struct identity *gone = ids->all;
        ids->all = gone->next;
        free_identity(gone);
    }
    bide_strmap_free(ids->by_name);
    pthread_mutex_destroy(&ids->lock);
}

/* One more owner of what the context has. */
static struct identity *new_identity(SSL_CTX *context)
{
    struct identity *one = bide__zalloc(sizeof *one);
    STACK_OF(X509) *chain = NULL;
    if (!one)
        return NULL;
    SSL_CTX_get0_chain_certs(context, &chain);
    one->certificate = SSL_CTX_get0_certificate(context);
    X509_up_ref(one->certificate);
    one->key = SSL_CTX_get0_privatekey(context);
    EVP_PKEY_up_ref(one->key);
    if (chain && !(one->chain = X509_chain_up_ref(chain))) {
        free_identity(one);
        return NULL;
    }
    return one;
}

int bide__identities_add(struct identities *ids, SSL_CTX *context)
{
    struct identity *one = new_identity(context);
    if (!one)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    pthread_mutex_lock(&ids->lock);
    int count = put_names(ids, one);
    if (count < 0) {
        take_names(ids, one);
        free_identity(one);
    } else {
        one->next = ids->all;
        ids->all = one;
        ids->first = ids->first ? ids->first : one;
    }
    pthread_mutex_unlock(&ids->lock);
    return count < 0 ? bide_fail(BIDE_ENOMEM, "out of memory") : count;
}

/* ---- choosing ---- */

static const struct bearers *find(const struct identities *ids, char name[HOST_MAX + 1])
{
    const struct bearers *those = bide_strmap_get(ids->by_name, name);
    char *dot = strchr(name, '.');
    if (those || !dot || dot == name)
        return those;
    *--dot = '*';
    return bide_strmap_get(ids->by_name, dot);
}

/* The last first: one of the same kind takes the place of the one before it. */
static bool show(SSL *ssl, const struct bearers *those)
{
    SSL_certs_clear(ssl);
    for (size_t i = those->count; i-- > 0;) {
        const struct identity *one = those->list[i];
        if (SSL_use_cert_and_key(ssl, one->certificate, one->key, one->chain, 1) != 1)
            return false;
    }
    return true;
}

bool bide__identities_show(struct identities *ids, SSL *ssl, const char *asked)
{
    char name[HOST_MAX + 1];
    if (!asked || !write_name(name, asked, strlen(asked)))
        return true;
    pthread_mutex_lock(&ids->lock);
    const struct bearers *those = find(ids, name);
    bool usual = !those || (those->count == 1 && those->list[0] == ids->first);
    bool shown = usual || show(ssl, those);
    pthread_mutex_unlock(&ids->lock);
    return shown;
}
