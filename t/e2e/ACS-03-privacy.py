"""ACS-03: Privacy beside an asserted identity, toward whom one trusts or not."""

from border import Line, equal, matches
from sip import uri_of

FROM = '"Alice" <sip:+442079460000@pbx.example.com>;tag=f1'
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=f1'
PAI = "<sip:+442079460000@pbx.example.com>"


def sent(s, mode, privacy, caller=FROM, more=()):
    """The tokens of Privacy, the asserted values and the INVITE."""
    s.policy("carrier", "out", {"identity": {"privacy": mode}})
    fields = [("From", caller), ("P-Asserted-Identity", PAI), *more]
    if privacy:
        fields.append(("Privacy", privacy))
    invite = Line(s).call(fields)
    tokens = [t for v in invite.all("Privacy") for t in v.split(";")]
    return tokens, invite.list("P-Asserted-Identity"), invite


def test_trusted(s):
    """keep: both go on, and it is told"""
    tokens, values, _ = sent(s, "keep", "id;critical")
    equal(tokens, ["id", "critical"], "tokens")
    equal(values, [PAI], "asserted values")
    s.must("CLI-PRIVACY-ID", kind="diagnosis")


def test_untrusted(s):
    """honour: the identity goes, the wish stays"""
    tokens, values, invite = sent(s, "honour", "id", more=[
        ("Remote-Party-ID", PAI), ("P-Charge-Info", PAI)])
    equal(tokens, ["id"], "tokens")
    equal(values, [], "asserted values")
    equal(invite.get("Remote-Party-ID"), None, "Remote-Party-ID")
    equal(invite.get("P-Charge-Info"), None, "P-Charge-Info")
    s.must("CLI-PRIVACY-ID", kind="rewrite", target="P-Asserted-Identity[0]")


def test_dropped(s):
    """drop-id: only that token goes"""
    tokens, values, _ = sent(s, "drop-id", "header;id;critical")
    equal(tokens, ["header", "critical"], "tokens")
    equal(values, [PAI], "asserted values")
    s.must("CLI-PRIVACY-ID", kind="rewrite", target="Privacy")


def test_dropped_alone(s):
    """drop-id: critical alone says nothing, the header goes"""
    tokens, values, _ = sent(s, "drop-id", "id;critical")
    equal(tokens, [], "tokens")
    equal(values, [PAI], "asserted values")
    s.must("CLI-PRIVACY-ID", kind="rewrite", after=None)


def test_real_wish(s):
    """drop-id: who hides in From too stays hidden"""
    tokens, values, invite = sent(s, "drop-id", "id", ANONYMOUS)
    equal(tokens, ["id"], "tokens")
    equal(values, [PAI], "asserted values")
    equal(uri_of(invite.get("From")), "sip:anonymous@anonymous.invalid",
          "From")
    s.must("CLI-PRIVACY-ID", kind="diagnosis")


def test_user(s):
    """honour: user makes From anonymous, and nothing else names the caller"""
    tokens, values, invite = sent(s, "honour", "user", more=[
        ("Subject", "Alice calls"), ("Referred-By", PAI)])
    equal(tokens, ["user"], "tokens")
    equal(values, [], "asserted values")
    matches(r'^"Anonymous" <sip:anonymous@anonymous\.invalid>;tag=',
            invite.get("From"), "From")
    for name in ("Subject", "Referred-By"):
        equal(invite.get(name), None, name)
    s.must("CLI-PRIVACY-ID", kind="rewrite", target="From")


def test_add(s):
    """add: the token is there"""
    tokens, values, _ = sent(s, "add", None)
    equal(tokens, ["id"], "tokens")
    equal(values, [PAI], "asserted values")
    s.must("CLI-PRIVACY-ID", kind="rewrite", target="Privacy", before=None)


def test_no_wish(s):
    """honour without a wish changes nothing"""
    tokens, values, invite = sent(s, "honour", None, more=[
        ("P-Charge-Info", PAI)])
    equal((tokens, values), ([], [PAI]), "Privacy and asserted values")
    equal(invite.get("P-Charge-Info"), PAI, "P-Charge-Info")
    s.must_not("CLI-PRIVACY-ID")
