#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "arithmetic.hpp"
#include "matrix.hpp"
#include "text.hpp"

using lacuna::Cell;
using lacuna::FormatError;
using lacuna::OverflowError;
using lacuna::ShapeError;
using lacuna::Share;
using lacuna::SparseGrid;
using lacuna::grid_combination;
using lacuna::grid_from_text;
using lacuna::grid_kronecker;
using lacuna::grid_product;
using lacuna::grid_text;
using lacuna::longest_side;

namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();

SparseGrid grid(std::uint64_t rows, std::uint64_t columns, const std::vector<Cell>& cells) {
    return SparseGrid::gathered(rows, columns, cells);
}

// Sides and cells as they come.
std::string shown(const SparseGrid& grid) {
    std::string text = std::to_string(grid.rows()) + "x" + std::to_string(grid.columns());
    for (const Cell& cell : grid.cells()) {
        text += " " + std::to_string(cell.row) + "," + std::to_string(cell.column) + "=" + std::to_string(cell.value);
    }
    return text;
}

// What comes of an operation: a grid as it is shown, or an error.
std::string result(const std::function<SparseGrid()>& operation) {
    try {
        return shown(operation());
    } catch (const ShapeError&) {
        return "ShapeError";
    } catch (const OverflowError&) {
        return "OverflowError";
    } catch (const FormatError& error) {
        return "line " + std::to_string(error.line);
    } catch (const std::exception& error) {
        return error.what();
    }
}

std::string product(const SparseGrid& left, const SparseGrid& right) {
    return result([&] { return grid_product(left, right); });
}

std::string kronecker(const SparseGrid& outer, const SparseGrid& inner) {
    return result([&] { return grid_kronecker(outer, inner); });
}

std::string combination(const std::vector<Share>& shares) {
    return result([&] { return grid_combination(shares); });
}

std::string read(const std::string& text) {
    return result([&] { return grid_from_text(text); });
}

// Says what comes of something that has to be quick, and is a hundred times slower if it is done in the wrong way.
std::string quickly(const std::function<std::string()>& operation) {
    static bool was_slow = false;
    if (was_slow) return "too slow before";
    std::packaged_task<std::string()> task(operation);
    std::future<std::string> made = task.get_future();
    std::thread(std::move(task)).detach();
    was_slow = made.wait_for(std::chrono::seconds(6)) != std::future_status::ready;
    return was_slow ? "too slow" : made.get();
}

// A row of factors and a column of others.
std::string scalar_product(const std::vector<std::pair<std::int64_t, std::int64_t>>& factors) {
    std::vector<Cell> left, right;
    for (std::uint64_t i = 0; i < factors.size(); ++i) {
        left.push_back({0, i, factors[i].first});
        right.push_back({i, 0, factors[i].second});
    }
    return product(grid(1, factors.size(), left), grid(factors.size(), 1, right));
}

void gives(const char* what, const std::string& got, const std::string& wanted) {
    INFO(what);
    CHECK(got == wanted);
}

// Compiled in much less time than as many CHECKs.
#define GIVES(operation, wanted) gives(#operation, operation, wanted)

}  // namespace

TEST_CASE("A product has the values of the matrix product in order") {
    const SparseGrid left = grid(3, 4, {{0, 1, 2}, {0, 3, -1}, {2, 0, 5}, {2, 1, 3}});
    const SparseGrid right = grid(4, 5, {{0, 4, 7}, {1, 0, 10}, {1, 2, -4}, {2, 2, 9}, {3, 1, 6}, {3, 2, 1}});
    GIVES(product(left, right), "3x5 0,0=20 0,1=-6 0,2=-9 2,0=30 2,2=-12 2,4=35");
    GIVES(product(grid(2, 3, {}), grid(3, 1, {{0, 0, 4}})), "2x1");
    const SparseGrid square = grid(2, 2, {{0, 1, 3}, {1, 0, 2}, {1, 1, 1}});
    GIVES(product(square, square), "2x2 0,0=6 0,1=3 1,0=2 1,1=7");
    GIVES(shown(square), "2x2 0,1=3 1,0=2 1,1=1");
}

