#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

#include "matrix.hpp"

namespace lacuna {

/// A text that is no grid.
struct FormatError : std::runtime_error {
    explicit FormatError(std::size_t number) : runtime_error("line " + std::to_string(number)), line(number) {}

    std::size_t line;  // from 1
};

/// The most cells that a text may have.
constexpr std::size_t most_cells = 200'000;

std::string grid_text(const SparseGrid& grid);
SparseGrid grid_from_text(const std::string& text);

}  // namespace lacuna
