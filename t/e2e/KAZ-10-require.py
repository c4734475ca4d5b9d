"""KAZ-10: what one side requires and the other lacks is done here, or left out."""

from border import check, equal, matches
from sip import offer, parameter


def tags(message, header):
    return [t.lower() for t in message.list(header)]


def inbound(s, fields, **trunk):
    """The carrier calls the PBX: both ends."""
    s.trunk("carrier").update(trunk)
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = carrier.invite(f"sip:+442079460123@{s.ip(4)}:5060", fields)
    return pbx, carrier, call, pbx.incoming()


def acknowledge(carrier, call, response):
    """The PRACK to a reliable provisional response, and its 200."""
    call.answer = response
    call.remote_target = response.get("Contact").strip("<>")
    call.request("PRACK", [("RAck", f"{response.get('RSeq')} 1 INVITE")])
    carrier.expect((200, "PRACK"))


def test_carrier_requires(s):
    """the carrier requires 100rel: PRACK ends here, the PBX sees nothing of it"""
    pbx, carrier, call, leg = inbound(s, [("Require", "100rel")])
    check(not leg.invite.has("Require"), "the PBX is asked for 100rel")
    leg.reply(180)
    ringing = carrier.expect(180)
    equal(tags(ringing, "Require"), ["100rel"], "Require of the 180")
    acknowledge(carrier, call, ringing)
    leg.reply(183, body=offer(s.ip(2), 41000))
    early = carrier.expect(183)
    equal(int(early.get("RSeq")), int(ringing.get("RSeq")) + 1, "RSeq")
    leg.reply(200, body=offer(s.ip(2), 41000))
    pbx.expect("ACK")
    # The answer in the 183 comes first.
    acknowledge(carrier, call, early)
    call.connect()
    call.request("BYE")
    leg.hung_up()
    carrier.expect((200, "BYE"))
    s.must("MSG-REQUIRE", before="100rel")
    s.must_not("EXT-UNSUPPORTED", "DLG-UNKNOWN")


def test_pbx_refuses(s):
    """the PBX answers 420: it is asked once more without the option tag"""
    s.trunk("pbx")["prack"] = "required"
    pbx, carrier, call, leg = inbound(s, [])
    equal(tags(leg.invite, "Require"), ["100rel"], "Require")
    leg.reply(420, [("Unsupported", "100rel")], phrase="Bad Extension")
    pbx.expect("ACK")
    second = pbx.incoming()
    equal(second.invite.get("Call-ID"), leg.invite.get("Call-ID"), "Call-ID")
    equal(second.invite.cseq, leg.invite.cseq + 1, "CSeq")
    check("100rel" not in str(second.invite), "100rel is still there")
    second.answered()
    call.connect()
    call.request("BYE")
    second.hung_up()
    carrier.expect((200, "BYE"))
    s.must("MSG-REQUIRE", before="100rel")
    s.must_not("EXT-UNSUPPORTED")


def test_pbx_refuses_twice(s):
    """a second 420 is the end"""
    s.trunk("pbx")["prack"] = "required"
    pbx, carrier, call, leg = inbound(s, [])
    for each in (leg, None):
        each = each or pbx.incoming()
        each.reply(420, [("Unsupported", "100rel")], phrase="Bad Extension")
        pbx.expect("ACK")
    call.expect(420)
    pbx.silent(0.2)


def test_moved(s):
    """what Cordon does not do goes on in Supported, by option"""
    pbx, carrier, call, leg = inbound(
        s, [("Require", "precondition, x-own")], require="supported")
    check(not leg.invite.has("Require"), "Require reached the PBX")
    equal(tags(leg.invite, "Supported")[-2:], ["precondition", "x-own"],
          "Supported")
    leg.reply(486)
    pbx.expect("ACK")
    call.expect(486)
    s.must("MSG-REQUIRE", before="precondition, x-own", after="Supported")
    s.must_not("EXT-UNSUPPORTED")


