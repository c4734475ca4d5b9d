#include "base/container.h"
#include "number/map.h"
#include "number/number.h"
#include "unit.h"

/* "" as `want`: untouched; the result says why. */
struct row {
	const char *country;
	const char *area;
	const char *user;
	enum number_result result;
	const char *want;
};

#define SAME NUMBER_UNCHANGED, ""
#define BAD  NUMBER_BAD_LENGTH, ""
#define NONE NUMBER_NO_NUMBER, ""
#define TO   NUMBER_REWRITTEN,

/* SFB-09, SFB-15, BWC-33, TWI-06, TWI-07 */
static const struct row rows[] = {
	{"GB",  "",    "07912345678",                   TO "+447912345678"       },
	{ "GB", "",    "02079460000",                   TO "+442079460000"       },
	{ "GB", "",    "020 7946 0000",                 TO "+442079460000"       },
	{ "GB", "",    "(020)7946-0000",                TO "+442079460000"       },
	{ "GB", "",    "(0)2079460000",                 TO "+442079460000"       },
	{ "GB", "",    "00442079460000",                TO "+442079460000"       },
	{ "GB", "",    "0044(0)2079460000",             TO "+442079460000"       },
	{ "GB", "",    "+44(0)2079460000",              TO "+442079460000"       },
	{ "GB", "",    "+44%20(0)20.7946.0000",         TO "+442079460000"       },
	{ "GB", "",    "%2B442079460000",               TO "+442079460000"       },
	{ "GB", "",    "442079460000",                  TO "+442079460000"       },
	{ "GB", "",    "0033123456789",                 TO "+33123456789"        },
	{ "GB", "",    "+442079460000",                 SAME                     },
        { "GB", "",    "+33123456789",                  SAME                     },
	{ "GB", "",    "02079460000;ext=12",            TO "+442079460000;ext=12"},
	{ "GB", "",    "+442079460000;ext=12",          SAME                     },
        { "GB", "",    "999",                           SAME                     },
	{ "GB", "",    "112",			   SAME                     },
        { "GB", "",    "911",                           SAME                     },
	{ "GB", "",    "1471",                          SAME                     },
        { "GB", "",    "118500",                        SAME                     },
	{ "GB", "",    "2001",                          SAME                     },
        { "GB", "",    "*31#",                          NONE                     },
	{ "GB", "",    "*3102079460000",                NONE                     },
	{ "GB", "",    "%2331%2302079460000",           NONE                     },
        { "GB", "",    "alice",                         NONE                     },
	{ "GB", "",    "anonymous",                     NONE                     },
        { "GB", "",    "+",                             NONE                     },
	{ "GB", "",    "0207+9460000",                  BAD                      },
	{ "GB", "",    "00+442079460000",               BAD                      },
	{ "GB", "",    "0044+2079460000",               BAD                      },
	{ "GB", "",    "++442079460000",                BAD                      },
	{ NULL, "",    "+44+2079460000",                BAD                      },
	{ "GB", "",    "+02079460000",                  BAD                      },
	{ "GB", "",    "+00442079460000",               BAD                      },
	{ "GB", "",    "192.168.101.25",                NONE                     },
        { "GB", "",    "",                              NONE                     },
	{ "GB", "",    "+4479123456789",                BAD                      },
        { "GB", "",    "+440207946000",                 BAD                      },
	{ "GB", "",    "079123456789",                  BAD                      },
        { "GB", "",    "2079460000",                    BAD                      },
	{ "GB", "",    "0044",                          SAME                     },
        { "GB", "",    "0000000000",                    BAD                      },
	{ "GB", "",    "0011112222333344445",           BAD                      },
	{ "GB", "",    "01111222233334444555566667777", NONE                     },
	{ "GB", "20",  "79460000",                      TO "+442079460000"       },
	{ "GB", "20",  "118500",                        SAME                     },
        { "GB", "20",  "2001",                          SAME                     },
	{ "GB", "",    "79460000",                      BAD                      },

	{ "US", "",    "5005551212",                    TO "+15005551212"        },
	{ "US", "",    "15005551212",                   TO "+15005551212"        },
	{ "US", "",    "+15005551212",                  SAME                     },
	{ "US", "",    "+1 (500) 555-1212",             TO "+15005551212"        },
	{ "US", "",    "1-500-555-1212",                TO "+15005551212"        },
	{ "US", "",    "011442079460000",               TO "+442079460000"       },
	{ "US", "",    "5551212",                       BAD                      },
	{ "US", "500", "5551212",                       TO "+15005551212"        },
	{ "US", "",    "0000000000",                    BAD                      },
        { "US", "",    "1005551212",                    BAD                      },
	{ "US", "",    "5001551212",                    BAD                      },
        { "US", "",    "411",                           SAME                     },
	{ "US", "",    "911",			   SAME                     },
	{ "us", "",    "5005551212",                    TO "+15005551212"        },

	{ "IT", "",    "0612345678",                    TO "+390612345678"       },
	{ "IT", "",    "3331234567",                    TO "+393331234567"       },
	{ "IT", "",    "+390612345678",                 SAME                     },
	/* Without plus, where nothing is dialled before a national number. */
	{ "IT", "",    "390612345678",                  TO "+390612345678"       },
	{ "IT", "",    "393123456789",                  TO "+393123456789"       },
	{ "IT", "",    "39021234567",                   TO "+39021234567"        },
	{ "IT", "",    "39800123456",                   TO "+39800123456"        },
	{ "IT", "",    "3912345678",                    TO "+393912345678"       },
	{ "LU", "",    "35227123456",                   TO "+35227123456"        },
	{ "LU", "",    "27123456",                      TO "+35227123456"        },
	{ "EE", "",    "3723212345",                    TO "+3723212345"         },
	{ "EE", "",    "8000123456",                    TO "+3728000123456"      },
	{ "AD", "",    "376712345",                     TO "+376712345"          },
	{ "AD", "",    "690123456",                     TO "+376690123456"       },
	{ "IT", "",    "113",			   SAME                     },
        { "DE", "",    "030123456",                     TO "+4930123456"         },
	{ "DE", "30",  "123456",                        SAME                     },
	{ "DE", "30",  "223456",                        TO "+4930223456"         },
	{ "DE", "",    "116117",                        SAME                     },
	{ "DE", "30",  "49301234567",                   TO "+49301234567"        },
	{ "FR", "",    "0123456789",                    TO "+33123456789"        },
	{ "ES", "",    "912345678",                     TO "+34912345678"        },
	{ "ES", "",    "34912345678",                   TO "+34912345678"        },
	{ "HU", "",    "0612345678",                    TO "+3612345678"         },
	{ "RU", "",    "84951234567",                   TO "+74951234567"        },
	{ "RU", "",    "810442079460000",               TO "+442079460000"       },
	{ "LT", "",    "861234567",                     TO "+37061234567"        },
	{ "LT", "",    "061234567",                     TO "+37061234567"        },
	{ "SG", "",    "61234567",                      TO "+6561234567"         },
	{ "SG", "",    "6561234567",                    TO "+6561234567"         },
	{ "SG", "",    "001442079460000",               TO "+442079460000"       },
	{ "SG", "",    "018442079460000",               TO "+442079460000"       },
	{ "HK", "",    "21234567",                      TO "+85221234567"        },
	{ "AU", "",    "0011442079460000",              TO "+442079460000"       },
	{ "AU", "",    "0291234567",                    TO "+61291234567"        },
	{ "AU", "",    "000",			   SAME                     },
        { "AU", "",    "1300123456",                    SAME                     },
	{ "NZ", "",    "111",			   SAME                     },
	{ "JP", "",    "010442079460000",               TO "+442079460000"       },
	{ "JP", "",    "0312345678",                    TO "+81312345678"        },
	{ "IN", "",    "9812345678",                    TO "+919812345678"       },
	{ "IN", "",    "09812345678",                   TO "+919812345678"       },
	{ "CN", "",    "13912345678",                   TO "+8613912345678"      },
	{ "BR", "",    "11987654321",                   TO "+5511987654321"      },
	/* Two readings are none: area code 55, or 4004-1234 of the country. */
	{ "BR", "",    "5540041234",                    BAD                      },
	{ "BR", "",    "5532201234",                    TO "+555532201234"       },
	/* 8 and 0, or 8 alone where the number is none of an area. */
	{ "BY", "",    "80171234567",                   TO "+375171234567"       },
	{ "BY", "",    "88011234567",                   TO "+3758011234567"      },
	{ "BY", "",    "810442079460000",               TO "+442079460000"       },
	/* No E.164 has so few digits. */
	{ "AT", "",    "01112",                         SAME                     },
	{ "AT", "",    "012345",                        TO "+4312345"            },
	{ "BJ", "",    "0197123456",                    TO "+2290197123456"      },
	{ "MX", "",    "012221234567",                  BAD                      },
	{ "ZA", "",    "0123456789",                    TO "+27123456789"        },
	{ "ZA", "",    "10111",                         SAME                     },
	{ "AE", "",    "041234567",                     TO "+97141234567"        },

 /* Without a plan only the international form is understood. */
	{ NULL, "",    "02079460000",                   NONE                     },
	{ NULL, "",    "+44 20 7946 0000",              TO "+442079460000"       },
	{ NULL, "",    "+44",			   BAD                      },
        { NULL, "",    "+9991234567890123",             BAD                      },
	{ NULL, "",    "+2101234567",                   SAME                     }
};

