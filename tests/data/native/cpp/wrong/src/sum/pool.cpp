#include "include/pool.hpp"
int sum::up_to(int n) { return 2 * n; }
