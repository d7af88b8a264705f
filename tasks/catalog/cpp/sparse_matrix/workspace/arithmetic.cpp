#include "arithmetic.hpp"

namespace lacuna {

SparseGrid grid_transposed(const SparseGrid& grid) {
    std::vector<Cell> cells;
    cells.reserve(grid.cells().size());
    for (const Cell& cell : grid.cells()) cells.push_back({cell.column, cell.row, cell.value});
    return SparseGrid::gathered(grid.columns(), grid.rows(), std::move(cells));
}

SparseGrid grid_product(const SparseGrid&, const SparseGrid&) {
    throw std::logic_error("not written yet");
}

SparseGrid grid_kronecker(const SparseGrid&, const SparseGrid&) {
    throw std::logic_error("not written yet");
}

SparseGrid grid_combination(const std::vector<Share>&) {
    throw std::logic_error("not written yet");
}

}  // namespace lacuna
