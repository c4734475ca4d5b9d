"""TWI-22: session timers end at Cordon: an orphan goes nowhere, a 422 is met here."""

from border import check, equal
from sip import failure, offer

NUMBER = "+442079460123"


def from_carrier(s, fields):
    """The carrier calls the PBX: both ends of it."""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = carrier.invite(f"sip:{NUMBER}@{s.ip(4)}:5060", fields)
    return pbx, carrier, call, pbx.incoming()


def answer(s, pbx, call, leg, fields=()):
    leg.reply(200, fields, offer(s.ip(2), 41000))
    answered = call.connect()
    pbx.expect("ACK")
    return answered


def hang_up(pbx, carrier, call, leg):
    call.request("BYE")
    leg.hung_up()
    carrier.expect((200, "BYE"))


def test_orphan(s):
    """the carrier took the timer and left its interval: it is removed, and said"""
    pbx, carrier, call, leg = from_carrier(s, [("Session-Expires", "90"),
                                               ("Min-SE", "90")])
    equal(leg.invite.all("Session-Expires"), ["1800"], "Session-Expires")
    equal(leg.invite.all("Min-SE"), [], "Min-SE")
    answered = answer(s, pbx, call, leg)
    check(not answered.has("Session-Expires"), "the carrier gets a timer")
    hang_up(pbx, carrier, call, leg)
    s.must("DLG-422", before="90",
           reason="orphan Session-Expires: 90 removed")


def test_refused(s):
    """the PBX answers 422 with Min-SE: asked again, and the carrier sees 200"""
    s.trunk("pbx")["session_expires"] = "2m"
    pbx, carrier, call, leg = from_carrier(s, [("Session-Expires", "90")])
    equal(leg.invite.all("Session-Expires"), ["120"], "Session-Expires")
    leg.reply(422, [("Min-SE", "1800")])
    pbx.expect("ACK")
    again = pbx.incoming()
    equal(again.invite.all("Session-Expires"), ["1800"], "Session-Expires")
    equal(again.invite.all("Min-SE"), ["1800"], "Min-SE")
    equal(again.invite.get("Call-ID"), leg.invite.get("Call-ID"), "Call-ID")
    equal(again.invite.cseq, leg.invite.cseq + 1, "CSeq")
    answered = answer(s, pbx, call, again,
                      [("Session-Expires", "1800;refresher=uac"),
                       ("Require", "timer")])
    check(not answered.has("Session-Expires"), "the carrier gets a timer")
    check(not answered.has("Require"), "the carrier gets a Require")
    hang_up(pbx, carrier, call, again)
    s.must("DLG-422", before="120", after="1800")


def test_too_short(s):
    """whoever knows timers and asks for too little gets 422, and no call"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = carrier.invite(f"sip:{NUMBER}@{s.ip(4)}:5060",
                          [("Session-Expires", "30"), ("Supported", "timer")])
    refusal = call.expect(failure)
    equal(refusal.status, 422, "status")
    equal(refusal.all("Min-SE"), ["90"], "Min-SE")
    pbx.silent(0.2)
    s.must("DLG-422", before="422 Session Interval Too Small")
