/* Texts of strangers as JSON strings. */
#ifndef BIDE_WEB_JSON_TEXT_H
#define BIDE_WEB_JSON_TEXT_H

#include "http/write.h"

/* Appends a text in quotes, whatever bytes it has: those that are no UTF-8 are read as ISO 8859-1,
 * so that what is written is JSON in any case. */
void bide__json_text_write(struct writer *w, struct text text);

#endif