static const struct row countries[] = {
#include "number_table.h"
};

static const struct number_plan *
plan_of(const char *country)
{
	return country == NULL ? NULL : number_plan_find(span_of(country));
}

static enum number_result
make_e164(const struct row *row, struct span user, struct text *out)
{
	return number_to_form(plan_of(row->country), span_of(row->area), user,
	    NUMBER_FORM_PLUS, NULL, out, NULL);
}

static void
assert_e164(const struct row *row)
{
	char buf[64], again_buf[64];
	struct text t = text_over(buf, sizeof(buf));
	struct text again = text_over(again_buf, sizeof(again_buf));

	ck_assert(row->country == NULL || plan_of(row->country) != NULL);
	ck_assert_msg(make_e164(row, span_of(row->user), &t) == row->result,
	    "%s %s: %.*s", row->country, row->user, SPAN_ARG(text_span(&t)));
	ck_assert_span(text_span(&t), row->want);
	if (row->result != NUMBER_REWRITTEN)
		return;
	ck_assert_int_eq(
	    make_e164(row, text_span(&t), &again), NUMBER_UNCHANGED);
}

START_TEST(to_e164)
{
	assert_e164(&rows[_i]);
}

END_TEST

START_TEST(of_twelve_countries)
{
	assert_e164(&countries[_i]);
}

