"""The tools for policies: check, test, replay, policy list, lint, show, did."""

import json
import os
import subprocess
import time

from border import HERE, Skip, check, equal, matches, need
from pcap import Pcap
from sip import offer

SHIPPED = os.path.join(HERE, "..", "..", "policies")
CALLER = "+447700900123"
OURS = "+442079460055"
CALLED = "+442079460123"
RULE = {"id": "inner", "absent": "Subject", "diagnostic": "SCRUB-PRIVATE-HDR"}
TEST = {"name": "what is inside stays inside",
        "given": "INVITE sip:1@b\nSubject: lunch",
        "expect": {"absent": ["Subject"], "journal": ["SCRUB-PRIVATE-HDR"]}}


def offline(s):
    """No daemon, and so no journal."""
    s.journal_wanted = False
    return s.write_config()


def invite(number=CALLED, call_id="one@pbx", fields=(), host="192.0.2.1",
           source="192.0.2.10", body=""):
    lines = [
        f"INVITE sip:{number}@{host} SIP/2.0",
        f"Via: SIP/2.0/UDP {source};branch=z9hG4bK{call_id.split('@')[0]}",
        f"From: <sip:{CALLER}@{source}>;tag=f1", f"To: <sip:{number}@{host}>",
        f"Call-ID: {call_id}", "CSeq: 1 INVITE", "Max-Forwards: 70",
        f"Contact: <sip:actor@{source}>",
        *(f"{n}: {v}" for n, v in fields),
        *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body)}", "", ""]
    return ("\r\n".join(lines) + body).encode()


def with_input(s, words, data, status=0):
    """cordon with that on its standard input."""
    done = subprocess.run(s.cordon(*words), input=data, cwd=s.directory,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=20, check=False)
    said = done.stdout.decode()
    equal(done.returncode, status, f"status of cordon {words} ({said})")
    return said


# -- check --------------------------------------------------------------------

def test_check(s):
    """check: a table of files and tests, and 0"""
    s.policy("pbx", "in", {"rules": [RULE], "tests": [TEST, TEST]})
    s.policy("carrier", "out", {"identity": {"asserted_values": "one"}})
    file = offline(s)
    said = s.control("check", file)
    matches(r"(?m)^WHAT +FILE +NAME +TESTS +RESULT$", said, "titles")
    matches(r"(?m)^configuration +\S+cordon\.conf +good$", said,
            "configuration")
    matches(r"(?m)^policy +\S+pbx-in\.conf +pbx-in +2 +good$", said, "policy")
    matches(r"(?m)^policy +\S+carrier-out\.conf +carrier-out +0 +good$", said,
            "policy")
    matches(r"(?m)^\S+cordon\.conf: good$", said, "verdict")
    answer, = s.control_json("check", file)
    equal(answer["good"], True, "good")
    equal(sorted(p["tests"] for p in answer["policies"]), [0, 2], "tests")


def test_check_red_test(s):
    """check: a test that fails refuses the file with 1, and says why"""
    s.policy("pbx", "in", {"tests": [TEST]})
    file = offline(s)
    said = s.control("check", file, status=1)
    matches(r"pbx-in\.conf:\d+: error: test \"what is inside stays inside\": "
            r"Subject is there, expected none: \"lunch\"", said, "difference")
    matches(r"the journal has [^,]+, expected SCRUB-PRIVATE-HDR", said,
            "difference")
    matches(r"(?m)^policy +\S+pbx-in\.conf +2 errors$", said, "row")
    check(": good" not in said, "it is called good")
    answer, = s.control_json("check", file, status=1)
    equal(answer["good"], False, "good")
    equal([p["level"] for p in answer["problems"]], ["error"] * 2, "levels")
    matches("pbx-in.conf", s.refuses_to_start(), "what the daemon says")


