/* Text into HTML. */
#ifndef BIDE_WEB_HTML_H
#define BIDE_WEB_HTML_H

#include "http/write.h"

/* Appends text so that it is text in HTML, between tags and in attribute values within quotes:
 * & < > " ' become references. */
void bide__html_write(struct writer *w, struct text text);

#endif
