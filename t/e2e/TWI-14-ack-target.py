"""TWI-14: the ACK has the Contact as its target and goes where the route says."""

from border import equal
from sip import Udp, offer

NUMBER = "+442079460123"
CONTACT = "sip:172.18.1.1:5060;transport=udp;x=%41b"


def call(s, contact, routes, answerer):
    """The carrier answers with this Contact and Record-Route; `answerer` is who
    must see ACK and BYE."""
    s.trunk("carrier")["sources"] = [s.ip(5), s.ip(6)]
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    inner = answerer() if answerer else carrier
    call = pbx.invite(f"sip:{NUMBER}@{s.ip(1)}:5060")
    leg = carrier.incoming()
    leg.reply(200, [("Contact", f"<{contact}>"),
                    *[("Record-Route", r) for r in routes]],
              offer(s.ip(3), 41000))
    call.connect()
    ack = inner.expect("ACK")
    call.request("BYE")
    bye = inner.expect("BYE")
    inner.reply(bye, 200)
    pbx.expect((200, "BYE"))
    return ack, bye


def test_loose_route(s):
    """private Contact behind a loose router: target exact, next hop the route"""
    hop = f"<sip:{s.ip(5)}:5070;lr;id=7>"
    ack, bye = call(s, CONTACT, [hop], lambda: s.actor(
        Udp(s.ip(5), 5070, s.outside)))
    for message in (ack, bye):
        equal(message.uri, CONTACT, "Request-URI")
        equal(message.list("Route"), [hop], "Route")
    s.must("DLG-ACK-TARGET")


def test_two_routes(s):
    """two routers: the route set is the reverse of Record-Route"""
    near, far = f"<sip:{s.ip(5)}:5070;lr>", "<sip:172.18.1.2:5060;lr>"
    ack, bye = call(s, CONTACT, [far, near], lambda: s.actor(
        Udp(s.ip(5), 5070, s.outside)))
    for message in (ack, bye):
        equal(message.uri, CONTACT, "Request-URI")
        equal(message.list("Route"), [near, far], "Route")


def test_strict_router(s):
    """a strict router: it is the Request-URI, the Contact comes last"""
    near = f"sip:{s.ip(5)}:5070"
    ack, bye = call(s, CONTACT, [f"<{near}>"], lambda: s.actor(
        Udp(s.ip(5), 5070, s.outside)))
    for message in (ack, bye):
        equal(message.uri, near, "Request-URI")
        equal(message.list("Route"), [f"<{CONTACT}>"], "Route")


def test_no_route(s):
    """without a route the ACK goes to the Contact"""
    contact = f"sip:bob@{s.ip(6)}:5090"
    ack, bye = call(s, contact, [], lambda: s.actor(
        Udp(s.ip(6), 5090, s.outside)))
    for message in (ack, bye):
        equal(message.uri, contact, "Request-URI")
        equal(message.all("Route"), [], "Route")


def test_missing_ack(s):
    """the PBX never acknowledges: the row is named and both legs end"""
    s.config["sip"] = {"t1": "50ms", "t2": "200ms"}
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    pbx.invite(f"sip:{NUMBER}@{s.ip(1)}:5060")
    leg = carrier.incoming()
    leg.reply(200, body=offer(s.ip(3), 41000))
    pbx.expect(200)
    carrier.expect("ACK")
    leg.hung_up()
    pbx.reply(pbx.expect("BYE"), 200)
    s.must("DLG-ACK-TARGET")