def test_check_all_faults(s):
    """check: all faults of all files at once"""
    s.policy("pbx", "in", {"identity": {"asserted": "ownd"},
                           "rules": [{**RULE, "diagnostic": "SCRUB-PRIVAT-HDR"},
                                     {"absnt": "X-A"}]})
    s.policy("carrier", "out", {"numbers": {"format": "+e146"}})
    said = s.control("check", offline(s), status=1)
    for pattern in (r'pbx-in\.conf:\d+: .*did you mean "owned"',
                    r'pbx-in\.conf:\d+: .*did you mean "SCRUB-PRIVATE-HDR"',
                    r'pbx-in\.conf:\d+: .*did you mean "absent"',
                    r'carrier-out\.conf:\d+: .*did you mean "\+e164"'):
        matches(pattern, said, "problems")


def test_check_expired(s):
    """check: facts past their date are a warning"""
    s.policy("pbx", "in", {"as_of": "2019-01-01", "expires": "2020-01-01",
                           "identity": {"privacy": "keep"}})
    said = s.control("check", offline(s))
    matches(r"pbx-in\.conf: warning: expired on 2020-01-01", said, "warning")
    matches(r"(?m)pbx-in +0 +1 warning$", said, "row")
    matches("good, with warnings", said, "verdict")


def test_check_country(s):
    """check, test: a country without numbering plan is an error"""
    s.trunk("carrier")["country"] = "UK"
    said = s.control("check", offline(s), status=1)
    matches(r'trunk "carrier": no numbering plan for the country "UK" is known; '
            r'did you mean "GB"\?', said, "check")
    s.policy("carrier", "out", {"numbers": {"country": "UK"}})
    matches(r'unknown country "UK"; did you mean "GB"\?', s.control(
        "policy", "lint", s.path("carrier-out.conf"), status=1), "policy")
    s.write("plain.conf", 'policy = { name = "plain"; };')
    matches("no numbering plan for the country UK, is it GB", s.control(
        "test", s.path("plain.conf"), "--country", "UK", "-", status=2),
        "test")


def test_check_policy(s):
    """check: a policy alone"""
    offline(s)
    s.write("alone.conf", 'policy = { name = "alone"; tests = ( { name = "t"; '
            'given = "INVITE sip:1@b"; expect = { absent = "X"; }; } ); };')
    said = s.control("check", s.path("alone.conf"))
    matches(r"(?m)^policy +\S+/alone\.conf +alone +1 +good$", said, "a policy")
    equal([p["name"] for p in s.control_json(
        "check", s.path("alone.conf"))[0]["policies"]], ["alone"], "JSON")
    s.write("alone.conf", 'policy = { nam = "alone"; };')
    said = s.control("check", s.path("alone.conf"), status=1)
    matches(r'alone\.conf:1: error: .*did you mean "name"', said, "a fault")


def test_check_misuse(s):
    """check: no such file 1, too many words 2"""
    offline(s)
    matches("No such file", s.control("check", s.path("nothing"), status=1))
    s.control("check", "a", "b", status=2)


# -- test ---------------------------------------------------------------------

def daemon_and_tool(s, fields):
    """What the daemon sends of an INVITE, and what the tool says that it
    would."""
    s.config["inventory"] = [
        s.write("ours.numbers", "+442079460000..+442079460099\n")]
    s.trunk("pbx")["country"] = "GB"
    s.trunk("carrier").update({"country": "GB", "default_caller": OURS})
    s.policy("carrier", "out", {
        "identity": {"asserted": "owned", "privacy": "drop-id-if-public",
                     "diversion": "diversion", "host": "own"},
        "numbers": {"in": ["request", "to", "from", "asserted", "diverting"]},
        "presentation": {"order": ["asserted", "from"], "only_owned": True,
                         "show": "from"},
        "rules": [RULE]})
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(f"sip:02079460123@{s.ip(1)}:5060", fields)
    leg = carrier.incoming()
    leg.reply(486)
    carrier.expect("ACK")
    call.expect(486)
    return call.invite, leg.invite


def by_the_policy(entries):
    """What the policy did, without the tags."""
    def of(entry, name):
        return entry.get(name) and entry[name].split(";tag=")[0]

    return [(e["diagnostic"], e.get("target"), of(e, "before"), of(e, "after"))
            for e in entries if "carrier-out.conf" in e.get("rule", "")]


