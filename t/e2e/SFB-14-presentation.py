"""SFB-14: how a provider decides whom it shows, told before it does."""

from border import Line, equal, matches

DEFAULT = "+442079460099"
CALLER = "+447700900123"
OURS = "+442079460055"
FROM = ("From", f'"Alice" <sip:{CALLER}@pbx.example.com>;tag=f1')
# "Non-provider registered CLIs in the From are contingent upon a valid network
# CLI in P-Asserted-Identity", or the first number of the range is shown.
PROVIDER = {"order": ["asserted", "from"], "only_owned": True,
            "id_means_private": True, "show": "from", "default": DEFAULT}
FALLBACK = f"{DEFAULT}: none is accepted"
SHOWN = f"{CALLER}: from, accepted by asserted"
PRIVATE = "private: Privacy has id"


def line(s, presentation=PROVIDER, **identity):
    s.config["inventory"] = [
        s.write("ours.numbers", "+442079460000..+442079460099\n")]
    s.trunk("carrier").update({
        "owners": ["ours"], "country": "GB", "default_caller": OURS})
    policy = {"identity": {"asserted": "as-received", **identity}}
    if presentation:
        policy["presentation"] = presentation
    s.policy("carrier", "out", policy)
    return Line(s)


def prediction(s, one, sent):
    """What the journal has of one more call, before and after rewriting."""
    seen = len(s.entries_of("CLI-SIMULATE"))
    one.call(sent)
    found = s.until("a prediction", lambda: s.entries_of("CLI-SIMULATE")[seen:])
    equal([(e["kind"], e["target"]) for e in found],
          [("diagnosis", "presentation")], "entries")
    return found[0]["before"], found[0]["after"]


def fields(asserted, owned, private):
    out = [FROM]
    if asserted:
        number = OURS if owned else CALLER
        out.append(("P-Asserted-Identity", f"<sip:{number}@pbx.example.com>"))
    elif owned:
        out = [("From", f"<sip:{OURS}@pbx.example.com>;tag=f1")]
    if private:
        out.append(("Privacy", "id"))
    return out


def expected(asserted, owned, private):
    if not owned:
        return FALLBACK
    if private:
        return PRIVATE
    return SHOWN if asserted else f"{OURS}: from, accepted by from"


MATRIX = [(a, o, p) for a in (False, True) for o in (False, True)
          for p in (False, True)]


def test_as_it_came(s):
    """asserted or not, owned or not, private or not: eight predictions"""
    one = line(s)
    for case in MATRIX:
        wanted = expected(*case)
        equal(prediction(s, one, fields(*case)), (wanted, wanted),
              f"prediction of {case}")
    s.must_not("CLI-NOT-OWNED", "CLI-PAI-NOT-OWNED", "CLI-PRIVACY-COUPLED")


def test_mended(s):
    """the same eight mended: each shows its caller, and before it did not"""
    one = line(s, asserted="owned", privacy="drop-id-if-public")
    for case in MATRIX:
        asserted, owned, _ = case
        shown = SHOWN if asserted or not owned \
            else f"{OURS}: from, accepted by from"
        equal(prediction(s, one, fields(*case)), (expected(*case), shown),
              f"prediction of {case}")
    for code in ("CLI-NOT-OWNED", "CLI-PAI-NOT-OWNED", "CLI-PRIVACY-COUPLED"):
        s.must(code, kind="rewrite")


def test_hidden(s):
    """who hides in From is private, mended or not"""
    one = line(s, asserted="owned", privacy="drop-id-if-public")
    equal(prediction(s, one, [
        ("From", '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=f1'),
        ("P-Asserted-Identity", f"<sip:{OURS}@pbx.example.com>"),
        ("Privacy", "id")]), (PRIVATE, PRIVATE), "prediction")
    s.must_not("CLI-PRIVACY-COUPLED", "CLI-ANONYMOUS")


def test_first_of_an_order(s):
    """a carrier that looks at the first that is there, and at no other"""
    one = line(s, {"order": ["preferred", "asserted", "remote_party", "from"],
                   "only_owned": True, "only_first": True}, preferred="absent")
    equal(prediction(s, one, [
        FROM, ("P-Preferred-Identity", f"<sip:{CALLER}@pbx.example.com>"),
        ("P-Asserted-Identity", f"<sip:{OURS}@pbx.example.com>")]),
        ("a number of the carrier's choice, or a refusal: none is accepted",
         f"{OURS}: asserted"), "prediction")


def test_why(s):
    """cordon why shows it, once for a call that goes on"""
    one = line(s)
    call, leg = s.up(one.pbx, one.carrier, fields(True, True, False))
    call.request("INFO", [("Content-Type", "text/plain")], b"more")
    one.carrier.reply(one.carrier.expect("INFO"), 200)
    one.pbx.expect((200, "INFO"))
    s.down(call, leg)
    s.expect_entry("CALL-ENDED")
    matches(r"(?m)^ +presentation: \%s -> " % SHOWN,
            s.control("why", "2079460123"), "cordon why")
    equal(len(s.entries_of("CLI-SIMULATE")), 1, "predictions")


def test_not_asked(s):
    """a policy that does not say how its carrier decides predicts nothing"""
    line(s, None).call(fields(True, True, True))
    s.must_not("CLI-SIMULATE")
