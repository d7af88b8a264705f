#include "include/pool.hpp"
int sum::up_to(int n) { return n ? together(n, up_to(n - 1)) : 0; }