def agrees(s, answer, ours):
    """The tool's message is the daemon's, but for what is new in each call."""
    after = answer["after"].replace("\r\n", "\n")
    equal(after.split(" ")[1], ours.uri, "Request-URI")
    for name in ("P-Asserted-Identity", "Privacy", "Diversion", "Subject",
                 "Max-Forwards", "Content-Type", "User-Agent"):
        lines = [l.split(": ", 1)[1] for l in after.split("\n")
                 if l.lower().startswith(name.lower() + ": ")]
        equal(lines, ours.all(name), name)
    check(f"From: {ours.get('From').split(';tag=')[0]};tag=" in after,
          f"From is another in {after}")
    check(f"To: {ours.get('To')}\n" in after, f"To is another in {after}")
    s.stop()
    told = by_the_policy(answer["entries"])
    equal(told, by_the_policy(s.journal()), "entries")
    check(len(told) > 4, f"few entries: {told}")


FIELDS = [("From", f'"Fred" <sip:{CALLER}@pbx.example.com>;tag=f1'),
          ("P-Asserted-Identity", f'"Fred"<>,tel:{CALLER}'),
          ("Privacy", "id"), ("Subject", "lunch"),
          ("Diversion", "<sip:02079460055@pbx.example.com>;reason=away")]


def test_test_file(s):
    """test: a message from a file, and what the daemon does is what it says"""
    sent, ours = daemon_and_tool(s, FIELDS)
    with open(s.path("message"), "wb") as f:
        f.write(bytes(sent))
    words = ["test", s.path("carrier-out.conf"), "--config",
             s.path("cordon.conf"), "--trunk", "carrier", s.path("message")]
    said = s.control(*words)
    matches(r"INVITE, a diverted call, from trunk pbx \(builtin\) to trunk "
            r"carrier \(carrier-out\)", said, "head")
    matches(r"(?m)^- Subject: lunch$", said, "removed")
    matches(r"(?m)^- Privacy: id$", said, "removed")
    matches(r"(?m)^The called side sees \%s: from, accepted by asserted$"
            % CALLER, said, "presentation")
    matches(r"(?m)^ +without this policy ", said, "presentation before")
    matches(r"CLI-PRIVACY-COUPLED", said, "codes")
    matches(r"carrier-out\.conf:\d+", said, "rule")
    answer, = s.control_json(*words)
    equal((answer["from"], answer["to"], answer["kind"], answer["leaves"]),
          ("pbx", "carrier", "diverted", True), "trunks and kind")
    agrees(s, answer, ours)


def test_test_stdin(s):
    """test: a message on standard input"""
    sent, ours = daemon_and_tool(s, FIELDS)
    said = with_input(s, ["--json", "test", s.path("carrier-out.conf"),
                          "--config", s.path("cordon.conf"), "--trunk",
                          "carrier", "-"], bytes(sent))
    agrees(s, json.loads(said), ours)


def test_test_pcap(s):
    """test: the first new INVITE of a capture over UDP, or the one named"""
    sent, ours = daemon_and_tool(s, FIELDS)
    pcap = Pcap()
    pbx, border = (s.ip(2), 5060), s.inside
    pcap.udp(border, pbx, b"OPTIONS sip:a@b SIP/2.0\r\n\r\n")
    pcap.udp(pbx, border, sent)
    second = pcap.udp(pbx, border, invite("+442079460124", "two@pbx"))
    pcap.write(s.path("pcap"))
    words = ["test", s.path("carrier-out.conf"), "--config",
             s.path("cordon.conf"), s.path("pcap")]
    agrees(s, s.control_json(*words)[0], ours)
    answer, = s.control_json(*words, "--packet", str(second))
    matches("Call-ID: two@pbx", answer["before"], "the second")
    matches("no SIP message", s.control(*words, "--packet", "9", status=2))