def test_refused(s):
    """without that option it is refused, and named"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = carrier.invite(f"sip:+442079460123@{s.ip(4)}:5060",
                          [("Require", "x-own, 100rel")])
    equal(tags(call.expect(420), "Unsupported"), ["x-own"], "Unsupported")
    pbx.silent(0.2)
    s.must("EXT-UNSUPPORTED")
    s.must_not("MSG-REQUIRE")


def test_pbx_requires(s):
    """the PBX answers 421: it is offered 100rel, and its 18x are acknowledged"""
    pbx, carrier, call, leg = inbound(s, [])
    leg.reply(421, [("Require", "100rel")], phrase="Extension Required")
    pbx.expect("ACK")
    second = pbx.incoming()
    equal(tags(second.invite, "Supported")[:1], ["100rel"], "Supported")
    second.reply(183, [("Require", "100rel"), ("RSeq", "77")],
                 offer(s.ip(2), 41000))
    prack = pbx.expect("PRACK")
    equal(prack.get("RAck"), f"77 {second.invite.cseq} INVITE", "RAck")
    pbx.reply(prack, 200)
    early = carrier.expect(183)
    check(not early.has("RSeq"), "the carrier sees an RSeq")
    # The answer has been given: the 200 repeats it for the carrier only.
    second.reply(200)
    equal(call.connect().sdp("m"), early.sdp("m"), "m= of the 200")
    pbx.expect("ACK")
    call.request("BYE")
    second.hung_up()
    carrier.expect((200, "BYE"))
    s.must("MSG-REQUIRE", after="100rel")


# -- an offer in the PRACK (RFC 3262 section 5) ------------------------------------

UPDATES = "INVITE, ACK, BYE, CANCEL, PRACK, UPDATE"


def answered_early(s, allow):
    """Both sides use 100rel, and the carrier has its answer by a 183."""
    s.trunk("pbx")["prack"] = "supported"
    pbx, carrier, call, leg = inbound(
        s, [("Supported", "100rel")], prack="supported")
    leg.reply(183, [("Require", "100rel"), ("RSeq", "7"), ("Allow", allow)],
              offer(pbx.host, 40000))
    pbx.reply(pbx.expect("PRACK"), 200)
    early = carrier.expect(183)
    call.answer = early
    call.remote_target = early.get("Contact").strip("<>")
    call.request("PRACK", [("RAck", f"{early.get('RSeq')} 1 INVITE")],
                 offer(carrier.host, 41010, 2))
    return pbx, carrier, call, leg


def ends(pbx, carrier, call, leg):
    """Answered, and hung up."""
    leg.reply(200)
    call.connect()
    pbx.expect("ACK")
    call.request("BYE")
    leg.hung_up()
    carrier.expect((200, "BYE"))


def test_offer_in_prack(s):
    """an offer in the PRACK goes on as an UPDATE, the answer comes in its 200"""
    pbx, carrier, call, leg = answered_early(s, UPDATES)
    update = pbx.expect("UPDATE")
    equal(update.sdp("m")[0].split()[1], "41010", "port in the UPDATE")
    equal(parameter(update.get("To"), "tag"), leg.local_tag, "tag of To")
    carrier.silent(0.2)
    pbx.reply(update, 200, [("Contact", pbx.contact())],
              offer(pbx.host, 40010, 2))
    answer = carrier.expect((200, "PRACK"))
    equal(answer.sdp("m")[0].split()[1], "40010", "port in the 200 to PRACK")
    ends(pbx, carrier, call, leg)
    s.must("DLG-UPDATE", kind="rewrite", before="PRACK", after="UPDATE")
    s.must_not("DLG-GLARE", "DLG-UNKNOWN")


def test_offer_in_prack_refused(s):
    """a callee that allows no UPDATE cannot be asked: 488, the call goes on"""
    pbx, carrier, call, leg = answered_early(s, "INVITE, ACK, BYE, CANCEL, PRACK")
    answer = carrier.expect((488, "PRACK"))
    matches("DLG-UPDATE", answer.get("Warning"), "Warning")
    pbx.silent(0.2)
    ends(pbx, carrier, call, leg)
    s.must("DLG-UPDATE", kind="diagnosis")
