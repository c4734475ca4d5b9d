"""TWI-15: addresses that are not ours are never mended."""

from border import check, equal
from sip import Udp, offer

NUMBER = "+442079460123"
CONTACT = "sip:+442079460123@172.18.1.1:5060"


def test_private_addresses_of_the_peer(s):
    """with private addresses being mended, the peer's Contact and route stay"""
    s.trunk("carrier")["media_address"] = "198.51.100.7"
    s.trunk("carrier")["sources"] = [s.ip(5)]
    s.policy("carrier", "out", {"rules": [
        {"id": "meddle", "on": "ACK", "set": "request.host",
         "value": "198.51.100.9", "diagnostic": "DLG-TOUCHED-FOREIGN"},
        {"id": "meddle-too", "on": "BYE", "set": "request.host",
         "value": "198.51.100.9", "diagnostic": "DLG-TOUCHED-FOREIGN"},
    ]})
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
    call.request("BYE")
    for message in (router.expect("ACK"), router.expect("BYE")):
        equal(message.uri, CONTACT, "Request-URI")
        equal(message.list("Route"), list(reversed(hops)), "Route")
        check("198.51.100.9" not in str(message), "a rule had its way")
        if message.method == "BYE":
            router.reply(message, 200)
    pbx.expect((200, "BYE"))
    s.must("DLG-TOUCHED-FOREIGN")
    s.must("POL-VETOED", kind="veto")
