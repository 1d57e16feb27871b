/* Why a certificate was refused, as a sentence: which one, and what is wrong with it.
 *
 * What strangers wrote into a certificate is shown with its unprintable characters replaced. */
#include "tls/verify.h"

#include "tls/stream.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct refusal {
    struct tls_stream *stream;
    X509_STORE_CTX *chain;
    X509 *certificate;
    char who[NAME_TEXT + 40];   /* "the certificate", "the authority's 'Root' certificate" */
    char *text;
    size_t room;
};

static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
            *text = '?';
}

void bide__name_write(char to[NAME_TEXT], const X509_NAME *name)
{
    int at = X509_NAME_get_index_by_NID((X509_NAME *)(uintptr_t)name, NID_commonName, -1);
    if (at < 0)
        at = X509_NAME_entry_count(name) - 1;
    const ASN1_STRING *value = at < 0 ? NULL
        : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    snprintf(to, NAME_TEXT, "%.*s", value ? ASN1_STRING_length(value) : 0,
             value ? (const char *)ASN1_STRING_get0_data(value) : "");
    make_printable(to);
}

static void say(struct refusal *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void say(struct refusal *r, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = snprintf(r->text, r->room, "%s ", r->who);
    if (n > 0 && (size_t)n < r->room)
        vsnprintf(r->text + n, r->room - (size_t)n, fmt, args);
    va_end(args);
}

static void say_date(struct refusal *r, const char *what, const ASN1_TIME *time)
{
    struct tm day;
    if (time && ASN1_TIME_to_tm(time, &day) == 1)
        say(r, "%s %04d-%02d-%02d", what, day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
    else
        say(r, "%s a date that cannot be read", what);
}

/* One of a certificate's names; 0: it is of a kind that names no host. */
static int name_text(char *to, size_t room, const GENERAL_NAME *name)
{
    int kind;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &kind);
    const unsigned char *bytes = kind == GEN_DNS || kind == GEN_IPADD
        ? ASN1_STRING_get0_data(value) : NULL;
    int size = bytes ? ASN1_STRING_length(value) : 0;
    *to = '\0';
    if (kind == GEN_DNS)
        snprintf(to, room, "%.*s", size < 80 ? size : 80, (const char *)bytes);
    else if (size == 4 || size == 16)
        inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, to, (socklen_t)room);
    make_printable(to);
    return (int)strlen(to);
}

/* "a.example, b.example and 3 more". */
static void list_names(char *to, size_t room, X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    int count = names ? sk_GENERAL_NAME_num(names) : 0, shown = 0, more = 0;
    size_t at = 0;
    *to = '\0';
    for (int i = 0; i < count; i++) {
        char one[96];
        if (name_text(one, sizeof one, sk_GENERAL_NAME_value(names, i)) == 0)
            continue;
        if (shown == 3 || at + strlen(one) + 20 > room)
            more++;
        else
            at += (size_t)snprintf(to + at, room - at, "%s%s", shown++ ? ", " : "", one);
    }
    if (more)
        snprintf(to + at, room - at, " and %d more", more);
    GENERAL_NAMES_free(names);
}

static void say_other_name(struct refusal *r)
{
    char names[128], common[NAME_TEXT];
    list_names(names, sizeof names, r->certificate);
    bide__name_write(common, X509_get_subject_name(r->certificate));
    if (*names)
        say(r, "is for %s, not for %s", names, r->stream->name);
    else
        say(r, "has no subjectAltName for %s; its common name '%s' is not looked at",
            r->stream->name, common);
}

static void say_unknown(struct refusal *r)
{
    char issuer[NAME_TEXT];
    bide__name_write(issuer, X509_get_issuer_name(r->certificate));
    say(r, "is signed by an authority that is not known here, '%s'", issuer);
}

static void say_constrained(struct refusal *r)
{
    char authority[NAME_TEXT] = "its authority";
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(r->chain);
    for (int i = sk_X509_num(chain) - 1; i > 0; i--)
        if (X509_get_ext_by_NID(sk_X509_value(chain, i), NID_name_constraints, -1) >= 0)
            bide__name_write(authority, X509_get_subject_name(sk_X509_value(chain, i)));
    say(r, "is against the name constraints of '%s'", authority);
}

