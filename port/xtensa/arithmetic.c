// The arithmetic that the native module has, and two more functions.

#include "../natmod/arithmetic.c"

int __divsi3(int a, int b) {
    int result;
    __asm__ ("quos %0, %1, %2" : "=a" (result) : "a" (a), "a" (b));
    return result;
}

int __modsi3(int a, int b) {
    int result;
    __asm__ ("rems %0, %1, %2" : "=a" (result) : "a" (a), "a" (b));
    return result;
}
