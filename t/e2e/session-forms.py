"""A session in the words of each side: hold in its forms, UPDATE, and a fax."""

from border import check, equal
from refer import settle
from sip import offer


def held(s, last, line):
    return offer(s.ip(last), 41000, version=2) + f"a={line}\r\n"


def change(pbx, carrier, call, leg, body, answer, method="INVITE", seen="INVITE"):
    """What the carrier is asked, and what the PBX hears of its answer."""
    call.request(method, body=body)
    asked = carrier.expect(seen)
    leg.reply(200, body=answer, request=asked)
    if seen == "INVITE":
        carrier.expect("ACK")
    heard = pbx.expect((200, method))
    if method == "INVITE":
        pbx.send(call.in_dialog("ACK", cseq=call.cseq))
    return asked, heard


def test_hold(s):
    """inactive becomes sendonly for the carrier, and its recvonly inactive again"""
    s.trunk("carrier")["hold"] = "sendonly"
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    asked, heard = change(pbx, carrier, call, leg, held(s, 2, "inactive"),
                          held(s, 3, "recvonly"))
    check(b"a=sendonly" in asked.body, "the carrier is not told sendonly")
    check(b"a=inactive" in heard.body, "the PBX does not hear inactive")
    asked, heard = change(pbx, carrier, call, leg, held(s, 2, "sendrecv"),
                          held(s, 3, "sendrecv"))
    check(b"a=sendrecv" in asked.body, "the hold does not end")
    s.down(call, leg)
    s.must("SDP-HOLD", leg="callee", before="inactive", after="sendonly")
    s.must("SDP-HOLD", leg="caller", before="recvonly", after="inactive")


def test_update(s):
    """an UPDATE reaches a carrier without UPDATE as a re-INVITE"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(s.uri())
    leg = carrier.incoming()
    leg.reply(200, [("Allow", "INVITE, ACK, BYE, CANCEL")],
              offer(s.ip(3), 41000))
    call.connect()
    carrier.expect("ACK")
    asked, heard = change(pbx, carrier, call, leg, held(s, 2, "sendonly"),
                          held(s, 3, "recvonly"), method="UPDATE")
    check(b"a=sendonly" in asked.body, "the offer is not in the re-INVITE")
    check(b"a=recvonly" in heard.body, "the answer is not in the 200")
    s.down(call, leg)
    s.must("DLG-UPDATE", kind="rewrite", leg="callee", trunk="carrier")
    s.must_not("SDP-HOLD", "DLG-GLARE")


def test_fax(s):
    """a fax is offered, refused, and the call goes on"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    settle(pbx, s.uri())
    fax = (offer(s.ip(3), 0, version=2) +
           "m=image 42000 udptl t38\r\na=T38FaxVersion:0\r\n")
    request = leg.request("INVITE", body=fax)
    asked = pbx.expect("INVITE")
    equal(asked.sdp("m")[1], "image 42000 udptl t38", "m-line")
    call.reply(488, request=asked)
    pbx.expect("ACK")
    carrier.expect((488, "INVITE"))
    carrier.send(leg.in_dialog("ACK", [("Via", request.get("Via"))],
                               cseq=request.cseq))
    call.request("INFO")
    leg.reply(200, request=carrier.expect("INFO"))
    pbx.expect((200, "INFO"))
    s.down(call, leg)
    s.must_not("SDP-INVALID")