static void say_weak_digest(struct refusal *r)
{
    say(r, "is signed with a digest that is too weak (%s)",
        OBJ_nid2sn(X509_get_signature_nid(r->certificate)));
}

static void say_no_list(struct refusal *r)
{
    char issuer[NAME_TEXT];
    bide__name_write(issuer, X509_get_issuer_name(r->certificate));
    say(r, "could have been revoked: there is no list (CRL) of '%s'", issuer);
}

static void say_list_date(struct refusal *r, int error)
{
    const X509_CRL *list = X509_STORE_CTX_get0_current_crl(r->chain);
    if (error == X509_V_ERR_CRL_HAS_EXPIRED)
        say_date(r, "could have been revoked: the list (CRL) has expired on",
                 list ? X509_CRL_get0_nextUpdate(list) : NULL);
    else
        say_date(r, "could have been revoked: the list (CRL) is not valid before",
                 list ? X509_CRL_get0_lastUpdate(list) : NULL);
}

static bool say_of_signer(struct refusal *r, int error)
{
    switch (error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        say(r, "is self-signed");
        return true;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        say_unknown(r);
        return true;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
        say(r, "may not sign others");
        return true;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
        say_constrained(r);
        return true;
    default:
        return false;
    }
}

static bool say_of_revocation(struct refusal *r, int error)
{
    switch (error) {
    case X509_V_ERR_CERT_REVOKED:
        say(r, "was revoked");
        return true;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
        say_no_list(r);
        return true;
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
        say_list_date(r, error);
        return true;
    default:
        return false;
    }
}

static void say_of_itself(struct refusal *r, int error)
{
    switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        say_date(r, "has expired on", X509_get0_notAfter(r->certificate));
        return;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        say_date(r, "is not valid before", X509_get0_notBefore(r->certificate));
        return;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        say_other_name(r);
        return;
    case X509_V_ERR_INVALID_PURPOSE:
        say(r, "may not be used for %s", r->stream->tls->server ? "clients" : "servers");
        return;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
        say(r, "has a key that is too weak (%d bits)",
            EVP_PKEY_get_bits(X509_get0_pubkey(r->certificate)));
        return;
    case X509_V_ERR_CA_MD_TOO_WEAK:
        say_weak_digest(r);
        return;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        say(r, "has a signature that is wrong");
        return;
    default:
        say(r, "was refused: %s", X509_verify_cert_error_string(error));
    }
}

static void name_it(struct refusal *r)
{
    char name[NAME_TEXT];
    int depth = X509_STORE_CTX_get_error_depth(r->chain);
    bide__name_write(name, X509_get_subject_name(r->certificate));
    if (depth > 0)
        snprintf(r->who, sizeof r->who, "the authority's certificate '%s'", name);
    else
        snprintf(r->who, sizeof r->who, "the %scertificate",
                 r->stream->tls->server ? "client's " : "");
}

int bide__verify(int passed, X509_STORE_CTX *chain)
{
    int error = X509_STORE_CTX_get_error(chain);
    if (passed)
        return 1;
    if (error == X509_V_ERR_UNABLE_TO_GET_CRL && X509_STORE_CTX_get_error_depth(chain) > 0) {
        X509_STORE_CTX_set_error(chain, X509_V_OK);
        return 1;
    }
    SSL *ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_stream *t = ssl ? bide__tls_of(ssl) : NULL;
    struct refusal r = { .stream = t, .chain = chain,
                         .certificate = X509_STORE_CTX_get_current_cert(chain) };
    if (!t || !t->handshake || !r.certificate)
        return 0;
    r.text = t->handshake->why;
    r.room = sizeof t->handshake->why;
    name_it(&r);
    if (!say_of_signer(&r, error) && !say_of_revocation(&r, error))
        say_of_itself(&r, error);
    return 0;
}
