#include "include/pool.hpp"
int together(int a, int b) { return a + b; }
