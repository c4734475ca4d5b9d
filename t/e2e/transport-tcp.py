"""TCP: messages in any pieces, connections that come and go, and their limits."""

import socket
import time

from border import check, equal, matches, need
from sip import WAIT, Call, Tcp, offer


def start(s, **limits):
    """PBX on UDP and carrier on TCP."""
    s.listener("outside")["transport"] = "tcp"
    s.config["limits"].update(limits)
    s.start()
    return s.pbx(), s.actor(Tcp(s.ip(3), 5060, s.outside))


def inward(s):
    """How the carrier dials."""
    return f"sip:+442079460999@{s.ip(4)}:5060;transport=tcp"


def options(s, carrier):
    return carrier.request("OPTIONS", f"sip:{s.ip(4)}:5060;transport=tcp")


def answered(carrier, request):
    equal(carrier.expect_final(request).status, 200, "status")


def test_both_ways(s):
    """calls both ways, on one connection each"""
    pbx, carrier = start(s)
    call, leg = s.up(pbx, carrier)
    matches(r"^SIP/2.0/TCP ", leg.invite.get("Via"), "Via")
    matches(r";transport=tcp", leg.invite.get("Contact"), "Contact")
    s.down(call, leg)
    equal(len(carrier.open_connections()), 1, "connections")
    carrier.connect()
    call, leg = s.up(carrier, pbx, uri=inward(s))
    matches(r"^SIP/2.0/UDP ", leg.invite.get("Via"), "Via")
    leg.request("BYE")
    call.hung_up()
    pbx.expect((200, "BYE"))


def test_together(s):
    """several messages in one segment are all heard, in order"""
    pbx, carrier = start(s)
    connection = carrier.connect()
    before, behind = options(s, carrier), options(s, carrier)
    invite = carrier.request("INVITE", inward(s), body=offer(s.ip(3)))
    connection.send(bytes(before) + b"\r\n" + bytes(invite) + bytes(behind))
    leg = pbx.incoming()
    answered(carrier, before)
    answered(carrier, behind)
    leg.reply(200, body=offer(s.ip(2), 41000))
    call = Call(carrier, invite)
    call.connect()
    pbx.expect("ACK")
    s.down(call, leg)


def test_apart(s):
    """a message that comes byte by byte is heard"""
    pbx, carrier = start(s)
    connection = carrier.connect()
    connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    invite = carrier.request("INVITE", inward(s), body=offer(s.ip(3)))
    for byte in bytes(invite):
        connection.send(bytes([byte]))
    leg = pbx.incoming()
    equal(leg.invite.body, invite.body, "body")
    leg.reply(200, body=offer(s.ip(2), 41000))
    call = Call(carrier, invite)
    call.connect()
    pbx.expect("ACK")
    s.down(call, leg)


def test_keepalive(s):
    """CRLF CRLF is answered with CRLF, a single CRLF is not"""
    _, carrier = start(s)
    connection = carrier.connect()
    connection.send(b"\r\n\r\n")
    equal(connection.socket.recv(16), b"\r\n", "answer")
    connection.send(b"\r\n")
    request = options(s, carrier)
    connection.send(bytes(request))
    head = connection.socket.recv(65536)
    check(head.startswith(b"SIP/2.0 200"), f"{head[:20]} came first")


def test_closed_in_call(s):
    """the connection goes in mid-call: the BYE opens another"""
    pbx, carrier = start(s)
    call, leg = s.up(pbx, carrier)
    # The end of the connection and the BYE are read in one turn.
    s.freeze()
    carrier.open_connections()[-1].close()
    call.request("BYE")
    s.thaw()
    leg.hung_up()
    pbx.expect((200, "BYE"))
    s.must("CALL-ENDED")


def test_closed_by_caller(s):
    """a caller closes its connection in mid-call: our BYE finds its listener"""
    pbx, carrier = start(s)
    call, leg = s.up(carrier, pbx, uri=inward(s))
    carrier.open_connections()[-1].close()
    leg.request("BYE")
    call.hung_up()
    pbx.expect((200, "BYE"))


def test_closed_upon_bye(s):
    """the connection goes before our BYE is answered: it is sent once more"""
    pbx, carrier = start(s)
    call, leg = s.up(pbx, carrier)
    call.request("BYE")
    first = carrier.expect("BYE")
    first.connection.close()
    carrier.seen.clear()  # it comes as it was
    again = leg.hung_up()
    check(again.connection is not first.connection, "the same connection")
    pbx.expect((200, "BYE"))


def closed_upon_request(carrier, other, method, **what):
    """A request inside the call, upon which the carrier closes the connection: it
    comes by another, and is answered."""
    other.request(method, **what)
    first = carrier.expect(method)
    first.connection.close()
    carrier.seen.clear()  # it comes as it was
    again = carrier.expect(method)
    equal(bytes(again), bytes(first), "the request by another connection")
    check(again.connection is not first.connection, "the same connection")
    return again


def test_closed_upon_info(s):
    """the connection goes before an INFO is answered: it is sent once more"""
    pbx, carrier = start(s)
    call, leg = s.up(pbx, carrier)
    again = closed_upon_request(
        carrier, call, "INFO", body="Signal=1\r\n",
        fields=[("Content-Type", "application/dtmf-relay")])
    carrier.reply(again, 200)
    pbx.expect((200, "INFO"))
    s.down(call, leg)
    s.must_not("NET-FAILED")


