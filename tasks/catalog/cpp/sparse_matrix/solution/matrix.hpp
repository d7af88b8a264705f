#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace lacuna {

constexpr std::uint64_t longest_side = 4'000'000'000;

/// Sides that no grid has, or that do not fit each other.
struct ShapeError : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

/// A value that does not fit.
struct OverflowError : std::overflow_error {
    using std::overflow_error::overflow_error;
};

struct Cell {
    std::uint64_t row;
    std::uint64_t column;
    std::int64_t value;
};

/// A matrix of whole numbers of which only those are kept that are not zero.
class SparseGrid {
public:
    SparseGrid(std::uint64_t rows, std::uint64_t columns);

    /// Makes a grid of cells in any order; the values of cells in one place are added up.
    static SparseGrid gathered(std::uint64_t rows, std::uint64_t columns, std::vector<Cell> cells);

    std::uint64_t rows() const { return rows_; }
    std::uint64_t columns() const { return columns_; }

    /// The values that are not zero, row by row and each row from left to right.
    const std::vector<Cell>& cells() const { return cells_; }

    std::int64_t value_at(std::uint64_t row, std::uint64_t column) const;
    void put(std::uint64_t row, std::uint64_t column, std::int64_t value);

private:
    void check(std::uint64_t row, std::uint64_t column) const;

    std::uint64_t rows_;
    std::uint64_t columns_;
    std::vector<Cell> cells_;
};

/// Says whether one cell comes before another.
bool comes_before(const Cell& one, const Cell& other);

}  // namespace lacuna
