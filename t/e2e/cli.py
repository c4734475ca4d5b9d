"""The cordon command against a daemon with calls, for people and as JSON."""

import json
import os
import select
import socket
import stat
import time

from border import BUILD, Timeout, check, equal, matches
from sip import WAIT

CALL = r"^[0-9a-f]{16}$"


def start(s):
    s.start()
    return s.pbx(), s.carrier()


def call_id(s, leg):
    """The id of the one call that is up, as `calls` has it."""
    lines = s.control_json("calls")
    equal(len(lines), 1, "number of calls")
    matches(CALL, lines[0]["call"], "id")
    equal(lines[0]["callee"]["call_id"], leg.invite.get("Call-ID"),
          "Call-ID of the callee")
    return lines[0]["call"]


def test_status(s):
    """status: version, state, calls, journal"""
    pbx, carrier = start(s)
    call, leg = s.up(pbx, carrier)
    said = s.control("status")
    matches(r"(?m)^cordond +\S+, running, process %d$" % s.daemon.pid, said)
    matches(r"(?m)^calls +1 now of 10000; 1 since the start, 1 answered, "
            r"0 failed$", said)
    matches(r"(?m)^journal +\d+ written, \d+ waiting, 0 lost$", said)
    status = s.control_json("status")[0]
    equal((status["state"], status["pid"]), ("running", s.daemon.pid), "state")
    equal(status["calls"], {"now": 1, "limit": 10000, "total": 1,
                            "answered": 1, "failed": 0}, "calls")
    s.down(call, leg)


def test_trunks(s):
    """trunks: each with its peer and its calls"""
    s.trunk("pbx")["max_calls"] = 7
    pbx, carrier = start(s)
    call, leg = s.up(pbx, carrier)
    said = s.control("trunks")
    matches(r"(?m)^pbx +\S+ +udp:%s:5060 +1/7 +1 +0 +0 +0" % s.ip(2), said)
    matches(r"(?m)^carrier +\S+ +udp:%s:5060 +1 +0 +1 +0 +0" % s.ip(3), said)
    rows = {r["trunk"]: r for r in s.control_json("trunks")}
    equal(sorted(rows), ["carrier", "pbx"], "trunks")
    equal((rows["pbx"]["calls"], rows["pbx"]["calls_limit"],
           rows["pbx"]["in"]), (1, 7, 1), "figures of pbx")
    s.down(call, leg)


def test_calls(s):
    """calls and call ID: what is up, and at one glance"""
    pbx, carrier = start(s)
    equal(s.control("calls"), "none\n", "no calls")
    call, leg = s.up(pbx, carrier)
    ours = call_id(s, leg)
    matches(r"(?m)^%s +up +\d+ m?s +pbx +\S+ +carrier +\+442079460123" % ours,
            s.control("calls"), "calls")
    said = s.control("call", ours)
    for end in (call, leg):
        matches(r"(?m)^  Call-ID +%s$" % end.invite.get("Call-ID"), said)
    one = s.control_json("call", ours)[0]
    equal((one["call"], one["state"], one["caller"]["trunk"]),
          (ours, "up", "pbx"), "call")
    s.down(call, leg)
    s.expect_entry("CALL-ENDED")
    matches(r"(?m)^reason +.*hung up", s.control("call", ours), "ended call")
    equal(s.control_json("call", ours)[0]["state"], "ended", "state")
    matches(r"no call .*0{16}", s.control("call", "0" * 16, status=1), "unknown")


class Follower:
    """cordon calls --follow, line by line."""

    def __init__(self, s, *options):
        name = "follow" + "".join(options)
        self.out, self.seen = s.path(name), 0
        s.background(s.cordon(*options, "calls", "--follow"), log=name)

    def line(self):
        deadline = time.monotonic() + WAIT
        while True:
            with open(self.out, encoding="utf-8") as f:
                lines = f.read().split("\n")[:-1]
            if len(lines) > self.seen:
                self.seen += 1
                return lines[self.seen - 1]
            if time.monotonic() > deadline:
                raise Timeout("nothing more from cordon calls --follow")
            select.select([], [], [], 0.02)


