"""TWI-33: the carrier has no session timer; the PBX's is kept up by Cordon alone."""

from border import check, equal
from sip import offer

SHORT = {"session_expires": "2s", "session_minimum": "2s"}
NUMBER = "+442079460123"
REFRESHES = 3


def test_refreshed(s):
    """a long call: the PBX gets each refresh, the carrier hears of none"""
    s.trunk("pbx").update(SHORT)
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = carrier.invite(f"sip:{NUMBER}@{s.ip(4)}:5060")
    leg = pbx.incoming()
    equal(leg.invite.get("Session-Expires"), "2", "Session-Expires")
    check("timer" in leg.invite.list("Supported"), "no timer in Supported")
    granted = [("Session-Expires", "2;refresher=uac"), ("Supported", "timer"),
               ("Require", "timer")]
    leg.reply(200, [*granted, ("Allow", "INVITE, ACK, BYE, UPDATE")],
              offer(s.ip(2), 41000))
    answered = call.connect()
    check(not answered.has("Session-Expires"), "the carrier gets a timer")
    pbx.expect("ACK")
    for _ in range(REFRESHES):
        update = pbx.expect("UPDATE")
        equal(update.get("Session-Expires"), "2;refresher=uac",
              "Session-Expires")
        equal(update.body, b"", "body")
        leg.reply(200, granted, request=update)
    call.request("BYE")
    leg.hung_up()
    # In order: nothing came before this.
    carrier.expect((200, "BYE"))
    s.must_not("DLG-SESSION-EXPIRED", "DLG-PEER-GONE")


def test_same_session(s):
    """without UPDATE it is a re-INVITE, with the very same session description"""
    s.trunk("pbx").update(SHORT)
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(s.uri(), [("Supported", "timer")])
    leg = carrier.incoming()
    leg.reply(200, body=offer(s.ip(3), 41000))
    answered = call.connect()
    carrier.expect("ACK")
    equal(answered.get("Session-Expires"), "2;refresher=uas",
          "Session-Expires")
    check(leg.invite.has("Session-Expires"), "the carrier is not asked")
    for _ in range(REFRESHES):
        invite = pbx.expect("INVITE")
        equal(invite.body, answered.body, "session description")
        pbx.reply(invite, 200, [("Contact", pbx.contact()),
                                ("Session-Expires", "2;refresher=uac"),
                                ("Supported", "timer")], offer(s.ip(2)))
        pbx.expect("ACK")
    call.request("BYE")
    leg.hung_up()
    pbx.expect((200, "BYE"))
    s.must("DLG-TIMER-STRIPPED", trunk="carrier")


def test_vanished(s):
    """the PBX that promised refreshes is gone: both sides are hung up"""
    s.trunk("pbx").update(SHORT)
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(s.uri(), [("Supported", "timer"),
                                ("Session-Expires", "2;refresher=uac")])
    leg = carrier.incoming()
    leg.reply(200, body=offer(s.ip(3), 41000))
    equal(call.connect().list("Require"), ["timer"], "Require")
    carrier.expect("ACK")
    bye = leg.hung_up()
    equal(bye.get("Reason").split(";")[1], "cause=102", "Reason")
    pbx.reply(pbx.expect("BYE"), 200)
    s.must("DLG-SESSION-EXPIRED", leg="caller", trunk="pbx")


def test_asked(s):
    """a leg without a timer is asked by OPTIONS, and hung up when it is gone"""
    s.trunk("carrier")["session_options"] = "1s"
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    carrier.answers_options = False
    call = pbx.invite(s.uri())
    leg = carrier.incoming()
    leg.reply(200, body=offer(s.ip(3), 41000))
    call.connect()
    carrier.expect("ACK")
    for status in (200, 481, 501, 481, 408):
        leg.reply(status, request=carrier.expect("OPTIONS"))
    leg.hung_up()
    pbx.reply(pbx.expect("BYE"), 200)
    s.must("DLG-PEER-GONE", leg="callee", trunk="carrier")


def test_longest(s):
    """no call lasts longer than max_duration"""
    s.config["limits"]["max_duration"] = "1s"
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    s.up(pbx, carrier)
    pbx.reply(pbx.expect("BYE"), 200)
    bye = carrier.expect("BYE")
    check("cause=102" in bye.get("Reason"), "no Reason")
    carrier.reply(bye, 200)
    s.must("CALL-MAX-DURATION", target="max-duration")
