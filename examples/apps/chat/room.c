/* Rooms in a map by name, members in a map of their room, and a hub that carries messages. */
#include "room.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bide_strmap *rooms;

static double clock_on_the_wall(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- rooms ---- */

static void room_free(void *arg)
{
    struct room *room = arg;
    bide_hub_free(room->hub);
    bide_strmap_free(room->members);
    for (size_t i = 0; i < HISTORY_MAX; i++)
        free(room->history[i]);
    free(room);
}

void rooms_free(void)
{
    bide_strmap_free(rooms);
    rooms = NULL;
}

/* Makes place for a new room: the oldest in which nobody is goes, with its history. */
static bool make_place(void)
{
    uint64_t at = 0;
    void *room;
    if (bide_strmap_count(rooms) < ROOMS_MAX)
        return true;
    for (const char *name; (name = bide_strmap_next(rooms, &at, &room));)
        if (bide_strmap_count(((struct room *)room)->members) == 0)
            return bide_strmap_remove(rooms, name);
    bide_fail(BIDE_EINVAL, "there are too many rooms");
    return false;
}

static struct room *room_new(const char *name)
{
    if (!rooms)
        rooms = bide_strmap_new(.drop = room_free);
    if (!rooms || !make_place())
        return NULL;
    struct room *room = calloc(1, sizeof *room);
    if (!room) {
        bide_fail(BIDE_ENOMEM, "out of memory for a room");
        return NULL;
    }
    strcpy(room->name, name);
    room->hub = bide_hub_new(.backlog = 256);           /* a reader that is slower is cut */
    room->members = bide_strmap_new();
    if (!room->hub || !room->members || bide_strmap_set(rooms, name, room) < 0) {
        room_free(room);
        return NULL;
    }
    return room;
}

/* ---- members ---- */

static bool is_name(const char *text)
{
    size_t size = strlen(text);
    if (size == 0 || size > NAME_MAX_BYTES || *text == ' ' || text[size - 1] == ' ')
        return false;
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

/* The name, or the name with a number, whichever is free: 0, or BIDE_EINVAL. */
static int take_name(struct member *member, const char *name)
{
    snprintf(member->name, sizeof member->name, "%s", name);
    for (int number = 2; bide_strmap_has(member->room->members, member->name); number++) {
        if (number > 999)
            return bide_fail(BIDE_EINVAL, "too many have that name");
        snprintf(member->name, sizeof member->name, "%s %d", name, number);
    }
    return 0;
}

struct member *room_enter(const char *room_name, const char *name, bide_ws *ws)
{
    if (!room_name || !name || !is_name(room_name) || !is_name(name)) {
        bide_fail(BIDE_EINVAL, "room and name must be 1 to %d bytes", NAME_MAX_BYTES);
        return NULL;
    }
    struct room *room = rooms ? bide_strmap_get(rooms, room_name) : NULL;
    if (!room && !(room = room_new(room_name)))
        return NULL;
    struct member *member = calloc(1, sizeof *member);
    if (!member) {
        bide_fail(BIDE_ENOMEM, "out of memory for a member");
        return NULL;
    }
    *member = (struct member){ .room = room, .ws = ws, .pace = BIDE_RATE(5, 20) };
    if (take_name(member, name) < 0 || bide_strmap_set(room->members, member->name, member) < 0) {
        free(member);
        return NULL;
    }
    if (bide_hub_join(room->hub, ws) < 0) {
        room_leave(member);
        return NULL;
    }
    room->changed = true;
    return member;
}

void room_leave(struct member *member)
{
    if (!member)
        return;
    bide_strmap_remove(member->room->members, member->name);
    member->room->changed = true;
    free(member);
}

/* ---- what is told ---- */

static int tell_all(struct room *room, const char *text, size_t size)
{
    struct bide_message message = { BIDE_TEXT, text, size };
    ssize_t count = bide_hub_send(room->hub, &message, NULL);
    return count < 0 ? (int)count : 0;
}

int room_say(struct member *member, const char *text)
{
    struct room *room = member->room;
    size_t size;
    bide_auto(json) line = bide_json_new();
    bide_json_set(line, "type", bide_value("said"));
    bide_json_set(line, "id", bide_value(room->said + 1));
    bide_json_set(line, "at", bide_value(clock_on_the_wall()));
    bide_json_set(line, "name", bide_value(member->name));
    bide_json_set(line, "text", bide_value(text));
    char *told = bide_json_write(line, &size);
    char *kept = told ? strdup(told) : NULL;
    int rc = kept ? tell_all(room, told, size) : bide_fail(BIDE_ENOMEM, "out of memory");
    bide_json_text_free(told);
    if (rc < 0) {
        free(kept);
        return rc;
    }
    char **place = &room->history[room->said++ % HISTORY_MAX];
    free(*place);
    *place = kept;
    return 0;
}

/* "count", and "names" as far as they are shown. */
static void set_members(bide_json *told, const struct room *room)
{
    uint64_t at = 0;
    size_t shown = 0;
    bide_json_set(told, "count", bide_value(bide_strmap_count(room->members)));
    bide_json *names = bide_json_array(told, "names");
    for (const char *name; shown++ < SHOWN_MAX
         && (name = bide_strmap_next(room->members, &at, NULL));)
        bide_json_add(names, bide_value(name));
}

bide_json *room_welcome(const struct member *member)
{
    const struct room *room = member->room;
    bide_json *told = bide_json_new();
    bide_json_set(told, "type", bide_value("welcome"));
    bide_json_set(told, "room", bide_value(room->name));
    bide_json_set(told, "name", bide_value(member->name));
    bide_json_set(told, "said", bide_value(room->said));
    set_members(told, room);
    bide_json *history = bide_json_array(told, "history");
    for (size_t i = room->said < HISTORY_MAX ? 0 : room->said - HISTORY_MAX; i < room->said; i++) {
        const char *line = room->history[i % HISTORY_MAX];
        bide_json_set_raw(history, NULL, line, strlen(line));
    }
    return told;
}

static int tell_members(struct room *room)
{
    size_t size;
    bide_auto(json) told = bide_json_new();
    bide_json_set(told, "type", bide_value("presence"));
    set_members(told, room);
    char *text = bide_json_write(told, &size);
    int rc = text ? tell_all(room, text, size) : bide_errcode();
    bide_json_text_free(text);
    return rc;
}

/* Ten thousand who come one after the other would be fifty million messages, if each were told of
 * all the others.  So what has changed is told a few times a second, in large rooms more
 * seldom. */
int rooms_tell(bide_worker *worker, void *unused)
{
    (void)worker, (void)unused;
    bide_interval often = BIDE_INTERVAL(0.2, .missed = BIDE_MISSED_SKIP);
    int rc;
    while ((rc = bide_interval_wait(&often)) > 0) {
        uint64_t at = 0;
        void *value;
        while (rooms && bide_strmap_next(rooms, &at, &value)) {
            struct room *room = value;
            double pause = (double)bide_strmap_count(room->members) / 5000;
            if (!room->changed || bide_now() < room->told + pause)
                continue;
            room->changed = false;
            room->told = bide_now();
            if (tell_members(room) < 0)
                bide_log(BIDE_LOG_WARNING, "%s: %s", room->name, bide_errmsg());
        }
    }
    return rc;
}

bide_json *rooms_list(void)
{
    uint64_t at = 0;
    void *value;
    bide_json *told = bide_json_new();
    bide_json *list = bide_json_array(told, "rooms");
    while (rooms && bide_strmap_next(rooms, &at, &value)) {
        const struct room *room = value;
        bide_json *one = bide_json_object(list, NULL);
        bide_json_set(one, "name", bide_value(room->name));
        bide_json_set(one, "count", bide_value(bide_strmap_count(room->members)));
        bide_json_set(one, "said", bide_value(room->said));
    }
    return told;
}
