/* Opens FUSE sessions on given descriptors, and feeds them requests. */
#include "fusefs/surface.h"

#include <errno.h>
#include <linux/fuse.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fusefs/errand.h"
#include "fusefs/inval.h"
#include "fusefs/server.h"

#define TURN 16 /* requests of one mount before the others have theirs */

/* Requests carry no secret: nobody can write. So one buffer does for all. */
static struct fuse_buf request;

/* Where there are threads, the C library's own calls prepare for this one to be cancelled, each time. */
static ssize_t read_request(int fd, void *buffer, size_t len, void *surface)
{
	(void)surface;
	return syscall(SYS_read, fd, buffer, len);
}

static ssize_t write_reply(int fd, struct iovec *iov, int count, void *surface)
{
	(void)surface;
	return syscall(SYS_writev, fd, iov, count);
}

void tv_surface_init(void *surface, struct fuse_conn_info *connection)
{
	((struct tv_surface *)surface)->is_greeted = true;
	/* Splicing would want pipes, and leave plaintext in them. */
	connection->want &=
		~(unsigned)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
}

void tv_surface_statfs(fuse_req_t req, fuse_ino_t ino)
{
	const struct statvfs all = {.f_bsize = 4096,
				    .f_frsize = 4096,
				    .f_namemax = 255,
				    .f_flag = ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC};

	(void)ino;
	fuse_reply_statfs(req, &all);
}

/* The kernel let go of it: unmounted, by us or by somebody else. */
static void lose(struct tv_surface *s)
{
	struct tv_server *server = s->server;

	s->dead = true;
	tv_who_drop_surface(server, s);
	tv_prompt_drop_surface(server, s);
	tv_loop_remove(server->epoll, &s->source);
	tv_errand_lost(server, s);
	if (s->shown)
		s->shown->surface = NULL;
	s->shown = NULL;
	if (!tv_inval_is_busy(&server->inval))
		tv_surfaces_bury(server);
}

/* Where many ask, the next one's request is mostly there before this one's answer is. The kernel's own requests are
 * nobody's. */
static bool is_of_another(struct tv_surface *s)
{
	const struct fuse_in_header *h = request.mem;
	const uint32_t before = s->asked_last;

	if (!h->pid)
		return false;
	s->asked_last = h->pid;
	return before && before != h->pid;
}

static void ready(struct tv_source *source, uint32_t events)
{
	struct tv_surface *s = TV_SOURCE_OF(struct tv_surface, source);

	(void)events;
	for (int i = 0; i < TURN; i++) {
		int n = fuse_session_receive_buf(s->session, &request);

		if (n == -EAGAIN || n == -EINTR || n == -ENOENT)
			return;
		if (n <= 0) {
			lose(s);
			return;
		}
		s->goes_on = is_of_another(s);
		fuse_session_process_buf(s->session, &request);
		if (!s->goes_on || !tv_autolock_wait(s->server))
			return;
	}
}

static struct fuse_session *session_new(struct tv_surface *s, int fd)
{
	static const struct fuse_custom_io io = {.read = read_request, .writev = write_reply};
	char *argv[] = {(char[]){"tokenvault-fs"}, NULL};
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	struct fuse_session *session;

	session = fuse_session_new(&args, s->is_tree ? &tv_tree_operations : &tv_file_operations,
				   sizeof tv_file_operations, s);
	if (session && fuse_session_custom_io(session, &io, fd)) {
		fuse_session_destroy(session);
		session = NULL;
	}
	return session;
}

static struct tv_surface *surface_new(struct tv_server *server, int fd, struct tv_shown *shown)
{
	struct tv_surface *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	*s = (struct tv_surface){.source = {.fd = fd, .ready = ready},
				 .server = server,
				 .shown = shown,
				 .is_tree = !shown};
	s->session = session_new(s, fd);
	if (s->session)
		return s;
	free(s);
	return NULL;
}

/* The kernel's first request lies there since the mount. Where it is answered with an error, as for want of memory, the
 * kernel refuses whatever comes after it, for as long as it is mounted. */
static bool greet(struct tv_surface *s)
{
	int n = fuse_session_receive_buf(s->session, &request);

	if (n > 0)
		fuse_session_process_buf(s->session, &request);
	/* One that is gone already is lost as one that goes later is. */
	return n > 0 ? s->is_greeted : n != -ENOMEM;
}

static enum tv_status cannot_serve(int why, struct tv_error *err)
{
	return tv_fail(err, why == ENOMEM ? TV_NO_MEMORY : TV_NO_FUSE,
		       "no more files can be served");
}

/* The session's own mounting would open /dev/null and look at descriptors by name, for which there is
 * no file system any more; a descriptor that is at hand needs no more than this. */
enum tv_status tv_surface_open(struct tv_surface **out, struct tv_server *server, int fd,
			       struct tv_shown *shown, struct tv_error *err)
{
	struct tv_surface *s;
	int why;

	errno = 0;
	s = surface_new(server, fd, shown);
	if (!s) {
		why = errno;
		close(fd);
		return cannot_serve(why, err);
	}
	if (!greet(s) || !tv_loop_add(server->epoll, &s->source)) {
		why = errno;
		fuse_session_destroy(s->session);
		free(s);
		return cannot_serve(why, err);
	}
	s->next = server->surfaces;
	server->surfaces = s;
	*out = s;
	return TV_OK;
}

bool tv_surface_note_open(struct tv_surface *s, fuse_ino_t ino)
{
	size_t low = 0, high = s->n_opened;
	uint64_t *grown;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (s->opened[middle] < ino)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < s->n_opened && s->opened[low] == ino)
		return true;
	grown = reallocarray(s->opened, s->n_opened + 1, sizeof *grown);
	if (!grown)
		return false;
	memmove(grown + low + 1, grown + low, (s->n_opened - low) * sizeof *grown);
	grown[low] = ino;
	s->opened = grown;
	s->n_opened++;
	return true;
}

void tv_surface_disown(struct tv_surface *s)
{
	s->shown = NULL;
}

void tv_surfaces_bury(struct tv_server *server)
{
	struct tv_surface **at = &server->surfaces;

	while (*at) {
		struct tv_surface *s = *at;

		if (!s->dead) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		fuse_session_destroy(s->session);
		free(s->opened);
		free(s);
	}
}
