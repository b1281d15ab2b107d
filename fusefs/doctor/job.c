/* The job: which files the home directory is to show; making that directory, and taking it away. */
#include "fusefs/doctor/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fusefs/fusermount.h"
#include "fusefs/removal.h"

static enum tv_status make_directories(int home, const char *path, struct tv_error *err)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		char *part = strndup(path, (size_t)(slash - path));
		int failed = !part || (mkdirat(home, part, 0700) && errno != EEXIST);

		free(part);
		if (failed)
			return tv_fail(err, TV_IO, "%s: %s", path, strerror(errno));
	}
	return TV_OK;
}

/* An empty file whose number tells the watched file from all others, wherever it is moved. */
static enum tv_status hold_place(struct tv_watched *w, int home, struct tv_error *err)
{
	enum tv_status status = make_directories(home, w->path, err);
	struct stat st;
	int fd;

	if (status)
		return status;
	fd = openat(home, w->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || fstat(fd, &st)) {
		status = tv_fail(err, TV_IO, "%s: %s", w->path, strerror(errno));
	} else {
		w->dev = st.st_dev;
		w->ino = st.st_ino;
	}
	if (fd >= 0)
		close(fd);
	return status;
}

static enum tv_status add_file(struct tv_record *r, const struct tv_json *file,
			       struct tv_error *err)
{
	struct tv_watched *w = &r->watched[r->count];
	const char *text = tv_json_get_text(file, "text");
	int64_t mode;

	*w = (struct tv_watched){.path = tv_json_get_text(file, "path"), .bytes = text};
	if (!w->path || !text || !tv_json_get_int(file, "mode", &mode))
		return tv_fail(err, TV_USAGE, "a file of the job");
	w->len = strlen(text);
	w->mode = (unsigned)mode & 0777;
	r->count++;
	return hold_place(w, r->fd, err);
}

enum tv_status tv_job_prepare(struct tv_record *out, const struct tv_json *job,
			      struct tv_error *err)
{
	const struct tv_json *files = tv_json_get(job, "files");
	enum tv_status status = TV_OK;

	*out = (struct tv_record){.home = tv_json_get_text(job, "home"), .made = time(NULL)};
	pthread_mutex_init(&out->mutex, NULL);
	out->watched = calloc(tv_json_count(files) + 1, sizeof *out->watched);
	out->fd = out->home ? open(out->home, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (!out->watched || out->fd < 0)
		return tv_fail(err, TV_IO, "the temporary home directory: %s", strerror(errno));
	for (const struct tv_json *f = tv_json_first(files); f && !status; f = tv_json_next(f))
		status = add_file(out, f, err);
	return status;
}

void tv_job_free(struct tv_record *r)
{
	for (size_t i = 0; i < r->n_beside; i++)
		free(r->beside[i].path);
	free(r->watched);
	if (r->fd >= 0)
		close(r->fd);
	pthread_mutex_destroy(&r->mutex);
}

void tv_job_clear(const char *home)
{
	tv_fusermount_unmount(&home, 1, true);
	tv_removal_tree(home);
}
