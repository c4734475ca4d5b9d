"""RFC 4475 and RFC 5118: what becomes of messages made to break parsers.

Each is sent over UDP with the sent-by of its top Via replaced, so that an answer
finds us. After each the border still answers OPTIONS: that answer also ends the
wait for one that must not come.
"""

import os
import re
import select
import time

from border import HERE, Failure, Skip, check
from sip import WAIT, Message, key_of, split_list

TESTS = os.path.dirname(HERE)
BYTES = os.path.join(TESTS, "..", "..", "shared", "rfc4475")
TOP_VIA = re.compile(
    rb"(^(?:via|v)[ \t]*:\s*SIP\s*/\s*[\d.]+\s*/\s*\w+\s+)([^\s;,]+)",
    re.IGNORECASE | re.MULTILINE)
REPEAT = re.compile(r"\\\*(\d+)\{([^}]*)\}")
ESCAPE = re.compile(rb"\\(x[0-9a-f]{2}|\\)")


def outcomes(directory):
    """{name: set of outcomes}, in the order of the file."""
    table = {}
    with open(os.path.join(directory, "outcomes"), encoding="ascii") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, good = line.split()[:2]
                table[name] = set(good.split(","))
    return table


def unescape(text):
    def byte(match):
        return b"\\" if match[1] == b"\\" else bytes.fromhex(
            match[1][1:].decode())
    text = REPEAT.sub(lambda m: m[2] * int(m[1]), text)
    return ESCAPE.sub(byte, text.encode().replace(b"\n", b"\r\n"))


def read_written(path):
    """One of our own files: see t/rfc4475/README."""
    with open(path, encoding="utf-8", newline="\n") as f:
        head, gap, body = f.read().partition("\n\n")
    body = unescape(body)
    head = head.replace("@LENGTH@", str(len(body)))
    if not gap:
        head = head.rstrip("\n")
    return unescape(head) + b"\r\n\r\n" + body


def read_bytes(path):
    with open(path, "rb") as f:
        return f.read()


class Torture:
    """Sends messages as the PBX and says what became of each."""

    def __init__(self, scene):
        self.scene = scene
        self.pbx, self.carrier = scene.pbx(), scene.carrier()
        self.answers = []   # to what was sent last
        self.routed = None  # the method that reached the carrier
        self.marks = set()  # what tells its answers from others
        self.uri = None     # its Request-URI
        self.via = None     # and topmost Via

    def send(self, raw):
        if not raw.startswith(b"SIP/2.0 "):
            raw = TOP_VIA.sub(
                lambda m: m[1] + self.pbx.address.encode(), raw, count=1)
        message = Message.parse(raw)
        # An ACK matched by the rules of RFC 2543 has the INVITE's own URI.
        line = re.match(rb"\s*\S+\s+(.*?)\s+SIP/", raw)
        self.uri = line[1].decode("latin-1") if line else "sip:border"
        self.via = split_list(message.get("Via", ""))[0]
        self.marks = {message.get("Call-ID"), *message.all("Call-ID")}
        branch = re.search(r";\s*branch\s*=\s*([^;,\s]+)",
                           message.get("Via", ""))
        if branch:
            self.marks.add(branch[1])
        self.answers, self.routed = [], None
        self.pbx.socket.sendto(raw, self.pbx.peer)

    def ours(self, message):
        via = re.search(r"branch\s*=\s*([^;,\s]+)", message.get("Via", ""))
        return message.get("Call-ID") in self.marks or (
            via is not None and via[1] in self.marks)

    def take(self, endpoint):
        message = endpoint.next_message(time.monotonic() + WAIT)
        if endpoint is self.carrier:
            if message.is_request and message.method != "ACK":
                self.routed = message.method
                self.carrier.reply(
                    message, 486 if self.routed == "INVITE" else 405)
            return None
        if message.status >= 200 and message.method == "INVITE":
            self.acknowledge(message)
        if self.ours(message):
            if message.status >= 200:
                self.answers.append(message)
            return None
        return message

    def acknowledge(self, answer):
        self.pbx.send(Message(
            f"ACK {self.uri} SIP/2.0",
            [("Via", self.via)]
            + [f for f in answer.fields
               if key_of(f[0]) in ("from", "to", "call-id")]
            + [("CSeq", answer.get("CSeq").split()[0] + " ACK")]))

    def pump(self, done, what):
        deadline = time.monotonic() + WAIT
        sockets = {e.socket: e for e in (self.pbx, self.carrier)}
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Failure(what)
            for ready in select.select(list(sockets), [], [], left)[0]:
                if done(self.take(sockets[ready])):
                    return

    def outcome(self):
        """Waits behind an OPTIONS, and for the end of a call that was routed."""
        fence = self.pbx.request("OPTIONS",
                                 f"sip:{self.scene.ip(1)}:5060")
        self.pbx.send(fence)
        self.pump(lambda m: m is not None and m.status == 200
                  and m.get("Call-ID") == fence.get("Call-ID"),
                  "OPTIONS is not answered any more")
        while select.select([self.carrier.socket], [], [], 0)[0]:
            self.take(self.carrier)
        if self.routed and not self.answers:
            self.pump(lambda m: self.answers, "a routed call never ended")
        if self.routed == "INVITE":
            return "route"
        return str(self.answers[0].status) if self.answers else "drop"

def judge(scene, directory, files):
    """Sends them all; fails with the list of what went wrong."""
    scene.start()
    torture, wrong = Torture(scene), []
    for name, good in outcomes(directory).items():
        torture.send(files(name))
        got = torture.outcome()
        if got not in good:
            wrong.append(f"{name}: {got}, expected {' or '.join(sorted(good))}")
        elif got == "420":
            check(torture.answers[0].has("Unsupported"),
                  f"{name}: no Unsupported in the 420")
    total = len(outcomes(directory))
    check(not wrong, f"{total - len(wrong)} of {total}\n" + "\n".join(wrong))


def test_written(s):
    """RFC 4475: 49 of 49 messages"""
    directory = os.path.join(TESTS, "rfc4475")
    check(len(outcomes(directory)) == 49, "the table has not 49 rows")
    judge(s, directory,
          lambda n: read_written(os.path.join(directory, n + ".sip")))


def test_original(s):
    """RFC 4475: the same in the RFC's own bytes"""
    if not os.path.isdir(BYTES):
        raise Skip("no ../shared/rfc4475 beside the project")
    judge(s, os.path.join(TESTS, "rfc4475"),
          lambda n: read_bytes(os.path.join(BYTES, n + ".dat")))


def test_ipv6(s):
    """RFC 5118: 11 of 11 messages"""
    directory = os.path.join(TESTS, "rfc5118")
    check(len(outcomes(directory)) == 11, "the table has not 11 rows")
    judge(s, directory,
          lambda n: read_written(os.path.join(directory, n + ".sip")))
