/* Host names beyond ASCII, by libidn2.
 *
 * What it returns is not trusted further than the strict reader looks: the caller reads the
 * ASCII form as any host, so no mapping (a full-width solidus, a full-width @) makes a delimiter.
 * libidn2 takes its memory from malloc(3) and calls nothing that waits. */
#include "http/idna.h"

#ifdef BIDE_IDN
#include <idn2.h>
#include <string.h>

const char *bide__idna_to_ascii(char out[IDNA_SIZE], const char *name)
{
    char *made = NULL;
    int rc = idn2_to_ascii_8z(name, &made, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    const char *why = NULL;
    if (rc == IDN2_MALLOC)
        why = "out of memory for the host's name";
    else if (rc == IDN2_TOO_BIG_LABEL || rc == IDN2_PUNYCODE_BIG_OUTPUT)
        why = "the host has a part of more than 63 characters";
    else if (rc == IDN2_TOO_BIG_DOMAIN || (rc == IDN2_OK && strlen(made) >= IDNA_SIZE))
        why = "the host is longer than 253 characters";
    else if (rc != IDN2_OK)
        why = "the host has a character in it that no international name has";
    else
        strcpy(out, made);
    idn2_free(made);
    return why;
}

bool bide__idna_to_unicode(char *out, size_t room, const char *name)
{
    char *made = NULL, back[IDNA_SIZE];
    bool fine = idn2_to_unicode_8z8z(name, &made, IDN2_NONTRANSITIONAL) == IDN2_OK &&
                strlen(made) < room && strcmp(made, name) != 0 &&
                !bide__idna_to_ascii(back, made) && strcmp(back, name) == 0;
    if (fine)
        strcpy(out, made);
    idn2_free(made);
    return fine;
}

#else

const char *bide__idna_to_ascii(char out[IDNA_SIZE], const char *name)
{
    (void)out, (void)name;
    return "the host is not ASCII, and this build has no libidn2; write its xn-- form";
}

bool bide__idna_to_unicode(char *out, size_t room, const char *name)
{
    (void)out, (void)room, (void)name;
    return false;
}

#endif