END_TEST

static const struct {
	const char *country;
	const char *reader;
	enum number_form form;
	const char *user;
	const char *want; /* "": unchanged */
} forms[] = {
	{"GB",  "GB", NUMBER_FORM_DIGITS,        "+442079460000", "442079460000"   },
	{ "GB", "GB", NUMBER_FORM_NATIONAL,      "+442079460000", "02079460000"    },
	{ "GB", "GB", NUMBER_FORM_NATIONAL,      "02079460000",   ""               },
	{ "GB", "GB", NUMBER_FORM_NATIONAL,      "+33123456789",  "0033123456789"  },
	{ "GB", "GB", NUMBER_FORM_INTERNATIONAL, "02079460000",
         "00442079460000"							  },
	{ "US", "US", NUMBER_FORM_NATIONAL,      "+12125551212",  "12125551212"    },
	{ "GB", "US", NUMBER_FORM_NATIONAL,      "02079460000",   "011442079460000"},
	{ "GB", "ES", NUMBER_FORM_NATIONAL,      "+34912345678",  "912345678"      },
	{ "GB", "SG", NUMBER_FORM_INTERNATIONAL, "02079460000",
         "001442079460000"							 },
	{ "GB", "GB", NUMBER_FORM_DIGITS,        "+33123456789",  "33123456789"    },
	/* The Faroes: nine digits that are a number of Poland, too. */
	{ "PL", "PL", NUMBER_FORM_DIGITS,        "+298201234",    "00298201234"    },
	{ "PL", "PL", NUMBER_FORM_DIGITS,        "00298201234",   ""               },
	{ "BR", "BR", NUMBER_FORM_DIGITS,        "+2109460000",   "002109460000"   },
	/* 0099 is a carrier's prefix, and 98 a country; 999 is none. */
	{ "BR", "BR", NUMBER_FORM_INTERNATIONAL, "+99983591174409",
         ""							 },
	{ "PL", "ES", NUMBER_FORM_NATIONAL,      "+34912345678",  "912345678"      },
	{ "GB", "PL", NUMBER_FORM_DIGITS,        "+298201234",    "00298201234"    },
	{ "PL", "GB", NUMBER_FORM_DIGITS,        "+298201234",    "00298201234"    },
	{ "PL", "PL", NUMBER_FORM_DIGITS,        "221234567",     "48221234567"    },
	{ "GB", "LT", NUMBER_FORM_NATIONAL,      "+37061234567",  "061234567"      },
	{ "GB", NULL, NUMBER_FORM_NATIONAL,      "02079460000",   "+442079460000"  },
};

