/* Certificates for tests; the table says which.  Keys are of P-256, which is quick. */
#include "certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DAY = 86400, YEAR = 365 * DAY };
#define USUAL "DNS:example.org,DNS:localhost,IP:127.0.0.1,IP:::1"

static const struct kind {
    const char *name, *issuer, *names, *usage, *constraints;
    const char *common;         /* default: name */
    long from, to;              /* seconds from now; default: an hour ago, in a year */
    int rsa_bits;
    bool authority, sha1;
} kinds[] = {
    { .name = "root", .authority = true },
    { .name = "unknown-root", .authority = true },
    { .name = "intermediate", .issuer = "root", .authority = true },
    { .name = "constrained", .issuer = "root", .authority = true,
      .constraints = "permitted;DNS:allowed.example" },
    { .name = "good", .issuer = "intermediate", .names = USUAL },
    { .name = "direct", .issuer = "root", .names = USUAL },
    { .name = "expired", .issuer = "root", .names = USUAL, .from = -30 * DAY, .to = -10 * DAY },
    { .name = "early", .issuer = "root", .names = USUAL, .from = 10 * DAY, .to = 20 * DAY },
    { .name = "other", .issuer = "root", .names = "DNS:other.example" },
    { .name = "self", .names = USUAL },
    { .name = "unknown", .issuer = "unknown-root", .names = USUAL },
    { .name = "revoked", .issuer = "root", .names = USUAL },
    { .name = "client", .issuer = "root", .names = USUAL, .usage = "clientAuth" },
    { .name = "outside", .issuer = "constrained", .names = "DNS:example.org" },
    { .name = "inside", .issuer = "constrained", .names = "DNS:a.allowed.example" },
    { .name = "weak", .issuer = "root", .names = USUAL, .rsa_bits = 1024 },
    { .name = "sha1", .issuer = "root", .names = USUAL, .sha1 = true },
    { .name = "wildcard", .issuer = "root", .names = "DNS:*.example.org" },
    { .name = "partial", .issuer = "root", .names = "DNS:w*.example.org" },
    { .name = "common", .issuer = "root", .common = "example.org" },
    { .name = "rsa", .issuer = "root", .names = USUAL, .rsa_bits = 2048 },
    { .name = "www", .issuer = "intermediate", .names = "DNS:www.example.org,DNS:WEB.Example.Org" },
};
enum { KINDS = sizeof kinds / sizeof *kinds, CRL = KINDS };
_Static_assert((int)KINDS < (int)CERTIFICATES_MAX, "too many kinds");

struct made { X509 *certificate; EVP_PKEY *key; };

static struct made *make(struct certificates *c, int number);

static void must(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "certificates: %s failed\n", what);
    abort();
}

static int number_of(const char *name)
{
    if (strcmp(name, "crl") == 0)
        return CRL;
    for (int i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return i;
    must(false, name);
    return -1;
}

static void add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    if (!value)
        return;
    X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(e && X509_add_ext(x, e, -1), value);
    X509_EXTENSION_free(e);
}

static EVP_PKEY *make_key(const struct kind *kind)
{
    EVP_PKEY *key = kind->rsa_bits ? EVP_RSA_gen((unsigned)kind->rsa_bits) : EVP_EC_gen("P-256");
    must(key, "a key");
    return key;
}

static void set_names(X509 *x, const struct kind *kind, X509 *issuer)
{
    X509_NAME *subject = X509_get_subject_name(x);
    const char *common = kind->common ? kind->common : kind->name;
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)common, -1,
                               -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer));
}

static void set_extensions(X509 *x, const struct kind *kind, X509 *issuer)
{
    add_extension(x, issuer, NID_basic_constraints, kind->authority ? "critical,CA:TRUE"
                                                                    : "critical,CA:FALSE");
    add_extension(x, issuer, NID_key_usage, kind->authority ? "critical,keyCertSign,cRLSign"
                                                            : "critical,digitalSignature");
    add_extension(x, issuer, NID_ext_key_usage, kind->usage ? kind->usage
                  : kind->authority ? NULL : "serverAuth");
    add_extension(x, issuer, NID_subject_key_identifier, "hash");
    add_extension(x, issuer, NID_subject_alt_name, kind->names);
    add_extension(x, issuer, NID_name_constraints, kind->constraints);
}

