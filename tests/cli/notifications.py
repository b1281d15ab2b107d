"""Plays a desktop's notifications on the session bus: notifications.py FILE, which gets a line of JSON for
each that is shown. While FILE.deny is there, none is."""

import json
import pathlib
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.freedesktop.Notifications"
FILE = pathlib.Path(sys.argv[1])


class Notifications(dbus.service.Object):
    """The one method that is used."""

    @dbus.service.method(NAME, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, app, replaces, icon, summary, body, actions, hints, timeout):
        """Writes it down."""
        if FILE.with_suffix(".deny").exists():
            raise dbus.DBusException("not now")
        said = {"app": str(app), "icon": str(icon), "summary": str(summary), "body": str(body),
                "urgency": int(hints["urgency"]), "actions": len(actions), "replaces": int(replaces),
                "timeout": int(timeout)}
        with FILE.open("a", encoding="utf-8") as file:
            file.write(json.dumps(said) + "\n")
        return 1


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
owned = dbus.service.BusName(NAME, bus)
shown = Notifications(bus, "/org/freedesktop/Notifications")
FILE.touch()
GLib.MainLoop().run()
