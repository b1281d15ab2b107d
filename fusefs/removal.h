/* Removes a directory of ours with all that is in it. */
#ifndef TV_REMOVAL_H
#define TV_REMOVAL_H

/* What directories are called that a run needs for a while; the journal removes no other with all that is
 * in it. */
#define TV_WORK_PREFIX "tokenvault-"

/* Not through links, and not across mounts. What can't be removed stays. */
void tv_removal_tree(const char *path);

#endif
