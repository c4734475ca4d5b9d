"""SFB-06: Privacy: id comes with every asserted identity, wanted or not."""

from border import Line, equal
from sip import uri_of

PAI = "<sip:+442079460000@pbx.example.com>"


def sent(s, caller, privacy="id"):
    s.policy("carrier", "out", {"identity": {"privacy": "drop-id-if-public"}})
    invite = Line(s).call([
        ("From", f"{caller};tag=f1"), ("P-Asserted-Identity", PAI),
        ("Privacy", privacy)])
    equal(invite.list("P-Asserted-Identity"), [PAI], "asserted values")
    return invite


def test_public(s):
    """From names the caller: the token goes"""
    invite = sent(s, '"Fred" <sip:+442079460000@pbx.example.com>')
    equal(invite.get("Privacy"), None, "Privacy")
    s.must("CLI-PRIVACY-COUPLED", kind="rewrite", target="Privacy",
           before="id", after=None)


def test_public_with_others(s):
    """only that token goes"""
    invite = sent(s, "<sip:+442079460000@pbx.example.com>", "session;id")
    equal(invite.get("Privacy"), "session", "Privacy")
    s.must("CLI-PRIVACY-COUPLED", kind="rewrite", target="Privacy")


def test_anonymous(s):
    """From is anonymous: a real wish, and the token stays"""
    invite = sent(s, '"Anonymous" <sip:anonymous@anonymous.invalid>')
    equal(invite.get("Privacy"), "id", "Privacy")
    equal(uri_of(invite.get("From")), "sip:anonymous@anonymous.invalid",
          "From")
    s.must_not("CLI-PRIVACY-COUPLED", "CLI-ANONYMOUS")


def test_anonymous_name(s):
    """a From that only by its name is anonymous is one too"""
    invite = sent(s, '"Anonymous" <sip:+442079460000@pbx.example.com>')
    equal(invite.get("Privacy"), "id", "Privacy")
    s.must_not("CLI-PRIVACY-COUPLED")
