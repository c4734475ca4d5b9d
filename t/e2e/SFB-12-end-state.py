"""SFB-12: a rule names the end, so a header that is there is no error."""

from border import Line, equal, matches

MAIN = "+442079460000"
ADDED = f"<sip:{MAIN}@sbc.example.com;user=phone>"
SIP = '"Fred" <sip:+447985817788@pbx.example.com>'
TEL = "<tel:+447985817788>"
RULE = {"id": "somebody", "on": "INVITE", "ensure": "P-Asserted-Identity",
        "value": ADDED, "diagnostic": "CLI-NOT-OWNED"}


def sent(s, values, rule=None, **identity):
    """The asserted values that the carrier gets of these."""
    s.policy("carrier", "out", {
        "identity": {"asserted_values": "one", **identity},
        "rules": [rule or RULE]})
    return Line(s).call([("P-Asserted-Identity", v) for v in values]) \
        .list("P-Asserted-Identity")


def test_none(s):
    """none on the wire: there is one then, and the journal has what was added"""
    equal(sent(s, []), [ADDED], "asserted values")
    s.must("CLI-NOT-OWNED", kind="rewrite", before=None, after=ADDED)
    s.must_not("POL-NOT-IDEMPOTENT", "POL-VETOED")


def test_one(s):
    """one on the wire: left as it is, and the journal says that it was there"""
    equal(sent(s, [SIP]), [SIP], "asserted values")
    s.must("POL-NOT-IDEMPOTENT", kind="kept", target="P-Asserted-Identity",
           before=SIP, after=None)
    s.must_not("CLI-NOT-OWNED", "POL-VETOED")


def test_bare_tel(s):
    """the value that was there and that nobody saw"""
    equal(len(sent(s, ["tel:+447985817788"])), 1, "number of values")
    s.must("POL-NOT-IDEMPOTENT", kind="kept", target="P-Asserted-Identity")
    s.must_not("CLI-NOT-OWNED", "POL-VETOED")


def test_two(s):
    """two on the wire: one stays"""
    equal(sent(s, [SIP, TEL]), [SIP], "asserted values")
    s.must("POL-NOT-IDEMPOTENT", kind="kept", before=SIP)
    s.must_not("CLI-NOT-OWNED", "POL-VETOED")


def test_set(s):
    """set: one of that value, whether none, one or two came"""
    rule = {k: v for k, v in RULE.items() if k != "ensure"}
    rule["set"] = "P-Asserted-Identity"
    s.policy("carrier", "out", {"rules": [rule]})
    line = Line(s)
    for values in ([], [SIP], [SIP, TEL], [ADDED]):
        invite = line.call([("P-Asserted-Identity", v) for v in values])
        equal(invite.list("P-Asserted-Identity"), [ADDED],
              f"asserted values of {values}")
    s.must("CLI-NOT-OWNED", kind="rewrite", before=SIP, after=ADDED)
    s.must_not("POL-NOT-IDEMPOTENT", "POL-VETOED")


def test_no_end(s):
    """a rule whose result it would change again is refused at load"""
    s.start()
    s.policy("carrier", "out", {
        "rules": [{"replace": "Subject", "match": "a", "value": "aa",
                   "diagnostic": "CLI-NOT-OWNED"}],
        "tests": [{"name": "steady", "given": "INVITE sip:1@b\nSubject: a",
                   "expect": {"values": ["Subject: aa"]}}]})
    s.write_config()
    matches(r"carrier-out\.conf:\d+: error: test \"steady\": POL-NOT-IDEMPOTENT"
            r": applied twice, the rule \S*carrier-out\.conf:\d+ changes its "
            r"own result", s.control("reload", status=1), "output")
    matches("POL-NOT-IDEMPOTENT", s.expect_entry(
        "CFG-REFUSED", kind="system")["reason"], "reason")
    s.must_not("CFG-RELOADED")
