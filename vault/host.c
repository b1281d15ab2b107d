/* Hosts, in the one form in which they are stored and compared. */
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

/* An IPv6 address may be written in many ways: this makes them one. */
static bool normalize_address(char *out, const char *at, size_t len)
{
	unsigned char address[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];

	if (len < 3 || len - 2 >= sizeof text || at[len - 1] != ']')
		return false;
	memcpy(text, at + 1, len - 2);
	text[len - 2] = '\0';
	if (inet_pton(AF_INET6, text, address) != 1)
		return false;
	out[0] = '[';
	inet_ntop(AF_INET6, address, out + 1, INET6_ADDRSTRLEN);
	memcpy(out + strlen(out), "]", 2);
	return true;
}

/* What is between https:// and the first slash. */
static bool normalize(char out[static TV_HOST_MAX], const char *at, size_t len)
{
	const size_t name = *at == '[' ? strcspn(at, "]/") + 1 : strcspn(at, ":/");
	const bool default_port = len - name == 4 && !strncmp(at + name, ":443", 4);

	if (name > len || len >= TV_HOST_MAX)
		return false;
	if (*at == '[') {
		if (!normalize_address(out, at, name))
			return false;
	} else {
		for (size_t i = 0; i < name; i++)
			out[i] = at[i] >= 'A' && at[i] <= 'Z' ? (char)(at[i] - 'A' + 'a') : at[i];
		out[name] = '\0';
	}
	if (!default_port && strlen(out) + len - name < TV_HOST_MAX) {
		char *end = out + strlen(out);

		memcpy(end, at + name, len - name);
		end[len - name] = '\0';
	}
	return tv_http_host_is_valid(out);
}

enum tv_status tv_http_host(char out[static TV_HOST_MAX], const char *url, struct tv_error *err)
{
	static const char scheme[] = "https://";
	const char *at = url + strlen(scheme);
	char host[TV_HOST_MAX];

	if (strncmp(url, scheme, strlen(scheme)) != 0)
		return tv_fail(err, TV_BAD_VALUE, "an address that begins with https:// expected");
	if (!normalize(host, at, strcspn(at, "/")))
		return tv_fail(err, TV_BAD_VALUE,
			       "https://, a host's name or address, perhaps a colon and a port, "
			       "then nothing or a slash expected");
	memcpy(out, host, strlen(host) + 1);
	return TV_OK;
}
