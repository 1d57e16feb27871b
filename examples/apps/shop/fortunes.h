/* fortunes.h -- TechEmpower's page: /fortunes. */
#ifndef FORTUNES_H
#define FORTUNES_H
#include <bide.h>

/* Adds the route; its template must last as long as the application.  NULL: no memory. */
bide_template *fortunes_join(bide_app *app);

#endif
