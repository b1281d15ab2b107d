/* Names of hosts, in the one form in which they are stored and compared. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "vault/http.h"

#define NAME_MAX_DNS 253
#define LABEL_MAX    63
#define DIGITS	     "0123456789"

/* A colon and a port other than https's own, or nothing. */
static bool is_port(const char *at)
{
	if (!*at)
		return true;
	if (*at++ != ':' || !*at || *at == '0' || strlen(at) > 5 || at[strspn(at, DIGITS)])
		return false;
	return atoi(at) <= 65535 && atoi(at) != 443;
}

/* As inet_ntop writes it, so that no address has two names. */
static bool is_address(int family, const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];
	char again[INET6_ADDRSTRLEN];

	return inet_pton(family, text, address) == 1 &&
	       inet_ntop(family, address, again, sizeof again) && !strcmp(text, again);
}

static bool is_in_brackets(const char *host)
{
	char address[INET6_ADDRSTRLEN];
	const size_t len = strcspn(host + 1, "]");

	if (len >= sizeof address || host[1 + len] != ']')
		return false;
	memcpy(address, host + 1, len);
	address[len] = '\0';
	return is_address(AF_INET6, address) && is_port(host + len + 2);
}

/* Whether a resolver may take the name for a number: its last part is one (WHATWG URL, 3.5). */
static bool ends_in_number(const char *name)
{
	const char *dot = strrchr(name, '.');
	const char *last = dot ? dot + 1 : name;

	return !last[strspn(last, DIGITS)] ||
	       (!strncmp(last, "0x", 2) && !last[2 + strspn(last + 2, DIGITS "abcdef")]);
}

static bool is_name(const char *name)
{
	for (const char *at = name;; at++) {
		const size_t len = strcspn(at, ".");

		if (!len || len > LABEL_MAX || *at == '-' || at[len - 1] == '-' ||
		    strspn(at, DIGITS "abcdefghijklmnopqrstuvwxyz-") != len)
			return false;
		at += len;
		if (!*at)
			break;
	}
	return !ends_in_number(name) || is_address(AF_INET, name);
}

bool tv_http_host_is_valid(const char *host)
{
	char name[NAME_MAX_DNS + 1];
	const size_t len = strcspn(host, ":");

	if (*host == '[')
		return is_in_brackets(host);
	if (len >= sizeof name)
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	return is_name(name) && is_port(host + len);
}
