/* Packs and unpacks the link's messages. */
#include "fusefs/link.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "vault/vault.h"

bool tv_link_send(int link, const struct tv_link_message *m, int fd)
{
	size_t len =
		offsetof(struct tv_link_message, text) + strnlen(m->text, TV_LINK_TEXT - 1) + 1;

	return tv_pass_send(link, m, len, fd, MSG_NOSIGNAL) == (ssize_t)len;
}

bool tv_link_receive(struct tv_link_message *m, int *fd, int link)
{
	const ssize_t n = tv_pass_receive(fd, link, m, sizeof *m, 0);

	if (n <= 0)
		return false;
	if ((size_t)n < offsetof(struct tv_link_message, text) + 1)
		m->kind = 0;
	/* What the other end did not send is none of its text. */
	if ((size_t)n < sizeof *m)
		((char *)m)[n] = 0;
	m->text[TV_LINK_TEXT - 1] = 0;
	return true;
}

uint32_t tv_link_peek(int link)
{
	uint32_t kind;

	return recv(link, &kind, sizeof kind, MSG_PEEK | MSG_DONTWAIT) == sizeof kind ? kind : 0;
}