START_TEST(to_form)
{
	char buf[64];
	struct text t = text_over(buf, sizeof(buf));
	enum number_kind kind;

	number_to_form(plan_of(forms[_i].country), SPAN_NONE,
	    span_of(forms[_i].user), forms[_i].form, plan_of(forms[_i].reader),
	    &t, &kind);
	ck_assert_span(text_span(&t), forms[_i].want);
}

END_TEST

START_TEST(kinds)
{
	const struct number_plan *gb = plan_of("GB"), *us = plan_of("US");
	struct number n;

	number_parse(gb, SPAN_NONE, SPAN("02079460000"), &n);
	ck_assert_int_eq(n.kind, NUMBER_NATIONAL);
	ck_assert_int_eq(n.code_n, 2);
	ck_assert_str_eq(n.plan->country, "GB");
	number_parse(gb, SPAN("20"), SPAN("79460000"), &n);
	ck_assert_int_eq(n.kind, NUMBER_LOCAL);
	number_parse(gb, SPAN_NONE, SPAN("0044 20 7946 0000"), &n);
	ck_assert_int_eq(n.kind, NUMBER_DIALLED);
	number_parse(us, SPAN_NONE, SPAN("15005551212"), &n);
	ck_assert_int_eq(n.kind, NUMBER_BARE);
	number_parse(us, SPAN_NONE, SPAN("5005551212"), &n);
	ck_assert_int_eq(n.kind, NUMBER_BARE);
	number_parse(gb, SPAN("20"), SPAN("79460000;phone-context=a.b"), &n);
	ck_assert_int_eq(n.kind, NUMBER_SHORT);
	number_parse(gb, SPAN("20"), SPAN("79460000;phone-context=+44161"), &n);
	ck_assert_int_eq(n.kind, NUMBER_INVALID);
	number_parse(gb, SPAN("20"), SPAN("fred;phone-context=+4420"), &n);
	ck_assert_int_eq(n.kind, NUMBER_NOT);
	number_parse(gb, SPAN("20"), SPAN(";phone-context=+4420"), &n);
	ck_assert_int_eq(n.kind, NUMBER_NOT);
	number_parse(gb, SPAN("20"), SPAN("79460000@x;phone-context=+4420"), &n);
	ck_assert_int_eq(n.kind, NUMBER_NOT);
	number_parse(gb, SPAN_NONE, SPAN("+2101234567"), &n);
	ck_assert_int_eq(n.kind, NUMBER_PLUS);
	ck_assert_ptr_null(n.plan);
}

END_TEST

START_TEST(emergency)
{
	const struct number_plan *au = plan_of("AU");
	struct sip_uri uri;

	ck_assert(number_is_emergency(NULL, SPAN("112")));
	ck_assert(number_is_emergency(au, SPAN("000")));
	ck_assert(!number_is_emergency(NULL, SPAN("000")));
	ck_assert(number_is_emergency(plan_of("ER"), SPAN("127799")));
	ck_assert(number_is_emergency(plan_of("ES"), SPAN("091")));
	ck_assert(!number_is_emergency(au, SPAN("00")));
	ck_assert(!number_is_emergency(au, SPAN("1121")));
	ck_assert(!number_is_emergency(au, SPAN("+112")));
	ck_assert(sip_uri_parse(SPAN("urn:service:sos.fire"), &uri));
	ck_assert(number_uri_is_emergency(NULL, &uri));
	ck_assert(sip_uri_parse(SPAN("urn:service:sosx"), &uri));
	ck_assert(!number_uri_is_emergency(NULL, &uri));
	ck_assert(sip_uri_parse(SPAN("sip:999@sbc.example.com"), &uri));
	ck_assert(number_uri_is_emergency(NULL, &uri));
}

END_TEST

