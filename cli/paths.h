/* Where things are: the vault, the server's socket, the state, the user's own definitions. */
#ifndef TV_PATHS_H
#define TV_PATHS_H

#include "vault/vault.h"

struct tv_paths {
	char *home;	    /* where the tools look for their files */
	char *vault;	    /* absolute */
	char *vault_dir;    /* the default directory, whether or not the vault is there */
	char *name;	    /* of the server: NAME.sock, and the directory view's NAME/ */
	char *runtime_base; /* $XDG_RUNTIME_DIR or what stands in for it */
	char *runtime;	    /* BASE/tokenvault: sockets and directory views */
	char *socket;	    /* RUNTIME/NAME.sock */
	char *state;	    /* what was seen of vaults */
	char *device;	    /* STATE/device.key: this machine's own key */
	char *config;	    /* $XDG_CONFIG_HOME/tokenvault */
	char *approved;	    /* CONFIG/paths: the paths of the user's own that files may be at */
	char *providers;    /* $XDG_CONFIG_HOME/tokenvault/providers: the user's own definitions */
};

/* Works them out from the environment and the --vault option, which may be NULL. Makes nothing. */
enum tv_status tv_paths_find(struct tv_paths *out, const char *vault_option,
			     struct tv_error *err) TV_MUST_CHECK;
void tv_paths_free(struct tv_paths *p);

/* Makes the directory that the default vaults live in, 0700, where the vault is to lie in it. */
enum tv_status tv_paths_make_vault_dir(const struct tv_paths *p,
				       struct tv_error *err) TV_MUST_CHECK;
/* Makes the configuration's directory, 0700. */
enum tv_status tv_paths_make_config(const struct tv_paths *p, struct tv_error *err) TV_MUST_CHECK;
enum tv_status tv_paths_make_state(const struct tv_paths *p, struct tv_error *err) TV_MUST_CHECK;
/* Makes the runtime directories; refuses those that somebody else made or can reach into. */
enum tv_status tv_paths_make_runtime(const struct tv_paths *p, struct tv_error *err) TV_MUST_CHECK;

#endif
