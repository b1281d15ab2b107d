/* Hosts of addresses: one spelling of each, and nothing that readers disagree on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "vault/vault.h"

/* expected NULL: refused */
static const struct {
	const char *url;
	const char *expected;
} urls[] = {
	{"https://api.example", "api.example"},
	{"https://API.Example/a/b", "api.example"},
	{"https://api.example:443/", "api.example"},
	{"https://api.example:8443", "api.example:8443"},
	{"https://api.example:65535", "api.example:65535"},
	{"https://localhost", "localhost"},
	{"https://127.0.0.1:1", "127.0.0.1:1"},
	{"https://[::1]:8443", "[::1]:8443"},
	{"https://[0:0:0:0::1]/x", "[::1]"},
	{"https://[2001:DB8::A]", "[2001:db8::a]"},
	{"https://xn--bcher-kva.example", "xn--bcher-kva.example"},
	{"http://api.example", NULL},
	{"HTTPS://api.example", NULL},
	{"https:/api.example", NULL},
	{"//api.example", NULL},
	{"api.example", NULL},
	{"", NULL},
	{"https://", NULL},
	{"https:///x", NULL},
	{" https://api.example", NULL},
	{"https://evil@host", NULL},
	{"https://good.example@evil.example/", NULL},
	{"https://user:pass@host/", NULL},
	{"https://good.example\\@evil.example", NULL},
	{"https://good.example\\.evil.example", NULL},
	{"https://host:99999", NULL},
	{"https://host:65536", NULL},
	{"https://host:0", NULL},
	{"https://host:", NULL},
	{"https://host:044", NULL},
	{"https://host:4x", NULL},
	{"https://host:-1", NULL},
	{"https://host?x", NULL},
	{"https://host#x", NULL},
	{"https://ho st", NULL},
	{"https://host\n", NULL},
	{"https://host.", NULL},
	{"https://.host", NULL},
	{"https://a..b", NULL},
	{"https://-a.b", NULL},
	{"https://a_b.c", NULL},
	{"https://b\xc3\xbc.example", NULL},
	{"https://%61.example", NULL},
	{"https://127.1", NULL},
	{"https://2130706433", NULL},
	{"https://0x7f000001", NULL},
	{"https://0x7f.1", NULL},
	{"https://127.0.0.01", NULL},
	{"https://1.2.3.4.5", NULL},
	{"https://[::1", NULL},
	{"https://[::1]x", NULL},
	{"https://[fe80::1%eth0]", NULL},
	{"https://[v1.x]", NULL},
	{"https://[]", NULL},
	{"https://::1", NULL},
};

static void knows_hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		char host[TV_HOST_MAX] = "untouched";
		enum tv_status status = tv_http_host(host, urls[i].url, NULL);

		if (urls[i].expected ? status || strcmp(host, urls[i].expected) != 0
				     : status != TV_BAD_VALUE || strcmp(host, "untouched") != 0)
			fail_msg("%s: %d %s", urls[i].url, (int)status, host);
		if (urls[i].expected)
			assert_true(tv_http_host_is_valid(host));
	}
	assert_false(tv_http_host_is_valid("API.example"));
	assert_false(tv_http_host_is_valid("api.example:443"));
	assert_false(tv_http_host_is_valid("api.example/x"));
	assert_false(tv_http_host_is_valid("[0::1]"));
	assert_false(tv_http_host_is_valid(""));
}

static void bounds_hosts(void **state)
{
	char url[400] = "https://";
	char host[TV_HOST_MAX];

	(void)state;
	for (int i = 0; i < 4; i++)
		snprintf(url + strlen(url), sizeof url - strlen(url), "%s%061d", i ? "." : "", 0);
	snprintf(url + strlen(url), sizeof url - strlen(url), ".abcde");
	assert_int_equal(strlen(url), 8 + 253);
	assert_int_equal(tv_http_host(host, url, NULL), TV_OK);
	snprintf(url + strlen(url), sizeof url - strlen(url), ":65535");
	assert_int_equal(tv_http_host(host, url, NULL), TV_OK);
	assert_int_equal(strlen(host), 259);
	snprintf(url + strlen(url), sizeof url - strlen(url), "%0100d", 0);
	assert_int_equal(tv_http_host(host, url, NULL), TV_BAD_VALUE);
	snprintf(url, sizeof url, "https://%064d.example", 0);
	assert_int_equal(tv_http_host(host, url, NULL), TV_BAD_VALUE);
	memset(url + 8, 'a', 300);
	url[308] = '\0';
	assert_int_equal(tv_http_host(host, url, NULL), TV_BAD_VALUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_hosts),
		cmocka_unit_test(bounds_hosts),
	};

	if (tv_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
