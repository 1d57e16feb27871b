/* IPv4 is kept as mapped IPv6, so that there is one kind of address and one way to compare. */
#include "web/networks.h"

#include "base/memory.h"

#include <arpa/inet.h>
#include <bide/error.h>
#include <string.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

bool bide__ip_read(struct ip *ip, struct text text)
{
    char copy[ADDRESS_TEXT];
    if (text.size == 0 || text.size >= sizeof copy)
        return false;
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    if (memchr(copy, '\0', text.size))
        return false;
    if (memchr(copy, ':', text.size))
        return inet_pton(AF_INET6, copy, ip->bytes) == 1;
    memcpy(ip->bytes, mapped, sizeof mapped);
    return inet_pton(AF_INET, copy, ip->bytes + sizeof mapped) == 1;
}

void bide__ip_write(char out[ADDRESS_TEXT], const struct ip *ip)
{
    if (memcmp(ip->bytes, mapped, sizeof mapped) == 0)
        inet_ntop(AF_INET, ip->bytes + sizeof mapped, out, ADDRESS_TEXT);
    else
        inet_ntop(AF_INET6, ip->bytes, out, ADDRESS_TEXT);
}

/* The bits behind the first `bits` are zero. */
static bool ends_there(const struct ip *ip, unsigned bits)
{
    for (unsigned i = bits; i < 128; i++)
        if (ip->bytes[i / 8] & 0x80 >> i % 8)
            return false;
    return true;
}

static const char *read_network(struct network *network, struct text text)
{
    const char *slash = memchr(text.at, '/', text.size);
    struct text address = text_of(text.at, slash ? (size_t)(slash - text.at) : text.size);
    uint64_t bits = 128;
    if (!bide__ip_read(&network->first, address))
        return "not an address";
    bool v4 = !memchr(address.at, ':', address.size);
    if (slash) {
        if (!bide__text_number(text_of(slash + 1, text.size - address.size - 1), &bits) ||
            bits > (v4 ? 32 : 128))
            return "no such length of a prefix";
        bits += v4 ? 96 : 0;
    }
    network->bits = (unsigned)bits;
    return ends_there(&network->first, network->bits) ? NULL
                                                      : "the address goes on behind its prefix";
}

static const char *read_word(struct networks *networks, struct text word)
{
    if (bide__text_is(word, "unix")) {
        networks->unix_too = true;
        return NULL;
    }
    if (bide__text_is(word, "forwarded")) {
        networks->forwarded = true;
        return NULL;
    }
    return read_network(&networks->list[networks->count++], word);
}

/* The next word between commas and blanks; empty: there is none. */
static struct text next_word(const char **at)
{
    *at += strspn(*at, ", \t");
    struct text word = text_of(*at, strcspn(*at, ", \t"));
    *at += word.size;
    return word;
}

struct networks *bide__networks_read(const char *list)
{
    size_t count = 0;
    for (const char *at = list; next_word(&at).size > 0;)
        count++;
    if (count > NETWORKS_MAX) {
        bide_fail(BIDE_EINVAL, "trusted proxies: more than %d", NETWORKS_MAX);
        return NULL;
    }
    struct networks *networks = bide__zalloc(sizeof *networks + count * sizeof networks->list[0]);
    if (!networks) {
        bide_fail(BIDE_ENOMEM, "out of memory for the trusted proxies");
        return NULL;
    }
    for (struct text word; (word = next_word(&list)).size > 0;) {
        const char *why = read_word(networks, word);
        if (!why)
            continue;
        bide_fail(BIDE_EINVAL, "trusted proxies: %.*s: %s",
                  (int)(word.size < 80 ? word.size : 80), word.at, why);
        bide__free(networks);
        return NULL;
    }
    return networks;
}

static bool is_in(const struct network *network, const struct ip *ip)
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(network->first.bytes, ip->bytes, whole) != 0)
        return false;
    return rest == 0 || ((network->first.bytes[whole] ^ ip->bytes[whole]) >> (8 - rest)) == 0;
}

bool bide__networks_have(const struct networks *networks, const struct ip *ip)
{
    for (size_t i = 0; i < networks->count; i++)
        if (is_in(&networks->list[i], ip))
            return true;
    return false;
}
