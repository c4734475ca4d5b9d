"""The carrier on mutual TLS."""

from border import check, equal, matches
from sip import offer

NUMBER = "+442079460123"


def test_both_ways(s):
    """calls to and from a carrier on mutual TLS"""
    s.tls_carrier()
    s.start()
    pbx, carrier = s.pbx(), s.carrier_tls()
    call = pbx.invite(f"sip:{NUMBER}@{s.ip(1)}:5060")
    leg = carrier.incoming()
    matches(r"^SIP/2.0/TLS ", leg.invite.get("Via"), "Via")
    leg.reply(200, body=offer(s.ip(3), 41000))
    call.connect()
    carrier.expect("ACK")
    call.request("BYE")
    leg.hung_up()
    pbx.expect((200, "BYE"))

    call = carrier.invite(f"sip:{NUMBER}@sbc.example.com:5061;transport=tls")
    leg = pbx.incoming()
    matches(r"^SIP/2.0/UDP ", leg.invite.get("Via"), "Via")
    leg.reply(200, body=offer(s.ip(2), 41000))
    call.connect()
    pbx.expect("ACK")
    call.request("BYE")
    leg.hung_up()
    carrier.expect((200, "BYE"))


def test_no_certificate(s):
    """a client without certificate is refused, calls of others go on"""
    s.tls_carrier()
    s.start()
    stranger = s.carrier_tls(last=3)
    stranger.certificate = None
    try:
        connection = stranger.connect()
        stranger.expect_close(connection)
    except OSError:
        pass  # TLS 1.2 and an early refusal: the handshake itself fails
    check(not stranger.open_connections(), "the connection stayed")
    equal(s.pbx().options(f"sip:{s.ip(1)}:5060").status, 200, "status")
    s.must("TLS-HANDSHAKE")
