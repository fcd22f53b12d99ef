// The arithmetic that the native module has, and two more functions.

#include "../natmod/arithmetic.c"

DIVISION(__divsi3, int, "quos")
DIVISION(__modsi3, int, "rems")