TEST_CASE("A product keeps no zeros") {
    const SparseGrid left = grid(2, 2, {{0, 0, 3}, {0, 1, 2}, {1, 0, 1}});
    const SparseGrid right = grid(2, 2, {{0, 0, 4}, {0, 1, 1}, {1, 0, -6}, {1, 1, 1}});
    GIVES(product(left, right), "2x2 0,1=5 1,0=4 1,1=1");
}

TEST_CASE("A product needs sides that fit") {
    GIVES(product(grid(2, 3, {}), grid(2, 3, {})), "ShapeError");
    GIVES(product(grid(3, 2, {}), grid(3, 5, {})), "ShapeError");
    GIVES(product(grid(3, 2, {{0, 0, greatest}}), grid(1, 5, {{0, 0, greatest}})), "ShapeError");
    GIVES(product(grid(longest_side, 1, {}), grid(1, longest_side, {})), "4000000000x4000000000");
}

TEST_CASE("A product is exact where products and sums do not fit into 64 bits") {
    GIVES(scalar_product({{greatest, greatest}, {greatest, -greatest}, {2, 3}}), "1x1 0,0=6");
    GIVES(scalar_product({{greatest, 2}, {-1, greatest}}), "1x1 0,0=9223372036854775807");
    GIVES(scalar_product({{least, 2}, {-1, least}}), "1x1 0,0=-9223372036854775808");
    GIVES(scalar_product({{1LL << 32, 1LL << 32}, {-(1LL << 32), (1LL << 32) - 1}}), "1x1 0,0=4294967296");
}

TEST_CASE("A product is exact where sums do not fit into 128 bits") {
    // least * least is 2^126, and least * greatest is 2^63 - 2^126.
    std::vector<std::pair<std::int64_t, std::int64_t>> factors(6, {least, least});
    factors.insert(factors.end(), 6, {least, greatest});
    factors.insert(factors.end(), 6, {least, 1});
    factors.push_back({5, 1});
    GIVES(scalar_product(factors), "1x1 0,0=5");
    std::reverse(factors.begin(), factors.end());
    GIVES(scalar_product(factors), "1x1 0,0=5");
    // 2^128 and a little are not a little.
    GIVES(scalar_product({{least, least}, {least, least}, {least, least}, {least, least}, {7, 1}}), "OverflowError");
}

TEST_CASE("A product that does not fit is an overflow") {
    GIVES(scalar_product({{1LL << 31, 1LL << 32}}), "OverflowError");
    GIVES(scalar_product({{1LL << 31, -(1LL << 32)}}), "1x1 0,0=-9223372036854775808");
    GIVES(scalar_product({{1LL << 31, -(1LL << 32)}, {1, -1}}), "OverflowError");
    GIVES(scalar_product({{greatest, 1}, {1, 1}}), "OverflowError");
    GIVES(scalar_product({{1LL << 32, 1LL << 32}}), "OverflowError");
    GIVES(scalar_product({{1LL << 32, -(1LL << 32)}, {1, 1}}), "OverflowError");
    GIVES(scalar_product({{least, least}}), "OverflowError");
}

TEST_CASE("A Kronecker product has its values in order") {
    const SparseGrid outer = grid(2, 3, {{0, 0, 2}, {0, 2, -1}, {1, 1, 3}});
    const SparseGrid inner = grid(3, 2, {{0, 1, 5}, {2, 0, 7}, {2, 1, 1}});
    GIVES(kronecker(outer, inner), "6x6 0,1=10 0,5=-5 2,0=14 2,1=2 2,4=-7 2,5=-1 3,3=15 5,2=21 5,3=3");
    GIVES(kronecker(inner, outer), "6x6 0,3=10 0,5=-5 1,4=15 4,0=14 4,2=-7 4,3=2 4,5=-1 5,1=21 5,4=3");
    GIVES(kronecker(grid(2, 2, {}), inner), "6x4");
}

TEST_CASE("A Kronecker product has sides that a grid can have") {
    const SparseGrid wide = grid(1, 2'000'000'000, {{0, 1'999'999'999, 3}});
    GIVES(kronecker(wide, grid(1, 2, {{0, 1, 2}})), "1x4000000000 0,3999999999=6");
    GIVES(kronecker(wide, grid(1, 3, {})), "ShapeError");
    GIVES(kronecker(grid(4'000'000, 1, {}), grid(1001, 1, {})), "ShapeError");
    GIVES(kronecker(grid(longest_side, 1, {{1, 0, greatest}}), grid(longest_side, 1, {{1, 0, 2}})), "ShapeError");
}

