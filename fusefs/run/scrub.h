/* Takes the traces of an overlay out of a directory that it wrote to. */
#ifndef TV_SCRUB_H
#define TV_SCRUB_H

/* The directory's own and those of what lies right in it: attributes, and marks that something is gone. It
 * goes itself when it is empty and the overlay made it; so does what is such a mark itself. */
void tv_scrub(const char *path);

#endif
