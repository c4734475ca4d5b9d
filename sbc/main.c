/*
 * main.c - cordond(8): options, check or start, run, stop
 */

#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "border.h"

#define EXIT_CONFIG 78 /* sysexits(3): EX_CONFIG */

static void
usage(FILE *out)
{
	fputs("usage: cordond [-c file]\n"
	      "       cordond -T file\n"
	      "       cordond -h | -V\n"
	      "\n"
	      "  -c file  configuration, default " CORDON_SYSCONFDIR
	      "/cordon.conf\n"
	      "  -T file  check a configuration and its policies, and exit\n"
	      "  -f       stay in the foreground (it always does)\n"
	      "  -h       this help\n"
	      "  -V       version\n"
	      "\n"
	      "SIGHUP reloads, SIGTERM drains, a second SIGTERM ends all "
	      "calls.\n",
	    out);
}

static int
check(const char *file)
{
	struct problems problems;
	bool good;

	problems_init(&problems);
	good = border_check(file, &problems);
	problems_print(&problems, stderr);
	problems_fini(&problems);
	if (good)
		printf("%s: good\n", file);
	return good ? EXIT_SUCCESS : EXIT_CONFIG;
}

static int
serve(const char *file)
{
	struct problems problems;
	struct border *border;
	int error;

	problems_init(&problems);
	border = border_start(file, &problems);
	problems_print(&problems, stderr);
	problems_fini(&problems);
	if (border == NULL)
		return EXIT_CONFIG;
	error = border_run(border);
	border_stop(border);
	return error == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	const char *file = CORDON_SYSCONFDIR "/cordon.conf";
	int option;

	while ((option = getopt(argc, argv, "c:T:fhV")) != -1) {
		switch (option) {
		case 'c':
			file = optarg;
			break;
		case 'T':
			return check(optarg);
		case 'f':
			break;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("cordond " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return 64; /* EX_USAGE */
		}
	}
	if (optind < argc) {
		usage(stderr);
		return 64;
	}
	return serve(file);
}
