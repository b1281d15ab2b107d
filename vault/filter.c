/* The filters of templates, and the escape rule for addresses. */
#include "vault/filter.h"

#include <sodium.h>
#include <string.h>

static enum tv_status append_base64(struct tv_secret *out, const char *text, struct tv_error *err)
{
	const size_t from = out->len;
	const size_t len = strlen(text);
	const size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);

	tv_secret_fill(out, size - 1);
	if (!out->failed)
		sodium_bin2base64((char *)out->data + from, size, (const unsigned char *)text, len,
				  sodium_base64_VARIANT_ORIGINAL);
	return tv_secret_check(out, err);
}

static enum tv_status append_uri(struct tv_secret *out, const char *text, struct tv_error *err)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;

		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~",
			   c)) {
			tv_secret_putc(out, (char)c);
			continue;
		}
		tv_secret_putc(out, '%');
		tv_secret_putc(out, hex[c >> 4]);
		tv_secret_putc(out, hex[c & 15]);
	}
	return tv_secret_check(out, err);
}

static enum tv_status append_nothing(struct tv_secret *out, const char *text, struct tv_error *err)
{
	tv_secret_puts(out, text);
	return tv_secret_check(out, err);
}

const struct tv_escape tv_escape_uri = {"uri", append_uri};
const struct tv_escape tv_filter_nothing = {"nothing", append_nothing};

const struct tv_escape *tv_filter_by_name(const char *name, size_t len)
{
	static const struct tv_escape base64 = {"base64", append_base64};
	static const struct tv_escape *const all[] = {&base64, &tv_escape_uri};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strlen(all[i]->name) == len && !strncmp(all[i]->name, name, len))
			return all[i];
	return NULL;
}
