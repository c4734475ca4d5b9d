"""SFB-05: an asserted number that is not ours is replaced by one that is."""

from border import equal, matches

CALLER = "+447700900123"
MAIN = "+442079460000"


def asserted(s, *values, **identity):
    """What the carrier gets of these asserted values."""
    s.config["inventory"] = [
        s.write("ours.numbers", "+442079460000..+442079460099\n")]
    s.trunk("carrier").update({"country": "GB", "default_caller": MAIN})
    s.policy("carrier", "out", {"identity": {"asserted": "owned", **identity}})
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(s.uri(), [
        ("From", f"<sip:{CALLER}@pbx.example.com>;tag=f1"),
        *(("P-Asserted-Identity", v) for v in values)])
    leg = carrier.incoming()
    leg.reply(486)
    carrier.expect("ACK")
    call.expect(486)
    return leg.invite.list("P-Asserted-Identity")


def replaced(s):
    entry = s.expect_entry("CLI-PAI-NOT-OWNED", kind="rewrite")
    matches(rf"\{CALLER} is not in the inventory", entry["reason"], "reason")
    matches(r"carrier-out\.conf:\d+$", entry["rule"], "rule")


def test_replaced(s):
    """the caller's own number: replaced, the name stays"""
    values = asserted(s, f'"Fred" <sip:{CALLER}@pbx.example.com>')
    equal(values, [f'"Fred" <sip:{MAIN}@pbx.example.com;user=phone>'],
          "P-Asserted-Identity")
    replaced(s)


def test_both_replaced(s):
    """a sip and a tel value: both"""
    values = asserted(s, f"<sip:{CALLER}@pbx.example.com>", f"<tel:{CALLER}>")
    equal(values, [f"<sip:{MAIN}@pbx.example.com;user=phone>",
                   f"<tel:{MAIN}>"], "P-Asserted-Identity")
    replaced(s)


def test_one_wanted(s):
    """one value, where the carrier wants one"""
    values = asserted(s, f"<sip:{CALLER}@pbx.example.com>", f"<tel:{CALLER}>",
                      asserted_values="one")
    equal(values, [f"<sip:{MAIN}@pbx.example.com;user=phone>"],
          "P-Asserted-Identity")
    replaced(s)


def test_owned(s):
    """an owned number stays as it is"""
    value = '"Fred" <sip:02079460042@pbx.example.com>'
    equal(asserted(s, value), [value], "P-Asserted-Identity")
    s.must_not("CLI-PAI-NOT-OWNED", "CLI-NOT-OWNED")
