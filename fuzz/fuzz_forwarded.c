/* What proxies tell, as bytes: whatever they are, entries stay within the header, addresses read
 * are addresses written, and whom to believe is one of the entries or none. */
#include "fuzz.h"

#include "base/memory.h"
#include "web/forwarded.h"

#include <string.h>

static void check_hops(const struct hops *hops, struct text all)
{
    char text[ADDRESS_TEXT];
    struct ip again;
    MUST(hops->count <= HOPS_MAX);
    for (size_t i = 0; i < hops->count; i++) {
        const struct hop *hop = hop_at(hops, i);
        const struct text *parts[] = { &hop->proto, &hop->host };
        for (size_t k = 0; k < 2; k++)
            MUST(!parts[k]->at || (parts[k]->at >= all.at &&
                                   parts[k]->at + parts[k]->size <= all.at + all.size));
        if (!hop->known)
            continue;
        bide__ip_write(text, &hop->from);
        MUST(bide__ip_read(&again, text_from(text)));
        MUST(memcmp(&again, &hop->from, sizeof again) == 0);
    }
}

static void check_networks(const char *text)
{
    struct networks *networks = bide__networks_read(text);
    for (size_t i = 0; networks && i < networks->count; i++)
        MUST(bide__networks_have(networks, &networks->list[i].first));
    bide__free(networks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text all = text_of((const char *)data, size);
    static struct networks trusted = { .count = 0 };
    struct hops hops = { .count = 0 };
    if (size == 0 || size > 4096)
        return 0;
    if (bide__forwarded_read(&hops, all))
        check_hops(&hops, all);
    else
        MUST(hops.count == 0);
    bide__forwarded_for_read(&hops, all);
    check_hops(&hops, all);
    MUST(bide__hops_client(&hops, &trusted) <= hops.count);
    size_t count;
    struct text item = bide__forwarded_item(all, 1, &count);
    MUST(count > 0 && (!item.at || item.at + item.size <= all.at + all.size));
    char *text = bide__copy_text(all.at, all.size);
    if (text)
        check_networks(text);
    bide__free(text);
    return 0;
}
