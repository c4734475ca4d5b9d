#!/usr/bin/python3
"""plan-examples.py PROGRAM: the example numbers of python3-phonenumbers, as they are
written and dialled, are read by PROGRAM (t/unit/number_read) as what they are. Prints
what is not so, and nothing else.

A number may be left as it came only where one of the reasons below says so; the count
of each is checked, so that none grows unseen. None may be read as another number.
"""

import collections
import subprocess
import sys

import phonenumbers
from phonenumbers import PhoneMetadata

KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost",
         "personal_number", "voip", "pager", "uan", "voicemail")

# Where nothing is dialled before a number of up to six digits it cannot be told from
# an extension or a short code. Of how many examples is that so?
SHORT = 51

# (country, kind): forms that are left as they came, and why.
ALL = ("plus", "international", "national", "digits")
UNTOUCHED = {
    # 55 is the country's code and one of its area codes.
    ("BR", "toll_free"): ("digits",),
    ("BR", "premium_rate"): ("digits",),
    ("BR", "shared_cost"): ("digits",),
    # 310-xxxx: seven digits that are dialled within Canada only.
    ("CA", "uan"): ALL,
    # 1860 and 1861 numbers are dialled as they are, and not from abroad.
    ("IN", "premium_rate"): ALL,
    ("IN", "shared_cost"): ALL,
    # Six digits with the country code: E.164 numbers have seven.
    ("IR", "uan"): ALL,
    # 00 alone is no prefix there: a carrier's digit follows.
    ("HK", "any"): ("abroad",),
    # The trunk prefix 01 of the metadata is no longer dialled.
    ("MX", "fixed_line"): ("national",),
    ("MX", "mobile"): ("national",),
    ("MX", "toll_free"): ("national",),
    ("MX", "premium_rate"): ("national",),
    ("MX", "shared_cost"): ("national",),
    ("MX", "personal_number"): ("national",),
}

# What is dialled from each country, by the prefix that the metadata prefers.
ABROAD = ("442079460000", "12025550123", "33123456789")


def examples():
    for name in sorted(phonenumbers.SUPPORTED_REGIONS):
        region = PhoneMetadata.metadata_for_region(name)
        for kind in KINDS:
            desc = getattr(region, kind)
            if desc is not None and desc.example_number:
                yield region, kind, desc.example_number


def forms(region, number):
    """Form, country where it is dialled, what is dialled."""
    code = str(region.country_code)
    national = region.national_prefix or ""
    yield "plus", region.id, "+" + code + number
    yield "international", "GB", "00" + code + number
    yield "national", region.id, national * (code != "1") + number
    yield "digits", region.id, code + number


def cases():
    """Country, kind, form, where, dialled, the number."""
    for region, kind, number in examples():
        for form, where, user in forms(region, number):
            yield (region.id, kind, form, where, user,
                   "%d%s" % (region.country_code, number))
    for name in phonenumbers.SUPPORTED_REGIONS:
        region = PhoneMetadata.metadata_for_region(name)
        prefix = (region.preferred_international_prefix or
                  region.international_prefix).replace("~", "")
        for number in ABROAD * prefix.isdigit():
            yield name, "any", "abroad", name, prefix + number, number


def main():
    every = list(cases())
    answers = subprocess.run(
        [sys.argv[1]], check=True, text=True, stdout=subprocess.PIPE,
        input="".join("%s %s\n" % case[3:5] for case in every)
    ).stdout.splitlines()
    if len(answers) != len(every) or len(every) < 4000:
        sys.exit("%d numbers, %d answers" % (len(every), len(answers)))
    short, left = 0, collections.defaultdict(set)
    for (country, kind, form, _, user, number), answer in zip(every, answers):
        what, digits = answer.split()
        if digits == number:
            continue
        if digits == "-" and form in UNTOUCHED.get((country, kind), ()):
            left[country, kind].add(form)
        elif what == "short" and form == "national" and len(user) <= 6:
            short += 1
        else:
            print("%s %s %s: %s is read as %s" % (
                country, kind, form, user, answer))
    if short != SHORT:
        print("%d examples are short codes, not %d" % (short, SHORT))
    for at, wanted in UNTOUCHED.items():
        if left[at] != set(wanted):
            print("%s %s: left are only %s" % (*at, sorted(left[at])))


if __name__ == "__main__":
    main()
