#include <catch2/catch.hpp>
#include <fstream>
#include "pool.hpp"

TEST_CASE("a sum") {
    int last = 0;
    std::ifstream("tests/last.txt") >> last;
    CHECK(sum::up_to(last) == 10);
}
