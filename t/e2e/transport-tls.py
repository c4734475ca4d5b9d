"""TLS: versions, ciphers, names, whose connection is used, and its limits."""

import re
import socket
import ssl
import time

from border import check, equal, matches
from sip import Call, failure, offer

V2, V3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def start(s, **limits):
    s.config["limits"].update(limits)
    s.start()
    return s.pbx(), s.carrier_tls()


def options(carrier):
    return carrier.request("OPTIONS", "sip:sbc.example.com;transport=tls")


def answered(carrier, connection):
    request = options(carrier)
    carrier.send(request, to=connection)
    equal(carrier.expect_final(request).status, 200, "status")


def test_reuse(s):
    """our INVITE goes by the connection that the carrier opened (RFC 5923)"""
    s.tls_carrier()
    pbx, carrier = start(s)
    connection = carrier.connect()
    answered(carrier, connection)
    call, leg = s.up(pbx, carrier)
    check(leg.invite.connection is connection, "another connection was used")
    s.down(call, leg)
    equal(len(carrier.open_connections()), 1, "connections")


def closed_upon_invite(s, carrier, call, connection):
    """The carrier closes its connection upon the INVITE: the INVITE that comes by
    another, and then has its call."""
    first = carrier.expect("INVITE")
    check(first.connection is connection, "another connection was used")
    connection.close()
    carrier.seen.clear()  # it comes as it was
    leg = carrier.incoming()
    equal(bytes(leg.invite), bytes(first), "the INVITE by another connection")
    check(leg.invite.connection is not connection, "the same connection")
    leg.reply(200, body=offer(s.ip(3)))
    call.connect()
    carrier.expect("ACK")
    s.down(call, leg)


def test_closed_upon_invite(s):
    """our connection goes as it is used again: the INVITE takes another"""
    s.tls_carrier()
    pbx, carrier = start(s)
    s.down(*s.up(pbx, carrier))
    closed_upon_invite(s, carrier, pbx.invite(s.uri()),
                       carrier.open_connections()[-1])
    s.must_not("NET-FAILED")


def test_closed_upon_invite_by_carrier(s):
    """the carrier's connection goes as it is used: the INVITE takes another"""
    s.tls_carrier()
    pbx, carrier = start(s)
    connection = carrier.connect()
    answered(carrier, connection)
    closed_upon_invite(s, carrier, pbx.invite(s.uri()), connection)
    s.must_not("NET-FAILED")


def test_closed_upon_every_invite(s):
    """a connection made for the INVITE goes: 503, and no third try"""
    s.tls_carrier()
    pbx, carrier = start(s)
    call = pbx.invite(s.uri())
    carrier.expect("INVITE").connection.close()
    carrier.seen.clear()
    equal(call.expect(failure).status, 503, "status")
    carrier.silent()
    s.must("NET-FAILED")


def only(version, ciphers=None):
    """One version of TLS and no other."""
    def tune(context):
        context.minimum_version = context.maximum_version = version
        if ciphers:
            context.set_ciphers(ciphers)
    return tune


def version_works(s, version, name):
    s.tls_carrier()
    pbx, carrier = start(s)
    carrier.tune = only(version)
    call, leg = s.up(pbx, carrier)
    equal(leg.invite.connection.socket.version(), name, "version, we connect")
    s.down(call, leg)
    connection = carrier.connect()
    equal(connection.socket.version(), name, "version, the carrier connects")
    answered(carrier, connection)
    s.must_not("TLS-HANDSHAKE", "TLS-PEER-NAME")


def test_version_1_2(s):
    """a carrier that speaks TLS 1.2 only"""
    version_works(s, V2, "TLSv1.2")


def test_version_1_3(s):
    """a carrier that speaks TLS 1.3 only"""
    version_works(s, V3, "TLSv1.3")


def test_min_version(s):
    """min_version 1.3 refuses TLS 1.2, in both directions"""
    s.tls_carrier()
    s.listener("outside")["min_version"] = "1.3"
    s.trunk("carrier")["min_version"] = "1.3"
    pbx, carrier = start(s)
    carrier.tune = only(V2)
    call = pbx.invite(s.uri())
    carrier.expect_failure()
    equal(call.expect(failure).status, 503, "status")
    try:
        carrier.connect()
    except OSError:
        s.must("TLS-HANDSHAKE")
        return
    check(False, "TLS 1.2 was accepted")


def test_ciphers(s):
    """the cipher list of a trunk is what we offer"""
    cipher = "ECDHE-ECDSA-AES256-GCM-SHA384"
    s.tls_carrier()
    s.trunk("carrier")["ciphers"] = cipher
    pbx, carrier = start(s)
    carrier.tune = only(V2)
    call, leg = s.up(pbx, carrier)
    equal(leg.invite.connection.socket.cipher()[0], cipher, "cipher")
    s.down(call, leg)


def test_no_common_cipher(s):
    """no cipher in common: 503, and the journal says why"""
    s.tls_carrier()
    s.trunk("carrier")["ciphers"] = "ECDHE-ECDSA-AES256-GCM-SHA384"
    pbx, carrier = start(s)
    carrier.tune = only(V2, "ECDHE-ECDSA-AES128-GCM-SHA256")
    call = pbx.invite(s.uri())
    carrier.expect_failure()
    equal(call.expect(failure).status, 503, "status")
    s.must("TLS-HANDSHAKE")
    s.must("NET-FAILED")


