/*
 * diagnostics_page.c - writes cordon-diagnostics(7) from the catalogue
 */

#include <stdio.h>
#include <stdlib.h>

#include "diagnosis/diagnosis.h"

static const char head[] =
    ".\\\" Made from lib/diagnosis/catalogue.def: edit that file.\n"
    ".Dd November 21, 2026\n"
    ".Dt CORDON-DIAGNOSTICS 7\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm cordon-diagnostics\n"
    ".Nd what Cordon finds and mends, code by code\n"
    ".Sh DESCRIPTION\n"
    "Every change that\n"
    ".Xr cordond 8\n"
    "makes to a message, every failure that it sees and every answer that it\n"
    "makes itself is written to the journal with a code of this list.\n"
    "Policies name the same codes, see\n"
    ".Xr cordon-policy 5 ,\n"
    "and\n"
    ".Dl cordon explain CODE\n"
    "prints one entry of the list.\n"
    ".Pp\n"
    "The severity of a code is one of\n"
    ".Bl -tag -width warning -compact\n"
    ".It info\n"
    "nothing is wrong, or it has been repaired;\n"
    ".It warning\n"
    "it works, and a person should look at it;\n"
    ".It fault\n"
    "a call fails, or somebody sees or hears the wrong thing.\n"
    ".El\n"
    ".Pp\n"
    "The side is where a person has to look:\n"
    ".Bl -tag -width warning -compact\n"
    ".It sbc\n"
    "Cordon itself, its configuration or its machine;\n"
    ".It pbx\n"
    "the PBX;\n"
    ".It carrier\n"
    "the carrier of the trunk;\n"
    ".It network\n"
    "what lies between: firewall, router, DNS, Internet;\n"
    ".It peer\n"
    "whoever the entry names, PBX or carrier: its trunk is shown instead of this\n"
    "word where a call is shown;\n"
    ".It callee\n"
    "the person called, or the telephone company of that person;\n"
    ".It unseen\n"
    "it did not reach Cordon.\n"
    ".El\n"
    ".Pp\n"
    "In each entry,\n"
    ".Em Symptom\n"
    "is what a user tells,\n"
    ".Em Cordon\n"
    "what the program does about it, and\n"
    ".Em Remedy\n"
    "what is left for a person.\n"
    "The last words of the first line name the rows of the list of troubles\n"
    "that the code answers.\n"
    ".Sh DIAGNOSTICS\n";

static const char foot[] = ".Sh SEE ALSO\n"
			   ".Xr cordon 1 ,\n"
			   ".Xr cordon-policy 5 ,\n"
			   ".Xr cordond 8\n";

int
main(void)
{
	fputs(head, stdout);
	diagnosis_print_mdoc(stdout);
	fputs(foot, stdout);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
