/* What the resolver reads itself: a file like /etc/hosts, nsswitch.conf, and the authority section
 * of a DNS message.  Every entry of the hosts file is found again. */
#include "fuzz.h"

#include "base/memory.h"
#include "net/hosts.h"
#include "net/negative.h"

#include <string.h>

static void read_hosts(const char *text)
{
    struct hosts_file h = { .path = NULL };
    struct bide_addresses found;
    bide__hosts_file_parse(&h, bide__copy_text(text, strlen(text)));
    h.path = bide__copy_text("/nonexistent", 12);
    for (size_t i = 0; i < h.count; i++)
        MUST(bide__hosts_file_find(&h, h.lines[i].name, AF_UNSPEC, &found) > 0);
    bide__hosts_file_close(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = bide__copy_text((const char *)data, size);
    MUST(text);
    read_hosts(text);
    MUST(bide__nameservice_read(text) <= NAMESERVICE_OTHER);
    MUST(bide__negative_ttl(data, size) <= INT32_MAX);
    bide__free(text);
    return 0;
}
