"""3xx: followed by the route table, told to the caller, or refused."""

from border import NUMBER, equal, matches
from sip import failure, host_of, offer, uri_of, user_of

FIRST, SECOND = "+442079460201", "+442079460202"


def begin(s, way, **options):
    s.trunk("carrier").update({"redirect": way, **options})
    s.start()
    return s.pbx(), s.carrier()


def moved(s, carrier, contacts, status=302):
    """The carrier is asked, and says where else the call should go."""
    leg = carrier.incoming()
    leg.reply(status, [("Contact", c) for c in contacts])
    carrier.expect("ACK")
    return leg


def at(number, host="203.0.113.9", tail=""):
    return f"<sip:{number}@{host}>{tail}"


def why(s):
    s.expect_entry("CALL-ENDED")
    return " ".join(s.control("why", NUMBER[3:]).split())


def test_follow(s):
    """followed by number, with who diverted; the address is never called"""
    pbx, carrier = begin(s, "follow")
    call = pbx.invite(s.uri())
    first = moved(s, carrier, [at(FIRST)])
    leg = carrier.incoming()
    equal(user_of(leg.invite.uri), FIRST, "number asked")
    equal(user_of(uri_of(leg.invite.get("To"))), FIRST, "number in To")
    equal(host_of(leg.invite.uri), s.ip(3), "host of the Request-URI")
    matches(rf"^<sip:\{NUMBER}@{s.ip(4)}>;reason=unconditional;counter=1",
            leg.invite.get("Diversion"), "Diversion")
    equal(first.invite.has("Diversion"), False, "Diversion before")
    leg.reply(180)
    call.expect(180)
    leg.reply(200, body=offer(carrier.host, 41000))
    call.connect()
    carrier.expect("ACK")
    s.down(call, leg)
    said = why(s)
    matches(rf"RTE-REDIRECTED .*carrier answered 302: this number is asked "
            rf"instead.* rule builtin:redirect", said, "why")
    s.must("RTE-REDIRECTED", kind="rewrite", before=NUMBER, after=FIRST,
           rule="builtin:redirect")
    s.must("CALL-ENDED", target="caller-hung-up")


def test_diverted_by_policy(s):
    """the policy of the trunk tells it in its own header"""
    s.policy("carrier", "out", {"identity": {"diversion": "history-info"}})
    pbx, carrier = begin(s, "follow")
    call = pbx.invite(s.uri())
    moved(s, carrier, [at(FIRST)])
    leg = carrier.incoming()
    equal(leg.invite.has("Diversion"), False, "Diversion")
    values = leg.invite.list("History-Info")
    equal([user_of(uri_of(v)) for v in values], [NUMBER, FIRST], "history")
    leg.reply(486)
    carrier.expect("ACK")
    call.expect(486)
    s.must("CLI-DIVERTED", target="History-Info[0]")


def test_busy_then_next(s):
    """several Contacts by q: the first is busy, the second answers"""
    pbx, carrier = begin(s, "follow")
    call = pbx.invite(s.uri())
    moved(s, carrier, [at(SECOND, tail=";q=0.3") + ", "
                       + at(FIRST, tail=";q=0.9")], 300)
    busy = carrier.incoming()
    equal(user_of(busy.invite.uri), FIRST, "first number asked")
    busy.reply(486)
    carrier.expect("ACK")
    leg = carrier.incoming()
    equal(user_of(leg.invite.uri), SECOND, "second number asked")
    leg.reply(200, body=offer(carrier.host, 41000))
    call.connect()
    carrier.expect("ACK")
    s.down(call, leg)


def test_cancel(s):
    """CANCEL reaches whoever is asked now"""
    pbx, carrier = begin(s, "follow")
    call = pbx.invite(s.uri())
    moved(s, carrier, [at(FIRST), at(SECOND)])
    leg = carrier.incoming()
    leg.reply(180)
    call.expect(180)
    s.take_back(call, leg)
    call.expect(487)
    carrier.silent(0.2)
    s.must("CALL-ENDED", target="cancelled")


def refused(s, pbx, carrier, contacts, status):
    call = pbx.invite(s.uri())
    moved(s, carrier, contacts)
    answer = call.expect(failure)
    equal((answer.status, answer.has("Contact")), (status, False),
          "status and Contact")
    carrier.silent(0.2)
    return answer


def test_no_route(s):
    """only the route table decides"""
    s.config["routes"][0]["prefix"] = "+44"
    pbx, carrier = begin(s, "follow")
    answer = refused(s, pbx, carrier, [at("+33123456789", s.ip(3))], 404)
    matches("RTE-NO-MATCH", answer.get("Warning"), "Warning")
    s.must("RTE-NO-MATCH", rule="builtin:redirect")


def test_loop(s):
    """a number that was asked already is a loop"""
    pbx, carrier = begin(s, "follow")
    answer = refused(s, pbx, carrier, [at(NUMBER)], 482)
    matches("LOOP-DETECTED", answer.get("Warning"), "Warning")
    s.must("LOOP-DETECTED", target="redirect-loop")


def test_refuse(s):
    """refused, where the trunk says nothing else"""
    pbx, carrier = begin(s, "refuse")
    refused(s, pbx, carrier, [at(FIRST)], 480)
    s.must("RSP-OTHER", target="redirected")
    s.must_not("RTE-REDIRECTED")


def test_relay(s):
    """the caller is told the number, at our own address, and comes back"""
    pbx, carrier = begin(s, "relay")
    call = pbx.invite(s.uri())
    moved(s, carrier, [at(FIRST)])
    answer = call.expect(302)
    target, = answer.all("Contact")
    equal(uri_of(target), f"sip:{FIRST}@{s.ip(1)}", "Contact")
    again = pbx.invite(uri_of(target))
    leg = carrier.incoming()
    equal(user_of(leg.invite.uri), FIRST, "number asked")
    leg.reply(486)
    carrier.expect("ACK")
    again.expect(486)
    s.must("RTE-REDIRECTED", target="Contact", leg="caller")
    s.must("CALL-ENDED", target="redirect-relayed")


def test_private(s):
    """a private target is neither told nor shown"""
    pbx, carrier = begin(s, "relay")
    answer = refused(s, pbx, carrier, [at(FIRST, "192.168.1.5")], 480)
    equal("192.168.1.5" in str(answer), False, "the private address shown")
    s.must("DLG-CONTACT-PRIVATE", kind="diagnosis", rule="builtin:redirect")
    s.must("RSP-OTHER", target="redirected")