def test_test_pcap_tcp(s):
    """test: out of a TCP stream in pieces, out of order, and one twice"""
    sent, ours = daemon_and_tool(s, FIELDS)
    pcap = Pcap()
    keep_alive = b"\r\n\r\n"
    pcap.stream((s.ip(2), 34567), s.inside,
                keep_alive + bytes(sent) + invite("+442079460124", "two@pbx"),
                piece=97, swap=(2, 5), repeat=(3,))
    check(pcap.frames > 8, "it is no stream in pieces")
    pcap.write(s.path("pcap"))
    agrees(s, s.control_json(
        "test", s.path("carrier-out.conf"), "--config", s.path("cordon.conf"),
        "--trunk", "carrier", s.path("pcap"))[0], ours)


def captured(s, program, options):
    """A file of that program with a real call in it."""
    file = s.path("real.pcap")
    s.policy("carrier", "out", {"rules": [RULE]})
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    dump = s.background([need(program), "-i", "lo", *options, "-w", file],
                        "dump.log")

    def has(name, what):
        try:
            with open(s.path(name), "rb") as f:
                return what in f.read()
        except FileNotFoundError:
            return False

    def is_ready():
        return has("dump.log", b"istening on") or has("dump.log", b"File: ")

    s.until(program, lambda: dump.poll() is not None or is_ready())
    try:
        # It says that it listens a little before it does.
        s.until("a packet", lambda: dump.poll() is not None or (
            pbx.options(f"sip:{s.ip(1)}:5060") and has("real.pcap", b"OPTIONS")))
        if dump.poll() is not None:
            raise Skip(f"{program} may not capture here")
        s.down(*s.up(pbx, carrier, [("Subject", "lunch")]))
        s.until("the capture", lambda: has("real.pcap", b"BYE sip:"))
    finally:
        dump.terminate()
        dump.wait(10)
    return file


def tried(s, file):
    answer, = s.control_json("test", s.path("carrier-out.conf"), file)
    matches("Subject: lunch", answer["before"], "before")
    check("Subject" not in answer["after"], "Subject is there still")
    s.write("none.conf", 'policy = { name = "none"; };\n')
    answer, = s.control_json(
        "replay", "--old", s.path("none.conf"), "--new",
        s.path("carrier-out.conf"), "--config", s.path("cordon.conf"),
        "--pcap", file, status=1)
    equal((answer["invites"], answer["changed"]), (1, 1), "INVITEs")


def test_test_tcpdump(s):
    """test and replay: what tcpdump has written of a real call"""
    tried(s, captured(s, "tcpdump", [
        "-n", "-U", "-Z", "root", "udp", "and", "host", s.ip(2)]))


def test_test_dumpcap(s):
    """test and replay: what dumpcap has written of it, in its newer form"""
    tried(s, captured(s, "dumpcap", [
        "-q", "-n", "-f", f"udp and host {s.ip(2)}"]))


def test_test_refused(s):
    """test: what would not leave ends with 1, in words"""
    s.policy("carrier", "out", {"identity": {"anonymous_from": "reject"}})
    offline(s)
    message = invite().replace(
        f"<sip:{CALLER}@192.0.2.10>".encode(),
        b'"Anonymous" <sip:anonymous@anonymous.invalid>')
    said = with_input(s, ["test", s.path("carrier-out.conf"), "-"], message, 1)
    matches(r"It does not leave: 433  CLI-ANONYMOUS", said, "refusal")
    answer = json.loads(with_input(
        s, ["test", s.path("carrier-out.conf"), "-", "--json"], message, 1))
    equal((answer["leaves"], answer["refusal"]["status"]), (False, 433),
          "refusal")


def test_test_vetoed(s):
    """test: what the guard forbids is shown, and stays"""
    s.policy("carrier", "out", {"rules": [
        {"replace": "To.uri", "match": "^sip:", "value": "sip:999@",
         "when": {"call": "!emergency"}, "diagnostic": "NUM-NOT-E164"}]})
    offline(s)
    said = with_input(s, ["test", s.path("carrier-out.conf"), "-"], invite())
    matches("vetoed by the guard", said, "tally")
    matches("POL-VETOED", said, "code")


def test_test_inside(s):
    """test: without a message the tests inside, each with its line"""
    s.policy("carrier", "out", {"rules": [RULE], "tests": [TEST]})
    offline(s)
    matches(r"(?m)^ *\d+ +what is inside stays inside +passed$",
            s.control("test", s.path("carrier-out.conf")), "table")
    s.policy("carrier", "out", {"tests": [TEST]})
    matches("Subject is there, expected none",
            s.control("test", s.path("carrier-out.conf"), status=1), "failure")


