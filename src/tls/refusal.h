/* OpenSSL's failures in words. */
#ifndef TLS_REFUSAL_H
#define TLS_REFUSAL_H

struct tls_stream;
/* Holds OpenSSL's first error, with what it is about before it; `code`, or BIDE_ENOMEM. */
int bide__tls_refused(int code, const char *about);
/* The same for a file: what was to be read from it; the code is the system's if it cannot be
 * opened. */
int bide__tls_file_refused(const char *what, const char *path);
/* Holds why the connection failed, as far as OpenSSL's error tells: BIDE_ETLS, or BIDE_ENOMEM. */
int bide__tls_failed(const struct tls_stream *t, unsigned long error);

#endif
