"""What strangers, broken peers and too much of a good thing do to calls."""

import os
import random
import re
import select
import time

from border import Timeout, check, equal, matches
from sip import WAIT, Call, Message, failure, offer, user_of

FLOOD = 1000
STORM = 200
QUEUED = 2000


def start(s):
    s.config["log"]["level"] = "info"
    s.start()
    return s.pbx(), s.carrier()


def counter(s, name):
    return next(c["value"] for c in s.control_json("counters")
                if c["counter"] == name)


def alive(s, pbx):
    """Has answered everything that came before."""
    equal(pbx.options(s.uri()).status, 200, "status of OPTIONS")


def test_unknown_source(s):
    """1000 messages of a stranger: no answer, and few lines about them"""
    pbx, carrier = start(s)
    call, leg = s.up(pbx, carrier)
    stranger = s.pbx(last=99)
    for n in range(FLOOD):
        method = ("INVITE", "OPTIONS", "REGISTER", "BYE")[n % 4]
        stranger.send(stranger.request(method, s.uri(), body=offer(s.ip(99))))
        if n % 100 == 0:
            alive(s, pbx)
    s.down(call, leg)
    alive(s, pbx)
    stranger.silent(0.05)
    check(counter(s, "messages.unknown_source") > FLOOD / 2, "none was seen")
    s.stop()
    noted = [e for e in s.journal() if e["diagnostic"] == "ACL-UNKNOWN-SOURCE"]
    check(1 <= len(noted) <= 20, f"{len(noted)} journal entries")
    equal(len([e for e in s.journal() if e["kind"] == "call"]), 2,
          "entries about the legs of the one call")
    check(s.log_text().count("\n") < 40, "the log is full of it")


