/* room.h -- rooms: who is in them, what was said last, and telling it to all.
 *
 * A room is made by the first who enters it.  It outlives the last one to leave, for its history,
 * until there are too many rooms.  Everything belongs to one loop. */
#ifndef ROOM_H
#define ROOM_H
#include <bide.h>

enum {
    NAME_MAX_BYTES = 32,        /* of members and rooms */
    TEXT_MAX_BYTES = 2000,      /* of what is said */
    HISTORY_MAX = 50,           /* messages that who enters is told */
    ROOMS_MAX = 1000,
    SHOWN_MAX = 100,            /* members told of by name; beyond that it is a number */
};

struct room {
    char name[NAME_MAX_BYTES + 1];
    bide_hub *hub;
    bide_strmap *members;       /* by name */
    char *history[HISTORY_MAX]; /* a ring of JSON texts */
    size_t said;                /* in all; the last is history[(said - 1) % HISTORY_MAX] */
    bool changed;               /* somebody came or left since it was told */
    double told;                /* when who is here was told last */
};

struct member {
    char name[NAME_MAX_BYTES + 8];      /* maybe with a number behind it */
    struct room *room;
    bide_ws *ws;
    bide_rate pace;             /* how much one may say */
};

/* Lets somebody in: NULL: BIDE_EINVAL with a sentence for people, or BIDE_ENOMEM. */
struct member *room_enter(const char *room, const char *name, bide_ws *ws);
/* It is over; frees the member.  NULL: nothing. */
void room_leave(struct member *member);
/* Tells all what a member says, and keeps it: 0, or < 0. */
int room_say(struct member *member, const char *text);
/* What a newcomer is told: names, and what was said. */
bide_json *room_welcome(const struct member *member);
/* A background task: tells each room who is there, where that has changed. */
int rooms_tell(bide_worker *worker, void *unused);
/* All rooms and how many are in them. */
bide_json *rooms_list(void);
/* When no member is left. */
void rooms_free(void);

#endif
