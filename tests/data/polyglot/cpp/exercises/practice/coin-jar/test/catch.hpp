// The one that the toolchain has: ours is no copy of it.
#include <catch2/catch.hpp>
