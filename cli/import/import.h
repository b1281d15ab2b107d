/*
 * Entries from elsewhere. A source is read into items, each item finds its service, and what is then
 * known goes into the vault like an `add`; every item ends as a line of the report.
 */
#ifndef TV_IMPORT_H
#define TV_IMPORT_H

#include "cli/cli.h"

/*
 * An item is an object: `name`, what people call it there; `token`; where known `url`, `username`,
 * `note`, `pairs` {name: value}, `variable`; `reason` when it can't be imported; `entry`, an entry as
 * `show` has it, when it comes from a vault; and, once its service is found, `provider` and `label`.
 */

/* Where items come from. */
struct tv_import_source {
	const char *name;
	const char *options; /* those of the command that are not for every source */
	bool needs_place;    /* has to be told where */
	/* Appends the items to an array. */
	enum tv_status (*gather)(struct tv_json *items, struct tv_cli *cli, struct tv_error *err);
	/* What is said in the end, of the place that still has the tokens: with one %s; or NULL. */
	const char *leftover;
	/* The place. */
	const char *(*place)(const struct tv_cli *cli);
};

extern const struct tv_import_source tv_import_pass, tv_import_dotenv, tv_import_keepassxc,
	tv_import_1password, tv_import_vault;

/* The whole of an `import`: gathers, finds the services, stores, reports. Ends with exit code 21 when
 * a service refused a token, else 11 when an entry was left out because it has another. */
enum tv_status tv_import_run(struct tv_cli *cli, const struct tv_import_source *source,
			     struct tv_error *err) TV_MUST_CHECK;

/* Finds the item's service: --as NAME=PROVIDER[/LABEL], its variable, its name, its URL, in this order. An
 * item that has none gets a reason. */
enum tv_status tv_import_match(struct tv_json *item, struct tv_cli *cli,
			       struct tv_error *err) TV_MUST_CHECK;
/* TV_BAD_VALUE for an --as that says nothing of a service, or of an item that isn't there. */
enum tv_status tv_import_check_as(const struct tv_json *items, struct tv_cli *cli,
				  struct tv_error *err) TV_MUST_CHECK;

/* The host of the item's URL, where that is none that the service is known by; false where it is. */
bool tv_import_own_host(char out[static TV_HOST_MAX], const struct tv_json *item,
			const struct tv_provider *provider);

/* A plaintext file, whole. */
enum tv_status tv_import_read(struct tv_secret *out, const char *path,
			      struct tv_error *err) TV_MUST_CHECK;
/* A request `add` that makes an entry as it is, but for its history: what `show` says, without what only
 * a service can know anew. */
enum tv_status tv_import_request(struct tv_json **out, const struct tv_json *entry,
				 struct tv_error *err) TV_MUST_CHECK;
/* A request `add`, or `set`, of an item whose service is found: its entry, where it comes from a vault, else
 * with the fields and the note that the item and those beside it tell; and with the hosts that the
 * definition, NULL where there is none, allows. TV_BAD_VALUE where a field is missing. */
enum tv_status tv_import_item_request(struct tv_json **out, const struct tv_cli *cli,
				      const struct tv_json *items, const struct tv_json *item,
				      const struct tv_provider *provider,
				      struct tv_error *err) TV_MUST_CHECK;
/* Prints what became of the items, by their `result` and `reason`. */
enum tv_status tv_import_report(const struct tv_json *items, bool is_json,
				struct tv_error *err) TV_MUST_CHECK;
/* What --NAME-passphrase-fd and --NAME-keyfile say of how another vault is opened. */
enum tv_status tv_import_asking(struct tv_ask *out, const struct tv_cli *cli, const char *fd_option,
				const char *keyfile_option, struct tv_error *err) TV_MUST_CHECK;

#endif
