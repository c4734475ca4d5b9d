/*
 * rule_generate.h - generated rules over generated messages
 */

#ifndef CORDON_T_UNIT_RULE_GENERATE_H
#define CORDON_T_UNIT_RULE_GENERATE_H

#include <stdint.h>

void rule_generate(unsigned long cases, uint64_t seed);

#endif
