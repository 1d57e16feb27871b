/* Copies a directory with all that is in it, files side by side: shutil.copytree().
 *     ./copy_tree FROM TO     without them it copies one that it makes first, as a test */
#include <bide.h>
#include <stdio.h>
#include <unistd.h>

struct pair { char from[500], to[500]; };

static int join(char path[500], const char *dir, const char *name)
{
    int size = snprintf(path, 500, "%s/%s", dir, name);
    return size < 500 ? 0 : bide_fail(-ENAMETOOLONG, "too long: %s", path);
}

static int copy_file(void *arg)
{
    const struct pair *p = arg;
    return bide_copy_file(p->from, p->to) >= 0 ? 0 : bide_errcode();
}

static int copy_tree(const char *from, const char *to)
{
    if (bide_mkdir(to, .parents = true) < 0)
        return bide_errcode();
    bide_auto(dir) dir = bide_dir_open(from);
    struct bide_dir_entry entry;
    int rc;
    BIDE_GROUP(g);
    while ((rc = bide_dir_next(dir, &entry)) == 1) {
        struct pair p;
        if (join(p.from, from, entry.name) < 0 || join(p.to, to, entry.name) < 0)
            return bide_errcode();
        if (entry.type != BIDE_ENTRY_DIR)
            bide_spawn(g, copy_file, &p, .copy = sizeof p);
        else if (copy_tree(p.from, p.to) < 0)
            return bide_errcode();
    }
    return rc < 0 ? rc : bide_group_wait(g);
}

static int program(void *words)
{
    char **word = words;
    if (word[1] && word[2])
        return copy_tree(word[1], word[2]);
    bide_auto(temp_dir) dir = bide_temp_dir_open();
    if (!dir || chdir(bide_temp_dir_path(dir)) < 0 || bide_mkdir("from/a", .parents = true) < 0 ||
        bide_file_save("from/a/file", "copied\n", 7) < 0 || copy_tree("from", "to") < 0)
        return bide_errcode();
    bide_auto(bytes) text = bide_file_load("to/a/file");
    return text ? printf("%s", text->data) : bide_errcode();
}

int main(int argc, char **argv)
{
    if (bide_run(program, argc > 2 ? argv : (char *[2]){ NULL }) >= 0)
        return 0;
    fprintf(stderr, "copy_tree: %s\n", bide_errmsg());
    return 1;
}
