"""TWI-09: a Remote-Party-ID that contradicts From is refused by the carrier."""

from border import Line, equal
from sip import uri_of

FROM = "<sip:+442079460000@pbx.example.com>;tag=f1"
OTHER = '"Fred" <sip:+442079460009@pbx.example.com>;party=calling;screen=yes'
SAME = "<sip:02079460000@pbx.example.com>;screen=yes"


def sent(s, mode, value, caller=FROM):
    s.trunk("pbx")["country"] = "GB"
    s.policy("carrier", "out", {"identity": {"remote_party": mode}})
    return Line(s).call([("From", caller), ("Remote-Party-ID", value)]).get(
        "Remote-Party-ID")


def test_absent(s):
    """absent: it goes"""
    equal(sent(s, "absent", OTHER), None, "Remote-Party-ID")
    s.must("CLI-RPID", kind="rewrite", after=None)


def test_from(s):
    """from: it has From's URI, and keeps its name and parameters"""
    equal(sent(s, "from", OTHER),
          '"Fred" <sip:+442079460000@pbx.example.com>;party=calling;screen=yes',
          "Remote-Party-ID")
    s.must("CLI-RPID", kind="rewrite", target="Remote-Party-ID[0]")


def test_from_same(s):
    """from: the same number in another form stays"""
    equal(sent(s, "from", SAME), SAME, "Remote-Party-ID")
    s.must_not("CLI-RPID")


def test_keep(s):
    """keep: it stays, and nothing is said"""
    equal(uri_of(sent(s, "keep", OTHER)), "sip:+442079460009@pbx.example.com",
          "Remote-Party-ID")
    s.must_not("CLI-RPID")


def test_anonymous(s):
    """from: who hides in From is not named beside it"""
    equal(sent(s, "from", OTHER,
               '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=f1'), None,
          "Remote-Party-ID")
    s.must("CLI-RPID", kind="rewrite", after=None)
