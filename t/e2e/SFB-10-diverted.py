"""SFB-10: a response group passes a call on; who called first is in From."""

from border import Line, equal, matches
from sip import uri_of

CALLER = '"Alice" <sip:+447700900123@pbx.example.com;user=phone>;tag=f1'
OURS = "02079460055"
E164 = "+442079460055"


def sent(s, fields, shown="original", caller=CALLER):
    s.trunk("pbx")["country"] = "GB"
    s.policy("carrier", "out", {
        "identity": {"diversion": "diversion", "diverted_from": shown,
                     "host": "own"},
        "numbers": {"in": ["diverting", "from", "referred_by"]}})
    return Line(s).call([("From", caller), *fields])


def history(cause):
    return [("History-Info", f"<sip:{OURS}@10.1.2.3>;index=1, "
             f"<sip:+442079460123@10.1.2.3;cause={cause}>;index=1.1;mp=1")]


def diverted(s, invite, reason):
    matches(rf"^<sip:\{E164}@127\.[0-9.]+>;reason={reason};counter=1",
            invite.get("Diversion"), "Diversion")
    s.must("CLI-DIVERTED", kind="rewrite", target="Diversion[0]")


def test_deflection(s):
    """a call that was deflected; the number in E.164, the host is ours"""
    invite = sent(s, history(480))
    diverted(s, invite, "deflection")
    matches(r"^sip:\+447700900123@", uri_of(invite.get("From")), "From")


def test_unconditional(s):
    """a call that is always diverted"""
    diverted(s, sent(s, history(302)), "unconditional")


def test_busy(s):
    """a call that was diverted when busy"""
    diverted(s, sent(s, history(486)), "user-busy")


def test_diverting(s):
    """diverted_from = diverting: From shows who diverted"""
    invite = sent(s, history(480), "diverting")
    diverted(s, invite, "deflection")
    matches(rf"^<sip:\{E164}@127\.[0-9.]+;user=phone>;tag=",
            invite.get("From"), "From")
    s.must("CLI-DIVERTED", kind="rewrite", target="From")


def test_diverting_anonymous(s):
    """who hides is not shown, and neither is anybody else in his place"""
    invite = sent(s, [*history(480), ("Privacy", "id")], "diverting",
                  '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=f1')
    equal(uri_of(invite.get("From")), "sip:anonymous@anonymous.invalid",
          "From")
    diverted(s, invite, "deflection")
    s.must_not("CLI-ANONYMOUS")


def test_referred(s):
    """Referred-By is of a transfer: kept, its number in E.164"""
    invite = sent(s, [("Referred-By", f"<sip:{OURS}@pbx.example.com>")])
    equal(uri_of(invite.get("Referred-By")), f"sip:{E164}@pbx.example.com",
          "Referred-By")
    equal(invite.get("Diversion"), None, "Diversion")
    s.must_not("CLI-DIVERTED")