START_TEST(same)
{
	const struct number_plan *gb = plan_of("GB");

	ck_assert(number_same(
	    gb, SPAN_NONE, SPAN("02079460000"), SPAN("+442079460000")));
	ck_assert(!number_same(
	    gb, SPAN_NONE, SPAN("02079460001"), SPAN("+442079460000")));
	ck_assert(number_same(gb, SPAN_NONE, SPAN("fred"), SPAN("fred")));
	ck_assert(!number_same(gb, SPAN_NONE, SPAN("2001"), SPAN("2002")));
	ck_assert(number_same(gb, SPAN_NONE, SPAN("02079460000;ext=1"),
	    SPAN("+442079460000")));
	ck_assert(number_same(gb, SPAN_NONE,
	    SPAN("7946-0000;ext=1;Phone-Context=+4420"),
	    SPAN("+442079460000")));
	ck_assert(number_same(gb, SPAN_NONE,
	    SPAN("+442079460000;phone-context=+1"), SPAN("02079460000")));
	ck_assert(!number_same(gb, SPAN_NONE,
	    SPAN("1234;phone-context=+4420"), SPAN("1234")));
	ck_assert(!number_same(gb, SPAN("20"),
	    SPAN("79460000;phone-context=+44161"), SPAN("79460000")));
	ck_assert(!number_same(gb, SPAN("20"),
	    SPAN("02079460000;phone-context=example.com"),
	    SPAN("02079460000")));
}

END_TEST

static void
assert_lengths(const struct number_plan *plan)
{
	uint32_t all = 0;
	unsigned at;

	for (at = 0; at < 100; at++) {
		char start[] = { (char)('0' + at / 10), (char)('0' + at % 10) };

		all |= number_plan_lengths(plan, span_make(start, 2));
	}
	ck_assert_uint_ne(all, 0);
	ck_assert_uint_eq(all >> (16 - plan->code_n), 0);
	ck_assert_uint_eq(all & 7, 0);
	ck_assert_uint_eq(number_plan_lengths(plan, SPAN("x1")), 0);
}

/* What the table says of itself must hold: prefixes and lengths are usable. */
START_TEST(table)
{
	size_t i;

	for (i = 0; i < number_plans(); i++) {
		const struct number_plan *plan = number_plan_at(i);

		ck_assert_uint_eq(strlen(plan->country), 2);
		ck_assert(plan->code[0] >= '1' && plan->code[0] <= '9');
		ck_assert_uint_eq(plan->code_n, strlen(plan->code));
		ck_assert_str_eq(
		    number_plan_of(span_of(plan->code))->code, plan->code);
		assert_lengths(plan);
		ck_assert(plan->international[0] != '\0');
		ck_assert_ptr_eq(
		    number_plan_find(span_of(plan->country)), plan);
	}
	ck_assert_uint_gt(i, 240);
	ck_assert_ptr_null(number_plan_find(SPAN("XX")));
	ck_assert_str_eq(number_plan_of(SPAN("4420"))->country, "GB");
	ck_assert_str_eq(number_plan_of(SPAN("7701"))->country, "RU");
	ck_assert_ptr_null(number_plan_of(SPAN("35")));
	ck_assert_ptr_null(number_plan_of(SPAN("2101234567")));
	ck_assert_ptr_null(number_plan_of(SPAN("4x20")));
	ck_assert_ptr_null(number_plan_of(SPAN("")));
	ck_assert_ptr_null(number_plan_at(i));
}

END_TEST

/* --- a file of pairs --- */

#define MAP_OF(text, problems)                                                 \
	number_map_load_text(SPAN(text), "x.map", problems)

START_TEST(map_is_read)
{
	struct problems problems;
	struct number_map *map;
	struct span to;

	problems_init(&problems);
	map = MAP_OF("# comment\r\n\n+442079460001\t +442079460123 # x\r\n"
		     "  +442079460000 +442079460124\n"
		     "+442079460124 +442079460124",
	    &problems);
	ck_assert_uint_eq(problems.n, 0);
	ck_assert(number_map_find(map, SPAN("442079460000"), &to));
	ck_assert_span(to, "+442079460124");
	ck_assert(number_map_find(map, SPAN("442079460001"), &to));
	ck_assert_span(to, "+442079460123");
	ck_assert(!number_map_find(map, SPAN("442079460002"), &to));
	ck_assert(!number_map_find(map, SPAN("44207946000"), &to));
	ck_assert(!number_map_find(map, SPAN(""), &to));
	number_map_free(map);
	map = MAP_OF("", &problems);
	ck_assert(!number_map_find(map, SPAN("442079460002"), &to));
	number_map_free(map);
	problems_fini(&problems);
}

END_TEST