static X509 *make_certificate(const struct kind *kind, EVP_PKEY *key, const struct made *issuer)
{
    X509 *x = X509_new();
    must(x, "a certificate");
    X509 *by = issuer ? issuer->certificate : x;
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1 + (kind - kinds));
    X509_gmtime_adj(X509_getm_notBefore(x), kind->from ? kind->from : -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), kind->to ? kind->to : YEAR);
    X509_set_pubkey(x, key);
    set_names(x, kind, by);
    set_extensions(x, kind, by);
    const EVP_MD *digest = kind->sha1 ? EVP_sha1() : EVP_sha256();
    must(X509_sign(x, issuer ? issuer->key : key, digest), "signing");
    return x;
}

static struct made *make(struct certificates *c, int number)
{
    const struct kind *kind = &kinds[number];
    if (c->made[number])
        return c->made[number];
    struct made *made = calloc(1, sizeof *made);
    must(made, "memory");
    const struct made *issuer = kind->issuer ? make(c, number_of(kind->issuer)) : NULL;
    made->key = make_key(kind);
    made->certificate = make_certificate(kind, made->key, issuer);
    return c->made[number] = made;
}

/* The roots are the other side's to know. */
static void write_chain(FILE *file, struct certificates *c, int number)
{
    PEM_write_X509(file, make(c, number)->certificate);
    while (kinds[number].issuer) {
        number = number_of(kinds[number].issuer);
        if (kinds[number].issuer)
            PEM_write_X509(file, make(c, number)->certificate);
    }
}

static void write_list(FILE *file, struct certificates *c, const char *issuer, const char *revoked)
{
    const struct made *by = make(c, number_of(issuer));
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, -60), *next = X509_gmtime_adj(NULL, YEAR);
    must(list && now && next, "a list");
    X509_CRL_set_version(list, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(list, X509_get_subject_name(by->certificate));
    X509_CRL_set1_lastUpdate(list, now);
    X509_CRL_set1_nextUpdate(list, next);
    if (revoked) {
        X509_REVOKED *one = X509_REVOKED_new();
        X509_REVOKED_set_serialNumber(one,
            X509_get_serialNumber(make(c, number_of(revoked))->certificate));
        X509_REVOKED_set_revocationDate(one, now);
        X509_CRL_add0_revoked(list, one);
    }
    must(X509_CRL_sign(list, by->key, EVP_sha256()), "signing a list");
    PEM_write_X509_CRL(file, list);
    X509_CRL_free(list);
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
}

static void write_file(struct certificates *c, int number, const char *path)
{
    FILE *file = fopen(path, "w");
    must(file, path);
    if (number == CRL) {
        write_list(file, c, "root", "revoked");
        write_list(file, c, "intermediate", NULL);
    } else {
        write_chain(file, c, number);
        PEM_write_PrivateKey(file, make(c, number)->key, NULL, NULL, 0, NULL, NULL);
    }
    must(fclose(file) == 0, path);
}

const char *certificate(struct certificates *c, const char *name)
{
    int number = number_of(name);
    if (!c->paths[number][0]) {
        char path[CERTIFICATE_PATH];
        snprintf(path, sizeof path, "%s/%s.pem", c->folder, name);
        write_file(c, number, path);
        memcpy(c->paths[number], path, sizeof path);
    }
    return c->paths[number];
}

void certificates_open(struct certificates *c)
{
    *c = (struct certificates){ .folder = "/tmp/bide-tls-XXXXXX" };
    must(mkdtemp(c->folder), "a folder");
}

static void forget(struct certificates *c)
{
    for (int i = 0; i < KINDS; i++) {
        struct made *made = c->made[i];
        if (!made)
            continue;
        X509_free(made->certificate);
        EVP_PKEY_free(made->key);
        free(made);
    }
}

void certificates_close(struct certificates *c)
{
    forget(c);
    for (int i = 0; i <= KINDS; i++)
        if (c->paths[i][0])
            unlink(c->paths[i]);
    rmdir(c->folder);
}

int certificates_write(const char *folder)
{
    struct certificates c = { .folder = "" };
    char path[512];
    for (int i = 0; i <= KINDS; i++) {
        snprintf(path, sizeof path, "%s/%s.pem", folder, i == CRL ? "crl" : kinds[i].name);
        write_file(&c, i, path);
    }
    forget(&c);
    return 0;
}
