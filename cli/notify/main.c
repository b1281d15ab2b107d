/* tokenvault-notify: shows texts as desktop notifications. The only one that speaks D-Bus, and it gets
 * no secret. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define SECONDS	   10
#define LINE_BYTES 2048

/* Bodies may hold mark-up: what comes from a vault is none. */
static void escape(char *out, size_t size, const char *text)
{
	size_t len = 0;

	for (; *text && len + 6 < size; text++) {
		const char *as = *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : "&amp;";

		if (strchr("<>&", *text))
			len += (size_t)snprintf(out + len, size - len, "%s", as);
		else
			out[len++] = *text;
	}
	out[len] = '\0';
}

/* https://specifications.freedesktop.org/notification-spec: the method Notify. */
static int notify(sd_bus *bus, unsigned char urgency, const char *summary, const char *body)
{
	sd_bus_message *reply = NULL;
	char escaped[LINE_BYTES * 5];
	int done;

	escape(escaped, sizeof(escaped), body);
	done = sd_bus_call_method(bus, "org.freedesktop.Notifications",
				  "/org/freedesktop/Notifications", "org.freedesktop.Notifications",
				  "Notify", NULL, &reply, "susssasa{sv}i", "tokenvault", 0U,
				  "dialog-password", summary, escaped, 0U, 1U, "urgency", "y",
				  urgency, -1);
	sd_bus_message_unref(reply);
	return done;
}

/* A line is an urgency (1 normal, 2 critical), the summary and the body, with tabs between. */
static int notify_line(sd_bus *bus, char *line)
{
	char *summary = strchr(line, '\t');
	char *body = summary ? strchr(summary + 1, '\t') : NULL;

	line[strcspn(line, "\n")] = '\0';
	if (!body)
		return -1;
	*summary++ = '\0';
	*body++ = '\0';
	return notify(bus, *line == '2' ? 2 : 1, summary, body);
}

int main(void)
{
	char line[LINE_BYTES];
	sd_bus *bus = NULL;
	int done;

	/* Whatever the bus does, the caller's timer goes on. */
	alarm(SECONDS);
	done = sd_bus_open_user(&bus);
	while (done >= 0 && fgets(line, sizeof(line), stdin))
		done = notify_line(bus, line);
	sd_bus_flush_close_unref(bus);
	/* Who started this looks for a word, and at nothing else. */
	if (done >= 0 && puts("shown") < 0)
		done = -1;
	return done < 0;
}
