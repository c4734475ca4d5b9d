"""EXT-04: an INVITE with Replaces takes a place here; no peer gets the header."""

import re

from border import check, equal, matches
from refer import Watch, accept, media, settle
from sip import failure, offer, parameter


class Calls:
    """The PBX talks to the carrier, and is about to call once more."""

    def __init__(self, s):
        self.s = s
        s.start()
        self.pbx, self.carrier = s.pbx(), s.carrier()
        self.watch = Watch(self.pbx, self.carrier)
        self.call, self.leg = s.up(self.pbx, self.carrier)

    def dialog(self, call=None):
        call = call or self.call
        ours = parameter(call.answer.get("To"), "tag")
        theirs = parameter(call.invite.get("From"), "tag")
        return (f"{call.invite.get('Call-ID')};to-tag={ours}"
                f";from-tag={theirs}")

    def take(self, replaces=None, fields=()):
        return self.pbx.invite(
            self.s.uri(), [("Replaces", replaces or self.dialog()), *fields],
            offer(self.pbx.host, 40010))

    def refused(self, status, replaces=None, fields=()):
        answer = self.take(replaces, fields).expect(failure)
        equal(answer.status, status, "status")
        return answer

    def end(self):
        self.s.down(self.call, self.leg)
        self.judge()

    def judge(self):
        for actor in (self.pbx, self.carrier):
            self.watch.never(actor, "REFER")
        self.watch.judge()


def test_consumed(s):
    """the carrier sees a re-INVITE without Replaces; who was there has a BYE"""
    t = Calls(s)
    new = t.take(fields=[("Require", "replaces")])
    asked = accept(t.carrier, 41000)
    check(not asked.has("Replaces") and not asked.has("Require"),
          f"the carrier sees how:\n{asked}")
    equal(asked.get("Call-ID"), t.leg.invite.get("Call-ID"), "Call-ID")
    equal(media(asked), (s.ip(2), 40010), "media, as the carrier is told")
    equal(media(new.expect(200)), (s.ip(3), 41000), "media of the carrier")
    t.call.hung_up()
    new.ack()
    s.down(new, t.leg)
    t.judge()
    s.must("XFR-REPLACES", kind="rewrite", target="Replaces",
           after=re.compile("re-INVITE"))
    s.must("CALL-ENDED")


def test_refused_by_the_other(s):
    """the carrier refuses the re-INVITE: the old call goes on"""
    t = Calls(s)
    new = t.take()
    t.carrier.reply(t.carrier.expect("INVITE"), 488)
    t.carrier.expect("ACK")
    new.expect(488)
    t.end()


def test_no_such_dialog(s):
    """unknown dialogs and wrong tags: 481"""
    t = Calls(s)
    right = t.dialog()
    for wrong in ("x@y;to-tag=a;from-tag=b",
                  re.sub(r"to-tag=.{6}", "to-tag=xxxxxx", right),
                  re.sub(r"from-tag=.{3}", "from-tag=xxx", right),
                  re.sub(r"^.", "_", right)):
        matches("XFR-REPLACES", t.refused(481, wrong).get("Warning"),
                "Warning")
    t.end()
    s.must_not("INT-SHORTAGE")


def test_of_another_trunk(s):
    """a dialog of another trunk is not there to be taken"""
    t = Calls(s)
    new = t.carrier.invite(f"sip:+442079460001@{s.ip(4)}:5060",
                           [("Replaces", t.dialog())])
    equal(new.expect(failure).status, 481, "status")
    t.end()
    s.must("XFR-REPLACES", before="pbx", trunk="carrier",
           reason=re.compile("its option replaces does not allow"))


def test_open_to_other_trunks(s):
    """replaces = "any": a trunk that knows the dialog takes its place"""
    s.trunk("pbx")["replaces"] = "any"
    t = Calls(s)
    settle(t.pbx, s.uri())
    new = t.carrier.invite(f"sip:+442079460001@{s.ip(4)}:5060",
                           [("Replaces", t.dialog())],
                           offer(t.carrier.host, 41010))
    asked = accept(t.carrier, 41000)
    equal(asked.get("Call-ID"), t.leg.invite.get("Call-ID"), "Call-ID")
    equal(media(asked), (s.ip(3), 41010), "media of who took the place")
    new.connect()
    t.call.hung_up()
    new.request("BYE")
    t.carrier.expect((200, "BYE"))
    t.leg.hung_up()
    t.judge()


def test_early_only(s):
    """early-only of an answered call: 486"""
    t = Calls(s)
    t.refused(486, t.dialog() + ";early-only")
    t.end()


def test_ended(s):
    """a dialog that is ending: 603; that has ended: 481"""
    t = Calls(s)
    dialog = t.dialog()
    t.leg.request("BYE")
    bye = t.pbx.expect("BYE")
    t.refused(603, dialog)
    t.pbx.reply(bye, 200)
    t.carrier.expect((200, "BYE"))
    s.expect_entry("CALL-ENDED")
    t.refused(481, dialog)
    t.judge()


def test_broken(s):
    """a Replaces that cannot be read, or two: 400"""
    t = Calls(s)
    t.refused(400, "no-tags@here")
    t.refused(400, fields=[("Replaces", t.dialog())])
    t.end()


def test_without_offer(s):
    """no offer: 488"""
    t = Calls(s)
    new = t.pbx.invite(s.uri(), [("Replaces", t.dialog())], b"")
    equal(new.expect(failure).status, 488, "status")
    t.end()


