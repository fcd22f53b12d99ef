#include "py/runtime.h"
int main(void) {
    return MP_QSTR_name_of_the_port;
}
