"""The ways in which a call can go, and what must never leak to the other leg."""

from border import check, equal, matches
from sip import host_of, offer, parameter, uri_of

NUMBER = "+442079460123"


def uri(s):
    return f"sip:{NUMBER}@{s.ip(1)}:5060"


def ring(s, fields=()):
    """A call from the PBX that rings at the carrier: both ends of it."""
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(uri(s), fields)
    leg = carrier.incoming()
    leg.reply(180)
    call.expect(180)
    return call, leg


def test_two_legs(s):
    """both legs have identifiers of their own; nothing of one reaches the other"""
    s.start()
    call, leg = ring(s)
    invite = leg.invite
    equal(len(invite.all("Via")), 1, "number of Via fields")
    check(invite.get("Call-ID") != call.invite.get("Call-ID"), "same Call-ID")
    check(parameter(invite.get("From"), "tag")
          != parameter(call.invite.get("From"), "tag"), "same tag")
    check(s.ip(2) not in invite.get("Via") + invite.get("Contact"),
          "the PBX's address reached the carrier")
    equal(host_of(uri_of(invite.get("Contact"))), s.ip(4), "host of Contact")
    matches(r"z9hG4bK", invite.get("Via"), "Via")
    equal(invite.get("Max-Forwards"), "69", "Max-Forwards")
    leg.reply(200, body=offer(s.ip(3), 41000))
    call.connect()
    leg.endpoint.expect("ACK")
    call.request("BYE")
    leg.hung_up()
    call.endpoint.expect((200, "BYE"))
    s.must("CALL-LEGS", leg="caller")
    s.must("CALL-LEGS", leg="callee")
    s.must("CALL-ENDED")


def test_callee_hangs_up(s):
    """the callee hangs up"""
    s.start()
    call, leg = ring(s)
    leg.reply(200, body=offer(s.ip(3), 41000))
    call.connect()
    leg.endpoint.expect("ACK")
    leg.request("BYE")
    call.hung_up()
    leg.endpoint.expect((200, "BYE"))


def test_cancel(s):
    """CANCEL reaches the callee, the caller has 487"""
    s.start()
    call, leg = ring(s)
    cancel = s.take_back(call, leg)
    equal(cancel.cseq, leg.invite.cseq, "CSeq of the CANCEL")
    call.expect(487)


def test_busy(s):
    """486 of the callee reaches the caller, and both sides get their ACK"""
    s.start()
    call, leg = ring(s)
    leg.reply(486)
    leg.endpoint.expect("ACK")
    call.expect(486)


def test_call_id_of_our_own_to_options(s):
    """OPTIONS to the border itself is answered here"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    answer = pbx.options(f"sip:{s.ip(1)}:5060")
    equal(answer.status, 200, "status")
    check("INVITE" in answer.get("Allow", ""), "no Allow in the answer")
    carrier.answers_options = False
    carrier.silent()


def test_in_dialog(s):
    """re-INVITE and INFO go through, the offer unchanged in its codecs"""
    s.start()
    call, leg = ring(s)
    leg.reply(200, body=offer(s.ip(3), 41000))
    call.connect()
    leg.endpoint.expect("ACK")
    again = call.request("INVITE", body=offer(s.ip(2), 40000, 2, "8"))
    offered = leg.endpoint.expect("INVITE")
    matches(r"^audio \d+ RTP/AVP 8$", offered.sdp("m")[0], "m line")
    leg.reply(200, body=offer(s.ip(3), 41000, 2, "8"), request=offered)
    answer = call.endpoint.expect((200, "INVITE"))
    equal(answer.cseq, again.cseq, "CSeq of the answer")
    call.endpoint.send(call.in_dialog("ACK", cseq=again.cseq))
    leg.endpoint.expect("ACK")
    call.request("INFO", [("Content-Type", "application/dtmf-relay")],
                 b"Signal=5\r\nDuration=160\r\n")
    info = leg.endpoint.expect("INFO")
    equal(info.body, b"Signal=5\r\nDuration=160\r\n", "body of INFO")
    leg.endpoint.reply(info, 200)
    call.endpoint.expect((200, "INFO"))
    call.request("BYE")
    leg.hung_up()
    call.endpoint.expect((200, "BYE"))


def test_unknown_dialog(s):
    """BYE of a dialog that is not there has 481"""
    s.start()
    pbx = s.pbx()
    bye = pbx.request("BYE", uri(s), [
        ("To", f"<{uri(s)}>;tag=nobody")])
    pbx.send(bye)
    equal(pbx.expect_final(bye).status, 481, "status")


def test_unknown_source(s):
    """a source that is no trunk gets no answer"""
    s.start()
    stranger, pbx = s.pbx(last=99), s.pbx()
    stranger.send(stranger.request("OPTIONS", f"sip:{s.ip(1)}:5060"))
    # The answer to the second request comes behind what the first one causes.
    equal(pbx.options(f"sip:{s.ip(1)}:5060").status, 200, "status")
    stranger.silent(0.1)
    s.must("ACL-UNKNOWN-SOURCE")
