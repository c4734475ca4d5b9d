"""TWI-12: Twilio refuses calls beyond the rate of the trunk."""

from border import check, equal, matches
from sip import failure

CPS = "Trunk CPS limit exceeded"


def begin(s, then):
    s.shipped("carrier", "out", "twilio-termination.conf")
    s.more_carriers(peers=[6], then=then)
    s.start()
    return s.pbx(), s.carrier()


def test_next_trunk(s):
    """the trunk is given calls more slowly, the call takes the next one"""
    pbx, carrier = begin(s, True)
    second, twin = s.carrier(last=5), s.carrier(last=6)
    call = pbx.invite(s.uri())
    s.refused_by(carrier, 503, CPS)
    s.refused_by(second, 486)
    call.expect(486)
    # Over the rate: not even asked.
    call = pbx.invite(s.uri())
    s.refused_by(second, 486)
    call.expect(486)
    for other in (carrier, twin):
        other.silent(0.1)
    shown = s.control("trunks", "carrier")
    matches(r"slowed to 0\.9 calls a second", shown, "cordon trunks carrier")
    s.must("CAP-CPS", target="response", before=f"503 {CPS}")
    s.must("CAP-SLOWED", after="0.9 calls a second")
    s.must("CAP-CPS", target="target", trunk="carrier")
    s.must_not("CAP-CONCURRENT", "RSP-RETRY-AFTER")


def test_alone(s):
    """without another trunk: 503 with Retry-After, and it recovers"""
    pbx, carrier = begin(s, False)
    call = pbx.invite(s.uri())
    s.refused_by(carrier, 503, CPS)
    equal(call.expect(failure).status, 503, "status")
    call = pbx.invite(s.uri())
    answer = call.expect(failure)
    equal((answer.status, answer.get("Retry-After")), (503, "1"), "refusal")
    matches("CAP-CPS", answer.get("Warning"), "Warning")

    def goes_again():
        again = pbx.invite(s.uri())
        answer = pbx.receive()
        if answer.status == 100:
            return again
        again.ack_failure(answer)
        return None
    call = s.until("the trunk takes calls again", goes_again)
    s.refused_by(carrier, 486)
    call.expect(486)
    check("calls.slowed" in s.control("counters"), "no counter calls.slowed")
    s.must("CALL-ENDED")


def test_at_once(s):
    """TWI-13: too many at once is another matter"""
    pbx, carrier = begin(s, True)
    twin = s.carrier(last=6)
    call = pbx.invite(s.uri())
    s.refused_by(carrier, 503, "Trunk concurrent call limit exceeded")
    s.refused_by(twin, 486)
    call.expect(486)
    s.must("CAP-CONCURRENT", target="response")
    s.must_not("CAP-CPS", "CAP-SLOWED")


def test_own_limit(s):
    """TWI-13: max_calls sends the next call elsewhere, and does not ask"""
    s.trunk("carrier")["max_calls"] = 1
    s.more_carriers(then=True)
    s.start()
    pbx, carrier, second = s.pbx(), s.carrier(), s.carrier(last=5)
    call, leg = s.up(pbx, carrier)
    other = pbx.invite(s.uri())
    s.refused_by(second, 486)
    other.expect(486)
    s.down(call, leg)
    s.must("CAP-CONCURRENT", target="target", trunk="carrier")
