"""TWI-17: the PBX's private Contact never reaches the carrier."""

from border import check, equal
from sip import host_of, offer, uri_of

NUMBER = "+442079460123"
PRIVATE = "<sip:1000@192.168.1.5:5060>"


def test_answer(s):
    """the carrier's ACK and BYE come to us, whatever Contact the PBX gives"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = carrier.invite(f"sip:{NUMBER}@{s.ip(4)}:5060")
    leg = pbx.incoming()
    leg.reply(183, [("Contact", PRIVATE)], offer(s.ip(2), 41000))
    early = call.expect(183)
    equal(host_of(uri_of(early.get("Contact"))), s.ip(4), "host of Contact")
    # The PBX itself is reached through its own router.
    leg.reply(200, [("Contact", PRIVATE),
                    ("Record-Route", f"<sip:{s.ip(2)}:5060;lr>")],
              offer(s.ip(2), 41000))
    answer = call.connect()
    contact = uri_of(answer.get("Contact"))
    equal(host_of(contact), s.ip(4), "host of Contact")
    check("192.168.1.5" not in str(answer), "the private address is shown")
    equal(pbx.expect("ACK").uri, uri_of(PRIVATE), "Request-URI of the ACK")
    call.request("BYE")
    leg.hung_up()
    carrier.expect((200, "BYE"))
    s.must("DLG-CONTACT-PRIVATE")


def test_advertised(s):
    """Contact is what the trunk advertises"""
    s.trunk("carrier")["advertise"] = "203.0.113.20"
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(f"sip:{NUMBER}@{s.ip(1)}:5060", [("Contact", PRIVATE)])
    leg = carrier.incoming()
    equal(host_of(uri_of(leg.invite.get("Contact"))), "203.0.113.20",
          "host of Contact")
    leg.reply(486)
    carrier.expect("ACK")
    call.expect(486)
    s.must("DLG-CONTACT-PRIVATE")
