"""Kamailio as the carrier's edge, on mutual TLS, with SIPp behind it."""

import os
import socket
import time

from border import HERE, check, equal, need

CALLS = 10


def kamailio(s):
    program = need("kamailio")
    with open(os.path.join(HERE, "kamailio.cfg"), encoding="utf-8") as f:
        text = f.read()
    certificate, key = s.carrier_certificate
    for name, value in (("IP", s.ip(3)), ("SIPP", s.ip(5)),
                        ("BORDER", s.ip(4)), ("CERTIFICATE", certificate),
                        ("KEY", key), ("CA", s.authority.ca)):
        text = text.replace(f"@{name}@", value)
    process = s.background([program, "-DD", "-E", "-m", "32", "-M", "8",
                            "-Y", s.directory, "-f",
                            s.write("kamailio.cfg", text)])
    deadline = time.monotonic() + 15
    while not listens(s.ip(3), 5061):
        check(process.poll() is None, "kamailio ended:\n" + log(s))
        check(time.monotonic() < deadline, "kamailio did not become ready")
        time.sleep(0.05)


def listens(host, port):
    """Looks without connecting: a connection would be counted as a handshake
    that failed."""
    want = socket.inet_aton(host)[::-1].hex().upper() + f":{port:04X}"
    with open("/proc/net/tcp", encoding="ascii") as f:
        return any(l.split()[1] == want and l.split()[3] == "0A"
                   for l in f.readlines()[1:])


def log(s):
    with open(s.path("kamailio.log"), encoding="utf-8", errors="replace") as f:
        return f.read()[-3000:]


def calls(s, caller, callee, target, number):
    taken = s.background(s.sipp("uas", callee, target, "-m", str(CALLS)))
    status, out = s.run(s.sipp("uac", caller, target, "-m", str(CALLS),
                               "-r", "10", "-s", number), wait=40)
    equal(status, 0, f"status of the caller ({out[-1500:]})\n{log(s)}")
    equal(taken.wait(20), 0, "status of the callee")
    s.must("CALL-ENDED")
    s.must_not("TLS-HANDSHAKE", "TLS-PEER-NAME")


def test_to_kamailio(s):
    """calls from the PBX through TLS to Kamailio, answered behind it"""
    s.tls_carrier()
    s.trunk("carrier")["sources"] = ["127.0.0.1"]  # where it connects from
    s.start()
    kamailio(s)
    calls(s, 2, 5, s.inside, "+442079460123")


def test_from_kamailio(s):
    """calls from behind Kamailio through TLS to the PBX"""
    s.tls_carrier()
    s.trunk("carrier")["sources"] = ["127.0.0.1"]  # where it connects from
    s.start()
    kamailio(s)
    calls(s, 5, 2, (s.ip(3), 5060), "+442079460123")