def test_follow(s):
    """calls --follow: what is up, then start, answer and end as they happen"""
    pbx, carrier = start(s)
    old, old_leg = s.up(pbx, carrier)
    people, program = Follower(s), Follower(s, "--json")
    matches(r"  up ", people.line(), "the call of before")
    equal(json.loads(program.line())["state"], "up", "the call of before")
    call, leg = s.up(pbx, carrier)
    s.down(call, leg)
    for event in ("start", "answer", "end"):
        # Whom the callee is on is known once the call is routed.
        matches(r"^[0-9a-f]{16}  %s +pbx actor -> .* \+442079460123" % event,
                people.line(), event)
        line = json.loads(program.line())
        equal(line["event"], event, "event")
    matches("caller hung up", line["reason"], "reason of the end")
    s.down(old, old_leg)
    matches("  end ", people.line(), "the end of the call of before")
    refused = pbx.invite(s.uri())
    s.refused_by(carrier, 486)
    refused.expect(486)
    people.line()
    matches(r"  end .* with a failure \(486\)$", people.line(), "a refusal")
    matches(r"(?m) refused with 486$", s.control("why"), "the list")


def test_why(s):
    """why: by id, live and ended, by number and by a part of either Call-ID"""
    pbx, carrier = start(s)
    call, leg = s.up(pbx, carrier)
    ours = call_id(s, leg)
    live = s.control("why", ours)
    for end in (call, leg):
        check(end.invite.get("Call-ID") in live, "a Call-ID is missing")
    equal(s.control_json("why", ours)[0]["state"], "up", "state")
    s.down(call, leg)
    s.expect_entry("CALL-ENDED")
    names = [ours, ours[:6], "2079460123",
             call.invite.get("Call-ID")[1:12], leg.invite.get("Call-ID")[:14]]
    for name in names:
        said = s.control("why", name)
        check("the caller hung up" in said and call.invite.get("Call-ID")
              in said, f"why {name} says {said}")
        lines = s.control_json("why", name)
        equal((lines[0]["call"], lines[0]["state"]), (ours, "ended"), name)
        check(any(l.get("diagnostic") == "CALL-ENDED" for l in lines[1:]),
              "no CALL-ENDED among the entries")
    matches("no call .*nothing-like-it",
            s.control("why", "nothing-like-it", status=1), "unknown")
    matches(ours[:8], s.control("why"), "the calls that ended last")
    s.down(*s.up(pbx, carrier))
    s.control("why", "2079460123", status=1)
    equal([l["candidate"] for l in s.control_json(
        "why", "2079460123", status=1)], [True, True], "candidates")


def test_explain(s):
    """explain: a code, its nearest where there is none, all of them"""
    s.journal_wanted = False
    said = s.control("explain", "DLG-ACK-TARGET")
    matches(r"cordon-policy\(5\)", said, "where the worked example is")
    matches(r"DLG-ACK-TARGET", said, "explanation")
    equal(s.control_json("explain", "DLG-ACK-TARGET")[0]["code"],
          "DLG-ACK-TARGET", "code")
    matches("is it DLG-ACK-TARGET", s.control("explain", "DLG-ACK-TARGE",
                                              status=1), "nearest")
    codes = [o["code"] for o in s.control_json("explain")]
    check(len(codes) > 100 and codes == sorted(codes, key=str.upper),
          "the codes are not all there, in order")
    said = s.control("explain")
    for code in codes:
        check(code in said, f"{code} is not listed")


def test_show_config(s):
    """show config: what is in force, and a file that loads again"""
    start(s)
    said = s.control("show", "config")
    matches(r'(?m)^user_agent = "Cordon";$', said, "a value of the file")
    matches(r'(?m)^\tt1 = "500ms";$', said, "a default")
    lines = [l["line"] for l in s.control_json("show", "config")]
    equal("\n".join(lines) + "\n", said, "JSON and text")
    file = s.write("again.conf", said)
    matches("good", s.control("check", file), "check of what was shown")
    equal(s.control_json("check", file)[0]["good"], True, "good")


