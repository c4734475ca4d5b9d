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
