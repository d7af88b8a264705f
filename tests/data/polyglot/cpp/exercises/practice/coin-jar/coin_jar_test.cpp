#include "coin_jar.h"
#ifdef EXERCISM_TEST_SUITE
#include <catch2/catch.hpp>
#else
#include "test/catch.hpp"
#endif

#include <stdexcept>
#include <vector>

TEST_CASE("an empty jar is worth nothing") { REQUIRE(coin_jar::worth({}) == 0); }

#if defined(EXERCISM_RUN_ALL_TESTS)
TEST_CASE("one of each") { REQUIRE(coin_jar::worth({1, 5, 10, 25}) == 41); }

TEST_CASE("a coin that does not exist") { REQUIRE_THROWS_AS(coin_jar::worth({3}), std::domain_error); }

TEST_CASE("as few coins as possible") {
    std::vector<int> const expected{25, 10, 5, 1};
    REQUIRE(coin_jar::pay(41) == expected);
}

TEST_CASE("less than nothing") { REQUIRE_THROWS_AS(coin_jar::pay(-1), std::domain_error); }
#endif