TEST_CASE("A Kronecker product that does not fit is an overflow") {
    const SparseGrid half = grid(1, 1, {{0, 0, 1LL << 31}});
    GIVES(kronecker(half, grid(1, 1, {{0, 0, 1LL << 32}})), "OverflowError");
    GIVES(kronecker(half, grid(1, 1, {{0, 0, -(1LL << 32)}})), "1x1 0,0=-9223372036854775808");
    GIVES(kronecker(half, grid(1, 1, {{0, 0, -(1LL << 32) - 1}})), "OverflowError");
    GIVES(kronecker(grid(1, 1, {{0, 0, greatest}}), grid(1, 1, {{0, 0, 1}})), "1x1 0,0=9223372036854775807");
    GIVES(kronecker(grid(1, 1, {{0, 0, least}}), grid(1, 1, {{0, 0, -1}})), "OverflowError");
    GIVES(kronecker(grid(1, 1, {{0, 0, 1LL << 32}}), grid(1, 1, {{0, 0, 1LL << 32}})), "OverflowError");
}

TEST_CASE("A combination adds up all shares") {
    const SparseGrid one = grid(2, 3, {{0, 1, 4}, {1, 2, 5}});
    const SparseGrid two = grid(2, 3, {{0, 0, 1}, {0, 1, -6}, {1, 0, 2}});
    GIVES(combination({{1, one}}), "2x3 0,1=4 1,2=5");
    GIVES(combination({{2, one}, {3, two}}), "2x3 0,0=3 0,1=-10 1,0=6 1,2=10");
    GIVES(combination({{3, one}, {2, two}, {0, two}}), "2x3 0,0=2 1,0=4 1,2=15");
    GIVES(combination({{1, one}, {-1, one}}), "2x3");
    GIVES(combination({{5, one}, {1, two}, {-4, one}, {1, two}}), "2x3 0,0=2 0,1=-8 1,0=4 1,2=5");
}

TEST_CASE("A combination is exact") {
    const SparseGrid most = grid(1, 1, {{0, 0, greatest}});
    const SparseGrid lowest = grid(1, 1, {{0, 0, least}});
    const SparseGrid unit = grid(1, 1, {{0, 0, 1}});
    GIVES(combination({{3, most}, {-2, most}}), "1x1 0,0=9223372036854775807");
    GIVES(combination({{greatest, most}, {-greatest, most}, {5, unit}}), "1x1 0,0=5");
    std::vector<Share> shares(5, {least, lowest});
    shares.insert(shares.end(), 5, {greatest, lowest});
    shares.insert(shares.end(), 5, {1, lowest});
    GIVES(combination(shares), "1x1");
    shares.push_back({-9, unit});
    GIVES(combination(shares), "1x1 0,0=-9");
    shares.insert(shares.end(), 2, {greatest, unit});
    GIVES(combination(shares), "OverflowError");
    GIVES(combination({{least, lowest}, {least, lowest}, {least, lowest}, {least, lowest}, {7, unit}}), "OverflowError");
    GIVES(combination({{1, most}, {1, unit}}), "OverflowError");
    GIVES(combination({{-1, lowest}}), "OverflowError");
    GIVES(combination({{1, lowest}, {-1, unit}}), "OverflowError");
    GIVES(combination({{2, grid(1, 1, {{0, 0, -(1LL << 62)}})}}), "1x1 0,0=-9223372036854775808");
}

TEST_CASE("A combination needs shares of the same sides") {
    GIVES(combination({}), "ShapeError");
    GIVES(combination({{1, grid(2, 3, {})}, {1, grid(3, 2, {})}}), "ShapeError");
    GIVES(combination({{1, grid(2, 3, {})}, {1, grid(2, 4, {})}}), "ShapeError");
    GIVES(combination({{2, grid(1, 1, {{0, 0, greatest}})}, {0, grid(2, 1, {})}}), "ShapeError");
}

