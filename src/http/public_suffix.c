/* Asking libpsl, whose list lies in the library: no file is read, and nothing allocates. */
#include "http/public_suffix.h"

#ifdef BIDE_PSL
#include <libpsl.h>
#endif
#include <string.h>

enum { DOMAIN_MAX = 253 };

#ifdef BIDE_PSL
static bool is_listed(const char *domain)
{
    const psl_ctx_t *list = psl_builtin();
    return list && psl_is_public_suffix(list, domain);
}
#else
static bool is_listed(const char *domain)
{
    (void)domain;
    return false;
}
#endif

bool bide__public_suffix(struct text domain)
{
    char copy[DOMAIN_MAX + 1];
    if (domain.size > 0 && domain.at[domain.size - 1] == '.')
        domain.size--;
    if (domain.size == 0 || domain.size > DOMAIN_MAX || !memchr(domain.at, '.', domain.size))
        return true;
    memcpy(copy, domain.at, domain.size);
    copy[domain.size] = '\0';
    return is_listed(copy);
}
