"""ACS-02: the application gave no number, and From is anonymous unasked."""

from border import Line, equal, matches
from sip import parameter, uri_of

FROM = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=f1'
OWNED = "<sip:+442079460001@pbx.example.com;user=phone>"
FOREIGN = "<sip:+447700900123@pbx.example.com>"
MAIN = "+442079460000"


def line(s, mode):
    s.config["inventory"] = [
        s.write("ours.numbers", "+442079460000..+442079460099\n")]
    s.trunk("carrier").update({
        "owners": ["ours"], "country": "GB", "default_caller": MAIN})
    s.policy("carrier", "out", {"identity": {"anonymous_from": mode}})
    return Line(s)


def sent(s, mode, asserted=OWNED, privacy=None):
    fields = [("From", FROM), ("P-Asserted-Identity", asserted)]
    if privacy:
        fields.append(("Privacy", privacy))
    invite = line(s, mode).call(fields)
    check_tag(invite)
    equal(invite.get("Privacy"), privacy, "Privacy")
    return uri_of(invite.get("From"))


def check_tag(invite):
    matches(r"^.+$", parameter(invite.get("From"), "tag"), "tag")


def test_use_asserted(s):
    """the owned number that is asserted goes into From"""
    equal(sent(s, "use-asserted"),
          "sip:+442079460001@pbx.example.com;user=phone", "From")
    s.must("CLI-ANONYMOUS", kind="rewrite", target="From")
    s.must_not("CLI-PRIVACY-ID", "CLI-MISMATCH")


def test_not_owned(s):
    """one that is not owned does not: the default caller does"""
    matches(rf"^sip:\{MAIN}@", sent(s, "use-asserted", FOREIGN), "From")
    s.must("CLI-ANONYMOUS", kind="rewrite", target="From")


def test_default(s):
    """the default caller, whoever is asserted"""
    matches(rf"^sip:\{MAIN}@", sent(s, "default"), "From")
    s.must("CLI-ANONYMOUS", kind="rewrite", target="From")


def test_keep(s):
    """kept, and told"""
    equal(sent(s, "keep"), "sip:anonymous@anonymous.invalid", "From")
    s.must("CLI-ANONYMOUS", kind="diagnosis")


def test_critical_is_no_wish(s):
    """a Privacy that hides nothing from the callee is no wish"""
    equal(sent(s, "use-asserted", privacy="critical"),
          "sip:+442079460001@pbx.example.com;user=phone", "From")
    s.must("CLI-ANONYMOUS", kind="rewrite", target="From")


def wished(s, mode, privacy):
    equal(sent(s, mode, privacy=privacy), "sip:anonymous@anonymous.invalid",
          "From")
    s.must_not("CLI-ANONYMOUS")


def test_wish_id(s):
    """with Privacy: id it stays anonymous"""
    wished(s, "use-asserted", "id")


def test_wish_user(s):
    """with Privacy: user it stays anonymous, and the call is not refused"""
    wished(s, "reject", "user;critical")


def test_reject(s):
    """refused with 433, in words"""
    answer = line(s, "reject").refused([("From", FROM)])
    equal(answer.status, 433, "status")
    matches("CLI-ANONYMOUS", answer.get("Warning"), "Warning")
    s.must("CLI-ANONYMOUS")


def test_emergency(s):
    """an emergency call is never refused"""
    invite = line(s, "reject").call([("From", FROM)], user="999")
    equal(uri_of(invite.get("From")), "sip:anonymous@anonymous.invalid",
          "From")
    s.must_not("CLI-ANONYMOUS")