def test_test_misuse(s):
    """test: no policy, no trunk, no message, no INVITE"""
    s.policy("carrier", "out", {"rules": [RULE]})
    file = offline(s)
    policy = s.path("carrier-out.conf")
    s.control("test", status=2)
    matches("no policy", s.control("test", "nothing", "-", status=1))
    matches('no trunk "pxb", there is pbx, carrier', s.control(
        "test", policy, "--config", file, "--trunk", "pxb", "-", status=2))
    matches("No such file", s.control("test", policy, s.path("x"), status=2))
    s.write("reply", "SIP/2.0 200 OK\r\n\r\n")
    s.control("test", policy, s.path("reply"), status=1)


# -- replay -------------------------------------------------------------------

def directories(s):
    """Two directories with a policy each for the carrier: the new one keeps
    Subject inside."""
    s.trunk("pbx")["country"] = "GB"
    for name, policy in (("old", {}), ("new", {"rules": [RULE]})):
        os.mkdir(s.path(name))
        s.policy("carrier", "out", policy)
        os.rename(s.path("carrier-out.conf"),
                  s.path(f"{name}/carrier-out.conf"))
    s.policy("carrier", "out", {})
    s.write_config()
    return ["replay", "--old", s.path("old"), "--new", s.path("new")]


def traffic(s):
    """Calls of the PBX over UDP and TCP, and what is none of that."""
    pcap = Pcap()
    pbx, border, carrier = (s.ip(2), 5060), s.inside, (s.ip(3), 5060)
    lunch = [("Subject", "lunch")]
    pcap.udp(pbx, border, invite(call_id="plain@pbx"))
    pcap.udp(pbx, border, invite(call_id="lunch@pbx", fields=lunch))
    pcap.udp(pbx, border, invite(call_id="lunch@pbx", fields=lunch))
    pcap.udp(s.outside, carrier, invite(call_id="ours", fields=lunch))
    pcap.udp((s.ip(99), 5060), border, invite(call_id="stranger"))
    pcap.udp(pbx, border, invite(call_id="diverted@pbx", fields=[
        *lunch, ("Diversion", f"<sip:{OURS}@pbx.example.com>")]))
    pcap.udp(pbx, border, invite(call_id="again@pbx").replace(
        b"192.0.2.1>\r\nCall-ID", b"192.0.2.1>;tag=t1\r\nCall-ID"))
    pcap.udp(pbx, border, b"INVITE rubbish SIP/2.0\r\n\r\n")
    pcap.write(s.path("pcap"))
    return pcap


def test_replay(s):
    """replay: two directories over a capture: calls by kind, headers, codes"""
    words = [*directories(s), "--config", s.path("cordon.conf")]
    s.journal_wanted = False
    traffic(s)
    said = s.control(*words, "--pcap", s.path("pcap"), status=1)
    matches(r"(?m)^3 INVITEs, 2 would change; read in [0-9.]+ s$", said, "sum")
    matches(r"1 retransmitted", said, "left out")
    matches(r"1 within a call", said, "left out")
    matches(r"(?m)^direct +2 +1$", said, "direct calls")
    matches(r"(?m)^diverted +1 +1$", said, "diverted calls")
    matches(r"(?m)^Subject +0 +0 +2$", said, "headers")
    matches(r"(?m)^ +2 +lunch@pbx +direct, pbx to carrier +Subject lost, "
            r"\+SCRUB-PRIVATE-HDR$", said, "calls")
    answer, = s.control_json(*words, "--pcap", s.path("pcap"), status=1)
    equal(answer["left_out"], {"repeated": 1, "within": 1, "ours": 1,
                               "unknown": 1, "no_route": 0, "invalid": 1},
          "left out")
    equal(answer["kinds"]["direct"], {"calls": 2, "changed": 1}, "direct calls")
    equal([c["call_id"] for c in answer["calls"]], ["lunch@pbx",
                                                    "diverted@pbx"], "calls")
    said = s.control(*words, "--pcap", s.path("pcap"), "--call", "lunch")
    matches(r"(?m)^- Subject: lunch$", said, "one call")
    matches("New journal", said, "one call")
    s.control(*words, "--pcap", s.path("pcap"), "--call", "nobody", status=1)


