"""What actors get, as a dissector of somebody else reads it."""

import socket
import struct

from border import check, equal, need

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
