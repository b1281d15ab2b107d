/* Which addresses are out on the Internet: all that IANA's special-purpose registries don't list. */
#include "cli/fetch/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct range {
	unsigned char prefix[16];
	unsigned bits;
};

static const struct range special4[] = {
	{{0}, 8},	      /* this network */
	{{10}, 8},	      /* private */
	{{100, 64}, 10},      /* shared, behind a carrier's translator */
	{{127}, 8},	      /* loopback */
	{{169, 254}, 16},     /* link-local, and the clouds' metadata */
	{{172, 16}, 12},      /* private */
	{{192, 0, 0}, 24},    /* protocol assignments */
	{{192, 0, 2}, 24},    /* documentation */
	{{192, 88, 99}, 24},  /* 6to4 relays, withdrawn */
	{{192, 168}, 16},     /* private */
	{{198, 18}, 15},      /* benchmarks */
	{{198, 51, 100}, 24}, /* documentation */
	{{203, 0, 113}, 24},  /* documentation */
	{{224}, 4},	      /* multicast */
	{{240}, 4},	      /* reserved, broadcast */
};

/* Of IPv6 only 2000::/3 is given out at all; loopback, local and multicast addresses lie outside. */
static const struct range global6 = {{0x20}, 3};
static const struct range special6[] = {
	{{0x20, 0x01}, 23},		/* protocol assignments, Teredo, benchmarks */
	{{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
	{{0x20, 0x02}, 16},		/* 6to4: any IPv4 address inside */
	{{0x3f, 0xff}, 20},		/* documentation */
};
/* An IPv4 address in the last four bytes, which decides. */
static const struct range mapped = {{[10] = 0xff, [11] = 0xff}, 96};
static const struct range translated = {{0x00, 0x64, 0xff, 0x9b}, 96};

static bool is_in(const struct range *r, const unsigned char *address)
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;
	unsigned mask = 0xff00U >> rest & 0xff;

	return !memcmp(r->prefix, address, whole) &&
	       (!rest || ((r->prefix[whole] ^ address[whole]) & mask) == 0);
}

static bool is_in_any(const struct range *r, size_t count, const unsigned char *address)
{
	for (size_t i = 0; i < count; i++) {
		if (is_in(&r[i], address))
			return true;
	}
	return false;
}

static bool is_public4(const unsigned char *address)
{
	return !is_in_any(special4, sizeof(special4) / sizeof(*special4), address);
}

static bool is_public6(const unsigned char *address)
{
	if (is_in(&mapped, address) || is_in(&translated, address))
		return is_public4(address + 12);
	return is_in(&global6, address) &&
	       !is_in_any(special6, sizeof(special6) / sizeof(*special6), address);
}

bool tv_address_is_public(const struct sockaddr *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	switch (address->sa_family) {
	case AF_INET:
		memcpy(&v4, address, sizeof(v4));
		return is_public4((const unsigned char *)&v4.sin_addr);
	case AF_INET6:
		memcpy(&v6, address, sizeof(v6));
		return is_public6(v6.sin6_addr.s6_addr);
	default:
		return false;
	}
}