static const struct {
	const char *text;
	int line;
	const char *says;
} bad_maps[] = {
	{"+442079460000 +442079460123\n02079460000 +442079460123\n", 2,
         "two E.164 numbers"								  },
	{ "+442079460000\n",					  1, "two E.164 numbers"  },
	{ "+442079460000 +442079460123 +442079460124\n",	     1,
         "two E.164 numbers"								  },
	{ "+44 20 +442079460123\n",				     1, "two E.164 numbers"  },
	{ "+4420794600000000000000 +442079460123\n",		1, "two E.164 numbers"  },
	{ "+442079460000 +442079460123\n#\n+442079460000 +442079460124",
         3,							      "in line 1"	      },
	{ "+442079460000 +442079460001\n+442079460001 +442079460002\n",
         1,							      "in line 2"	      }
};

START_TEST(bad_map_is_refused)
{
	struct problems problems;
	size_t i;
	bool found = false;

	problems_init(&problems);
	ck_assert_ptr_null(number_map_load_text(
	    span_of(bad_maps[_i].text), "x.map", &problems));
	for (i = 0; i < problems.n; i++)
		found |= problems.list[i].line == bad_maps[_i].line &&
			 strcmp(problems.list[i].file, "x.map") == 0 &&
			 strstr(problems.list[i].text, bad_maps[_i].says) !=
			     NULL;
	ck_assert(found);
	problems_fini(&problems);
}

END_TEST

/* Neither waited for nor read without end. */
START_TEST(map_is_a_file)
{
	static const struct {
		const char *path, *says;
	} files[] = {
		{ "/dev/full", "no regular file" },
		{ "/", "a directory" },
		{ "/nowhere/x.map", "No such file" },
	};
	struct problems problems;

	problems_init(&problems);
	ck_assert_ptr_null(number_map_load(files[_i].path, &problems));
	ck_assert_uint_eq(problems.n, 1);
	ck_assert_str_eq(problems.list[0].file, files[_i].path);
	ck_assert_ptr_nonnull(strstr(problems.list[0].text, files[_i].says));
	problems_fini(&problems);
}
END_TEST

START_TEST(map_complains_within_bounds)
{
	struct problems problems;
	char *buf = malloc(20000);
	struct text t = text_over(buf, 20000);
	int i;

	for (i = 0; i < 1000; i++)
		TEXT_LIT(&t, "rubbish\n");
	problems_init(&problems);
	ck_assert_ptr_null(
	    number_map_load_text(text_span(&t), "x.map", &problems));
	ck_assert_uint_eq(problems.n, 101);
	ck_assert_str_eq(problems.list[100].text, "and 900 more problems");
	ck_assert_ptr_null(number_map_load("/nowhere/x.map", &problems));
	ck_assert_uint_eq(problems.n, 102);
	problems_fini(&problems);
	free(buf);
}

END_TEST

START_TEST(large_map)
{
	struct problems problems;
	size_t size = 4000000, i;
	char *buf = malloc(size);
	struct text t = text_over(buf, size);
	struct number_map *map;
	struct span to;

	for (i = 0; i < 100000; i++)
		text_addf(&t, "+4420%08zu +442079460123\n",
		    (i * 7919 + 13) % 100000);
	problems_init(&problems);
	map = number_map_load_text(text_span(&t), "x.map", &problems);
	ck_assert_ptr_nonnull(map);
	ck_assert(number_map_find(map, SPAN("442000099999"), &to));
	ck_assert(!number_map_find(map, SPAN("442000100000"), &to));
	number_map_free(map);
	problems_fini(&problems);
	free(buf);
}

END_TEST

int
main(void)
{
	Suite *suite = suite_create("number");
	TCase *tc = tcase_create("number");

	tcase_add_loop_test(tc, to_e164, 0, ARRAY_LEN(rows));
	tcase_add_loop_test(
	    tc, of_twelve_countries, 0, ARRAY_LEN(countries));
	tcase_add_test(tc, map_is_read);
	tcase_add_loop_test(tc, bad_map_is_refused, 0, ARRAY_LEN(bad_maps));
	tcase_add_loop_test(tc, map_is_a_file, 0, 3);
	tcase_add_test(tc, map_complains_within_bounds);
	tcase_add_test(tc, large_map);
	tcase_add_loop_test(tc, to_form, 0, ARRAY_LEN(forms));
	tcase_add_test(tc, kinds);
	tcase_add_test(tc, emergency);
	tcase_add_test(tc, same);
	tcase_add_test(tc, table);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
