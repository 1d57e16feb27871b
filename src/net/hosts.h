/* /etc/hosts: names and addresses, sorted by name and kept until the file changes.
 *
 * Lists of a hundred thousand names (blockers' lists) are usual, so a look-up is a stat(2) and a
 * binary search, and the file is read again only when it was written. */
#ifndef NET_HOSTS_H
#define NET_HOSTS_H
#include "net/address.h"
#include "net/etc.h"

struct host_line { const char *name; struct bide_address address; };
struct hosts_file {
    char *path;                 /* NULL: no file */
    struct etc_stamp stamp;
    char *text;                 /* the names lie in it */
    struct host_line *lines;    /* by name, then as in the file */
    size_t count;
};

/* path NULL: /etc/hosts; "": none.  0, or BIDE_ENOMEM without a sentence. */
int bide__hosts_file_open(struct hosts_file *h, const char *path);
/* The addresses of a name in lower case that are of this family (AF_UNSPEC: both): how many. */
int bide__hosts_file_find(struct hosts_file *h, const char *name, int family,
                          struct bide_addresses *found);
void bide__hosts_file_close(struct hosts_file *h);
/* Reads the text of such a file, which becomes the table's; what is no entry is passed over. */
void bide__hosts_file_parse(struct hosts_file *h, char *text);

/* nsswitch.conf's line "hosts:", which says where names are to be looked for. */
enum nameservice_kind {
    NAMESERVICE_PLAIN,          /* files and name servers: what we know ourselves */
    NAMESERVICE_MDNS,           /* the same, but names in .local are the system's */
    NAMESERVICE_OTHER,          /* LDAP, NIS, ...: the system's alone */
};
struct nameservice { struct etc_stamp stamp; enum nameservice_kind kind; };
/* Must this name be asked of the system? */
bool bide__nameservice_is_system(struct nameservice *s, const char *name);
enum nameservice_kind bide__nameservice_read(const char *text);

#endif
