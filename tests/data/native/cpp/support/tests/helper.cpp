#include "helper.hpp"
int three() { return 3; }
