/* The service manager that started us, told how things are by sd_notify(3)'s protocol. */
#ifndef TV_MANAGER_H
#define TV_MANAGER_H

/* Sends lines as READY=1, STATUS=…, STOPPING=1 to the socket that NOTIFY_SOCKET names, a path or, with @ in
 * front, an abstract name. Nothing happens where there is none, or nobody listens. */
void tv_manager_tell(const char *lines);

#endif
