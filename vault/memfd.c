/* Ciphertext as a sealed memory file: how the keeper hands it to the server. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/header.h"
#include "vault/store.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static enum tv_status failed(struct tv_error *err)
{
	return tv_fail(err, TV_IO, "a memory file: %s", strerror(errno));
}

enum tv_status tv_memfd_write(int *fd, const struct tv_bytes *bytes, struct tv_error *err)
{
	int made = memfd_create("tokenvault", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (made < 0)
		return failed(err);
	for (size_t done = 0; done < bytes->len;) {
		ssize_t n = write(made, bytes->data + done, bytes->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			enum tv_status status = failed(err);

			close(made);
			return status;
		}
		done += (size_t)n;
	}
	if (fcntl(made, F_ADD_SEALS, SEALS | F_SEAL_SEAL)) {
		enum tv_status status = failed(err);

		close(made);
		return status;
	}
	*fd = made;
	return TV_OK;
}

enum tv_status tv_memfd_read(struct tv_bytes *out, int fd, struct tv_error *err)
{
	tv_auto_bytes bytes = {0};
	struct stat about;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || (seals & SEALS) != SEALS)
		return tv_fail(err, TV_BAD_VALUE, "the descriptor is no sealed memory file");
	if (fstat(fd, &about))
		return failed(err);
	if (about.st_size < 0 || (size_t)about.st_size > TV_VAULT_BYTES_MAX)
		return tv_fail(err, TV_BAD_VALUE, "larger than a vault can be");
	if (!tv_bytes_extend(&bytes, (size_t)about.st_size))
		return tv_bytes_check(&bytes, err);
	for (size_t done = 0; done < bytes.len;) {
		ssize_t n = pread(fd, bytes.data + done, bytes.len - done, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return failed(err);
		done += (size_t)n;
	}
	tv_bytes_free(out);
	*out = bytes;
	bytes = (struct tv_bytes){0};
	return TV_OK;
}
