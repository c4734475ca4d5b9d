"""As a service: what systemd is told, and what the unit allows."""

import os
import re
import signal
import socket

from border import BUILD, Skip, check, equal, matches, need
from sip import WAIT

EXPOSURE_MOST = 1.5


class Supervisor:
    """The socket on which systemd would listen."""

    def __init__(self, s):
        with open(os.path.join(BUILD, "config.h"), encoding="utf-8") as f:
            if "#define HAVE_SYSTEMD 1" not in f.read():
                raise Skip("built without libsystemd")
        self.path = s.path("notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(WAIT)

    def next(self, but=("WATCHDOG=1",)):
        """The next message that is none of `but`."""
        while True:
            said = self.socket.recv(4096).decode().split("\n")
            if not set(said) & set(but):
                return said

    def expect(self, word):
        check(word in self.next(), f"no {word}")

    def waiting(self):
        """What was said and has not been heard."""
        self.socket.setblocking(False)
        said = []
        while True:
            try:
                said.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return "\n".join(said)


def start(s, **environment):
    supervisor = Supervisor(s)
    s.start(environment={"NOTIFY_SOCKET": supervisor.path, **environment})
    return supervisor


def test_notify(s):
    """READY=1 once it listens, STOPPING=1 when it is told to end"""
    supervisor = start(s)
    supervisor.expect("READY=1")
    equal(s.pbx().options(s.uri()).status, 200, "status")
    s.daemon.send_signal(signal.SIGTERM)
    supervisor.expect("STOPPING=1")
    s.ended()


def test_reload(s):
    """RELOADING=1, and READY=1 again, also when the file is refused"""
    supervisor = start(s)
    supervisor.expect("READY=1")
    for text in (None, "trunks = "):
        if text is not None:
            s.write("cordon.conf", text)
        s.daemon.send_signal(signal.SIGHUP)
        supervisor.expect("RELOADING=1")
        supervisor.expect("READY=1")
    s.must("CFG-RELOADED")
    s.must("CFG-REFUSED")


def test_end_in_reload(s):
    """a reload that ends behind STOPPING=1 says no READY=1"""
    s.config["inventory"] = [s.write("n.numbers", "+442079460000\n")]
    s.config["limits"]["drain"] = "60s"
    supervisor = start(s)
    supervisor.expect("READY=1")
    ends = s.up(s.pbx(), s.carrier())
    s.write("n.numbers", "".join(f"+4420{i:08d}\n" for i in range(300000)))
    s.daemon.send_signal(signal.SIGHUP)
    supervisor.expect("RELOADING=1")
    s.daemon.send_signal(signal.SIGTERM)
    supervisor.expect("STOPPING=1")
    s.wait_for_log("reloaded ")
    s.down(*ends)
    s.ended()
    said = supervisor.waiting()
    check("READY=1" not in said, f"it said {said!r}")


def test_not_ready(s):
    """a daemon that does not start never says READY=1"""
    supervisor = Supervisor(s)
    s.config["trunks"][0]["listener"] = "nowhere"
    s.spawn(environment={"NOTIFY_SOCKET": supervisor.path})
    equal(s.daemon.wait(WAIT), 78, "exit status")
    s.daemon, s.journal_wanted = None, False
    said = supervisor.waiting()
    check("READY=1" not in said, f"it said {said!r}")


def test_watchdog(s):
    """WATCHDOG=1 comes again and again where it is asked for"""
    supervisor = start(s, WATCHDOG_USEC="400000")
    for _ in range(3):
        equal(supervisor.next(but=("READY=1",)), ["WATCHDOG=1"], "message")
    s.daemon.send_signal(signal.SIGTERM)
    s.ended()


def test_no_watchdog(s):
    """no WATCHDOG=1 where nobody asks for it"""
    supervisor = start(s)
    s.stop()
    check("WATCHDOG=1" not in supervisor.waiting(), "WATCHDOG=1 was sent")


def test_exposure(s):
    """the unit leaves hardly anything open, as systemd-analyze judges it"""
    s.journal_wanted = False
    unit = os.path.join(BUILD, "conf", "cordond.service")
    status, said = s.run([need("systemd-analyze"), "security", "--offline=true",
                          "--no-pager", unit])
    if "nrecognized option" in said:
        raise Skip("this systemd-analyze has no --offline")
    equal(status, 0, f"exit status ({said[-500:]})")
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    check(found is not None, f"no level in {said[-300:]}")
    check(float(found.group(1)) <= EXPOSURE_MOST, "exposure is "
          + found.group(1))


def test_unit(s):
    """the unit is one that systemd understands, with what the manual says"""
    s.journal_wanted = False
    with open(os.path.join(BUILD, "conf", "cordond.service"),
              encoding="utf-8") as f:
        unit = f.read()
    for line in ("Type=notify", r"ExecReload=/bin/kill -HUP \$MAINPID",
                 r"WatchdogSec=\d+"):
        matches("(?m)^" + line + "$", unit, "unit")
    check("@" not in re.sub(r"(?m)^(#|SystemCall).*$", "", unit),
          "a place was not filled in")