def test_server_names(s):
    """the certificate of the trunk whose name is asked for is shown"""
    s.tls_carrier()
    cert, key = s.authority.issue("second", "second.example.com")
    s.config["trunks"].append({
        "name": "second", "listener": "outside", "fqdn": "second.example.com",
        "certificate": cert, "key": key, "peers": [f"{s.ip(5)}:5061"],
        "tls_names": ["second.example.net"]})
    s.config["routes"].append({"from": "second", "to": "pbx"})
    _, carrier = start(s)
    serials = []
    for name in ("sbc.example.com", "second.example.com"):
        carrier.server_name = name
        # The handshake fails where the certificate has not this name.
        serials.append(carrier.peer_serial(carrier.connect()))
    check(serials[0] != serials[1], "one certificate for both names")


def test_keepalive(s):
    """CRLF CRLF is answered with CRLF"""
    s.tls_carrier()
    _, carrier = start(s)
    connection = carrier.connect()
    connection.send(b"\r\n\r\n")
    equal(connection.socket.recv(16), b"\r\n", "answer")
    answered(carrier, connection)


def test_closed_in_call(s):
    """the connection goes in mid-call: the BYE opens another"""
    s.tls_carrier()
    pbx, carrier = start(s)
    call, leg = s.up(pbx, carrier)
    carrier.open_connections()[-1].close()
    s.down(call, leg)


def test_closed_before_answer(s):
    """a caller's connection goes while it rings: the 200 finds its listener"""
    s.tls_carrier()
    pbx, carrier = start(s)
    connection = carrier.connect()
    invite = carrier.request(
        "INVITE", "sip:+442079460999@sbc.example.com;transport=tls",
        body=offer(s.ip(3)))
    carrier.send(invite, to=connection)
    leg = pbx.incoming()
    leg.reply(180)
    carrier.expect(180)
    # The end of the connection and the 200 are read in one turn, or two.
    connection.close()
    leg.reply(200, body=offer(s.ip(2), 41000))
    call = Call(carrier, invite)
    answer = call.connect()
    check(answer.connection is not connection, "the same connection")
    pbx.expect("ACK")
    s.down(call, leg)


def test_too_big_for_udp(s):
    """an INVITE too large for UDP goes by a tcp_listener that speaks TLS, and says
    so in its Via"""
    s.tls_carrier()
    secure = s.listener("outside")
    s.config["listeners"].append({**secure, "name": "secure"})
    for option in ("certificate", "key", "ca", "client_certificate"):
        del secure[option]
    secure.update({"transport": "udp", "address": f"{s.ip(4)}:5060"})
    s.trunk("carrier")["tcp_listener"] = "secure"
    pbx, carrier = start(s)
    body = offer(s.ip(2)) + "a=x-padding:%01300d\r\n" % 0
    call = pbx.invite(s.uri(), body=body)
    leg = carrier.incoming()
    matches(r"^SIP/2.0/TLS sbc.example.com;", leg.invite.get("Via"), "Via")
    leg.reply(486)
    carrier.expect("ACK")
    call.expect(486)


def test_handshake_timeout(s):
    """a handshake that does not go on is ended"""
    s.tls_carrier()
    start(s, handshake="200ms")
    silent = socket.create_connection((s.ip(4), 5061), 5, (s.ip(3), 0))
    silent.settimeout(5)
    equal(silent.recv(1), b"", "what comes on the connection")
    silent.close()
    s.must("TLS-HANDSHAKE", reason=re.compile("200 ms"))


def test_not_tls(s):
    """plain SIP on the port of TLS is refused, and named"""
    s.tls_carrier()
    start(s)
    plain = socket.create_connection((s.ip(4), 5061), 5, (s.ip(3), 0))
    plain.settimeout(5)
    plain.sendall(b"OPTIONS sip:sbc SIP/2.0\r\n\r\n")
    try:
        while plain.recv(100):
            pass
    except ConnectionResetError:
        pass
    plain.close()
    entry = s.expect_entry("TLS-HANDSHAKE")
    matches("not TLS", entry.get("reason"), "reason")


def test_port_closed(s):
    """a port that is closed is no handshake that failed"""
    s.tls_carrier()
    s.start()
    call = s.pbx().invite(s.uri())
    equal(call.expect(failure).status, 503, "status")
    s.must("NET-FAILED", kind="system",
           reason=f"TLS to {s.ip(3)}:5061: no connection: Connection refused")
    s.must("NET-FAILED", leg="callee", before=f"carrier {s.ip(3)}:5061",
           reason="Connection refused")
    s.must_not("TLS-HANDSHAKE", "TLS-PEER-NAME")


def test_call_tells_of_handshake(s):
    """a call that a handshake ends says so, not that the network failed"""
    s.tls_carrier()
    s.start()
    carrier = s.carrier_tls(s.authority.issue("other", "other.example"))
    pbx = s.pbx()
    call = pbx.invite(s.uri())
    s.until("refused", lambda: (carrier.pump(time.monotonic() + 0.05),
            s.entries_of("TLS-PEER-NAME"))[1])
    equal(call.expect(failure).status, 503, "status")
    s.must("TLS-HANDSHAKE", leg="callee", before=f"carrier {s.ip(3)}:5061",
           reason=re.compile("OpenSSL's reason"))
