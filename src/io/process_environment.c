/* A child's environment: a list of "NAME=value", made of another and what is different. */
#include "base/memory.h"
#include "io/process.h"
#include <string.h>
#include <unistd.h>

static size_t count_of(const char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    return count;
}

static size_t name_size(const char *setting)
{
    return strcspn(setting, "=");
}

static bool same_name(const char *a, const char *b)
{
    return name_size(a) == name_size(b) && memcmp(a, b, name_size(a)) == 0;
}

static bool is_changed(const char *setting, const char *const *added)
{
    for (; *added; added++)
        if (same_name(setting, *added))
            return true;
    return false;
}

/* The last one of a name is meant. */
static bool is_last(const char *const *added)
{
    return !is_changed(*added, added + 1);
}

const char *const *bide__environment(const char *const *all, const char *const *added)
{
    if (!all)
        all = (const char *const *)environ;
    if (!added)
        return all;
    const char **made = bide__alloc((count_of(all) + count_of(added) + 1) * sizeof *made);
    size_t count = 0;
    if (!made)
        return NULL;
    for (; all && *all; all++)
        if (!is_changed(*all, added))
            made[count++] = *all;
    for (; *added; added++)
        if (is_last(added) && (*added)[name_size(*added)])
            made[count++] = *added;
    made[count] = NULL;
    return made;
}

void bide__environment_free(const char *const *made, const char *const *added)
{
    if (added)
        bide__free((void *)(uintptr_t)made);
}

const char *bide__environment_get(const char *const *env, const char *name)
{
    for (; env && *env; env++)
        if (same_name(*env, name) && (*env)[strlen(name)])
            return *env + strlen(name) + 1;
    return NULL;
}
