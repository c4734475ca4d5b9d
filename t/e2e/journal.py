"""The journal: its forms, a full disk, secrets, and bytes that pretend."""

import json
import os
import re
import select
import time

from border import BUILD, Timeout, check, equal, matches, need
from sip import WAIT, Call, offer

CANARIES = ("CanaryDigest", "CanaryProxy", "CanaryKey", "CanaryLongKey",
            "CanaryPassword")
CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


def read(path):
    with open(path, "rb") as f:
        return f.read()


def load(s, rate, count):
    """Calls by load beside the usual peers, all of them good."""
    process = s.background([
        os.path.join(BUILD, "t/peer/load"), "--dut", f"{s.ip(1)}:5060",
        "--caller", f"{s.ip(12)}:5060", "--callee", f"{s.ip(13)}:5060",
        "--rate", str(rate), "--count", str(count), "--hold", "50"])
    equal(process.wait(30), 0, "status of load")


def load_trunks(s):
    s.config["log"]["level"] = "info"
    s.config["trunks"] += [
        {"name": "loud", "listener": "inside", "peers": [f"{s.ip(12)}:5060"]},
        {"name": "away", "listener": "outside", "peers": [f"{s.ip(13)}:5060"]}]
    s.config["routes"].append({"from": "loud", "to": "away"})


def test_json(s):
    """JSON: each line is an object with time, kind and diagnostic"""
    s.start()
    s.down(*s.up(s.pbx(), s.carrier()))
    s.expect_entry("CALL-ENDED")
    s.stop()
    for line in read(s.path("journal")).splitlines():
        entry = json.loads(line)
        matches(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\d*Z$", entry["time"],
                "time")
        check(entry["kind"] in ("call", "rewrite", "veto", "kept", "diagnosis",
                                "end", "system"), f"kind {entry['kind']}")


def test_text(s):
    """text: key=value, the same entries"""
    s.config["journal"]["format"] = "text"
    s.start()
    s.journal_wanted = False
    s.down(*s.up(s.pbx(), s.carrier()))
    s.stop()
    lines = read(s.path("journal")).decode().splitlines()
    ends = [l for l in lines if "CALL-ENDED" in l]
    equal(len(ends), 1, "entries about the end")
    matches(r"^end call=[0-9a-f]{16} .*diag=CALL-ENDED .*time=2", ends[0],
            "entry")


def wait_for(s, what, good):
    """Waits until the status of the journal is good."""
    deadline = time.monotonic() + WAIT
    while True:
        journal = s.control_json("status")[0]["journal"]
        if good(journal):
            return journal
        if time.monotonic() > deadline:
            raise Timeout(f"the journal is not {what}: {journal}")
        time.sleep(0.02)


def set_limit(s, size):
    status, said = s.run([need("prlimit"), "--pid", str(s.daemon.pid),
                          f"--fsize={size}:unlimited"])
    equal(status, 0, said)


def test_why_is_the_journal(s):
    """calls among each other: why tells of each what the journal file has"""
    load_trunks(s)
    s.policy("away", "out", {
        "identity": {"host": "own", "asserted": "fixed:+442079460000",
                     "privacy": "drop-id"},
        "headers": {"absent": ["Diversion"]}})
    s.start()
    load(s, 400, 60)
    wait_for(s, "written", lambda j: j["waiting"] == 0)
    calls = {}
    for entry in s.journal():
        calls.setdefault(entry.get("call"), []).append(entry)
    calls.pop(None, None)
    equal(len(calls), 60, "calls in the journal")
    for call, entries in calls.items():
        told = [e for e in s.control_json("why", call) if "kind" in e]
        equal(told, entries, f"what why tells of call {call}")


def test_full_for_a_while(s):
    """the disk is full: calls go on, and nothing is lost that the queue holds"""
    load_trunks(s)
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    set_limit(s, os.stat(s.path("journal")).st_size + 3000)
    for _ in range(5):
        s.down(*s.up(pbx, carrier))
    wait_for(s, "failing", lambda j: j["failing"])
    matches(r"cannot be written: File too large", s.control("status"), "status")
    s.down(*s.up(pbx, carrier))
    set_limit(s, "unlimited")
    wait_for(s, "written", lambda j: not j["failing"] and j["waiting"] == 0)
    s.stop()
    ends = [e for e in s.journal() if e["diagnostic"] == "CALL-ENDED"]
    equal(len(ends), 6, "calls of which the end is written")
    s.must_not("JRN-LOST")


