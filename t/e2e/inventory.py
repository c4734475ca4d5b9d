"""The inventory: what is known of a number, and reloads of a large one."""

import signal
import time

from border import check, equal, matches

LINES = 300000
NUMBERS = """
+442079460000..+442079460099  label="London"
+442079460100-99              owner=bravo
+15125550100                  verified=no
"""


def test_did(s):
    """cordon did: the entry and the trunks that own it, or the nearest ones"""
    s.config["inventory"] = [s.write("acme.numbers", NUMBERS)]
    s.trunk("carrier")["owners"] = ["acme", "bravo"]
    s.trunk("pbx")["owners"] = ["acme"]
    s.start()
    said = s.control("did", "+442079460042")
    matches(r"(?m)^label +London$", said, "output")
    matches(r"(?m)^owned on +pbx, carrier$", said, "output")
    matches(r"(?m)^written in .*acme\.numbers:2$", said, "output")
    matches(r"(?m)^owned on +carrier$", s.control("did", "442079460100"),
            "output")
    matches(r"(?m)^owned on +no trunk$", s.control("did", "15125550100"),
            "output")
    said = s.control("did", "+442079460200", status=1)
    matches(r"(?m)^below .*\+442079460199 of bravo, ", said, "output")
    answer, = s.control_json("did", "+44 20 7946 0042")
    equal(answer["entry"]["owner"], "acme", "owner")
    equal(answer["trunks"], ["pbx", "carrier"], "trunks")
    s.control("did", "02079460042", status=2)


def test_none(s):
    """without an inventory cordon did says that there is none"""
    s.start()
    matches("no inventory", s.control("did", "+442079460042", status=1),
            "output")


def test_bad(s):
    """a file with faults is refused with all of them, at start and by reload"""
    s.config["inventory"] = [s.write("acme.numbers", NUMBERS)]
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    s.write("acme.numbers", "02079460000\n+442079460001 ovner=x\n")
    said = s.control("reload", status=1)
    matches(r"acme\.numbers:1: error: found \"02079460000\"", said, "output")
    matches(r"acme\.numbers:2: error: .*did you mean owner=\?", said, "output")
    behind = len(s.log_text())
    s.daemon.send_signal(signal.SIGHUP)
    s.wait_for_log(r"acme\.numbers:2: .*owner=", behind=behind)
    s.expect_entry("CFG-REFUSED", kind="system")
    s.control("did", "+442079460042")
    s.down(*s.up(pbx, carrier))
    s.stop()
    matches(r"acme\.numbers:1: error", s.refuses_to_start(), "output")


def test_owner(s):
    """an owner who has no number is an error, with the nearest who has"""
    s.config["inventory"] = [s.write("acme.numbers", NUMBERS)]
    s.trunk("carrier")["owners"] = ["acne"]
    matches(r'owner "acne" has no number.*did you mean "acme"',
            s.refuses_to_start(), "output")


def write_many(s, n):
    s.write("many.numbers", "".join(
        f"+4420{i:08d} owner=o{i % 500} label=\"site {i % 1000}\"\n"
        for i in range(n)))


def test_large(s):
    """while a large inventory is loaded calls go on, and reloads queue"""
    write_many(s, 10)
    s.config["inventory"] = [s.path("many.numbers")]
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    write_many(s, LINES)
    first = s.background(s.cordon("reload"), "first")
    second = s.background(s.cordon("--json", "reload"), "second")
    calls, slowest = 0, 0.0
    while first.poll() is None or second.poll() is None:
        begin = time.monotonic()
        s.down(*s.up(pbx, carrier))
        slowest = max(slowest, time.monotonic() - begin)
        calls += 1
    print(f"# {calls} calls while it was loaded twice, the slowest took "
          f"{slowest * 1000:.0f} ms")
    equal((first.returncode, second.returncode), (0, 0), "exit status")
    check(calls > 1, "no call could be made meanwhile")
    answer, = s.control_json("did", f"+4420{LINES - 1:08d}")
    equal(answer["entries"], LINES, "entries")
    equal(answer["entry"]["line"], LINES, "line")
    s.down(call, leg)
    s.must_not("CFG-REFUSED")


def test_end_while_loading(s):
    """the daemon ends in good order while it loads"""
    write_many(s, 10)
    s.config["inventory"] = [s.path("many.numbers")]
    s.start()
    write_many(s, LINES)
    s.daemon.send_signal(signal.SIGHUP)
    s.stop()
