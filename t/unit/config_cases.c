#include "config_cases.h"

#define TEN(x)     x x x x x x x x x x
#define SYNTAX(n)  "c.conf:" n ": error: syntax error: "
#define ONE_OF(x)  "listeners = ( { " x " } );\n"
#define TRUNK_A(x) "trunks = ( { name = \"a\"; listener = \"in\"; " x " } );\n"
#define PEER_A     "peers = [ \"127.0.1.1\" ]; "
#define PLAIN_A    "{ name = \"a\"; listener = \"in\"; " PEER_A "}, "
#define TO_SELF    "routes = ( { from = \"a\"; to = \"a\"; } );\n"
#define SELF_WARNING(line)                                                     \
	"c.conf:" line ": warning: routes[0] sends calls of trunk \"a\" back " \
	"to it\n"
#define IN  "listeners = ( { name = \"in\"; address = \"127.0.0.1\"; } );\n"
#define IN6 "listeners = ( { name = \"in\"; address = \"[::1]\"; } );\n"

/* A trunk "a" with these options, alone with its listener in line 2. */
#define ALONE(x) TRUNK_A(PEER_A x) IN TO_SELF
#define ALONE_WARNING SELF_WARNING("3")

/* Two trunks on the listener "in". */
#define TWO(a, b)                                                              \
	IN "trunks = (\n{ name = \"a\"; listener = \"in\"; " a " },\n"         \
	   "{ name = \"b\"; listener = \"in\"; " b " } );\n"                   \
	   "routes = ( { from = \"a\"; to = \"b\"; } );\n"
#define PEER_B "peers = [ \"127.0.1.2\" ]; "

