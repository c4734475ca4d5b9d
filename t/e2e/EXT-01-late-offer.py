"""EXT-01: a carrier that wants an offer in each INVITE, and a PBX that sends none."""

from border import check, equal
from sip import offer

CODE = "DLG-LATE-OFFER"


def media(message):
    return message.sdp("m")[0].split()[1]


def start(s, **options):
    s.trunk("carrier").update({"offer": "early", **options})
    s.start()
    return s.pbx(), s.carrier()


def offered(s, pbx, carrier):
    """The callee has our offer, and the caller the callee's answer as one."""
    call = pbx.invite(s.uri(), body=b"")
    leg = carrier.incoming()
    equal(leg.invite.sdp("m"), ["audio 9 RTP/AVP 8 0 101"], "m-lines of our offer")
    equal(leg.invite.get("Content-Type"), "application/sdp", "Content-Type")
    leg.reply(183, body=offer(s.ip(3), 41000))
    early = call.expect(183)
    equal(early.body, b"", "body of the 183")
    leg.reply(200, body=offer(s.ip(3), 41000))
    carrier.expect("ACK")
    equal(media(call.expect(200)), "41000", "port of the offer in the 200")
    return call, leg


def test_sound(s):
    """the carrier sees SDP, the PBX gets its offer in the 200, a re-INVITE joins them"""
    pbx, carrier = start(s)
    call, leg = offered(s, pbx, carrier)
    call.ack(body=offer(s.ip(2), 42000))
    again = carrier.expect("INVITE")
    equal(media(again), "42000", "port of the re-INVITE")
    first, second = (m.sdp("o")[0].split() for m in (leg.invite, again))
    equal((second[0:2], int(second[2])), (first[0:2], int(first[2]) + 1),
          "o= line of the re-INVITE")
    leg.reply(200, body=offer(s.ip(3), 41000), request=again)
    equal(carrier.expect("ACK").body, b"", "body of the ACK")
    call.request("BYE")
    leg.hung_up()
    pbx.expect((200, "BYE"))
    s.must(CODE, kind="rewrite", leg="callee", trunk="carrier", target="sdp")
    s.must_not("SDP-INVALID", "DLG-GLARE", "DLG-ACK-TARGET")


def test_refused(s):
    """the carrier does not take what the PBX answered: the call ends, and says why"""
    pbx, carrier = start(s)
    call, leg = offered(s, pbx, carrier)
    call.ack(body=offer(s.ip(2), 42000))
    leg.reply(488, request=carrier.expect("INVITE"))
    carrier.expect("ACK")
    bye = pbx.expect("BYE")
    check("cause=65" in bye.get("Reason"), "no Reason in the BYE")
    pbx.reply(bye, 200)
    leg.hung_up()
    s.must(CODE, kind="diagnosis", before="488")


def test_hold(s):
    """a re-INVITE without an offer is answered here, and ends in one with an offer"""
    pbx, carrier = start(s)
    call, leg = s.up(pbx, carrier)
    call.request("INVITE")
    answer = pbx.expect((200, "INVITE"))
    check(answer.body, "no offer in the 200")
    pbx.send(call.in_dialog("ACK", body=offer(s.ip(2), 42000),
                            cseq=call.cseq))
    again = carrier.expect("INVITE")
    equal(media(again), "42000", "port of the re-INVITE")
    leg.reply(200, body=answer.body, request=again)
    carrier.expect("ACK")
    s.down(call, leg)
    s.must_not("DLG-GLARE")


def test_as_received(s):
    """without the option nothing is added, and nothing noted"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(s.uri(), body=b"")
    leg = carrier.incoming()
    equal(leg.invite.body, b"", "body of the INVITE")
    leg.reply(200, body=offer(s.ip(3), 41000))
    call.expect(200)
    call.ack(body=offer(s.ip(2), 42000))
    equal(media(carrier.expect("ACK")), "42000", "port in the ACK")
    s.down(call, leg)
    s.must_not(CODE)


def test_offer_there(s):
    """an INVITE with an offer keeps its own"""
    pbx, carrier = start(s)
    call, leg = s.up(pbx, carrier)
    equal(media(leg.invite), "40000", "port of the INVITE")
    s.down(call, leg)
    s.must_not(CODE)
