#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#include "../include/pool.hpp"
#include "helper.hpp"

TEST_CASE("two numbers") {
    REQUIRE(together(1, 2) == three());
    SECTION("the other way round") { REQUIRE(together(2, 1) == three()); }
}