def test_garbage(s):
    """1 to 2000 bytes of anything from a peer: calls go on"""
    # What nobody acknowledges is over after 64 times this.
    s.config["sip"] = {"t1": "50ms", "t2": "100ms"}
    s.config["limits"]["drain"] = "10s"
    pbx, carrier = start(s)
    call, leg = s.up(pbx, carrier)
    seed = int(os.environ.get("CORDON_TEST_SEED", "1"))
    chance = random.Random(seed)
    whole = bytes(pbx.request("INVITE", s.uri(), body=offer(s.ip(2))))
    for size in range(1, 2001, 7):
        pbx.socket.sendto(chance.randbytes(size), pbx.peer)
        damaged = bytearray((whole * 3)[:size])
        for _ in range(1 + size // 50):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        pbx.socket.sendto(bytes(damaged), pbx.peer)
        if size % 10 == 1:
            refuse_all(s, pbx, carrier)
    refuse_all(s, pbx, carrier)
    call.request("BYE")
    wanted(carrier, "BYE")
    wanted(pbx, "BYE")
    s.must("MSG-INVALID")


def wanted(actor, method):
    """Takes what comes until that request, or the answer to it, is there."""
    while True:
        message = actor.receive()
        if message.method != method:
            continue
        if message.is_request:
            actor.reply(message, 200)
        return message


def refuse_all(s, pbx, carrier):
    """The carrier refuses what reached it, until a marker comes through."""
    marker = pbx.request("OPTIONS", s.uri())
    pbx.send(marker)
    while True:
        message = pbx.receive()
        if message.get("Call-ID") == marker.get("Call-ID"):
            break
        acknowledge(pbx, message)
    while (message := carrier.take()) is not None:
        if message.method == "INVITE":
            Call(carrier, message, incoming=True).reply(486)


def acknowledge(pbx, message):
    """As who sent this INVITE would, with what the answer has of it."""
    number = re.match(r"(\d+) INVITE$", message.get("CSeq", ""))
    if number is None or message.status < 300:
        return
    fields = [(n, message.get(n)) for n in ("Via", "From", "To", "Call-ID")]
    pbx.send(pbx.request("ACK", f"sip:{pbx.peer[0]}",
                         fields + [("CSeq", f"{number.group(1)} ACK")]))


def test_cancel_storm(s):
    """CANCELs of nothing have 481, and those of a call end it once"""
    pbx, carrier = start(s)
    call, leg = s.ringing(pbx, carrier)
    for n in range(STORM):
        invite = pbx.request("INVITE", s.uri())
        Call(pbx, invite).cancel()
        equal(pbx.expect(failure).status, 481, "status")
    pbx.socket.settimeout(WAIT)
    answers = set()
    for _ in range(STORM):
        call.cancel()
        answers.add(pbx.socket.recv(65536))
    equal(len([a for a in answers if a.startswith(b"SIP/2.0 200")]), 1,
          "different answers")
    cancel = carrier.expect("CANCEL")
    carrier.reply(cancel, 200)
    leg.reply(487)
    carrier.expect("ACK")
    given = [a for a in answers if a.startswith(b"SIP/2.0 487")]
    call.take_answer(Message.parse(given[0]) if given else pbx.expect(487))
    alive(s, pbx)
    carrier.silent(0.05)
    s.must("CALL-ENDED", reason=re.compile("gave up"))


class Crowd:
    """Callers and callees of many calls that ring at once; those with an odd
    number are then cancelled, the others answered and hung up. What is sent
    without an answer in between fits the buffers of the sockets."""

    def __init__(self, s, pbx, carrier):
        self.s, self.pbx, self.carrier = s, pbx, carrier
        self.calls, self.final, self.legs = {}, {}, {}
        self.rung, self.gone, self.left = set(), 0, 0

    def start(self, number):
        call = self.pbx.invite(self.s.uri(f"+4420794{number:05}"))
        call.odd = number % 2 == 1
        self.calls[call.invite.get("Call-ID")] = call

    def finish(self, leg):
        if int(user_of(leg.invite.uri)) % 2 == 0:
            leg.reply(200, body=offer(self.carrier.host))

    def at_caller(self, message):
        key = message.get("Call-ID")
        call = self.calls[key]
        if message.method == "BYE":
            self.gone += 1
        elif message.method != "INVITE":
            return
        elif message.status == 180:
            self.rung.add(key)
        elif message.status >= 200:
            self.final[key] = message.status
            call.take_answer(message)
            if message.status == 200:
                call.ack()
                call.request("BYE")

    def at_callee(self, message):
        key = message.get("Call-ID")
        if message.method == "INVITE":
            leg = self.legs[key] = Call(self.carrier, message, incoming=True)
            leg.reply(180)
        elif message.method == "CANCEL":
            self.carrier.reply(message, 200)
            self.legs[key].reply(487)
        elif message.method == "BYE":
            self.carrier.reply(message, 200)
            self.left += 1

    def take(self, wait):
        """Takes what is there; False when nothing is."""
        ready = select.select([self.pbx.socket, self.carrier.socket], [], [],
                              wait)[0]
        for actor, heard in ((self.pbx, self.at_caller),
                             (self.carrier, self.at_callee)):
            message = actor.take() if actor.socket in ready else None
            if message is not None:
                heard(message)
        return bool(ready)

    def until(self, good, what):
        deadline = time.monotonic() + 3 * WAIT
        while not good():
            left = deadline - time.monotonic()
            if left < 0 or not self.take(left):
                raise Timeout(f"{what}: {len(self.rung)} rang, "
                              f"{len(self.final)} ended, BYEs: "
                              f"{self.gone}, {self.left}")


def test_half_cancelled(s):
    """200 calls ring at once, half are cancelled: each ends as it should"""
    pbx, carrier = start(s)
    crowd = Crowd(s, pbx, carrier)
    for number in range(STORM):
        crowd.start(number)
        while crowd.take(0):
            pass
    crowd.until(lambda: len(crowd.rung) == STORM, "not all rang")
    equal(len(s.control_json("calls")), STORM, "calls")
    for call, leg in zip(list(crowd.calls.values()), crowd.legs.values()):
        if call.odd:
            call.cancel()
        crowd.finish(leg)
        while crowd.take(0):
            pass
    crowd.until(lambda: len(crowd.final) == STORM
                and crowd.gone == crowd.left == STORM // 2, "not all ended")
    for key, call in crowd.calls.items():
        equal(crowd.final[key], 487 if call.odd else 200, "final answer")
    alive(s, pbx)
    alive(s, carrier)
    equal(s.control("calls"), "none\n", "calls left")


def test_retransmission(s):
    """an INVITE that comes five times makes one call"""
    pbx, carrier = start(s)
    call = pbx.invite(s.uri())
    for _ in range(4):
        pbx.send(call.invite)
    leg = carrier.incoming()
    leg.reply(180)
    call.expect(180)
    alive(s, pbx)
    equal(len(s.control_json("calls")), 1, "calls")
    equal(counter(s, "transaction.retransmissions_in"), 4, "retransmissions")
    leg.reply(200, body=offer(s.ip(3), 41000))
    call.connect()
    carrier.expect("ACK")
    s.down(call, leg)


def test_loop(s):
    """a trunk that leads back to us: the call ends with 483"""
    s.config["trunks"] += [
        {"name": "there", "listener": "outside", "peers": [f"{s.ip(1)}:5060"]},
        {"name": "back", "listener": "inside", "peers": [f"{s.ip(4)}:5060"]}]
    s.config["routes"] = [{"from": "pbx", "to": "there"},
                          {"from": "back", "to": "there"}]
    pbx, _ = start(s)
    answer = pbx.invite(s.uri(), [("Max-Forwards", "20")]).expect(failure)
    equal(answer.status, 483, "status")
    s.must("LOOP-DETECTED")
    deadline = time.monotonic() + WAIT
    while s.control("calls") != "none\n":
        check(time.monotonic() < deadline, "calls are left")
    started = counter(s, "calls.started")
    check(started <= 21, f"{started} calls were made of it")


def test_overload(s):
    """behind with its work: new calls have 503, the call that is up goes on"""
    s.config["limits"]["lag"] = "100ms"
    s.config["trunks"].append({
        "name": "loud", "listener": "inside", "peers": [f"{s.ip(12)}:5060"]})
    s.config["routes"].append({"from": "loud", "to": "carrier"})
    pbx, carrier = start(s)
    loud = s.pbx(last=12)
    call, leg = s.up(pbx, carrier)
    s.freeze()
    info = call.in_dialog("INFO", [("Content-Type", "text/plain")], b"here")
    try:
        pbx.send(info)
        for _ in range(QUEUED):
            loud.invite(s.uri())
        time.sleep(0.3)  # what is queued gets as old as that
    finally:
        s.thaw()
    through = carrier.expect("INFO")
    equal(through.body, b"here", "body of INFO")
    carrier.reply(through, 200)
    pbx.expect((200, "INFO"))
    alive(s, pbx)
    alive(s, loud_after(s, loud))
    equal(counter(s, "calls.started"), 1, "calls")
    s.down(call, leg)
    s.must("OVERLOAD-SHED", before=re.compile(r"^\d+ ms$"))
    s.down(*s.up(pbx, carrier))


def loud_after(s, loud):
    """Reads the refusals up to the answer to a request sent now; there are as
    many as the daemon counts."""
    marker = loud.request("OPTIONS", s.uri())
    loud.send(marker)
    refused = 0
    while True:
        message = loud.receive()
        if message.get("Call-ID") == marker.get("Call-ID"):
            break
        equal(message.status, 503, "status")
        matches(r"^\d+$", message.get("Retry-After"), "Retry-After")
        matches(r"OVERLOAD-SHED", message.get("Warning"), "Warning")
        refused += 1
    check(refused > 50, f"only {refused} were refused")
    equal(counter(s, "calls.shed"), refused, "refusals counted")
    return loud