const struct config_case config_cases[] = {
	{ GOOD, "" },
	{ "# nothing\n// more\n/* of\nit */ " GOOD, "" },

	/* What libconfig says, and what it is not given */
	{ "", "c.conf: error: there is no listener, such as listeners = ( { "
	      "name = \"inside\"; address = \"127.0.0.1:5060\"; } );\n" },
	{ "listeners = ( );\n",
	    "c.conf: error: there is no listener, such as listeners = ( { "
	    "name = \"inside\"; address = \"127.0.0.1:5060\"; } );\n" },
	/* What it calls a syntax error, in words */
	{ "user_agent = ;\n" GOOD, SYNTAX("1") "found ';', expected a value "
	    "behind '='\n" },
	{ "user_agent\n= udp;\n", SYNTAX("2") "found udp, expected quotes "
	    "around it: \"udp\"\n" },
	{ "sip = { t1 = 500ms; };\n", SYNTAX("1") "found 500ms, expected "
	    "quotes around it: \"500ms\"\n" },
	{ "sip = { t1 = 500 ms; };\n", SYNTAX("1") "found \"ms\", expected "
	    "';' behind the value, or quotes around all of it\n" },
	{ "a = 127.0.0.1:5060;\n", SYNTAX("1") "found 127.0.0.1:5060, "
	    "expected quotes around it: \"127.0.0.1:5060\"\n" },
	{ "a = ( \"x\", -1.5e3, 0x1FL, True, udp );\n", SYNTAX("1") "found "
	    "udp, expected quotes around it: \"udp\"\n" },
	{ "# a\na : 1, b\n { c = 2; };\n", SYNTAX("3") "found '{', expected "
	    "'=' behind \"b\"\n" },
	{ "a = { b = 1\nc = 2 }\n;d = 1;;\n", SYNTAX("3") "found ';', "
	    "expected the name of a setting\n" },
	{ "a = 1;\n5 = 1;\n", SYNTAX("2") "found \"5\", expected the name of "
	    "a setting\n" },
	{ "a = \"x\" /* y */ \"z\"\n5;\n", SYNTAX("2") "found \"5\", "
	    "expected the name of a setting\n" },
	{ "a = ( { b = 1; }\n{ b = 2; } );\n", SYNTAX("2") "found '{', "
	    "expected ',' between the entries\n" },
	{ "a = ( { b = 1; },\n );\n", SYNTAX("2") "found ')', expected an "
	    "entry behind ','\n" },
	{ "a = ( b = 1 );\n", SYNTAX("1") "found \"b\", expected an entry: "
	    "settings of one stand in { } together\n" },
	{ "a = [ { b = 1; } ];\n", SYNTAX("1") "found '{', expected a plain "
	    "value: entries of [ ] are no groups or lists, those of ( ) may "
	    "be\n" },
	{ "a = ( 1; 2 );\n", SYNTAX("1") "found ';', expected ',' between the "
	    "entries\n" },
	{ "a = (\n{ b = ( ); );\n", SYNTAX("2") "found ')', expected '}': the "
	    "'{' of line 2 is open\n" },
	{ "a = {\n b = 1;\n", SYNTAX("3") "found the end of the file, "
	    "expected '}': the '{' of line 1 is open\n" },
	{ "a = (", SYNTAX("1") "found the end of the file, expected ')': the "
	    "'(' of line 1 is open\n" },
	{ "a = { };\n}\n", SYNTAX("2") "found '}', expected a setting: no "
	    "bracket is open here\n" },
	{ "a = 1;\n# b\n// c", SYNTAX("3") "found the end of the file, "
	    "expected the end of the line of the comment\n" },
	{ "a =", SYNTAX("1") "found the end of the file, expected a value "
	    "behind '='\n" },
	{ "a", SYNTAX("1") "found the end of the file, expected '=' behind "
	    "\"a\"\n" },
	{ "a = \"x;\nb = \"y;\n", SYNTAX("2") "found \"y\", expected "
	    "';' behind the value, or quotes around all of it; the string of "
	    "line 1 goes on over the end of its line: is a quote missing "
	    "there?\n" },
	{ "a = \"x\ny\";\nb = z;\n", SYNTAX("3") "found z, expected quotes "
	    "around it: \"z\"\n" },
	{ "a = \x01" TEN("zzzzz") ";\n", SYNTAX("1") "found ?zzzz"
	    "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz..., expected quotes around it: "
	    "\"?zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz...\"\n" },
	{ "user_agent = \"a\";\nuser_agent = \"b\";\n" GOOD,
	    "c.conf:2: error: duplicate setting name\n" },
	{ "\nuser_agent = \"a;\n", "c.conf:2: error: the string that begins "
				   "here does not end\n" },
	{ "\n/* a\nb\n", "c.conf:2: error: the comment that begins here does "
			 "not end\n" },
	{ "\xef\xbb\xbf# one\n",
	    "c.conf:1: error: the file begins with a byte order mark; save it "
	    "as UTF-8 without one\n" },
	{ "# one\n#\0two\n", "c.conf:2: error: there is a NUL byte; this is no "
			     "text file\n",
	    .n = 12 },
	{ "user_agent = \"a\\x00b\";\n",
	    "c.conf:1: error: a string holds a NUL byte\n" },
	{ "x = " TEN("((") ";\n",
	    "c.conf:1: error: brackets are nested more than 16 deep\n" },
	{ "limits = { calls = 4294967297; };\n" GOOD,
	    "c.conf:1: error: an integer here is too large; the most is "
	    "2147483647\n" },
	{ "limits = { calls = 0x100000001; };\n" GOOD,
	    "c.conf:1: error: an integer here is too large; the most is "
	    "2147483647\n" },
	{ "limits = { calls = 99999999999999999999L; };\n" GOOD,
	    "c.conf:1: error: an integer here is too large; the most is "
	    "2147483647\n" },
	{ "limits = { calls = 4294967297L; };\n" GOOD,
	    "c.conf:1: error: limits.calls: found 4294967297, expected 1 to "
	    "1000000 calls\n" },
	{ "limits = { calls = 0x10; };\n" GOOD, "" },

	/* Files in files */
	{ "@include \"i.conf\"\n" TRUNKS ROUTES, "", .included = LISTENERS },
	{ "@include \"i.conf\"\n" GOOD,
	    "./i.conf:2: error: unknown option \"user_agnt\"; did you mean "
	    "\"user_agent\"?\n",
	    .included = "\nuser_agnt = \"x\";\n" },
	{ "@include \"i.conf\"\n" GOOD,
	    "./i.conf:2: error: syntax error: found '=', expected the name of "
	    "a setting\n",
	    .included = "\n= 3;\n" },
	{ "@include \"i.conf\"\n" GOOD, "./i.conf:1: error: the string that "
					"begins here does not end\n",
	    .included = "x = \"" },
	{ "@include \"i.conf\"\n" GOOD,
	    "./i.conf:1: error: too many files are included (does one include "
	    "itself?)\n",
	    .included = "@include \"i.conf\"\n" },
	{ "\n@include \"none.conf\"\n" GOOD,
	    "c.conf:2: error: \"./none.conf\" cannot be read: No such file or "
	    "directory\n" },
	{ "\n@include \".\"\n" GOOD,
	    "c.conf:2: error: \"./.\" cannot be read: it is a directory\n" },
	{ "@include \"/dev/zero\"\n" GOOD,
	    "c.conf:1: error: @include wants the name of a file, relative to "
	    "the directory of c.conf\n" },
	{ "@include \"a\\\"b\"\n" GOOD,
	    "c.conf:1: error: @include takes no backslash\n" },
	{ "@included\n" GOOD, SYNTAX("1") "found \"@included\", expected the "
	    "name of a setting\n" },

	/* Unknown words and wrong types, all in one go */
	{ "journl = { };\nsip = { t11 = \"1s\";\n zzz = 1; };\n" GOOD,
	    "c.conf:1: error: unknown option \"journl\"; did you mean "
	    "\"journal\"?\n"
	    "c.conf:2: error: sip: unknown option \"t11\"; did you mean "
	    "\"t1\"?\n"
	    "c.conf:3: error: sip: unknown option \"zzz\"\n" },
	{ ALONE("peer = [ ]; "),
	    "c.conf:1: error: trunk \"a\": unknown option \"peer\"; did you "
	    "mean \"peers\"?\n" ALONE_WARNING },
	{ "sip = ( );\n" LISTENERS "trunks = { };\n",
	    "c.conf:1: error: sip: expected a group: { }\n"
	    "c.conf:3: error: trunks: expected a list of groups: ( { }, { } "
	    ")\n"
	    "c.conf:2: warning: listener \"in\" is used by no trunk: whatever "
	    "comes in is dropped\n"
	    "c.conf:2: warning: listener \"out\" is used by no trunk: whatever "
	    "comes in is dropped\n" },
	{ "sip = { t1 = 500;\nt2 = true; t4 = [ 1 ]; };\n" GOOD,
	    "c.conf:1: error: sip.t1: found an integer, expected a duration in "
	    "quotes, such as \"500ms\", \"30s\" or \"5m\"\n"
	    "c.conf:2: error: sip.t2: found true or false, expected a duration "
	    "in quotes, such as \"500ms\", \"30s\" or \"5m\"\n"
	    "c.conf:2: error: sip.t4: found an array [ ], expected a duration "
	    "in quotes, such as \"500ms\", \"30s\" or \"5m\"\n" },
	{ "limits = { calls = \"many\"; connections_per_source = 1.5; };\n"
	  "user_agent = 1L;\n" GOOD,
	    "c.conf:1: error: limits.calls: found a string, expected an "
	    "integer\n"
	    "c.conf:1: error: limits.connections_per_source: found a number "
	    "with a fraction, expected an integer\n"
	    "c.conf:2: error: user_agent: found an integer, expected a string "
	    "in quotes\n" },
	{ "listeners = ( 1, { name = \"in\"; address = \"127.0.0.1\"; } );\n"
	  "trunks = ( );\n",
	    "c.conf:1: error: listeners[0]: expected a group { } of the "
	    "options of a listener\n"
	    "c.conf:1: warning: listener \"in\" is used by no trunk: whatever "
	    "comes in is dropped\n" },
	{ ONE_OF("client_usage = 1;") TRUNK_A(PEER_A),
	    "c.conf:1: error: listeners[0]: client_usage: found an integer, "
	    "expected true or false\n"
	    "c.conf:1: error: listeners[0]: \"name\" is missing, such as name "
	    "= \"inside\";\n"
	    "c.conf:1: error: listeners[0]: \"address\" is missing, such as "
	    "address = \"127.0.0.1:5060\";\n"
	    "c.conf:2: error: trunk \"a\": listener: there is no listener "
	    "\"in\"\n"
	    "c.conf:2: warning: trunk \"a\" is in no route\n" },

	/* Durations, integers, choices */
	{ "sip = { t1 = \"1s\"; t2 = \"1s\"; };\n" GOOD, "" },
	{ "sip = { t1 = \"1s\";\nt2 = \"999ms\"; };\n" GOOD,
	    "c.conf:2: error: sip.t2: found 999ms, expected at least sip.t1, "
	    "which is 1s\n" },
	{ "sip = {\nt2 = \"400ms\"; };\n" GOOD,
	    "c.conf:2: error: sip.t2: found 400ms, expected at least sip.t1, "
	    "which is 500ms\n" },
	{ "sip = {\n\nt1 = \"4500ms\"; };\n" GOOD,
	    "c.conf:3: error: sip.t2: found 4s, expected at least sip.t1, "
	    "which is 4500ms\n" },
	{ "sip = { t1 = \"0.25s\"; t2 = \"1.5s\"; ring = \"0.1h\"; };\n" GOOD,
	    "" },
	{ "sip = { t1 = \"500\"; t2 = \"0.0005s\"; t4 = \"-1s\";\n"
	  "ring = \"2h\"; };\nlimits = { retry_after = \"1500ms\"; drain = "
	  "\"99999999999999999999h\"; lag = \"1.s\"; };\n" GOOD,
	    "c.conf:1: error: sip.t1: found \"500\", expected a duration in "
	    "quotes, such as \"500ms\", \"30s\" or \"5m\"\n"
	    "c.conf:1: error: sip.t2: found \"0.0005s\", expected a duration "
	    "in quotes, such as \"500ms\", \"30s\" or \"5m\"\n"
	    "c.conf:1: error: sip.t4: found \"-1s\", expected a duration in "
	    "quotes, such as \"500ms\", \"30s\" or \"5m\"\n"
	    "c.conf:2: error: sip.ring: found \"2h\", expected \"5s\" to "
	    "\"1h\"\n"
	    "c.conf:3: error: limits.retry_after: found \"1500ms\", expected "
	    "\"1s\" to \"1h\" in steps of \"1s\"\n"
	    "c.conf:3: error: limits.drain: found \"99999999999999999999h\", "
	    "expected a duration in quotes, such as \"500ms\", \"30s\" or "
	    "\"5m\"\n"
	    "c.conf:3: error: limits.lag: found \"1.s\", expected a duration "
	    "in quotes, such as \"500ms\", \"30s\" or \"5m\"\n" },
	{ "limits = { calls = 0; connections_per_source = -1; };\n" GOOD,
	    "c.conf:1: error: limits.calls: found 0, expected 1 to 1000000 "
	    "calls\n"
	    "c.conf:1: error: limits.connections_per_source: found -1, "
	    "expected 1 to 10000 connections\n" },
	{ "log = { level = \"debgu\"; };\njournal = { format = \"xml\"; "
	  "};\n" GOOD,
	    "c.conf:1: error: log.level: found \"debgu\", expected \"error\", "
	    "\"warning\", \"info\" or \"debug\"; did you mean \"debug\"?\n"
	    "c.conf:2: error: journal.format: found \"xml\", expected \"json\" "
	    "or \"text\"\n" },

	/* Strings and addresses */
	{ "user_agent = \"a\\x0d\\nb\";\n" GOOD,
	    "c.conf:1: error: user_agent: found \"a\\x0d\\x0ab\", expected "
	    "text without control characters\n" },
	{ "control = { socket = \"/" TEN(TEN("x")) "12345678\"; };\n" GOOD,
	    "c.conf:1: error: control.socket: found \"/" TEN("xxxxx")
	    "xxxxxxxxx\"..., expected 1 to 107 characters\n" },
	{ ALONE("fqdn = \"a..b\"; domain = \"10.0.0.300\"; country = \"gb\"; "
		"area = \"2o\"; advertise = \"1.2.3.4:5\"; media_address = "
		"\"x.example\"; allow = [ \"invite\" ]; relay_headers = [ "
		"\"X-*-Y\", \"\" ]; tls_names = [ \"a.*.b\" ]; "),
	    "c.conf:1: error: trunk \"a\": fqdn: found \"a..b\", expected the "
	    "name of a host\n"
	    "c.conf:1: error: trunk \"a\": domain: found \"10.0.0.300\", "
	    "expected the name of a host or an IP address, without a port\n"
	    "c.conf:1: error: trunk \"a\": country: found \"gb\", expected a "
	    "country code of two capital letters, such as \"GB\"\n"
	    "c.conf:1: error: trunk \"a\": area: found \"2o\", expected "
	    "digits\n"
	    "c.conf:1: error: trunk \"a\": advertise: found \"1.2.3.4:5\", "
	    "expected the name of a host or an IP address, without a port\n"
	    "c.conf:1: error: trunk \"a\": media_address: found "
	    "\"x.example\", expected an IP address without a port\n"
	    "c.conf:1: error: trunk \"a\": allow: found \"invite\", expected a "
	    "method in capital letters\n"
	    "c.conf:1: error: trunk \"a\": relay_headers: found \"X-*-Y\", "
	    "expected the name of a header field, which may end in '*'\n"
	    "c.conf:1: error: trunk \"a\": relay_headers: found \"\", expected "
	    "the name of a header field, which may end in '*'\n"
	    "c.conf:1: error: trunk \"a\": tls_names: found \"a.*.b\", "
	    "expected the name of a host, or \"*.\" and a domain\n"
	    ALONE_WARNING },
	{ IN TRUNK_A("peers = [\n\"sip.example.com\",\n\"10.0.0.1:0\", "
		     "\"10.0.0.1:70000\" ]; sources = [\n\"10.0.0.1/24\", "
		     "\"10.0.0.0/33\", \"x\", \"2001:db8::1/32\" ];") TO_SELF,
	    "c.conf:3: error: trunk \"a\": peers: found \"sip.example.com\", "
	    "expected an IP address with or without a port, such as "
	    "\"192.0.2.1:5060\"\n"
	    "c.conf:4: error: trunk \"a\": peers: found \"10.0.0.1:0\", "
	    "expected an IP address with or without a port, such as "
	    "\"192.0.2.1:5060\"\n"
	    "c.conf:4: error: trunk \"a\": peers: found \"10.0.0.1:70000\", "
	    "expected an IP address with or without a port, such as "
	    "\"192.0.2.1:5060\"\n"
	    "c.conf:5: error: trunk \"a\": sources: found \"10.0.0.1/24\", "
	    "expected no bits behind the prefix: \"10.0.0.0/24\"\n"
	    "c.conf:5: error: trunk \"a\": sources: found \"10.0.0.0/33\", "
	    "expected an address or a prefix such as \"192.0.2.0/24\"\n"
	    "c.conf:5: error: trunk \"a\": sources: found \"x\", expected an "
	    "address or a prefix such as \"192.0.2.0/24\"\n"
	    "c.conf:5: error: trunk \"a\": sources: found \"2001:db8::1/32\", "
	    "expected no bits behind the prefix: \"2001:db8::/32\"\n"
	    SELF_WARNING("6") },
	{ IN TRUNK_A("peers = \"127.0.1.1\"; sources = [ 1 ];") TO_SELF,
	    "c.conf:2: error: trunk \"a\": peers: found a string, expected "
	    "addresses in [ ]\n"
	    "c.conf:2: error: trunk \"a\": sources: found an integer, expected "
	    "a string in quotes\n"
	    SELF_WARNING("3")
	    "c.conf:2: error: trunk \"a\" is the end of a route, but has no "
	    "\"peers\" to send calls to\n" },
	{ IN TRUNK_A("peers = [ " TEN("\"127.0.1.1\", \"127.0.1.2\", "
				      "\"127.0.1.3\", \"127.0.1.4\", ")
			 "\"127.0.1.5\" ];") TO_SELF,
	    "c.conf:2: error: trunk \"a\": peers: found 41 entries, expected "
	    "at most 32\n" SELF_WARNING("3") },
	{ ALONE("policy_out = \"none.conf\"; policy_in = \"/tmp\"; "),
	    "c.conf:1: error: trunk \"a\": policy_out: found \"none.conf\", "
	    "expected a file that can be read in @, " CORDON_SYSCONFDIR
	    "/policies or " CORDON_DATADIR "/policies\n"
	    "c.conf:1: error: trunk \"a\": policy_in: found \"/tmp\", "
	    "expected a file that can be read\n" ALONE_WARNING },

	/* Listeners */
	{ "listeners = ( { name = \"in\"; address = \"127.0.0.1\"; },\n"
	  "{ name = \"in\"; address = \"127.0.0.2\"; } );\n" TRUNK_A(
	      PEER_A) TO_SELF,
	    "c.conf:2: error: two listeners have the name \"in\"; the other is "
	    "in line 1\n" SELF_WARNING("4") },
	{ "listeners = ( { name = \"in\"; address = \"127.0.0.1\"; },\n"
	  "{ name = \"b\"; address = \"127.0.0.1:5060\"; },\n"
	  "{ name = \"c\"; address = \"0.0.0.0:5060\"; },\n"
	  "{ name = \"d\"; transport = \"tcp\"; address = \"127.0.0.1\"; },\n"
	  "{ name = \"e\"; address = \"224.0.0.1\"; } );\n",
	    "c.conf:5: error: listener \"e\": a multicast address cannot be "
	    "listened on\n"
	    "c.conf:2: error: listener \"b\": 127.0.0.1:5060 is taken by "
	    "listener \"in\" already\n"
	    "c.conf:3: error: listener \"c\": 0.0.0.0:5060 is taken by "
	    "listener \"in\" already\n"
	    "c.conf:3: error: listener \"c\": 0.0.0.0:5060 is taken by "
	    "listener \"b\" already\n"
	    "c.conf:5: error: listener \"e\": 224.0.0.1:5060 is taken by "
	    "listener \"c\" already\n"
	    "c.conf:1: warning: listener \"in\" is used by no trunk: whatever "
	    "comes in is dropped\n"
	    "c.conf:2: warning: listener \"b\" is used by no trunk: whatever "
	    "comes in is dropped\n"
	    "c.conf:3: warning: listener \"c\" is used by no trunk: whatever "
	    "comes in is dropped\n"
	    "c.conf:4: warning: listener \"d\" is used by no trunk: whatever "
	    "comes in is dropped\n"
	    "c.conf:5: warning: listener \"e\" is used by no trunk: whatever "
	    "comes in is dropped\n" },
	{ ONE_OF("name = \"in\"; transport = \"tls\"; address = \"127.0.0.1\"; "
		 "client_certificate = \"required\";")
		TRUNK_A(PEER_A) TO_SELF,
	    "c.conf:1: error: listener \"in\" speaks TLS and needs "
	    "\"certificate\" and \"key\"\n"
	    "c.conf:1: error: listener \"in\" asks for client certificates and "
	    "needs \"ca\" to judge them by\n" SELF_WARNING("3") },
	{ ONE_OF("name = \"in\"; address = \"127.0.0.1\"; "
		 "client_certificate = \"optional\";")
		TRUNK_A(PEER_A "tls_names = [ \"a.example\" ];") TO_SELF,
	    "c.conf:1: warning: listener \"in\" does not speak TLS; its TLS "
	    "options have no effect\n"
	    "c.conf:2: warning: trunk \"a\" has no listener that speaks TLS; "
	    "its TLS options have no effect\n" SELF_WARNING("3") },

	/* Trunks */
	{ LISTENERS "trunks = ( { name = \"a\"; listener = \"inn\";\n" PEER_A
		    "tcp_listener = \"out\"; } );\n" TO_SELF,
	    "c.conf:2: error: trunk \"a\": listener: there is no listener "
	    "\"inn\"; did you mean \"in\"?\n"
	    "c.conf:3: error: trunk \"a\": tcp_listener \"out\" speaks UDP; it "
	    "has to speak TCP or TLS\n" SELF_WARNING("4")
	    "c.conf:1: warning: listener \"in\" is used by no trunk: whatever "
	    "comes in is dropped\n" },
	{ "listeners = ( { name = \"in\"; address = \"127.0.0.1\"; }, { name = "
	  "\"t\"; transport = \"tcp\"; address = \"[::1]\"; } );\n" TRUNK_A(
	      PEER_A "tcp_listener = \"t\";") TO_SELF,
	    "c.conf:2: error: trunk \"a\": tcp_listener \"t\" is IPv6, but "
	    "listener \"in\" is IPv4\n" SELF_WARNING("3") },
	{ ALONE("session_expires = \"0s\"; session_minimum = \"2h\";"),
	    ALONE_WARNING },
	{ ALONE("session_expires = \"2s\"; session_minimum = \"2s\";"),
	    ALONE_WARNING },
	{ ALONE("session_expires = \"89s\";"),
	    "c.conf:1: error: trunk \"a\": session_expires is 89 s, expected 0 "
	    "or at least session_minimum, which is 90 s\n" ALONE_WARNING },
	{ ALONE("session_minimum = \"1h\";"),
	    "c.conf:1: error: trunk \"a\": session_expires is 1800 s, expected "
	    "0 or at least session_minimum, which is 3600 s\n" ALONE_WARNING },
	{ IN TRUNK_A("peers = [ ];") TO_SELF,
	    "c.conf:2: error: trunk \"a\" has neither \"peers\" nor "
	    "\"sources\": nobody could talk to us by it\n" SELF_WARNING("3")
	    "c.conf:2: error: trunk \"a\" is the end of a route, but has no "
	    "\"peers\" to send calls to\n" },
	{ IN6 TRUNK_A(PEER_A "sources = [ \"10.0.0.0/8\" ];") TO_SELF,
	    "c.conf:2: error: trunk \"a\": peer 127.0.1.1:5060 is IPv4, but "
	    "listener \"in\" is IPv6\n"
	    "c.conf:2: warning: trunk \"a\": an IPv4 source never reaches "
	    "listener \"in\", which is IPv6\n" SELF_WARNING("3") },
	{ IN TRUNK_A("peers = [ \"0.0.0.0\" ];") TO_SELF,
	    "c.conf:2: error: trunk \"a\": 0.0.0.0:5060 is the address of no "
	    "peer\n" SELF_WARNING("3") },
	{ ONE_OF("name = \"in\"; address = \"0.0.0.0:5060\";")
		TRUNK_A(PEER_A) TO_SELF,
	    "c.conf:2: error: trunk \"a\" needs \"fqdn\" or \"advertise\": its "
	    "listener \"in\" has 0.0.0.0:5060, which says nothing to a peer\n"
	    SELF_WARNING("3") },
	{ ALONE("key = \"k\"; "),
	    "c.conf:1: error: trunk \"a\" has a \"key\" but no "
	    "\"certificate\"\n"
	    "c.conf:1: warning: trunk \"a\" has no listener that speaks TLS; "
	    "its TLS options have no effect\n" ALONE_WARNING
	    "c.conf:1: error: trunk \"a\": key: \"@/k\" cannot be read: No "
	    "such file or directory\n" },
	{ IN "trunks = ( " PLAIN_A "\n{ name = \"a\"; listener = \"in\"; "
	     PEER_B "} );\n" TO_SELF,
	    "c.conf:3: error: two trunks have the name \"a\"; the other is in "
	    "line 2\n" SELF_WARNING("4") },

	/* Who may claim what */
	{ TWO(PEER_A, PEER_B), "" },
	{ TWO(PEER_A, "peers = [ \"127.0.1.1:5070\" ];"),
	    "c.conf:4: error: trunks \"a\" and \"b\" both claim 127.0.1.1/32 "
	    "on listener \"in\": requests from there could be of either\n" },
	{ TWO("sources = [ \"10.0.0.0/8\", \"10.1.0.0/16\" ];",
	      PEER_B "sources = [ \"10.1.2.0/24\", \"10.0.0.0/8\" ];"),
	    "c.conf:4: error: trunks \"a\" and \"b\" both claim 10.0.0.0/8 on "
	    "listener \"in\": requests from there could be of either\n"
	    "c.conf:4: warning: 10.1.0.0/16 of trunk \"a\" lies inside "
	    "10.0.0.0/8 of trunk \"b\" on listener \"in\"; the narrower one "
	    "goes first\n"
	    "c.conf:4: warning: 10.1.2.0/24 of trunk \"b\" lies inside "
	    "10.1.0.0/16 of trunk \"a\" on listener \"in\"; the narrower one "
	    "goes first\n" },
	{ TWO(PEER_A, PEER_B "sources = [ \"127.0.1.0/24\" ];"),
	    "c.conf:4: warning: 127.0.1.1/32 of trunk \"a\" lies inside "
	    "127.0.1.0/24 of trunk \"b\" on listener \"in\"; the narrower one "
	    "goes first\n" },

	/* Routes */
	{ LISTENERS TRUNKS "routes = ( { from = \"a\"; to = \"bb\"; },\n"
			   "{ from = \"zzz\"; to = \"a\"; prefix = \"x\"; }, { "
			   "} );\n",
	    "c.conf:4: error: routes[1]: prefix: found \"x\", expected how a "
	    "dialled number begins: '+', digits, '*', '#'; or "
	    "\"urn:service:...\"\n"
	    "c.conf:4: error: routes[2]: \"from\" is missing, such as from = "
	    "\"pbx\";\n"
	    "c.conf:4: error: routes[2]: \"to\" is missing, such as to = "
	    "\"carrier\";\n"
	    "c.conf:3: error: routes[0]: to: there is no trunk \"bb\"; did you "
	    "mean \"b\"?\n"
	    "c.conf:4: error: routes[1]: from: there is no trunk \"zzz\"\n"
	    "c.conf:2: warning: trunk \"b\" is in no route\n" },
	{ LISTENERS TRUNKS "routes = ( { from = \"a\"; to = \"b\"; },\n"
			   "{ from = \"a\"; to = \"b\"; prefix = \"+\"; },\n"
			   "{ from = \"b\"; to = \"a\"; prefix = \"+\"; },\n"
			   "{ from = \"b\"; to = \"a\"; } );\n",
	    "c.conf:4: warning: routes[1] has no effect: the route in line 3 "
	    "takes all that it matches to trunk \"b\" before\n" },
	{ LISTENERS TRUNKS "routes = ( { from = \"a\"; to = \"b\";\n"
			   "then = [ \"bb\", \"a\", \"b\" ]; } );\n",
	    "c.conf:4: error: routes[0]: then: there is no trunk \"bb\"; did "
	    "you mean \"b\"?\n"
	    "c.conf:4: error: routes[0]: then: trunk \"b\" is named twice\n"
	    "c.conf:3: warning: routes[0] sends calls of trunk \"a\" back to "
	    "it\n" },
	{ LISTENERS TRUNKS "routes = ( { from = \"a\"; to = \"b\"; then = [ "
			   "\"a\" ]; },\n"
			   "{ from = \"a\"; to = \"a\"; prefix = \"+\"; } );\n",
	    "c.conf:3: warning: routes[0] sends calls of trunk \"a\" back to "
	    "it\n"
	    "c.conf:4: warning: routes[1] sends calls of trunk \"a\" back to "
	    "it\n"
	    "c.conf:4: warning: routes[1] has no effect: the route in line 3 "
	    "takes all that it matches to trunk \"a\" before\n" },
	{ TWO(PEER_A, "sources = [ \"10.0.0.0/8\" ];"),
	    "c.conf:4: error: trunk \"b\" is the end of a route, but has no "
	    "\"peers\" to send calls to\n" },

	/* The inventory */
	{ "inventory = [ \"a.numbers\", \"/b\" ];\n"
	  IN TRUNK_A(PEER_A "owners = [ \"acme\", \"x y\" ]; default_caller = "
	                    "\"+442079460000\";") TO_SELF,
	    SELF_WARNING("4") },
	{ "inventory = \"a.numbers\";\n" GOOD,
	    "c.conf:1: error: inventory: found a string, expected names of "
	    "files in [ ]\n" },
	{ "inventory = [ \"\" ];\n" GOOD,
	    "c.conf:1: error: inventory: found \"\", expected text without "
	    "control characters\n" },
	{ ALONE("owners = [ \"acme\" ];"),
	    "c.conf:1: warning: trunk \"a\": owners have no effect without "
	    "\"inventory\"\n" ALONE_WARNING },
	{ ALONE("default_caller = \"02079460000\";"),
	    "c.conf:1: error: trunk \"a\": default_caller: found "
	    "\"02079460000\", expected a number with its country code, such as "
	    "\"+442079460000\"\n" ALONE_WARNING },
	{ ALONE("default_caller = \"+0442079460\";"),
	    "c.conf:1: error: trunk \"a\": default_caller: found "
	    "\"+0442079460\", expected a number with its country code, such as "
	    "\"+442079460000\"\n" ALONE_WARNING },
};

const size_t config_cases_n = sizeof(config_cases) / sizeof(config_cases[0]);
