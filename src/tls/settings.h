/* Settings from inside: what does not change, and what was read from the files. */
#ifndef TLS_SETTINGS_H
#define TLS_SETTINGS_H
#include "tls/fingerprint.h"
#include "tls/material.h"
#include "tls/tls.h"

/* Names of protocols in the form that TLS has: each with its length before it (RFC 7301). */
enum { ALPN_MAX = 512 };
struct alpn { size_t size; unsigned char wire[ALPN_MAX]; };

/* A certificate that was added, to be read again. */
struct added { struct added *next; char *certificate, *key; };

struct bide_tls {
    struct bide_tls_opts opts;  /* a copy */
    struct added *added, **added_end;
    pthread_mutex_t changing;   /* held while files are read, and over `opts` and `added` */
    pthread_mutex_t lock;       /* over `material`, for as long as it takes to become its owner */
    struct material *material;
    BIO_METHOD *bio;            /* see bio.h */
    struct alpn alpn;
    struct pin *pins;
    size_t pin_count;
    uint64_t id;
    int owners;                 /* atomic */
    bool server, insecure;
};

/* Reads "h2,http/1.1"; NULL or "": none.  0 or BIDE_EINVAL. */
int bide__alpn_read(struct alpn *alpn, const char *names);
/* What new connections begin with; for the caller to drop. */
struct material *bide__tls_material(bide_tls *tls);

#endif