def test_closed_upon_reinvite(s):
    """the same of a re-INVITE, on a connection that the carrier had opened"""
    pbx, carrier = start(s)
    call, leg = s.up(carrier, pbx, uri=inward(s))
    request = options(s, carrier)  # behind the ACK
    carrier.send(request)
    answered(carrier, request)
    again = closed_upon_request(
        carrier, leg, "INVITE", body=offer(s.ip(2), 42000))
    carrier.reply(again, 200, [("Contact", carrier.contact())],
                  offer(s.ip(3), 43000))
    pbx.expect((200, "INVITE"))
    leg.request("ACK")
    carrier.expect("ACK")
    s.down(call, leg)
    s.must_not("NET-FAILED")


def test_new_connection(s):
    """a caller closes its connection and goes on by another"""
    pbx, carrier = start(s)
    call, leg = s.up(carrier, pbx, uri=inward(s))
    carrier.open_connections()[-1].close()
    carrier.connect()
    s.down(call, leg)


def test_cap(s):
    """a source has so many connections and no more"""
    _, carrier = start(s, connections_per_source=2)
    kept = [carrier.connect() for _ in range(2)]
    check(not taken(s, carrier), "a third connection was taken")
    for connection in kept:
        request = options(s, carrier)
        carrier.send(request, to=connection)
        answered(carrier, request)
    kept[0].close()
    deadline = time.monotonic() + WAIT
    while not taken(s, carrier):  # until the close has been seen there
        check(time.monotonic() < deadline, "the place is not free again")


def taken(s, carrier):
    """Is one more connection heard, or closed at once?"""
    request = options(s, carrier)
    try:
        connection = carrier.connect()
        carrier.send(request, to=connection)
        while not connection.closed:
            message = connection.cut()
            if message is not None:
                return message.status == 200
            check(carrier.pump(time.monotonic() + WAIT), "nothing happens")
    except OSError:
        pass  # reset while we spoke
    return False


def test_half_message(s):
    """a message that does not end in time ends its connection, no other"""
    pbx, carrier = start(s, half_message="300ms")
    good, bad = carrier.connect(), carrier.connect()
    request = options(s, carrier)
    carrier.send(request, to=good)
    answered(carrier, request)
    bad.send(bytes(options(s, carrier))[:100])
    carrier.expect_close(bad)
    request = options(s, carrier)
    carrier.send(request, to=good)
    answered(carrier, request)
    del pbx


def test_says_nothing(s):
    """who connects and says nothing is gone soon"""
    _, carrier = start(s, half_message="200ms")
    carrier.expect_close(carrier.connect())


def test_stranger(s):
    """the connection of a stranger is closed, and nothing was said on it"""
    pbx, carrier = start(s)
    stranger = s.actor(Tcp(s.ip(9), 5060, s.outside))
    connection = stranger.connect()
    connection.send(bytes(options(s, stranger)) * 3)
    stranger.expect_close(connection)
    equal(connection.buffer, b"", "what was said to the stranger")
    s.must("ACL-UNKNOWN-SOURCE")
    s.down(*s.up(pbx, carrier))


def test_idle(s):
    """a connection without traffic is closed"""
    _, carrier = start(s, idle="1s")
    connection = carrier.connect()
    request = options(s, carrier)
    carrier.send(request, to=connection)
    answered(carrier, request)
    carrier.expect_close(connection)


def test_descriptors(s):
    """no descriptors left: calls go on, and connections are taken again later"""
    s.listener("outside")["transport"] = "tcp"
    s.config["limits"]["connections_per_source"] = 1000
    s.start(prefix=[need("prlimit"), "--nofile=40:40"])
    carrier, pbx = s.actor(Tcp(s.ip(3), 5060, s.outside)), s.pbx()
    many = [carrier.connect() for _ in range(60)]
    # The call goes by a connection that is there.
    request = options(s, carrier)
    carrier.send(request, to=many[0])
    answered(carrier, request)
    invite = carrier.request("INVITE", inward(s), body=offer(s.ip(3)))
    carrier.send(invite, to=many[0])
    leg = pbx.incoming()
    leg.reply(200, body=offer(s.ip(2), 41000))
    call = Call(carrier, invite)
    call.expect(200)
    s.wait_for_log("Too many open files")
    for connection in many[1:]:
        connection.close()
    call.ack()
    pbx.expect("ACK")
    again, request = carrier.connect(), options(s, carrier)
    carrier.send(request, to=again)
    answered(carrier, request)
    s.down(call, leg)


def test_no_length(s):
    """no Content-Length on a stream: 400, and the connection ends"""
    _, carrier = start(s)
    connection = carrier.connect()
    raw = bytes(options(s, carrier)).replace(b"Content-Length: 0\r\n", b"")
    connection.send(raw)
    carrier.expect(400)
    carrier.expect_close(connection)


def test_garbage(s):
    """what is no SIP ends its connection"""
    _, carrier = start(s)
    connection = carrier.connect()
    connection.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 50)
    connection.send(b"\r\n\r\n")
    carrier.expect_close(connection)
    request = options(s, carrier)
    carrier.send(request, to=carrier.connect())
    answered(carrier, request)
