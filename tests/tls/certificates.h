/* tests/tls/certificates.h -- certificates for tests, good ones and each kind of bad one.
 *
 *     CERTIFICATES(c);
 *     bide_tls_new(.server = true, .cert_file = certificate(c, "good"))
 *     bide_tls_new(.ca_file = certificate(c, "root"))
 *
 * Each is made when it is first asked for, in a folder that goes with the block: one PEM file with
 * the certificate, those between it and its root, and its key.  Unless their names say otherwise,
 * they are for example.org, localhost, 127.0.0.1 and ::1. */
#ifndef CERTIFICATES_H
#define CERTIFICATES_H
#include <stdbool.h>
#include <stddef.h>

enum { CERTIFICATE_PATH = 64, CERTIFICATES_MAX = 40 };
struct certificates {
    char folder[32];
    char paths[CERTIFICATES_MAX][CERTIFICATE_PATH];
    void *made[CERTIFICATES_MAX];       /* issuers' */
};

/* root         an authority
 * unknown-root another, which nobody trusts
 * intermediate an authority signed by root
 * constrained  an authority signed by root, for names below allowed.example only
 * good         signed by intermediate
 * direct       signed by root
 * expired, early               not yet, no longer valid
 * other        for other.example
 * self         signed by itself
 * unknown      signed by unknown-root
 * revoked      on the list "crl" (which covers root and intermediate)
 * client       for clients only
 * outside, inside              signed by constrained, for example.org, a.allowed.example
 * weak         RSA of 1024 bits
 * sha1         signed by means of SHA-1
 * wildcard     for *.example.org
 * partial      for w*.example.org
 * common       its common name is example.org; no other name
 * rsa          RSA of 2048 bits
 * www          signed by intermediate, for www.example.org and WEB.Example.Org
 * crl          the revocation lists */
const char *certificate(struct certificates *c, const char *name);
/* All of them into a folder, as NAME.pem; 0 or -1. */
int certificates_write(const char *folder);

void certificates_open(struct certificates *c);
void certificates_close(struct certificates *c);
#define CERTIFICATES(name) \
    __attribute__((cleanup(certificates_close))) struct certificates name##_; \
    certificates_open(&name##_); \
    struct certificates *name = &name##_

#endif