def test_replay_stdin(s):
    """replay: a capture on standard input; what is no SIP is counted"""
    words = [*directories(s), "--config", s.path("cordon.conf"), "--pcap", "-",
             "--json"]
    s.journal_wanted = False
    pcap = traffic(s)
    pcap.udp((s.ip(2), 20000), (s.ip(1), 30000), b"\x80\x08 voice")
    pcap.tcp((s.ip(2), 40000), s.inside, 1, 0x10, b"\x17\x03\x03 secret")
    answer = json.loads(with_input(s, words, bytes(pcap), 1))
    equal((answer["invites"], answer["changed"]), (3, 2), "INVITEs")
    told = answer["capture"]
    equal((told["packets"], told["foreign"], told["encrypted"]), (10, 1, 1),
          "packets")


def test_replay_same(s):
    """replay: the same on both sides changes nothing, and ends with 0"""
    directories(s)
    s.journal_wanted = False
    traffic(s)
    matches("none would change", s.control(
        "replay", "--old", s.path("new"), "--new", s.path("new"), "--config",
        s.path("cordon.conf"), "--pcap", s.path("pcap")), "sum")


def test_replay_tcp(s):
    """replay: a TCP stream in pieces is put together, a hole skipped"""
    words = [*directories(s), "--config", s.path("cordon.conf")]
    s.journal_wanted = False
    s.listener("inside")["transport"] = "tcp"
    s.write_config()
    data = b"".join(invite(call_id=f"c{i}@pbx", fields=[("Subject", str(i))],
                           body=offer(s.ip(2))) for i in range(40))
    pcap = Pcap()
    pcap.stream((s.ip(2), 40000), s.inside, data, piece=113,
                swap=range(2, 150, 5), repeat=range(0, 150, 7))
    pcap.write(s.path("pcap"))
    answer, = s.control_json(*words, "--pcap", s.path("pcap"), status=1)
    equal((answer["invites"], answer["changed"]), (40, 40), "INVITEs")
    hole = Pcap()
    at = data.index(b"INVITE sip:", 10)
    hole.tcp((s.ip(2), 40001), s.inside, 1, 0x10, data[:at - 50])
    hole.tcp((s.ip(2), 40001), s.inside, 1 + at, 0x10, data[at:at * 3])
    hole.write(s.path("hole"))
    answer, = s.control_json(*words, "--pcap", s.path("hole"), status=1)
    equal((answer["invites"], answer["calls"][0]["call_id"]), (2, "c1@pbx"),
          "INVITEs behind a hole")


def test_replay_many(s):
    """replay: many INVITEs at once; how fast is only told"""
    words = [*directories(s), "--config", s.path("cordon.conf")]
    s.journal_wanted = False
    pcap = Pcap()
    for i in range(20000):
        pcap.udp((s.ip(2), 5060), s.inside, invite(
            call_id=f"c{i}@pbx", fields=[("Subject", "x")] if i % 10 == 0
            else []))
    pcap.write(s.path("pcap"))
    begin = time.monotonic()
    answer, = s.control_json(*words, "--pcap", s.path("pcap"), status=1)
    took = time.monotonic() - begin
    print(f"# 20000 INVITEs in {took:.2f} s: {20000 / took:.0f} a second")
    equal((answer["invites"], answer["changed"]), (20000, 2000), "INVITEs")


def test_replay_ring(s):
    """replay: the INVITEs that a running daemon has kept"""
    words = [*directories(s), "--config", s.path("cordon.conf"), "--ring"]
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    s.control(*words)
    s.down(*s.up(pbx, carrier))
    call, leg = s.up(pbx, carrier, [("Subject", "lunch")])
    answer, = s.control_json(*words, status=1)
    equal((answer["invites"], answer["changed"]), (2, 1), "INVITEs")
    equal([(c["call_id"], c["from"], c["to"]) for c in answer["calls"]],
          [(call.invite.get("Call-ID"), "pbx", "carrier")], "calls")
    said = s.control(*words, "--call", call.invite.get("Call-ID"))
    matches(r"(?m)^- Subject: lunch$", said, "one call")
    s.down(call, leg)
    s.stop()
    matches(r"(?i)no such file|refused|not running",
            s.control(*words, status=2), "without a daemon")


