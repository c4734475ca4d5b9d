"""Emergency calls: by number and by service URN, whatever policies would do."""

from border import check, equal
from sip import offer, uri_of

LOCATION = ('<presence xmlns="urn:ietf:params:xml:ns:pidf" '
            'entity="pres:caller@pbx.example.com"><tuple id="1"/></presence>')
CALLER = "+442079460000"
PAI = f"<sip:{CALLER}@pbx.example.com>"
# All that a policy can do to a called number and to who calls.
EVERYTHING = {
    "identity": {"host": "own", "privacy": "add", "asserted": "from"},
    "numbers": {"format": "e164",
                "in": ["request", "to", "from", "asserted"]}}


def with_location(body):
    """An offer beside the caller's location (RFC 6442), as one body."""
    parts = [("application/sdp", body), ("application/pidf+xml", LOCATION)]
    text = "".join(f"--part\r\nContent-Type: {kind}\r\n\r\n{part}\r\n"
                   for kind, part in parts)
    return (text + "--part--\r\n").encode()


def call_out(s, uri):
    """An emergency call that goes well; what the carrier got of it."""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(uri, [
        ("Geolocation", "<cid:caller@pbx.example.com>"),
        ("P-Asserted-Identity", PAI),
        ("Content-Type", "multipart/mixed;boundary=part")],
        with_location(offer(s.ip(2))))
    leg = carrier.incoming()
    leg.reply(200, body=offer(s.ip(3), 41000))
    call.connect()
    carrier.expect("ACK")
    call.request("BYE")
    leg.hung_up()
    pbx.expect((200, "BYE"))
    return leg.invite


def stands(s, invite, uri):
    """The carrier is told what is called, and from where."""
    equal(invite.uri, uri, "Request-URI")
    equal(uri_of(invite.get("To")), uri, "To")
    equal(invite.get("Geolocation"), "<cid:caller@pbx.example.com>",
          "Geolocation")
    check(LOCATION.encode() in invite.body, "the location is not there")
    check(b"m=audio" in invite.body, "the offer is not there")
    check(not invite.has("Privacy"), "Privacy was added")
    s.must("CALL-EMERGENCY", kind="kept", before=uri)
    s.must_not("POL-VETOED", "NUM-INVALID", "NUM-NOT-E164", "MSG-INVALID",
               "RTE-NONE")


def test_urn(s):
    """urn:service:sos and what is below it go on as they came"""
    invite = call_out(s, "urn:service:sos.fire")
    stands(s, invite, "urn:service:sos.fire")
    equal(invite.list("P-Asserted-Identity"), [PAI], "asserted values")


def test_urn_and_policy(s):
    """the same through a policy that would change everything"""
    s.policy("carrier", "out", EVERYTHING)
    s.trunk("carrier").update(country="GB", domain="carrier.example.com")
    stands(s, call_out(s, "urn:service:sos"), "urn:service:sos")


def test_number(s):
    """112 has a route of its own, and so has the URN"""
    s.config["routes"].insert(0, {"from": "pbx", "to": "carrier",
                                  "prefix": "urn:service:sos"})
    s.config["routes"].insert(0, {"from": "pbx", "to": "carrier",
                                  "prefix": "112"})
    s.config["routes"] = s.config["routes"][:2]
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    for uri, seen in ((f"sip:112@{s.ip(1)}:5060",
                       f"sip:112@{s.ip(3)}:5060"),
                      ("urn:service:sos.fire", "urn:service:sos.fire")):
        call = pbx.invite(uri)
        leg = carrier.incoming()
        equal(leg.invite.uri, seen, "Request-URI")
        leg.reply(486)
        carrier.expect("ACK")
        call.expect(486)
        s.must("CALL-EMERGENCY", before=uri)
    call = pbx.invite("urn:service:counseling")
    call.expect(404)
    s.must_not("POL-VETOED", "URI-SCHEME")


def test_other_urn(s):
    """a URN that is no service is refused by its scheme"""
    s.start()
    call = s.pbx().invite("urn:isbn:0451450523")
    call.expect(416)
    s.must("URI-SCHEME")
    s.must_not("MSG-INVALID", "CALL-EMERGENCY")
