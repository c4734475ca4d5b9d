"""ACS-04: a redirected call has its first caller in From."""

from border import Line, equal, matches
from sip import parameter, uri_of

MAIN = "+442079460000"
OURS = "+442079460055"
CALLER = '"Alice" <sip:+447700900123@pbx.example.com>;tag=f1'
HISTORY = [
    ("History-Info", f"<sip:{OURS}@sip.example.net:5061;user=phone?Reason="
     "SIP%3Bcause%3D302%3Btext%3D%22Moved%20Temporarily%22>;index=1"),
    ("History-Info", "<sip:+442079460123@sip.example.net>;index=1.1")]
DIVERSION = rf"^<sip:\{OURS}@127\.[0-9.]+;user=phone>;reason=unconditional;counter=1"


def sent(s, diversion, fields, **identity):
    s.config["inventory"] = [
        s.write("ours.numbers", "+442079460000..+442079460099\n")]
    s.trunk("carrier").update({"owners": ["ours"], "country": "GB"})
    s.policy("carrier", "out", {"identity": {
        "asserted": "owned", "diversion": diversion, **identity}})
    invite = Line(s).call([("From", CALLER), *fields])
    equal(uri_of(invite.get("From")), "sip:+447700900123@pbx.example.com",
          "From")
    return invite


def asserted(invite):
    return [uri_of(v).split("@")[0]
            for v in invite.list("P-Asserted-Identity")]


def test_history_as_diversion(s):
    """who diverted is asserted, and told in Diversion"""
    invite = sent(s, "diversion", HISTORY)
    equal(asserted(invite), [f"sip:{OURS}"], "asserted values")
    equal(invite.get("History-Info"), None, "History-Info")
    values = invite.list("Diversion")
    equal(len(values), 1, "number of diversions")
    matches(DIVERSION, values[0], "Diversion")
    s.must("CLI-DIVERTED", kind="rewrite", target="Diversion[0]")
    s.must("CLI-NOT-OWNED", kind="rewrite")


def test_both(s):
    """both headers, of which the one that came is untouched"""
    invite = sent(s, "both", HISTORY)
    matches(DIVERSION, invite.get("Diversion"), "Diversion")
    equal(invite.all("History-Info"), [v for _, v in HISTORY],
          "History-Info")
    s.must("CLI-DIVERTED", kind="rewrite", target="Diversion[0]")


def test_diversion_as_history(s):
    """the other way, the counter told by an entry without a name"""
    invite = sent(s, "history-info", [
        ("Diversion", f"<sip:{OURS}@pbx.example.com>;reason=user-busy;"
         "counter=2;privacy=full")])
    equal(invite.get("Diversion"), None, "Diversion")
    values = invite.list("History-Info")
    equal([parameter(v, "index") for v in values], ["1", "1.1", "1.1.1"],
          "indexes")
    equal(uri_of(values[0]), "sip:unknown@unknown.invalid", "first entry")
    matches(rf"^sip:\{OURS}@127[^>]*\?Privacy=history$", uri_of(values[1]),
            "who diverted")
    equal(uri_of(values[2]), f"{invite.uri};cause=486",
          "the target, which is the Request-URI")
    s.must("CLI-DIVERTED", kind="rewrite", target="History-Info[0]")


def test_request_uri(s):
    """the cause and the target of the Request-URI tell it too"""
    s.policy("carrier", "out", {"identity": {"diversion": "diversion"}})
    line = Line(s)
    direct = line.call([("From", CALLER)], user="vm")
    equal(direct.get("Diversion"), None, "Diversion of a direct call")
    call = line.pbx.invite(f"sip:vm@{s.ip(1)}:5060;cause=408;target="
                           f"sip%3A{OURS.replace('+', '%2B')}%40x",
                           [("From", CALLER)])
    leg = line.carrier.incoming()
    leg.reply(486)
    line.carrier.expect("ACK")
    call.expect(486)
    matches(rf"^<sip:\{OURS}@[^>]*>;reason=no-answer;counter=1",
            leg.invite.get("Diversion"), "Diversion")
    s.must("CLI-DIVERTED", kind="rewrite", target="Diversion[0]")


def test_nobody_owned(s):
    """no owned number diverted, and there is no default: it is told"""
    invite = sent(s, "diversion", [
        ("History-Info", "<sip:+447700900001@x>;index=1, "
         "<sip:+442079460123@x;cause=302>;index=1.1;mp=1")])
    equal(asserted(invite), [], "asserted values")
    entry = s.expect_entry("CLI-DIVERTED", kind="diagnosis")
    matches("no owned", entry["reason"], "reason")
    matches(r"^<sip:\+447700900001@", invite.get("Diversion"), "Diversion")


def test_default_owned(s):
    """no owned number diverted: the default caller is asserted"""
    invite = sent(s, "keep", [
        ("Diversion", "<sip:+447700900001@x>;reason=away")],
        default_caller=MAIN)
    equal(asserted(invite), [f"sip:{MAIN}"], "asserted values")
    equal(invite.get("Diversion"), "<sip:+447700900001@x>;reason=away",
          "Diversion")
    s.must_not("CLI-DIVERTED")


def test_direct(s):
    """a call that nobody diverted gets no Diversion"""
    invite = sent(s, "both", [
        ("History-Info", "<sip:+442079460123@x>;index=1, "
         "<sip:+442079460123@192.0.2.7>;index=1.1;rc=1")],
        default_caller=MAIN)
    equal(invite.get("Diversion"), None, "Diversion")
    s.must_not("CLI-DIVERTED")