def test_replay_misuse(s):
    """replay: what is missing or broken is told with 2"""
    words = directories(s)
    s.journal_wanted = False
    s.control(*words, status=2)
    s.control("replay", "--old", "a", "--pcap", "x", status=2)
    s.control(*words, "--pcap", s.path("nothing"), "--config",
              s.path("cordon.conf"), status=2)
    s.write("text", "this is no capture at all, or is it?\n")
    s.control(*words, "--config", s.path("cordon.conf"), "--pcap",
              s.path("text"), status=2)
    s.write("new/carrier-out.conf", "policy = { nmae = 1; };\n")
    matches('did you mean "name"', s.control(
        *words, "--config", s.path("cordon.conf"), "--pcap", s.path("text"),
        status=2), "broken policy")


# -- policy list, lint, show --------------------------------------------------

def test_list(s):
    """policy list: name, dates, rules, tests; what is refused among them"""
    offline(s)
    os.mkdir(s.path("site"))
    s.write("site/a.conf", 'policy = { name = "a"; title = "First"; as_of = '
            '"2020-01-01"; expires = "2020-12-31"; };\n')
    s.write("site/b.conf", "policy = { nmae = 1; };\n")
    said = s.control("policy", "list", s.path("site"))
    matches(r"(?m)^NAME +AS OF +EXPIRES +RULES +TESTS +FILE +TITLE$", said)
    matches(r"(?m)^a +2020-01-01 +2020-12-31 +0 +0 +\S+a\.conf +First$", said)
    matches(r"(?m)^refused +.*b\.conf +cordon policy lint says why$", said)
    rows = s.control_json("policy", "list", SHIPPED)
    check(len(rows) >= 19, f"only {len(rows)} policies come with the program")
    check(all(r["good"] for r in rows), "one of them is refused")
    s.control("policy", "list", s.path("nothing"), status=1)


def test_lint(s):
    """policy lint: what is stale, unproven or refused; 1 when stale"""
    offline(s)
    s.write("fresh.conf", 'policy = { name = "x"; as_of = "2026-01-01"; '
            'expires = "2099-01-01"; sources = [ "us" ];\n'
            '  # they take no tel URIs: unverified\n'
            '  transfer = "local"; # unverified\n'
            '  tests = ( { name = "t"; given = "INVITE sip:1@b"; expect = { '
            'request = "sip:1@192.0.2.1:5060"; }; } ); };\n')
    said = s.control("policy", "lint", s.path("fresh.conf"))
    matches(r"fresh\.conf:2: warning: they take no tel URIs: unverified", said)
    matches(r'(?m)fresh\.conf:3: warning: unverified: transfer = "local";$', said)
    s.write("stale.conf", 'policy = { name = "x"; expires = "2020-01-01"; };')
    said = s.control("policy", "lint", s.path("stale.conf"), status=1)
    for pattern in ("expired on 2020-01-01", "no as_of", "no sources",
                    "no tests"):
        matches(pattern, said, "lint")
    s.write("broken.conf", 'policy = { nmae = "x"; };\n')
    matches(r'broken\.conf:1: error: .*did you mean "name"',
            s.control("policy", "lint", s.path("broken.conf"), status=1))
    answer, = s.control_json("policy", "lint", s.path("fresh.conf"))
    equal((answer["good"], [p["line"] for p in answer["problems"]]),
          (True, [2, 3]), "JSON")
    said = s.control("policy", "lint", SHIPPED)
    check("error" not in said, f"what comes with the program: {said}")
    matches("telnyx.conf:.*unverified", said, "what nobody has verified")


