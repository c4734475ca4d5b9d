"""SFB-02: what each peer can do is learnt from what it says, and shown."""

import re

import sip
from border import check, equal, matches

NO_REFER = "INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY"


def trunk(s, name):
    lines = s.control_json("trunks", name)
    equal(len(lines), 1, "number of trunks")
    equal(lines[0]["trunk"], name, "trunk")
    return lines[0]


def answered_once(s, name):
    """Waits until a peer of the trunk has answered an OPTIONS of the border."""
    s.wait_until(lambda: trunk(s, name)["peers"][0]["answered"] > 0,
                 "an answer to OPTIONS")
    return trunk(s, name)


def test_learnt_from_a_call(s):
    """Allow of an INVITE and of its 200, each for its own trunk"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    said = s.control("trunks", "carrier")
    matches(r"(?m)^  REFER: not known yet$", said)
    matches(r"(?m)^  100rel: not known yet$", said)
    call, leg = s.ringing(pbx, carrier, [
        ("Allow", "INVITE, ACK, BYE"), ("Allow", "CANCEL, REFER,UPDATE"),
        ("Supported", "TIMER, replaces, x-own")])
    leg.reply(200, [("Allow", NO_REFER), ("k", "100rel")],
              body=sip.offer(carrier.host, 41000))
    call.connect()
    carrier.expect("ACK")
    said = s.control("trunks", "pbx")
    matches(r"(?m)^  REFER: offered \(INVITE, \d\d:\d\d\)$", said)
    matches(r"(?m)^  UPDATE: offered \(INVITE, ", said)
    matches(r"(?m)^  PRACK: not offered \(INVITE, ", said)
    matches(r"(?m)^  timer: supported \(INVITE, ", said)
    matches(r"(?m)^  100rel: not supported \(INVITE, ", said)
    said = s.control("trunks", "carrier")
    matches(r"(?m)^  REFER: not offered \(INVITE 200, \d\d:\d\d\)$", said)
    matches(r"(?m)^  NOTIFY: offered \(INVITE 200, ", said)
    matches(r"(?m)^  100rel: supported \(INVITE 200, ", said)
    line = trunk(s, "pbx")
    equal(line["allow"]["list"],
          ["INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "REFER"], "Allow")
    equal(line["allow"]["source"], "INVITE", "source")
    equal(sorted(line["supported"]["list"]), ["replaces", "timer"],
          "Supported")
    s.down(call, leg)
    s.must("CAP-NO-REFER", trunk="carrier", message="INVITE",
           before=NO_REFER, reason=re.compile(r"not offered \(INVITE 200\)"))


def test_noted_once_a_change(s):
    """CAP-NO-REFER stands in the journal once a change"""
    s.start()
    carrier = s.carrier()
    uri = f"sip:{s.ip(4)}:5060"
    for allow in (NO_REFER, NO_REFER, NO_REFER + ", REFER", NO_REFER,
                  NO_REFER):
        equal(carrier.options(uri, [("Allow", allow)]).status, 200, "status")
    equal(carrier.options(uri).status, 200, "status without Allow")
    said = s.control("trunks", "carrier")
    matches(r"(?m)^  REFER: not offered \(OPTIONS, ", said)
    s.expect_entry("CAP-NO-REFER")
    s.stop()
    found = [e for e in s.journal() if e["diagnostic"] == "CAP-NO-REFER"]
    equal(len(found), 2, "number of entries")
    check(all("call" not in e for e in found), "an entry has a call")


def test_kept_over_a_reload(s):
    """a reload forgets nothing"""
    s.start()
    carrier = s.carrier()
    carrier.options(f"sip:{s.ip(4)}:5060", [("Allow", NO_REFER)])
    s.reload()
    matches(r"(?m)^  REFER: not offered \(OPTIONS, ",
            s.control("trunks", "carrier"))


def test_no_such_trunk(s):
    """a name that no trunk has"""
    s.start()
    matches(r'no trunk has the name "carier"',
            s.control("trunks", "carier", status=1))
    s.control("trunks", "carrier", "pbx", status=2)


def test_own_options(s):
    """with options_interval the peer is asked, and its answer is learnt from"""
    s.trunk("carrier")["options_interval"] = "1s"
    s.trunk("carrier")["fqdn"] = "sbc.example.com"
    carrier = s.carrier()
    carrier.answers_options = False
    s.start()
    matches(r"(?m)^pbx +unwatched ", s.control("trunks"))
    request = carrier.expect("OPTIONS")
    matches(r"^sip:%s:5060$" % s.ip(3), request.uri, "Request-URI")
    matches(r"^<sip:sbc\.example\.com>;tag=\w+$", request.get("From"), "From")
    equal(request.get("To"), f"<sip:{s.ip(3)}:5060>", "To")
    matches(r"^<sip:sbc\.example\.com>$", request.get("Contact"), "Contact")
    equal(request.get("Max-Forwards"), "70", "Max-Forwards")
    matches(r"INVITE", request.get("Allow"), "Allow")
    matches(r"(?m)^carrier +waiting ", s.control("trunks"))
    carrier.reply(request, 200, [("Allow", NO_REFER)])
    answered_once(s, "carrier")
    said = s.control("trunks", "carrier")
    matches(r"(?m)^trunk +carrier, up$", said)
    matches(r"(?m)^peer +%s:5060  up since \d\d:\d\d; 1 of 1 OPTIONS answered, "
            r"the last with 200 after \d+ ms$" % s.ip(3), said)
    matches(r"(?m)^  REFER: not offered \(OPTIONS 200, \d\d:\d\d\)$", said)
    again = carrier.expect("OPTIONS")
    check(again.get("Call-ID") != request.get("Call-ID"), "the same Call-ID")
    carrier.reply(again, 503)
    s.wait_until(lambda: trunk(s, "carrier")["state"] == "down", "down")
    matches(r"(?m)^peer .* down since \d\d:\d\d: OPTIONS answered 503; 2 of 2 ",
            s.control("trunks", "carrier"))
    carrier.reply(carrier.expect("OPTIONS"), 404)
    s.wait_until(lambda: trunk(s, "carrier")["state"] == "up", "up again")
    s.must("CAP-NO-REFER", trunk="carrier",
           reason=re.compile(r"not offered \(OPTIONS 200\)"))


def test_silent_peer_and_stop(s):
    """a peer that is silent is down, and nothing waits for it at the end"""
    s.config["sip"] = {"t1": "50ms"}
    s.trunk("carrier")["options_interval"] = "1s"
    s.start()
    carrier = s.carrier()
    carrier.answers_options = False
    carrier.expect("OPTIONS")
    s.wait_until(lambda: trunk(s, "carrier")["state"] == "down", "down")
    line = trunk(s, "carrier")["peers"][0]
    equal((line["reason"], line["answered"]), ("no answer to OPTIONS", 0),
          "peer")
    # Calls do not ask.
    call, leg = s.up(s.pbx(), carrier)
    s.down(call, leg)
