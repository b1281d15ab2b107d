/* A trial of namespaces, for `tokenvault doctor`. */
#ifndef TV_DOCTOR_NAMESPACES_H
#define TV_DOCTOR_NAMESPACES_H

/* Makes a user and a mount namespace for this process, and in an empty directory, which only it sees, a file
 * system in memory and an overlay of it. What failed: "user", "mount" or "overlay"; NULL: nothing. */
const char *tv_namespaces_try(const char *directory);

#endif
