#include "matrix.hpp"

#include <algorithm>
#include <limits>

namespace lacuna {

bool comes_before(const Cell& one, const Cell& other) {
    return one.row != other.row ? one.row < other.row : one.column < other.column;
}

SparseGrid::SparseGrid(std::uint64_t rows, std::uint64_t columns) : rows_(rows), columns_(columns) {
    if (rows < 1 || rows > longest_side || columns < 1 || columns > longest_side) {
        throw ShapeError("a side of a grid is from 1 to 4000000000");
    }
}

SparseGrid SparseGrid::gathered(std::uint64_t rows, std::uint64_t columns, std::vector<Cell> cells) {
    SparseGrid grid(rows, columns);
    for (const Cell& cell : cells) grid.check(cell.row, cell.column);
    std::sort(cells.begin(), cells.end(), comes_before);
    for (auto next = cells.begin(); next != cells.end();) {
        Cell cell = *next;
        __int128 total = 0;
        for (; next != cells.end() && !comes_before(cell, *next); ++next) total += next->value;
        if (total < std::numeric_limits<std::int64_t>::min() || total > std::numeric_limits<std::int64_t>::max()) {
            throw OverflowError("a sum does not fit");
        }
        cell.value = static_cast<std::int64_t>(total);
        if (cell.value != 0) grid.cells_.push_back(cell);
    }
    return grid;
}

std::int64_t SparseGrid::value_at(std::uint64_t row, std::uint64_t column) const {
    check(row, column);
    const auto found = std::lower_bound(cells_.begin(), cells_.end(), Cell{row, column, 0}, comes_before);
    return found != cells_.end() && found->row == row && found->column == column ? found->value : 0;
}

void SparseGrid::put(std::uint64_t row, std::uint64_t column, std::int64_t value) {
    check(row, column);
    const auto found = std::lower_bound(cells_.begin(), cells_.end(), Cell{row, column, 0}, comes_before);
    const bool there = found != cells_.end() && found->row == row && found->column == column;
    if (there && value == 0) {
        cells_.erase(found);
    } else if (there) {
        found->value = value;
    } else if (value != 0) {
        cells_.insert(found, {row, column, value});
    }
}

void SparseGrid::check(std::uint64_t row, std::uint64_t column) const {
    if (row >= rows_ || column >= columns_) throw std::out_of_range("there is no such cell");
}

}  // namespace lacuna