def test_show(s):
    """policy show: facts, settings, rules with their kinds of call, tests"""
    offline(s)
    said = s.control("policy", "show",
                     os.path.join(SHIPPED, "carrier-network-cli.conf"))
    for pattern in (r"(?m)^carrier-network-cli: PBX to a carrier that shows",
                    r"(?m)^source +Skype for Business",
                    r"(?m)^ +\d+ +identity\.asserted +owned +all$",
                    r"(?m)^ +\d+ +network-cli +ensure P-Asserted-Identity .* "
                    r"direct, diverted, transferred +CLI-NOT-OWNED$",
                    r"(?m)^ +\d+ +SFB-11: a direct call is none of that$"):
        matches(pattern, said, "output")
    s.write("all.conf", """policy = { name = "all"; transfer = "local";
        presentation = { order = [ "asserted", "from" ]; only_owned = true; };
        headers = { relay = [ "X-*" ]; };
        rules = (
          { id = "a"; on = [ "INVITE", "BYE" ]; absent = "Subject";
            match = "^x"; diagnostic = "SCRUB-PRIVATE-HDR"; },
          { id = "b"; keep_only = "X-*"; value = [ "X-A", "X-B" ];
            when = { status = ( 503, "4xx" ); };
            diagnostic = "SCRUB-PRIVATE-HDR"; },
          { id = "c"; set = "X-C"; value = "1"; diagnostic = "CLI-DIVERTED";
            when = { call = "!emergency"; dialog = false; other = "p*";
                     header = [ "X-D", "!X-E" ]; owned = "!from";
                     matches = { target = "From.uri.user";
                                 match = "!^0"; }; }; } ); };
        """)
    said = s.control("policy", "show", s.path("all.conf"))
    for pattern in (
            r"(?m)^ +1 +transfer +local +all$",
            r"presentation\.order +asserted, from +all",
            r"presentation\.only_owned +true +all",
            r'absent Subject that matches "\^x" +on INVITE, BYE +all',
            r"keep_only X-\* = X-A, X-B +status 503, 400-499 +all",
            r'call !emergency; no dialog; other p\*; header X-D, !X-E; '
            r'owned !From\.uri\.user; matches From\.uri\.user !"\^0" +'
            r'direct, diverted, transferred'):
        matches(pattern, said, "all there is")
    s.control("policy", "show", "nothing", status=1)
    s.control("policy", "show", status=2)


# -- did ----------------------------------------------------------------------

def test_did(s):
    """did --file: what is known, the nearest range, and what is no number"""
    offline(s)
    file = s.write("acme.numbers", "+442079460000..+442079460099  "
                   'label="London" expires=2020-01-01\n'
                   "+442079460200  owner=bravo\n")
    said = s.control("did", OURS, "--file", file)
    matches(r"(?m)^\%s is in an entry of the inventory$" % OURS, said)
    matches(r"(?m)^label +London$", said)
    matches(r"expired: it does not count as owned", said)
    said = s.control("did", "+442079460150", "--file", file, status=1)
    matches(r"(?m)^below +\+442079460000\.\.\+442079460099 of acme, ", said)
    matches(r"(?m)^above +\+442079460200 of bravo, .*:2$", said)
    answer, = s.control_json("did", "+442079460150", "--file", file, status=1)
    equal((answer["known"], answer["above"]["owner"]), (False, "bravo"), "JSON")
    s.control("did", "02079460000", "--file", file, status=2)
    s.control("did", OURS, "--file", s.path("nothing"), status=1)


def test_did_daemon(s):
    """did: the same of a running daemon, with the trunks that own it"""
    s.config["inventory"] = [s.write("acme.numbers", f"{OURS} label=Desk\n"
                                    "+442079460200 owner=bravo\n")]
    s.trunk("carrier")["owners"] = ["acme"]
    s.trunk("pbx")["owners"] = ["bravo"]
    s.start()
    matches(r"(?m)^owned on +carrier$", s.control("did", OURS), "known")
    matches(r"(?m)^below +\%s of acme, " % OURS,
            s.control("did", "+442079460056", status=1), "nearest")
    answer, = s.control_json("did", OURS)
    equal((answer["known"], answer["entry"]["label"]), (True, "Desk"), "JSON")
