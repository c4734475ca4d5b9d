/*
 * config_cases.h - small configuration files, and what is said about each
 */

#ifndef CORDON_T_CONFIG_CASES_H
#define CORDON_T_CONFIG_CASES_H

#include <stddef.h>

/* Part of a file that loads without a word, on one line each. */
#define LISTENERS                                                              \
	"listeners = ( { name = \"in\"; address = \"127.0.0.1\"; }, "          \
	"{ name = \"out\"; address = \"127.0.0.2\"; } );\n"
#define TRUNKS                                                                 \
	"trunks = ( { name = \"a\"; listener = \"in\"; "                       \
	"peers = [ \"127.0.1.1\" ]; }, "                                       \
	"{ name = \"b\"; listener = \"out\"; peers = [ \"127.0.1.2\" ]; } "    \
	");\n"
#define ROUTES                                                                 \
	"routes = ( { from = \"a\"; to = \"b\"; }, "                           \
	"{ from = \"b\"; to = \"a\"; } );\n"
#define GOOD LISTENERS TRUNKS ROUTES

/* The file is c.conf, and a second one i.conf where there is `included`. In the
 * problems "@" stands for the absolute path of their directory. */
struct config_case {
	const char *text;
	const char *problems; /* one a line; "" when it loads without a word */
	const char *included;
	size_t n; /* of text, where it holds NUL */
};

extern const struct config_case config_cases[];
extern const size_t config_cases_n;

#endif
