"""What Cordon sends, as a dissector of somebody else reads it."""

from urllib.parse import unquote

from border import check, equal, need
from refer import Transferor, accept, replaces
from sip import failure, offer
from tap import Tap


def start(s):
    need("tshark")
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    return pbx, carrier, Tap(s, pbx, carrier)


def test_call(s):
    """a call with re-INVITE and INFO, one that is cancelled, OPTIONS"""
    pbx, carrier, tap = start(s)
    call, leg = s.up(pbx, carrier)
    again = call.request("INVITE", body=offer(s.ip(2), 40000, 2, "8"))
    offered = carrier.expect("INVITE")
    leg.reply(200, body=offer(s.ip(3), 41000, 2, "8"), request=offered)
    pbx.expect((200, "INVITE"))
    pbx.send(call.in_dialog("ACK", cseq=again.cseq))
    carrier.expect("ACK")
    call.request("INFO", [("Content-Type", "application/dtmf-relay")],
                 b"Signal=5\r\nDuration=160\r\n")
    carrier.reply(carrier.expect("INFO"), 200)
    pbx.expect((200, "INFO"))
    s.down(call, leg)
    call, leg = s.ringing(carrier, pbx, uri=f"sip:1@{s.ip(4)}")
    call.cancel()
    carrier.expect((200, "CANCEL"))
    pbx.reply(pbx.expect("CANCEL"), 200)
    leg.reply(487)
    pbx.expect("ACK")
    call.expect(487)
    equal(pbx.options(s.uri()).status, 200, "status")
    tap.judge(20)


HEADERS = [
    ("From", '"Caf\u00e9 \\"O\\" Ltd" <sip:+442071234567@pbx.example'
             ';user=phone>;tag=a1'),
    ("P-Asserted-Identity", '"Desk" <sip:+442071234567@pbx.example>'),
    ("P-Asserted-Identity", "<tel:+442071234567>"),
    ("Privacy", "id"),
    ("Diversion", "<sip:+442079460999@pbx.example>;reason=no-answer"),
    ("Remote-Party-ID", '"Desk" <sip:1001@192.168.1.2>;party=calling'),
    ("History-Info", "<sip:+442079460999@pbx.example>;index=1"),
    ("Subject", "a question"),
    ("Accept", "application/sdp, application/dtmf-relay"),
    ("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, INFO"),
    ("Supported", "timer, 100rel"), ("Session-Expires", "1800;refresher=uac"),
    ("Min-SE", "90"), ("User-to-User", "4142;encoding=hex"),
    ("X-Account", "42"), ("Route", "<sip:border.example;lr>"),
]


def test_headers(s):
    """a call whose headers are carried over and repaired"""
    s.trunk("carrier").update({"relay_headers": ["X-Account"], "country": "GB",
                               "advertise": "198.51.100.7"})
    s.policy("carrier", "out", {
        "identity": {"asserted": "from", "host": "own",
                     "remote_party": "from"},
        "numbers": {"format": "+e164", "in": ["request", "to"]}})
    pbx, carrier, tap = start(s)
    call, leg = s.up(pbx, carrier, HEADERS, uri=f"sip:02079460123@{s.ip(1)}")
    check(leg.invite.has("P-Asserted-Identity"), "no identity went out")
    s.down(call, leg)
    tap.judge(7)


def test_refusals(s):
    """refusals of our own, and of the carrier"""
    s.config["routes"][0]["prefix"] = "+44"
    pbx, carrier, tap = start(s)
    equal(pbx.invite(s.uri("+33140000000")).expect(failure).status, 404,
          "no route")
    equal(pbx.invite(s.uri(), [("Max-Forwards", "0")]).expect(failure).status,
          483, "no hops left")
    equal(pbx.invite(s.uri(), [("Require", "nothing-known")])
          .expect(failure).status, 420, "unknown option")
    equal(pbx.invite(s.uri(), [("CSeq", "1 OPTIONS")]).expect(failure).status,
          400, "broken")
    for method, status in (("BYE", 481), ("PUBLISH", 405)):
        request = pbx.request(method, s.uri(), [
            ("To", f"<{s.uri()}>;tag=x")] if method == "BYE" else [])
        pbx.send(request)
        equal(pbx.expect_final(request).status, status, method)
    call = pbx.invite(s.uri())
    leg = carrier.incoming()
    leg.reply(603, [("Warning", '399 carrier "no, thank you"')])
    carrier.expect("ACK")
    call.expect(603)
    s.control("drain")
    equal(pbx.invite(s.uri()).expect(failure).status, 503, "draining")
    tap.judge(9)


def test_transfer(s):
    """transfers, blind and attended, and an INVITE with Replaces"""
    pbx, carrier, tap = start(s)
    target = s.uri("+442079460099")
    call, leg = s.up(pbx, carrier)
    asks = Transferor(call)
    asks.refer(target, [("Referred-By", '"B, C" <sip:boss@pbx.example>')])
    asks.accepted()
    asks.notified(100)
    third = carrier.incoming()
    third.reply(180)
    asks.notified(180)
    third.reply(486)
    carrier.expect("ACK")
    asks.notified(486, last=True)
    consult, third = s.up_to(pbx, carrier, target, 42000)
    asks.refer(target + "?" + replaces(consult))
    asks.accepted()
    asks.notified(100)
    accept(carrier, 42000)
    accept(carrier, 41000)
    asks.notified(200, last=True)
    call.hung_up()
    consult.hung_up()
    asks.refer(target)
    asks.refused(481)
    third.request("BYE")
    carrier.expect((200, "BYE"))
    leg.hung_up()
    call, leg = s.up(pbx, carrier)
    name = replaces(call).removeprefix("Replaces=")
    new = pbx.invite(s.uri(), [("Replaces", unquote(name))])
    accept(carrier, 41000)
    new.expect(200)
    call.hung_up()
    new.ack()
    s.down(new, leg)
    tap.judge(38)