def test_counters(s):
    """counters: each with its value"""
    pbx, carrier = start(s)
    s.down(*s.up(pbx, carrier))
    rows = {r["counter"]: r for r in s.control_json("counters")}
    values = [r["value"] for n, r in rows.items() if "answered" in n]
    equal(values, [1], "answered calls")
    said = s.control("counters")
    for name in rows:
        check(name in said, f"{name} is missing for people")


def test_log_level(s):
    """log level: shown, set, and refused where there is no such level"""
    start(s)
    equal(s.control("log", "level"), "log level debug\n", "level")
    equal(s.control_json("log", "level", "error"), [{"level": "error"}], "set")
    equal(s.control("log", "level"), "log level error\n", "level")
    matches("error, warning, info or debug",
            s.control("log", "level", "loud", status=2), "refusal")
    s.control("log", "level", "info")


def test_unknown_command(s):
    """an unknown command gives the nearest and exit status 2"""
    s.journal_wanted = False
    for word, near in (("stauts", "status"), ("cals", "calls"),
                       ("log", "log level"), ("show", "show config")):
        matches(f'no command "{word}", is it "{near}"',
                s.control(word, status=2), word)


def test_no_daemon(s):
    """without a daemon: exit status 2, and what to look at"""
    s.journal_wanted = False
    for words in (["status"], ["--json", "status"], ["calls", "--follow"]):
        matches("control.sock: .*is cordond running",
                s.control(*words, status=2), "output")


def test_misuse(s):
    """a command with too many words says how it is used"""
    start(s)
    for words in (["status", "now"], ["trunks", "a", "b"], ["calls", "--all"],
                  ["reload", "it"], ["drain", "it"]):
        matches("usage: ", s.control(*words, status=2), " ".join(words))


def test_mode(s):
    """the socket is for owner and group, and gone when the daemon ends"""
    old = os.umask(0)
    try:
        start(s)
    finally:
        os.umask(old)
    st = os.stat(s.path("control.sock"))
    check(stat.S_ISSOCK(st.st_mode), "no socket")
    equal(st.st_mode & 0o777, 0o660, "mode")
    s.stop()
    check(not os.path.exists(s.path("control.sock")), "the socket is left")


def test_deaf_client(s):
    """a client that never reads is dropped, and calls go on meanwhile"""
    pbx, carrier = start_quietly(s)
    deaf = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    deaf.connect(s.path("control.sock"))
    deaf.sendall(b'{"command":"calls","arguments":["--follow"]}\n')
    load = s.background([
        os.path.join(BUILD, "t/peer/load"), "--dut", f"{s.ip(1)}:5060",
        "--caller", f"{s.ip(12)}:5060", "--callee", f"{s.ip(13)}:5060",
        "--rate", "500", "--count", "1200"])
    equal(load.wait(30), 0, "status of load")
    s.down(*s.up(pbx, carrier))
    dropped(s, deaf)
    equal(s.control_json("status")[0]["state"], "running", "state")


def start_quietly(s):
    """With peers for load beside the usual ones."""
    s.config["log"]["level"] = "info"
    s.config["trunks"] += [
        {"name": "loud", "listener": "inside", "peers": [f"{s.ip(12)}:5060"]},
        {"name": "away", "listener": "outside", "peers": [f"{s.ip(13)}:5060"]}]
    s.config["routes"].append({"from": "loud", "to": "away"})
    return start(s)


def dropped(s, deaf):
    """What was written before can be read, and then comes the end."""
    deaf.settimeout(WAIT)
    size = 0
    while True:
        got = deaf.recv(65536)
        if not got:
            break
        size += len(got)
    deaf.close()
    check(size > 0, "the client was told nothing")
