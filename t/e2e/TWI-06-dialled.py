"""TWI-06: a dialled number that is not E.164 is refused by the carrier."""

from border import Line, equal
from sip import uri_of, user_of

E164 = "+442079460000"


def line(s):
    s.trunk("pbx")["country"] = "GB"
    s.policy("carrier", "out", {"numbers": {"in": ["request", "to"]}})
    return Line(s)


def test_forms(s):
    """dialled with 00, with 0 and with (0): converted, and told"""
    short = line(s)
    for dialled in ("00442079460000", "02079460000", "(0)2079460000"):
        invite = short.call(user=dialled)
        equal(user_of(invite.uri), E164, "Request-URI")
        equal(user_of(uri_of(invite.get("To"))), E164, "To")
    s.must("NUM-NOT-E164", target="Request-URI",
           reason="00442079460000 is +442079460000 by the plan of GB")
    s.must("NUM-NOT-E164", target="To")
    s.must_not("NUM-INVALID")


def test_context(s):
    """a local number is that of its context, as a tel URI too"""
    s.trunk("pbx")["area"] = "161"
    short = line(s)
    local = "79460000;phone-context=+4420"
    equal(user_of(short.call(user=local).uri), E164, "Request-URI")
    call = short.pbx.invite(f"tel:{local};ext=12")
    leg = short.carrier.incoming()
    equal(leg.invite.uri.partition("@")[0], f"sip:{E164};ext=12",
          "Request-URI")
    leg.reply(486)
    short.carrier.expect("ACK")
    call.expect(486)
    s.must("NUM-NOT-E164", target="Request-URI",
           reason=f"{local} is {E164} by the plan of GB")


def test_e164(s):
    """E.164 needs nothing"""
    equal(user_of(line(s).call(user=E164).uri), E164, "Request-URI")
    s.must_not("NUM-NOT-E164", "NUM-NATIONAL", "NUM-INVALID")


def test_without_plan(s):
    """nobody said by which country's plan: nothing is guessed"""
    s.policy("carrier", "out", {"numbers": {"in": ["request", "to"]}})
    equal(user_of(Line(s).call(user="02079460000").uri), "02079460000",
          "Request-URI")
    s.must_not("NUM-NOT-E164", "NUM-NATIONAL")
