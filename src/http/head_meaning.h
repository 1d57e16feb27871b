/* What the well-known headers mean for the message; used by head.c alone. */
#ifndef BIDE_HTTP_HEAD_MEANING_H
#define BIDE_HTTP_HEAD_MEANING_H

#include "http/head.h"

/* Remembers the refusal and returns BIDE_EHTTP. */
int bide__head_refuse(struct head *head, uint16_t answer, const char *why);
/* Takes notice of one well-known header, just parsed. */
int bide__head_note(struct head *head, const char *buf, const struct field *field);
/* Looks at what only the whole head can tell. */
int bide__head_judge(struct head *head, const char *buf);
/* Is the target of one of the four forms, and of the one that its method wants?  0, or refused. */
int bide__head_check_target(struct head *head, const char *buf);

#endif
