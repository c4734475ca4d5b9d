"""Capture files for the tests: Ethernet frames with UDP, and TCP in pieces."""

import socket
import struct

MAGIC = 0xa1b2c3d4
ETHERNET = 1
SYN, ACK, PSH = 0x02, 0x10, 0x08


class Pcap:
    """What goes over a wire, frame by frame; bytes() is the file."""

    def __init__(self):
        self.parts = [struct.pack("<IHHiIII", MAGIC, 2, 4, 0, 0, 262144,
                                  ETHERNET)]
        self.frames = 0

    def __bytes__(self):
        return b"".join(self.parts)

    def write(self, path):
        with open(path, "wb") as f:
            f.write(bytes(self))
        return path

    def frame(self, source, target, protocol, payload):
        self.frames += 1
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload),
                         self.frames, 0, 64, protocol, 0,
                         socket.inet_aton(source), socket.inet_aton(target))
        frame = b"\2\0\0\0\0\1" + b"\2\0\0\0\0\2" + b"\x08\x00" + ip + payload
        self.parts.append(struct.pack("<IIII", 1800000000 + self.frames, 0,
                                      len(frame), len(frame)) + frame)
        return self.frames

    def udp(self, source, target, message):
        """Each of source and target is (host, port)."""
        data = bytes(message)
        return self.frame(source[0], target[0], 17, struct.pack(
            "!HHHH", source[1], target[1], 8 + len(data), 0) + data)

    def tcp(self, source, target, seq, flags, data=b""):
        return self.frame(source[0], target[0], 6, struct.pack(
            "!HHIIBBHHH", source[1], target[1], seq & 0xffffffff, 0, 5 << 4,
            flags, 65535, 0, 0) + data)

    def stream(self, source, target, data, piece=200, swap=(), repeat=()):
        """A connection that carries the data in pieces; those of `swap` come
        before the one in front of them, those of `repeat` twice."""
        start = 0xfffffff0  # the sequence number wraps
        self.tcp(source, target, start, SYN)
        pieces = [(start + 1 + i, data[i:i + piece])
                  for i in range(0, len(data), piece)]
        for i in swap:
            pieces[i - 1], pieces[i] = pieces[i], pieces[i - 1]
        for i, (seq, part) in enumerate(pieces):
            for _ in range(2 if i in repeat else 1):
                self.tcp(source, target, seq, ACK | PSH, part)
