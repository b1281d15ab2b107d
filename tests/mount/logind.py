"""Plays logind on the system's bus: logind.py LOG PATH. Each inhibitor that is let go adds a line of JSON to
LOG: when, and what reading PATH gives at that moment."""

import errno
import json
import os
import sys
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.freedesktop.login1"
LOG, PATH = sys.argv[1:]


def read():
    """The file's bytes, or the name of the errno."""
    try:
        with open(PATH, "rb") as file:
            return "READ" if file.read() else "EMPTY"
    except OSError as error:
        return errno.errorcode[error.errno]


class Manager(dbus.service.Object):
    """Inhibitors, and what the test has it do."""

    held = 0
    asked = ""

    @dbus.service.method(NAME + ".Manager", in_signature="ssss", out_signature="h")
    def Inhibit(self, what, who, why, mode):
        """As logind does: a pipe whose end tells."""
        ours, theirs = os.pipe()
        self.held += 1
        self.asked = f"{what} {who} {mode}"
        GLib.io_add_watch(ours, GLib.IO_HUP, self.released)
        given = dbus.types.UnixFd(theirs)
        os.close(theirs)
        return given

    def released(self, ours, _):
        """It is free to sleep, as far as this one is concerned."""
        now = time.monotonic()
        os.close(ours)
        self.held -= 1
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(json.dumps({"at": now, "read": read()}) + "\n")
        return False

    @dbus.service.signal(NAME + ".Manager", signature="b")
    def PrepareForSleep(self, start):
        """The signal."""

    @dbus.service.method("test.Logind", in_signature="b")
    def Sleep(self, start):
        """Sends it."""
        self.PrepareForSleep(start)

    @dbus.service.method("test.Logind", out_signature="is")
    def Held(self):
        """How many inhibitors there are, and what the last one was."""
        return self.held, self.asked


class Session(dbus.service.Object):
    """A session of somebody's."""

    def __init__(self, path, uid):
        super().__init__(bus, path)
        self.uid = uid

    @dbus.service.method("org.freedesktop.DBus.Properties", in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        """The only property that is asked for."""
        assert (interface, name) == (NAME + ".Session", "User")
        return dbus.Struct((dbus.UInt32(self.uid), dbus.ObjectPath("/user")), signature="uo")

    @dbus.service.signal(NAME + ".Session")
    def Lock(self):
        """The signal."""

    @dbus.service.method("test.Logind")
    def DoLock(self):
        """Sends it."""
        self.Lock()


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SystemBus()
owned = dbus.service.BusName(NAME, bus)
manager = Manager(bus, "/org/freedesktop/login1")
sessions = [Session("/org/freedesktop/login1/session/ours", os.getuid()),
            Session("/org/freedesktop/login1/session/theirs", os.getuid() + 1)]
GLib.MainLoop().run()