TEST_CASE("Three equal values or more in a row are written as a run") {
    GIVES(grid_text(grid(3, 9, {{0, 2, -7}, {0, 3, -7}, {0, 4, -7}, {0, 5, -7}, {0, 6, 1}, {2, 0, 5}})), "grid 3 9\n0 2..5 -7\n0 6 1\n2 0 5\n");
    GIVES(grid_text(grid(1, 3, {{0, 0, 2}, {0, 1, 2}, {0, 2, 2}})), "grid 1 3\n0 0..2 2\n");
    GIVES(grid_text(grid(1, 3, {{0, 1, 2}, {0, 2, 2}})), "grid 1 3\n0 1 2\n0 2 2\n");
    GIVES(grid_text(grid(1, 9, {{0, 0, 1}, {0, 1, 1}, {0, 2, 2}, {0, 3, 2}, {0, 4, 2}, {0, 5, 3}, {0, 6, 3}})), "grid 1 9\n0 0 1\n0 1 1\n0 2..4 2\n0 5 3\n0 6 3\n");
    GIVES(grid_text(SparseGrid(2, 2)), "grid 2 2\n");
}

TEST_CASE("A run ends at a gap and at the end of a row") {
    GIVES(grid_text(grid(1, 9, {{0, 1, 4}, {0, 2, 4}, {0, 4, 4}, {0, 5, 4}})), "grid 1 9\n0 1 4\n0 2 4\n0 4 4\n0 5 4\n");
    GIVES(grid_text(grid(2, 3, {{0, 1, 4}, {0, 2, 4}, {1, 0, 4}, {1, 1, 4}})), "grid 2 3\n0 1 4\n0 2 4\n1 0 4\n1 1 4\n");
    GIVES(grid_text(grid(3, 3, {{0, 0, 4}, {1, 1, 4}, {2, 2, 4}})), "grid 3 3\n0 0 4\n1 1 4\n2 2 4\n");
}

TEST_CASE("Runs are read wherever cells can stand") {
    GIVES(read("grid 3 9\n0 2..5 -7\n0 6 1\n2 0 5\n"), "3x9 0,2=-7 0,3=-7 0,4=-7 0,5=-7 0,6=1 2,0=5");
    GIVES(read("grid 2 9\n0 0..1 3\n0 2..3 3\n1 0 3\n1 1..8 2\n"), "2x9 0,0=3 0,1=3 0,2=3 0,3=3 1,0=3 1,1=2 1,2=2 1,3=2 1,4=2 1,5=2 1,6=2 1,7=2 1,8=2");
    GIVES(read("grid 1 4000000000\n0 3999999998..3999999999 -9223372036854775808\n"), "1x4000000000 0,3999999998=-9223372036854775808 0,3999999999=-9223372036854775808");
    GIVES(grid_text(grid_from_text("grid 1 9\n0 0..1 3\n0 2..3 3\n0 4 3\n0 7 3\n0 8 3\n")), "grid 1 9\n0 0..4 3\n0 7 3\n0 8 3\n");
}

TEST_CASE("Wrong runs are named by their lines") {
    for (const char* line : {"1 2..2 5", "1 3..2 5", "1 2..9 5", "3 2..4 5", "1 2..4 0", "1 02..4 5", "1 2..04 5",
                             "1 2...4 5", "1 ..4 5", "1 2.. 5", "1 2..4..6 5", "1 2 ..4 5", "1 -2..4 5", "1 2..4 9223372036854775808",
                             "1 2..18446744073709551617 5", "1 2..4 5 ", "1..2 3 5", "1 2.4 5", "1 2..4", "1 +2..4 5",
                             "0 4..6 5", "0 5..6 5", "0 0..1 5"}) {
        INFO("the line is: " << line);
        GIVES(read(std::string("grid 3 9\n0 3..5 1\n") + line + "\n1 8 5\n"), "line 3");
    }
    GIVES(read("grid 3 9\n0 3..5 1\n0 5 2\n"), "line 3");
    GIVES(read("grid 3 9\n0 3..5 1\n0 6 2\n1 0..1 1"), "line 4");
}