def test_full_for_long(s):
    """more than the queue holds: JRN-LOST says how many are missing"""
    load_trunks(s)
    s.config["journal"]["queue"] = 256
    s.start()
    set_limit(s, os.stat(s.path("journal")).st_size + 3000)
    load(s, 100, 100)
    lost = wait_for(s, "losing", lambda j: j["lost"] > 0)["lost"]
    s.down(*s.up(s.pbx(), s.carrier()))
    set_limit(s, "unlimited")
    entry = s.expect_entry("JRN-LOST", kind="system")
    said = int(re.search(r"^(\d+) ", entry["reason"]).group(1))
    check(said >= lost, f"{said} lost is said, {lost} were before")


def test_full_to_the_end(s):
    """a disk that stays full does not keep the daemon from its end"""
    load_trunks(s)
    s.start(prefix=[need("prlimit"), "--fsize=9000"])
    pbx, carrier = s.pbx(), s.carrier()
    for _ in range(8):
        s.down(*s.up(pbx, carrier))
    wait_for(s, "failing", lambda j: j["failing"])


def test_no_space(s):
    """/dev/full as journal: calls go on, status says why nothing is written"""
    s.config["journal"]["file"] = "/dev/full"
    s.start()
    s.journal_wanted = False
    s.down(*s.up(s.pbx(), s.carrier()))
    wait_for(s, "failing", lambda j: j["failing"])
    matches("No space left on device", s.control("status"), "status")
    matches("caller hung up", s.control("why", "2079460123"), "why")
    s.stop()
    matches(r"record: [1-9]\d* journal entries .* not written", s.log_text(),
            "log")


