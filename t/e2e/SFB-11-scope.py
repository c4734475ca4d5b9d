"""SFB-11: what mends diverted calls must not touch the direct ones."""

from border import Line, equal, matches
from sip import uri_of

OURS = "+442079460055"
MAIN = "+442079460000"
FROM = ("From", '"Alice" <sip:+447700900123@pbx.example.com>;tag=f1')
PAI = ("P-Asserted-Identity", "<sip:+447700900123@pbx.example.com>")
DIVERTED = ("Diversion", f"<sip:{OURS}@pbx.example.com>;reason=deflection")
REFERRED = ("Referred-By", "<sip:2001@pbx.example.com>")
KINDS = [
    ("direct", [], "+442079460123"),
    ("diverted", [DIVERTED], "+442079460123"),
    ("transferred", [REFERRED], "+442079460123"),
    ("emergency", [DIVERTED], "999"),
]
RULE = {"id": "who-diverted", "on": "INVITE", "set": "P-Asserted-Identity",
        "value": "<${header.Diversion.uri}>", "diagnostic": "CLI-DIVERTED"}
SWITCH = {**RULE, "value": f"<sip:{MAIN}@${{trunk.host}}>"}
ONE_KIND = {"when": {"call": "diverted"}}
# What keeps the mending of one kind away from the others.
DIRECT_STAYS = {
    "name": "a direct call stays as it is",
    "given": "INVITE sip:+442079460123@b\n"
             "From: <sip:+447700900123@a>\n"
             "P-Asserted-Identity: <sip:+447700900123@a>",
    "expect": {"unchanged": ["P-Asserted-Identity"],
               "journal_absent": ["CLI-DIVERTED"]}}


def kind(s, name, rule):
    fields, called = next((f, u) for n, f, u in KINDS if n == name)
    s.policy("carrier", "out", {"rules": [rule], "tests": [DIRECT_STAYS]})
    return Line(s).call([FROM, PAI, *fields], user=called)


def stays(s, invite):
    equal(invite.list("P-Asserted-Identity"), [PAI[1]], "asserted values")
    s.must_not("CLI-DIVERTED", "POL-VETOED", "POL-SCOPE")


def test_diverted(s):
    """the one kind that the rule names"""
    invite = kind(s, "diverted", {**RULE, **ONE_KIND})
    equal([uri_of(v) for v in invite.list("P-Asserted-Identity")],
          [f"sip:{OURS}@pbx.example.com"], "asserted values")
    s.must("CLI-DIVERTED", kind="rewrite", target="P-Asserted-Identity[0]",
           before=PAI[1])


def test_direct(s):
    """a direct call stays as it came"""
    stays(s, kind(s, "direct", {**RULE, **ONE_KIND}))


def test_transferred(s):
    """a transferred call stays as it came"""
    stays(s, kind(s, "transferred", {**RULE, **ONE_KIND}))


def test_emergency(s):
    """an emergency call stays as it came, diverted or not"""
    stays(s, kind(s, "emergency", {**RULE, **ONE_KIND}))


def test_four_kinds(s):
    """four calls of four kinds on one policy: one entry in the journal"""
    s.policy("carrier", "out", {"rules": [{**RULE, **ONE_KIND}],
                                "tests": [DIRECT_STAYS]})
    line = Line(s)
    changed = {}
    for name, fields, called in KINDS:
        invite = line.call([FROM, PAI, *fields], user=called)
        changed[name] = invite.list("P-Asserted-Identity") != [PAI[1]]
    equal([n for n, c in changed.items() if c], ["diverted"], "changed kinds")
    s.stop()
    rewrites = [e for e in s.journal() if e["diagnostic"] == "CLI-DIVERTED"]
    equal([e["kind"] for e in rewrites], ["rewrite"], "entries")


def test_switch_for_all(s):
    """the same for all calls: its own test refuses the file, by name"""
    s.policy("carrier", "out", {"rules": [{**RULE, **ONE_KIND}],
                                "tests": [DIRECT_STAYS]})
    line = Line(s)
    s.policy("carrier", "out", {"rules": [SWITCH], "tests": [DIRECT_STAYS]})
    said = s.control("reload", status=1)
    matches(r"a direct call stays as it is.*carrier-out\.conf:\d+ did that to "
            r"a direct call, and asks for no kind of call \(POL-SCOPE\)", said,
            "what cordon reload says")
    entry = s.expect_entry("CFG-REFUSED", kind="system")
    matches("POL-SCOPE", entry["reason"], "reason")
    stays(s, line.call([FROM, PAI]))
    s.must_not("CFG-RELOADED")


def test_shown(s):
    """cordon policy show: which kinds of call each rule touches"""
    s.journal_wanted = False
    s.policy("carrier", "out", {"rules": [
        {**RULE, **ONE_KIND},
        {"id": "all", "absent": "X-Inner", "diagnostic": "SCRUB-PRIVATE-HDR"}]})
    lines = s.control_json("policy", "show", s.path("carrier-out.conf"))
    calls = {l["name"]: l["calls"] for l in lines if l.get("kind") == "rule"}
    equal(calls, {"who-diverted": ["diverted"],
                  "all": ["direct", "diverted", "transferred", "emergency"]},
          "kinds of call")
    matches(r"who-diverted .* diverted +CLI-DIVERTED",
            s.control("policy", "show", s.path("carrier-out.conf")), "output")
