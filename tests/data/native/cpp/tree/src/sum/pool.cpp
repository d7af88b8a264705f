#include "include/pool.hpp"
int sum::up_to(int) { return 0; }
