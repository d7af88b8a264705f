#include "arithmetic.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace lacuna {

namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();

// An exact sum of products. One takes 127 bits, so that a few of them do not fit into 128.
class Total {
public:
    void add(std::int64_t one, std::int64_t other) {
        const __int128 product = static_cast<__int128>(one) * other;
        low_ += static_cast<std::uint64_t>(product);
        high_ += static_cast<std::int64_t>(product >> 64);
    }

    std::int64_t value() const {
        const __int128 high = high_ + (low_ >> 64);
        const auto low = static_cast<std::uint64_t>(low_);
        if (high == 0 && low <= static_cast<std::uint64_t>(greatest)) return static_cast<std::int64_t>(low);
        if (high == -1 && low > static_cast<std::uint64_t>(greatest)) return static_cast<std::int64_t>(low);
        throw OverflowError("a value does not fit");
    }

private:
    __int128 high_ = 0;
    __int128 low_ = 0;
};

std::int64_t times(std::int64_t one, std::int64_t other) {
    const __int128 product = static_cast<__int128>(one) * other;
    if (product < least || product > greatest) throw OverflowError("a value does not fit");
    return static_cast<std::int64_t>(product);
}

using Cells = std::vector<Cell>;

Cells::const_iterator row_begin(const Cells& cells, std::uint64_t row) {
    return std::lower_bound(cells.begin(), cells.end(), Cell{row, 0, 0}, comes_before);
}

Cells::const_iterator row_end(const Cells& cells, Cells::const_iterator begin) {
    return std::find_if(begin, cells.end(), [&](const Cell& cell) { return cell.row != begin->row; });
}

}  // namespace

SparseGrid grid_transposed(const SparseGrid& grid) {
    std::vector<Cell> cells;
    cells.reserve(grid.cells().size());
    for (const Cell& cell : grid.cells()) cells.push_back({cell.column, cell.row, cell.value});
    return SparseGrid::gathered(grid.columns(), grid.rows(), std::move(cells));
}

SparseGrid grid_product(const SparseGrid& left, const SparseGrid& right) {
    if (left.columns() != right.rows()) throw ShapeError("the sides of the factors differ");
    SparseGrid product(left.rows(), right.columns());
    const Cells& cells = left.cells();
    for (auto begin = cells.begin(); begin != cells.end();) {
        const auto end = row_end(cells, begin);
        std::map<std::uint64_t, Total> totals;
        for (auto cell = begin; cell != end; ++cell) {
            auto other = row_begin(right.cells(), cell->column);
            for (; other != right.cells().end() && other->row == cell->column; ++other) {
                totals[other->column].add(cell->value, other->value);
            }
        }
        for (const auto& [column, total] : totals) product.put(begin->row, column, total.value());
        begin = end;
    }
    return product;
}

SparseGrid grid_kronecker(const SparseGrid& outer, const SparseGrid& inner) {
    SparseGrid grid(outer.rows() * inner.rows(), outer.columns() * inner.columns());
    const Cells& cells = outer.cells();
    for (auto begin = cells.begin(); begin != cells.end();) {
        const auto end = row_end(cells, begin);
        for (auto row = inner.cells().begin(); row != inner.cells().end();) {
            const auto next = row_end(inner.cells(), row);
            for (auto cell = begin; cell != end; ++cell) {
                for (auto other = row; other != next; ++other) {
                    grid.put(cell->row * inner.rows() + other->row, cell->column * inner.columns() + other->column,
                             times(cell->value, other->value));
                }
            }
            row = next;
        }
        begin = end;
    }
    return grid;
}

SparseGrid grid_combination(const std::vector<Share>& shares) {
    if (shares.empty()) throw ShapeError("there is nothing to combine");
    SparseGrid grid(shares.front().second.rows(), shares.front().second.columns());
    std::map<std::pair<std::uint64_t, std::uint64_t>, Total> totals;
    for (const auto& [factor, share] : shares) {
        if (share.rows() != grid.rows() || share.columns() != grid.columns()) throw ShapeError("the sides differ");
        for (const Cell& cell : share.cells()) totals[{cell.row, cell.column}].add(factor, cell.value);
    }
    for (const auto& [place, total] : totals) grid.put(place.first, place.second, total.value());
    return grid;
}

}  // namespace lacuna
