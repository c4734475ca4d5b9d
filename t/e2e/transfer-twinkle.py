"""Attended transfers that Twinkle asks for: two calls on two lines become one."""

import re

import twinkle as program
from border import Skip, check, equal
from refer import Watch, accept, media
from sip import offer
from tap import Tap
from twinkle import Twinkle

WAITS, TARGET = "+442079460123", "+442079460099"
STAYING, TARGETS = 41000, 42000


class Consults:
    """Twinkle talks to one party, holds it, and to another one."""

    def __init__(self, s):
        if not program.is_installed():
            raise Skip("twinkle-console is not installed")
        self.s = s
        self.asks = Twinkle(s, "asks", f"{s.ip(1)}:5060")
        s.trunk("pbx").update(
            peers=[f"{self.asks.host}:{self.asks.port}"], transfer="local")
        s.start()
        self.carrier = s.carrier()
        self.watch = Watch(self.carrier)
        self.tap = Tap(s, self.carrier)
        self.asks.start()
        self.asks.tell(f"call {s.uri(WAITS)}")
        self.leg = self.carrier.incoming(10)
        self.leg.answered(body=offer(self.carrier.host, STAYING))
        self.asks.wait_for("Line 1: far end answered call.")
        self.asks.tell(f"transfer -c {s.uri(TARGET)}")
        held = accept(self.carrier, STAYING)
        check("sendonly" in held.sdp("a"), f"no hold:\n{held}")
        self.target = self.carrier.incoming()
        self.target.answered(body=offer(self.carrier.host, TARGETS))
        self.asks.wait_for("Line 2: far end answered call.")

    def is_joined(self):
        """The two that stay hear of each other."""
        told = accept(self.carrier, TARGETS)
        equal(told.get("Call-ID"), self.target.invite.get("Call-ID"),
              "Call-ID of what the target is told")
        equal(media(told), (self.carrier.host, STAYING), "media of who waits")
        equal(media(accept(self.carrier, STAYING)),
              (self.carrier.host, TARGETS), "media of the target")
        self.s.expect_entry("XFR-DONE", reason=re.compile("attended"))
        self.s.expect_entry("CALL-ENDED", target="transferred")

    def ends(self):
        self.leg.request("BYE")
        self.carrier.expect((200, "BYE"))
        self.target.hung_up()
        self.watch.never(self.carrier, "REFER", "NOTIFY")
        self.watch.judge()
        self.tap.judge(9)


def test_attended(s):
    """REFER with Replaces: both calls are joined, and Twinkle is told so"""
    t = Consults(s)
    t.asks.tell("transfer -c")
    t.is_joined()
    t.asks.wait_for("Line 1: call successfully referred.")
    t.asks.wait_for("Line 1: call ended.")
    t.asks.wait_for("Line 2: far end ended call.")
    t.ends()
    s.must_not("XFR-BYE-LATE", "XFR-FAILED", "XFR-REPLACES")


def test_refused(s):
    """the target refuses the re-INVITE: Twinkle is told, and has both calls yet"""
    t = Consults(s)
    t.asks.tell("transfer -c")
    t.carrier.reply(t.carrier.expect("INVITE"), 488)
    t.carrier.expect("ACK")
    t.asks.wait_for("Progress: 488 Not Acceptable Here")
    accept(t.carrier, TARGETS)
    s.expect_entry("XFR-FAILED", after=re.compile("^488"))
    for end in (t.leg, t.target):
        end.request("BYE")
        t.carrier.expect((200, "BYE"))
    s.must_not("XFR-DONE")
