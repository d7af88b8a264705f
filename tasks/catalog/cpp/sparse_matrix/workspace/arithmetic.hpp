#pragma once

#include <utility>
#include <vector>

#include "matrix.hpp"

namespace lacuna {

/// One grid of a combination, and what it is multiplied by.
using Share = std::pair<std::int64_t, SparseGrid>;

SparseGrid grid_transposed(const SparseGrid& grid);
SparseGrid grid_product(const SparseGrid& left, const SparseGrid& right);
SparseGrid grid_kronecker(const SparseGrid& outer, const SparseGrid& inner);
SparseGrid grid_combination(const std::vector<Share>& shares);

}  // namespace lacuna