def test_removed(s):
    """a journal that is removed is made anew, which the log says"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    s.down(*s.up(pbx, carrier))
    s.expect_entry("CALL-ENDED")
    os.unlink(s.path("journal"))
    s.down(*s.up(pbx, carrier))
    s.expect_entry("CALL-ENDED")
    s.wait_for_log("warning record: a file was removed")
    equal(len(s.entries_of("CALL-ENDED")), 1, "ends in the new journal")


def secret_offer(host):
    return offer(host) + (
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:CanaryKeyCanaryKeyCanaryKey"
        "CanaryKey1234|2^20|1:32\r\n"
        "a=crypto:2 AES_256_CM_HMAC_SHA1_80 inline:CanaryLongKey0123456789"
        "0123456789012345678901234567890123\r\n")


def secrets():
    return [
        ("Authorization", 'Digest username="u", realm="r", nonce="n", '
         'uri="sip:x", response="CanaryDigest", cnonce="CanaryDigest2"'),
        ("Proxy-Authorization", "Digest username=\"u\", realm=r, nonce=n, "
         "response=CanaryProxy, uri=\"sip:x\""),
        ("P-Asserted-Identity", "<sip:bob:CanaryPassword@pbx.example.com>")]


def everything(s, ours):
    """All that can be read of a call, by name."""
    seen = {"journal": read(s.path("journal")), "log": read(s.path("stderr"))}
    for words in (["why", ours], ["call", ours], ["calls"], ["why"],
                  ["status"], ["trunks"], ["counters"]):
        for options in ([], ["--json"]):
            name = " ".join(options + words)
            seen[name] = s.control(*options, *words).encode()
    return seen


def give_up(pbx, carrier, invite):
    """Ends an INVITE, whether it is refused here or by the carrier, with 486."""
    over = False
    while not over:
        ready = select.select([pbx.socket, carrier.socket], [], [], WAIT)[0]
        check(ready, f"no answer to\n{invite}")
        message = carrier.take()
        if message is not None and message.method == "INVITE":
            Call(carrier, message, incoming=True).reply(486)
        message = pbx.take()
        if message is not None and message.status >= 300:
            over = True
            Call(pbx, invite).take_answer(message)
    while carrier.take() is not None:
        pass


def test_secrets(s):
    """passwords, credentials and SRTP keys are in no journal, log or output"""
    s.policy("carrier", "out", {"headers": {
        "absent": ["Authorization", "Proxy-Authorization"]},
        "identity": {"asserted": "fixed:+442079460123"}})
    s.trunk("carrier")["media_address"] = "198.51.100.7"
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    # Broken ones too: what cannot be read is noted, and must not be shown.
    for line in (b"Authorization Digest response=\"CanaryDigest\"\r\n",
                 b"Authorization: Digest response=\"CanaryDigest\r\n",
                 b"Contact: <sip:u:CanaryProxy@h\r\n", b"CSeq: x\r\n"):
        bad = pbx.request("INVITE", s.uri(), secrets(), secret_offer(s.ip(2)))
        pbx.socket.sendto(bytes(bad).replace(b"Max-Forwards: 70\r\n", line),
                          pbx.peer)
        give_up(pbx, carrier, bad)
    stranger = s.pbx(last=99)
    stranger.send(stranger.request("INVITE", s.uri(), secrets(),
                                   secret_offer(s.ip(99))))
    call = pbx.invite(s.uri(), secrets(), secret_offer("192.168.1.9"))
    leg = carrier.incoming()
    check("198.51.100.7" in str(leg.invite), "no address was replaced")
    leg.reply(200, body=secret_offer(s.ip(3)))
    call.connect()
    carrier.expect("ACK")
    ours = [c for c in s.control_json("calls")
            if c["caller"]["call_id"] == call.invite.get("Call-ID")][0]["call"]
    for name, text in everything(s, ours).items():
        for canary in CANARIES:
            check(canary.encode() not in text, f"{canary} is in {name}")
    s.down(call, leg)
    s.expect_entry("CALL-ENDED", call=ours)
    for name, text in everything(s, ours).items():
        for canary in CANARIES:
            check(canary.encode() not in text, f"{canary} is in {name}, ended")


def hostile(pbx, s):
    """Requests with bytes that a terminal or a log reader would act upon."""
    evil = ["\x1b[31mred", "a\x07b", "x\x9b2J", "tab\tbell\x07",
            "\x1b]0;title\x07", "one\r\n  two", "del\x7f", "nul\x00",
            '{"kind":"forged"}', "\u202eright", "\u009b31m"]
    for text in evil:
        for name in ("User-Agent", "X-Note", "Subject", "Call-ID", "Contact",
                     "P-Asserted-Identity", "Reason", "Privacy"):
            yield pbx.request("INVITE", s.uri(), [(name, text)], offer(s.ip(2)))
        yield pbx.request("INVITE", s.uri(), [
            ("From", f'"{text}" <sip:1@h>;tag=1')], offer(s.ip(2)))
        yield pbx.request("INVITE", s.uri(), [
            ("To", f"<sip:{text}@h>")], offer(s.ip(2)))
        if "\n" not in text:  # a request line that is none has no answer
            yield pbx.request("INVITE", f"sip:{text}@{s.ip(1)}", [],
                              offer(s.ip(2)))


def all_ended(s):
    """The calls that have ended, when the writer has come to the last of them:
    an empty queue may still be in its hands."""
    def written():
        calls = s.control_json("status")[0]["calls"]
        ended = [e["call"] for e in s.entries_of("CALL-ENDED")]
        return calls["now"] == 0 and len(ended) == calls["total"] and ended

    return s.until("the end of every call in the journal", written)


def test_injection(s):
    """control bytes of messages are raw in no journal, log or output"""
    s.policy("carrier", "out", {"headers": {
        "absent": ["X-Note", "Subject", "User-Agent"]}})
    s.start()
    pbx, carrier, stranger = s.pbx(), s.carrier(), s.pbx(last=99)
    for message in hostile(pbx, s):
        pbx.send(message)
        give_up(pbx, carrier, message)
        stranger.socket.sendto(
            message.start.encode() + b"\r\n\x1b[2J\r\n", pbx.peer)
    ended = all_ended(s)
    check(len(ended) > 20, "few calls were made of all these")
    for call in ended[::7]:
        for name, text in everything(s, call).items():
            found = CONTROL.search(text)
            check(found is None, f"raw in {name}: {around(text, found)!r}")
    s.stop()  # what it has to say is written then, and whole
    text = read(s.path("journal"))
    check(CONTROL.search(text) is None, "raw in the journal at the end")
    check(text.endswith(b"\n"), "the last line is not whole")
    for line in text.splitlines():
        check(json.loads(line)["kind"] != "forged", "a forged entry")


def around(text, found):
    return text[max(0, found.start() - 60):found.end() + 60] if found else b""
