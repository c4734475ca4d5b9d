"""UDP: both families, where answers go, what is too big, who is not there."""

import socket

from border import check, equal, matches
from sip import Tcp, Udp, failure, host_of, offer, parameter, uri_of


def free_port():
    """A port of ::1, which all tests share. The socket is kept by the caller
    until the daemon is to have the port."""
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.bind(("::1", 0))
    return s, s.getsockname()[1]


def test_ipv6(s):
    """a carrier on IPv6: calls both ways"""
    held, port = free_port()
    carrier = s.actor(Udp("::1", 0, ("::1", port)))
    s.listener("outside")["address"] = f"[::1]:{port}"
    s.trunk("carrier")["peers"] = [carrier.address]
    held.close()
    s.start()
    pbx = s.pbx()
    call, leg = s.up(pbx, carrier)
    matches(r"^SIP/2.0/UDP \[::1\]:%d;" % port, leg.invite.get("Via"), "Via")
    equal(host_of(uri_of(leg.invite.get("Contact"))), "[::1]", "Contact")
    s.down(call, leg)
    call, leg = s.up(carrier, pbx, uri=f"sip:1@[::1]:{port}")
    equal(host_of(uri_of(leg.invite.get("Contact"))), s.ip(1), "Contact")
    s.down(call, leg)


def big_offer(host):
    return offer(host) + "".join(
        f"a=candidate:{i} 1 UDP 2130706431 {host} {20000 + i} typ host\r\n"
        for i in range(20))


def big_call(s, carrier):
    """A call whose INVITE has more than 1300 bytes; the callee's end of it."""
    pbx = s.pbx()
    call = pbx.invite(s.uri(), body=big_offer(s.ip(2)))
    leg = carrier.incoming()
    check(len(leg.invite.raw) > 1300, "the INVITE is small")
    leg.reply(200, body=offer(s.ip(3), 41000))
    call.connect()
    return call, leg


def test_too_big(s):
    """a request over 1300 bytes without TCP goes by UDP, and that is said"""
    s.start()
    carrier = s.carrier()
    call, leg = big_call(s, carrier)
    carrier.expect("ACK")
    s.down(call, leg)
    s.must("MSG-TOO-BIG", after="sent over UDP all the same", leg="callee")


def test_too_big_for_udp(s):
    """a request over 1300 bytes goes by TCP where the trunk has a tcp_listener"""
    s.config["listeners"].append({
        "name": "stream", "transport": "tcp", "address": f"{s.ip(4)}:5060"})
    s.trunk("carrier")["tcp_listener"] = "stream"
    s.start()
    carrier = s.carrier()
    stream = s.actor(Tcp(s.ip(3), 5060, s.outside))
    call, leg = big_call(s, stream)
    matches(r"^SIP/2.0/TCP ", leg.invite.get("Via"), "Via")
    s.must("MSG-TOO-BIG", after="sent over TCP", leg="callee")
    # The Contact of the answer asks for TCP, and so does the ACK.
    stream.expect("ACK")
    call.request("BYE")
    leg.hung_up()
    call.endpoint.expect((200, "BYE"))
    carrier.silent(0.1)


def test_small_enough(s):
    """a small request says nothing of its size"""
    s.start()
    s.down(*s.up(s.pbx(), s.carrier()))
    s.must_not("MSG-TOO-BIG")


def options(s, actor, via):
    request = actor.request("OPTIONS", s.uri(), [("Via", via)])
    actor.send(request)
    return request


def test_rport(s):
    """rport: the answer goes to the source port and says where it came from"""
    s.start()
    pbx = s.pbx(port=5080)
    request = options(s, pbx, "SIP/2.0/UDP 192.0.2.1:5099;branch=z9hG4bK1;rport")
    via = pbx.expect_final(request).get("Via")
    equal((parameter(via, "rport"), parameter(via, "received")),
          ("5080", s.ip(2)), "rport and received")
    check(via.startswith("SIP/2.0/UDP 192.0.2.1:5099;branch=z9hG4bK1"),
          f"the rest of {via!r} is not as it came")


def test_no_rport(s):
    """no rport: the answer goes to the port in Via, at the source address"""
    s.start()
    pbx, other = s.pbx(port=5080), s.pbx(port=5099)
    request = options(s, pbx, "SIP/2.0/UDP 192.0.2.1:5099;branch=z9hG4bK2")
    via = other.expect_final(request).get("Via")
    equal((parameter(via, "rport"), parameter(via, "received")),
          (None, s.ip(2)), "rport and received")
    pbx.silent(0.05)


def test_nobody_there(s):
    """a peer whose port is closed is known at once, also the second of two"""
    s.config["trunks"].append({
        "name": "other", "listener": "outside",
        "peers": [f"{s.ip(5)}:5060"]})
    s.config["routes"][:1] = [{"from": "pbx", "to": "carrier", "prefix": "+44"},
                              {"from": "pbx", "to": "other", "prefix": "+33"}]
    s.start()
    pbx = s.pbx()
    for number in ("+442079460123", "+33140000000"):
        answer = pbx.invite(s.uri(number)).expect(failure)
        equal(answer.status, 503, f"status of a call to {number}")
    s.must("NET-FAILED")
    check("no connected socket" not in s.log_text(), "a socket is missing")
