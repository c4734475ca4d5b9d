"""SFB-16: what is the PBX's own business stays on its side."""

from border import check, equal

NUMBER = "+442079460123"
ODD = {
    "ms-conversation-id": "AdK7f0",
    "ms-skip-rnl": "TRUE",
    "ms-subnet": "10.1.2.0",
    "ms-diagnostics": '10014;reason="test"',
    "ms-endpoint-location-data": "NetworkScope;ms-media-location-type=intranet",
    "X-Asterisk-HangupCause": "Normal Clearing",
    "X-FS-Support": "update_display,send_info",
    "X-Internal-Host": "pbx01.corp.example.local",
    "P-Early-Announcement": "early-9917",
    "P-Source-Device": "10.1.2.3",
    "Remote-Address": "10.1.2.4",
    "History-Trace": "inner.corp.example.local",
}


def exchange(s):
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(f"sip:{NUMBER}@{s.ip(1)}:5060",
               [*ODD.items(), ("User-Agent", "Lync 4.0 pbx01.corp"),
                ("Subject", "about the order")])
    leg = carrier.incoming()
    leg.reply(486, [("X-Carrier-Trace", "edge7"), ("Server", "Edge 7")])
    carrier.expect("ACK")
    return leg.invite, call.expect(486)


def test_request(s):
    """twelve odd headers and the User-Agent stay behind, a common one goes on"""
    s.start()
    invite, _ = exchange(s)
    text = str(invite)
    for name, value in ODD.items():
        check(not invite.has(name), f"{name} reached the carrier")
        check(value not in text, f"the value of {name} reached the carrier")
    check("corp.example" not in text and "Lync" not in text,
          "an internal name reached the carrier")
    equal(invite.get("Subject"), "about the order", "Subject")
    s.must("SCRUB-PRIVATE-HDR")


def test_response(s):
    """the same for a response"""
    s.start()
    _, answer = exchange(s)
    check(not answer.has("X-Carrier-Trace"), "X-Carrier-Trace reached the PBX")
    check("Edge 7" not in str(answer), "the carrier's Server reached the PBX")


def test_relayed_as_configured(s):
    """a header that the trunk's configuration names goes on"""
    s.trunk("carrier")["relay_headers"] = ["X-Internal-*"]
    s.start()
    invite, _ = exchange(s)
    equal(invite.get("X-Internal-Host"), ODD["X-Internal-Host"],
          "X-Internal-Host")
    check(not invite.has("ms-subnet"), "ms-subnet reached the carrier")
