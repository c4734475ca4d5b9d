"""SFB-02: who makes a transfer: the other side where it offers REFER, else Cordon;
and what a peer is told of that."""

import re

from border import check, equal
from refer import Transferor, Watch, accept, settle
from sip import WAIT, offer

TARGET = "+442079460099"
BASE = "INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY"
WITH = [("Allow", BASE + ", REFER")]
WITHOUT = [("Allow", BASE)]


class Call:
    def __init__(self, s, answer=()):
        self.s = s
        s.start()
        self.pbx, self.carrier = s.pbx(), s.carrier()
        self.watch = Watch(self.pbx, self.carrier)
        self.call, self.leg = s.ringing(self.pbx, self.carrier)
        self.leg.reply(200, answer, offer(self.carrier.host, 41000))
        self.call.connect()
        self.carrier.expect("ACK")
        self.asks = Transferor(self.call)

    def refer(self):
        self.asks.refer(self.s.uri(TARGET), [
            ("Referred-By", "<sip:boss@pbx.example>"), ("X-Own", "1")])

    def is_made_here(self):
        self.refer()
        self.asks.accepted()
        self.asks.notified(100)
        target = self.carrier.incoming()
        target.reply(200, body=offer(self.carrier.host, 42000))
        self.carrier.expect("ACK")
        accept(self.carrier, 41000)
        self.asks.notified(200, last=True)
        self.call.hang_up()
        self.leg.request("BYE")
        self.carrier.expect((200, "BYE"))
        target.hung_up()
        self.watch.never(self.carrier, "REFER")
        self.watch.judge()

    def is_passed_on(self):
        """And what the carrier says of it comes back."""
        self.refer()
        refer = self.carrier.expect("REFER")
        equal(refer.get("Refer-To").split("@")[0], f"<sip:{TARGET}",
              "Refer-To")
        equal(refer.get("Referred-By"), "<sip:boss@pbx.example>",
              "Referred-By")
        check(not refer.has("X-Own"), "a header of nobody's business passed")
        self.carrier.reply(refer, 202, [("Contact", self.carrier.contact())])
        self.asks.accepted()
        self.leg.request("NOTIFY", [
            ("Event", "refer"), ("Subscription-State",
                                 "terminated;reason=noresource"),
            ("Content-Type", "message/sipfrag;version=2.0")],
            b"SIP/2.0 200 OK\r\n")
        self.asks.notified(200, last=True)
        self.carrier.expect((200, "NOTIFY"))
        self.s.down(self.call, self.leg)
        self.s.must_not("XFR-REFER-REFUSED", "XFR-BYE-LATE")


def test_learnt_from_the_answer(s):
    """200 without REFER: made here"""
    Call(s, WITHOUT).is_made_here()
    s.must("CAP-NO-REFER", trunk="carrier")


def test_offered(s):
    """200 with REFER: passed on"""
    Call(s, WITH).is_passed_on()
    s.must_not("CAP-NO-REFER")


def test_not_known(s):
    """no Allow at all: made here"""
    Call(s).is_made_here()


def learnt_by_options(s, allow):
    """The carrier has answered OPTIONS of ours with that Allow."""
    s.trunk("carrier")["options_interval"] = "30s"
    carrier = s.carrier()
    carrier.answers_options = False
    s.start()
    # The first one is sent at any time of the first five seconds.
    carrier.reply(carrier.expect("OPTIONS", 5 + WAIT), 200, allow)
    s.wait_until(lambda: "OPTIONS 200" in s.control("trunks", "carrier"),
                 "what its OPTIONS say")
    s.start = lambda: None
    s.carrier = lambda: carrier


def test_options_without(s):
    """200 to OPTIONS without REFER: made here"""
    learnt_by_options(s, WITHOUT)
    Call(s).is_made_here()
    s.must("CAP-NO-REFER", reason=re.compile(r"OPTIONS 200"))


def test_options_with(s):
    """200 to OPTIONS with REFER: passed on"""
    learnt_by_options(s, WITH)
    Call(s).is_passed_on()


def test_switches(s):
    """what was said last counts"""
    learnt_by_options(s, WITH)
    Call(s, WITHOUT).is_made_here()


def test_always_here(s):
    """transfer = "local": made here though it is offered"""
    s.trunk("pbx")["transfer"] = "local"
    Call(s, WITH).is_made_here()


def test_never_here(s):
    """transfer = "forward": passed on, and a refusal comes back and is noted"""
    s.trunk("pbx")["transfer"] = "forward"
    t = Call(s, WITHOUT)
    t.refer()
    t.carrier.reply(t.carrier.expect("REFER"), 405, WITHOUT)
    t.asks.refused(405)
    s.down(t.call, t.leg)
    s.must("XFR-REFER-REFUSED", kind="diagnosis", before="405",
           trunk="carrier")


def allows(message):
    return [m.strip() for m in message.get("Allow").split(",")]


def test_kept_from_the_pbx(s):
    """allow without REFER: a PBX that goes by it transfers by itself"""
    s.trunk("pbx")["allow"] = BASE.split(", ")
    t = Call(s, WITH)
    equal(allows(t.call.answer), BASE.split(", "), "Allow of the 200")
    check("NOTIFY" in allows(t.call.answer), "NOTIFY is gone")
    equal(allows(t.pbx.options(f"sip:{s.ip(1)}:5060")), BASE.split(", "),
          "Allow of 200 to OPTIONS")
    check("REFER" in allows(t.leg.invite), "no REFER toward the carrier")
    settle(t.pbx, s.uri())
    again = t.leg.request("INVITE", body=offer(s.ip(3), 41002, 2))
    asked = t.pbx.expect("INVITE")
    equal(allows(asked), BASE.split(", "), "Allow of a re-INVITE")
    t.pbx.reply(asked, 200, [("Contact", t.pbx.contact())],
                offer(s.ip(2), 40000))
    t.carrier.expect((200, "INVITE"))
    t.carrier.send(t.leg.in_dialog("ACK", cseq=again.cseq))
    t.pbx.expect("ACK")
    s.down(t.call, t.leg)