TEST_CASE("A text has 200,000 cells at most") {
    const auto count = [](const std::string& text) {
        return quickly([text] {
            try {
                return std::to_string(grid_from_text(text).cells().size());
            } catch (const FormatError& error) {
                return "line " + std::to_string(error.line);
            }
        });
    };
    CHECK(lacuna::most_cells == 200'000);
    GIVES(count("grid 9 4000000000\n0 0..199999 5\n"), "200000");
    GIVES(count("grid 9 4000000000\n0 0..200000 5\n"), "line 2");
    GIVES(count("grid 9 4000000000\n0 0..199997 5\n3 0..1 7\n"), "200000");
    GIVES(count("grid 9 4000000000\n0 0..199997 5\n3 0..1 7\n3 2 1\n"), "line 4");
    GIVES(count("grid 9 4000000000\n0 1 5\n3 0..3999999999 7\n"), "line 3");
}

TEST_CASE("What there was is as it was") {
    GIVES(read("grid 3 4\n0 1 5\n2 0 -7\n"), "3x4 0,1=5 2,0=-7");
    GIVES(read("grid 3 4\n"), "3x4");
    for (const char* text : {"", "grid 3 4", "grid 0 4\n", "grid 3 4000000001\n", "grid 3  4\n", "grod 3 4\n",
                             "grid 03 4\n", "\n"}) {
        INFO("the text is: " << text);
        GIVES(read(text), "line 1");
    }
    for (const char* line : {"0 1 6", "0 0 6", "1 4 6", "3 0 6", "1 0 0", "1 0 -0", "1 0", "", "1 0 6 7", "1 0 1.5"}) {
        INFO("the line is: " << line);
        GIVES(read(std::string("grid 3 4\n0 1 5\n") + line + "\n"), "line 3");
    }
    GIVES(shown(lacuna::grid_transposed(grid(2, 3, {{0, 1, 4}, {1, 0, 5}}))), "3x2 0,1=5 1,0=4");
    SparseGrid some(2, 2);
    some.put(1, 1, 3);
    some.put(0, 1, 2);
    some.put(1, 1, 0);
    GIVES(shown(some), "2x2 0,1=2");
    GIVES(std::to_string(some.value_at(0, 1)), "2");
    GIVES(std::to_string(some.value_at(1, 1)), "0");
    CHECK_THROWS_AS(some.value_at(2, 0), std::out_of_range);
    CHECK_THROWS_AS(some.put(0, 2, 1), std::out_of_range);
    GIVES(result([] { return SparseGrid::gathered(1, 1, {{0, 0, greatest}, {0, 0, 1}}); }), "OverflowError");
    GIVES(shown(SparseGrid::gathered(1, 2, {{0, 1, greatest}, {0, 1, 1}, {0, 1, -5}})), "1x2 0,1=9223372036854775803");
}

TEST_CASE("Operations on large grids take little time") {
    constexpr std::uint64_t count = 60'000, step = 60'000;
    const auto checked = [](const std::function<SparseGrid()>& operation, std::size_t cells) {
        return quickly([operation, cells] {
            const std::size_t found = operation().cells().size();
            return found == cells ? std::string("right") : std::to_string(found) + " cells";
        });
    };
    std::vector<Cell> diagonal, column, row;
    for (std::uint64_t i = 0; i < count; ++i) {
        diagonal.push_back({i * step, i * step, 2});
        column.push_back({i * step, 5, 3});
        row.push_back({5, i * step, 3});
    }
    const SparseGrid wide = grid(longest_side, longest_side, diagonal);
    const SparseGrid tall = grid(longest_side, longest_side, column);
    const SparseGrid flat = grid(longest_side, longest_side, row);
    GIVES(checked([=] { return grid_product(wide, wide); }, count), "right");
    GIVES(checked([=] { return grid_product(wide, tall); }, count), "right");
    GIVES(checked([=] { return grid_product(flat, wide); }, count), "right");
    GIVES(checked([=] { return grid_product(flat, tall); }, 1), "right");
    GIVES(checked([=] { return grid_combination({{1, tall}, {1, flat}, {2, wide}}); }, 3 * count), "right");
    GIVES(checked([=] { return grid_combination(std::vector<Share>(10, {1, wide})); }, count), "right");
    const SparseGrid unit = grid(1, 1, {{0, 0, 1}});
    GIVES(checked([=] { return grid_kronecker(wide, unit); }, count), "right");
    GIVES(checked([=] { return grid_kronecker(unit, flat); }, count), "right");
    const SparseGrid pair = grid(1, 2, {{0, 0, 1}, {0, 1, 1}});
    const SparseGrid long_one = grid(longest_side, 2, {{1, 1, 4}, {longest_side - 1, 0, 5}});
    GIVES(checked([=] { return grid_kronecker(pair, long_one); }, 4), "right");
}