# -- a call that rings ----------------------------------------------------------

class Rings:
    """The carrier calls, a telephone behind the PBX rings, and another one takes
    the call."""

    def __init__(self, s, fields=(), **options):
        self.s = s
        s.trunk("pbx").update(options)
        s.start()
        self.pbx, self.carrier = s.pbx(), s.carrier()
        self.watch = Watch(self.pbx, self.carrier)
        self.call = self.carrier.invite(
            f"sip:+442079460001@{s.ip(4)}:5060", fields)
        self.leg = self.pbx.incoming()
        self.leg.reply(180)
        self.rings = self.call.expect(180)
        self.new = None

    def dialog(self, tag=None):
        """As a telephone that rings tells others of it (RFC 4235)."""
        to = parameter(self.leg.invite.get("From"), "tag")
        return (f"{self.leg.invite.get('Call-ID')};to-tag={to}"
                f";from-tag={tag or self.leg.local_tag}")

    def take(self, more="", body=None):
        return self.pbx.invite(
            self.s.uri("+442079460001"), [("Replaces", self.dialog() + more)],
            offer(self.pbx.host, 40010) if body is None else body)

    def taken(self, more=""):
        """Up to the CANCEL for who rang, and its end."""
        self.new = self.take(more)
        cancel = self.pbx.expect("CANCEL")
        equal(cancel.get("Reason"),
              'SIP;cause=200;text="Call completed elsewhere"', "Reason")
        self.pbx.reply(cancel, 200)

    def who_rang_ends(self):
        self.leg.reply(487)
        self.pbx.expect("ACK")

    def joined(self):
        """The caller has its 200, and is asked for media."""
        answer = self.call.expect(200)
        equal(answer.sdp("a")[-1], "inactive", "the 200 before there are media")
        self.call.ack()
        asked = accept(self.carrier, 41000)
        equal(media(asked), (self.s.ip(2), 40010), "media of who took the call")
        check(not asked.has("Replaces"), f"the caller sees how:\n{asked}")
        equal(media(self.new.expect(200)), (self.s.ip(3), 41000),
              "media of the caller")
        self.new.ack()

    def ends(self):
        self.new.request("BYE")
        self.pbx.expect((200, "BYE"))
        self.call.hung_up()
        self.watch.judge()


def test_picked_up(s):
    """a call that rings is taken: 200 and a re-INVITE to the caller, CANCEL"""
    t = Rings(s)
    t.taken()
    t.who_rang_ends()
    t.joined()
    t.ends()
    s.must("XFR-REPLACES", kind="rewrite", target="Replaces",
           after=re.compile("CANCEL to who rings"))
    s.must("CALL-LEGS", leg="target")
    s.must("CALL-ENDED", target="target-hung-up")
    s.must_not("DLG-UNKNOWN", "DLG-GLARE", "XFR-FAILED", "INT-SHORTAGE")


def test_picked_up_early_only(s):
    """early-only: the same"""
    t = Rings(s)
    t.taken(";early-only")
    t.who_rang_ends()
    t.joined()
    t.ends()


def test_picked_up_and_answered(s):
    """who rang answers at the same moment: ACK and BYE for it"""
    t = Rings(s)
    t.taken()
    t.leg.reply(200, body=offer(t.pbx.host, 40020))
    t.pbx.expect("ACK")
    t.leg.hung_up()
    t.joined()
    t.ends()


def test_picked_up_twice(s):
    """the second one to take it comes too late: 603, or 481 once it is over"""
    t = Rings(s)
    t.taken()
    equal(t.take().expect(failure).status, 603, "status")
    t.who_rang_ends()
    equal(t.take().expect(failure).status, 481, "status")
    t.joined()
    t.ends()


def test_picked_up_without_media(s):
    """the caller does not take the media: both of them are told, and it is over"""
    t = Rings(s)
    t.taken()
    t.who_rang_ends()
    t.call.connect()
    t.carrier.reply(t.carrier.expect("INVITE"), 488)
    t.carrier.expect("ACK")
    t.call.hung_up()
    t.new.expect(488)
    s.must("XFR-REPLACES", kind="end", target="pickup-failed",
           after=re.compile("status=200"))


def test_not_ours_to_take(s):
    """the caller's own dialog rings, too, and is not ours: 481, and it rings on"""
    s.trunk("carrier")["replaces"] = "any"
    t = Rings(s, replaces="any")
    ours = t.call.endpoint
    theirs = (f"{t.call.invite.get('Call-ID')}"
              f";to-tag={parameter(t.rings.get('To'), 'tag')}"
              f";from-tag={parameter(t.call.invite.get('From'), 'tag')}")
    new = ours.invite(f"sip:+442079460001@{s.ip(4)}:5060",
                      [("Replaces", theirs)])
    equal(new.expect(failure).status, 481, "status")
    wrong = t.pbx.invite(s.uri("+442079460001"),
                         [("Replaces", t.dialog("x"))])
    equal(wrong.expect(failure).status, 481, "status")
    t.leg.reply(200, body=offer(t.pbx.host, 40000))
    t.call.connect()
    t.pbx.expect("ACK")
    s.down(t.call, t.leg)
    s.must("XFR-REPLACES", kind="diagnosis", before=re.compile("^481"))
