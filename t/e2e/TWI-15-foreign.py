"""TWI-15: addresses that are not ours are never mended."""

from border import check, equal
from sip import Udp, offer

NUMBER = "+442079460123"
CONTACT = "sip:+442079460123@172.18.1.1:5060"
FOREIGN = "198.51.100.9"


def call(s):
    """With private addresses being mended: the peer's Contact and route stay."""
    s.trunk("carrier")["sources"] = [s.ip(5)]
    s.trunk("carrier")["media_address"] = "198.51.100.7"
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    router = s.actor(Udp(s.ip(5), 5070, s.outside))
    hops = ["<sip:172.18.1.2:5060;lr>", f"<sip:{s.ip(5)}:5070;lr>"]
    call = pbx.invite(f"sip:{NUMBER}@{s.ip(1)}:5060",
                      body=offer("192.168.1.5"))
    leg = carrier.incoming()
    equal(leg.invite.sdp("c"), ["IN IP4 198.51.100.7"], "c line")
    leg.reply(200, [("Contact", f"<{CONTACT}>"),
                    *[("Record-Route", h) for h in hops]],
              offer("172.18.1.3", 41000))
    call.connect()
    messages = [router.expect("ACK")]
    call.request("BYE")
    messages.append(router.expect("BYE"))
    router.reply(messages[1], 200)
    pbx.expect((200, "BYE"))
    for message in messages:
        equal(message.uri, CONTACT, "Request-URI")
        equal(message.list("Route"), list(reversed(hops)), "Route")
        check(FOREIGN not in str(message), "a rule had its way")


def test_untouched(s):
    """the private Contact and route of the peer are used as they are"""
    call(s)
    s.must("DLG-TOUCHED-FOREIGN")
    s.must_not("POL-VETOED")


def test_vetoed(s):
    """a rule that would change them is refused, and the message goes on"""
    s.policy("carrier", "out", {"rules": [
        {"id": f"meddle-{method.lower()}", "on": method,
         "set": "request.host", "value": FOREIGN,
         "diagnostic": "DLG-TOUCHED-FOREIGN"} for method in ("ACK", "BYE")]})
    call(s)
    s.must("POL-VETOED", kind="veto")
