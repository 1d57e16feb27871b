/* Writing, from inside. */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H
#include <bide/json.h>

/* bide_json_write() into `room` bytes at `space`, or, if that is too little, into memory of its
 * own, to be freed with bide__free(): the result tells which. */
char *bide__json_write_into(const bide_json *j, char *space, size_t room, size_t *size);

#endif
