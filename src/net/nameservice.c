/* What nsswitch.conf wants of a look-up, as far as it decides who is asked.
 *
 * "files" and "dns" are our own.  "resolve" is systemd's, whose name server stands in
 * resolv.conf, and "myhostname" knows the machine's own name, which name servers or /etc/hosts
 * know as well.  mDNS answers for names in .local alone.  Whatever else there is (LDAP, NIS, SSS,
 * WINS, containers) only the system can ask.  The order of sources is taken to be the usual one:
 * files first. */
#include "base/memory.h"
#include "net/hosts.h"
#include <string.h>

static bool is_one_of(const char *word, size_t size, const char *const *list)
{
    for (; *list; list++)
        if (strlen(*list) == size && strncmp(word, *list, size) == 0)
            return true;
    return false;
}

static enum nameservice_kind kind_of(const char *word, size_t size)
{
    static const char *const own[] = { "files", "dns", "resolve", "myhostname", NULL };
    if (is_one_of(word, size, own))
        return NAMESERVICE_PLAIN;
    return size >= 4 && strncmp(word, "mdns", 4) == 0 ? NAMESERVICE_MDNS : NAMESERVICE_OTHER;
}

/* "hosts: files mdns4_minimal [NOTFOUND=return] dns"; no such line: files and dns. */
enum nameservice_kind bide__nameservice_read(const char *text)
{
    static const char gaps[] = " \t\r";
    enum nameservice_kind most = NAMESERVICE_PLAIN;
    text += strspn(text, gaps);
    while (strncmp(text, "hosts:", 6) != 0) {
        text = strchr(text, '\n');
        if (!text)
            return most;
        text++;
        text += strspn(text, gaps);
    }
    text += 6;
    for (text += strspn(text, gaps); *text && !strchr("\n#", *text); text += strspn(text, gaps)) {
        size_t size = *text == '[' ? strcspn(text, "]\n") : strcspn(text, " \t\r\n#[");
        enum nameservice_kind kind = *text == '[' ? NAMESERVICE_PLAIN : kind_of(text, size);
        if (kind > most)
            most = kind;
        text += size;
        if (*text == ']')
            text++;
    }
    return most;
}

static bool is_below_local(const char *name)
{
    size_t size = strlen(name), last = sizeof ".local" - 1;
    if (size && name[size - 1] == '.')
        size--;
    return size > last && strncmp(name + size - last, ".local", last) == 0;
}

bool bide__nameservice_is_system(struct nameservice *s, const char *name)
{
    static const char path[] = "/etc/nsswitch.conf";
    if (bide__etc_changed(&s->stamp, path)) {
        char *text = bide__etc_load(path);
        s->kind = text ? bide__nameservice_read(text) : NAMESERVICE_PLAIN;
        bide__free(text);
    }
    return s->kind == NAMESERVICE_OTHER || (s->kind == NAMESERVICE_MDNS && is_below_local(name));
}
