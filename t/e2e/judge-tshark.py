"""What Cordon sends, as a dissector of somebody else reads it."""

import socket
import struct

from border import check, equal, need
from sip import failure, offer

LINK_RAW_IP = 101
WARNING = 0x600000  # of an expert's severity; errors are above


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def packet(source, target, payload):
    """An IPv4 packet with one datagram."""
    udp = struct.pack("!HHHH", source[1], target[1], 8 + len(payload), 0)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 0, 0x4000,
                       64, 17, 0, socket.inet_aton(source[0]),
                       socket.inet_aton(target[0]))
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return head + udp + payload


class Tap:
    """Keeps each datagram that actors get."""

    def __init__(self, s, *actors):
        self.s, self.packets = s, []
        for actor in actors:
            self.attach(actor)

    def attach(self, actor):
        usual = actor.next_message

        def kept(deadline):
            message = usual(deadline)
            if message is not None:
                self.packets.append(packet(
                    message.source, (actor.host, actor.port), message.raw))
            return message
        actor.next_message = kept

    def write(self):
        path = self.s.path("sent.pcap")
        with open(path, "wb") as f:
            f.write(struct.pack("!IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535,
                                LINK_RAW_IP))
            for n, data in enumerate(self.packets):
                f.write(struct.pack("!IIII", n, 0, len(data), len(data)) + data)
        return path

    def judge(self, least):
        """Each frame is SIP, and nothing about it is worth a warning."""
        names = ["sip.Method", "sip.Status-Code", "_ws.malformed",
                 "_ws.expert.severity", "_ws.expert.message"]
        command = [need("tshark"), "-n", "-r", self.write(), "-T", "fields"]
        for name in names:
            command += ["-e", name]
        status, said = self.s.run(command + ["-E", "separator=|"], 60)
        equal(status, 0, f"exit status of tshark ({said[-500:]})")
        lines = [l for l in said.splitlines() if l.count("|") >= 4]
        equal(len(lines), len(self.packets), f"frames ({said[-500:]})")
        check(len(lines) >= least, f"only {len(lines)} messages were sent")
        for number, line in enumerate(lines):
            self.judge_frame(number, line.split("|", 4))

    def judge_frame(self, number, fields):
        method, code, malformed, severities, message = fields
        what = f"{message}:\n{self.packets[number][28:].decode()}"
        check(method or code, f"no SIP: {what}")
        check(not malformed, f"malformed: {what}")
        for severity in filter(None, severities.split(",")):
            check(int(severity, 0) < WARNING, f"a warning: {what}")


def start(s):
    need("tshark")
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    return pbx, carrier, Tap(s, pbx, carrier)


def test_call(s):
    """a call with re-INVITE and INFO, one that is cancelled, OPTIONS"""
    pbx, carrier, tap = start(s)
    call, leg = s.up(pbx, carrier)
    again = call.request("INVITE", body=offer(s.ip(2), 40000, 2, "8"))
    offered = carrier.expect("INVITE")
    leg.reply(200, body=offer(s.ip(3), 41000, 2, "8"), request=offered)
    pbx.expect((200, "INVITE"))
    pbx.send(call.in_dialog("ACK", cseq=again.cseq))
    carrier.expect("ACK")
    call.request("INFO", [("Content-Type", "application/dtmf-relay")],
                 b"Signal=5\r\nDuration=160\r\n")
    carrier.reply(carrier.expect("INFO"), 200)
    pbx.expect((200, "INFO"))
    s.down(call, leg)
    call, leg = s.ringing(carrier, pbx, uri=f"sip:1@{s.ip(4)}")
    call.cancel()
    carrier.expect((200, "CANCEL"))
    pbx.reply(pbx.expect("CANCEL"), 200)
    leg.reply(487)
    pbx.expect("ACK")
    call.expect(487)
    equal(pbx.options(s.uri()).status, 200, "status")
    tap.judge(20)


HEADERS = [
    ("From", '"Caf\u00e9 \\"O\\" Ltd" <sip:+442071234567@pbx.example'
             ';user=phone>;tag=a1'),
    ("P-Asserted-Identity", '"Desk" <sip:+442071234567@pbx.example>'),
    ("P-Asserted-Identity", "<tel:+442071234567>"),
    ("Privacy", "id"),
    ("Diversion", "<sip:+442079460999@pbx.example>;reason=no-answer"),
    ("Remote-Party-ID", '"Desk" <sip:1001@192.168.1.2>;party=calling'),
    ("History-Info", "<sip:+442079460999@pbx.example>;index=1"),
    ("Subject", "a question"),
    ("Accept", "application/sdp, application/dtmf-relay"),
    ("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, INFO"),
    ("Supported", "timer, 100rel"), ("Session-Expires", "1800;refresher=uac"),
    ("Min-SE", "90"), ("User-to-User", "4142;encoding=hex"),
    ("X-Account", "42"), ("Route", "<sip:border.example;lr>"),
]


def test_headers(s):
    """a call whose headers are carried over and repaired"""
    s.trunk("carrier").update({"relay_headers": ["X-Account"], "country": "GB",
                               "advertise": "198.51.100.7"})
    s.policy("carrier", "out", {
        "identity": {"asserted": "from", "host": "own",
                     "remote_party": "from"},
        "numbers": {"format": "+e164", "in": ["request", "to"]}})
    pbx, carrier, tap = start(s)
    call, leg = s.up(pbx, carrier, HEADERS, uri=f"sip:02079460123@{s.ip(1)}")
    check(leg.invite.has("P-Asserted-Identity"), "no identity went out")
    s.down(call, leg)
    tap.judge(7)


def test_refusals(s):
    """refusals of our own, and of the carrier"""
    s.config["routes"][0]["prefix"] = "+44"
    pbx, carrier, tap = start(s)
    equal(pbx.invite(s.uri("+33140000000")).expect(failure).status, 404,
          "no route")
    equal(pbx.invite(s.uri(), [("Max-Forwards", "0")]).expect(failure).status,
          483, "no hops left")
    equal(pbx.invite(s.uri(), [("Require", "nothing-known")])
          .expect(failure).status, 420, "unknown option")
    equal(pbx.invite(s.uri(), [("CSeq", "1 OPTIONS")]).expect(failure).status,
          400, "broken")
    for method, status in (("BYE", 481), ("PUBLISH", 405)):
        request = pbx.request(method, s.uri(), [
            ("To", f"<{s.uri()}>;tag=x")] if method == "BYE" else [])
        pbx.send(request)
        equal(pbx.expect_final(request).status, status, method)
    call = pbx.invite(s.uri())
    leg = carrier.incoming()
    leg.reply(603, [("Warning", '399 carrier "no, thank you"')])
    carrier.expect("ACK")
    call.expect(603)
    s.control("drain")
    equal(pbx.invite(s.uri()).expect(failure).status, 503, "draining")
    tap.judge(9)
