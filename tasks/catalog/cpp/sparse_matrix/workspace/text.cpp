#include "text.hpp"

#include <charconv>
#include <vector>

namespace lacuna {

namespace {

std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    std::size_t begin = 0;
    for (;;) {
        const std::size_t end = line.find(' ', begin);
        words.push_back(line.substr(begin, end - begin));
        if (end == std::string::npos) return words;
        begin = end + 1;
    }
}

// Reads a number that is written as std::to_string writes it.
template <class Number>
bool read_number(const std::string& word, Number& number) {
    const char* const end = word.data() + word.size();
    const auto read = std::from_chars(word.data(), end, number);
    return read.ec == std::errc() && read.ptr == end && std::to_string(number) == word;
}

SparseGrid read_head(const std::string& line) {
    const std::vector<std::string> words = words_of(line);
    std::uint64_t rows = 0, columns = 0;
    if (words.size() != 3 || words[0] != "grid" || !read_number(words[1], rows) || !read_number(words[2], columns)) {
        throw FormatError(1);
    }
    if (rows < 1 || rows > longest_side || columns < 1 || columns > longest_side) throw FormatError(1);
    return SparseGrid(rows, columns);
}

bool read_cell(const std::string& line, Cell& cell) {
    const std::vector<std::string> words = words_of(line);
    return words.size() == 3 && read_number(words[0], cell.row) && read_number(words[1], cell.column) &&
           read_number(words[2], cell.value);
}

void add_line(SparseGrid& grid, const std::string& line, std::size_t number) {
    Cell cell{};
    if (!read_cell(line, cell) || cell.value == 0) throw FormatError(number);
    if (cell.row >= grid.rows() || cell.column >= grid.columns()) throw FormatError(number);
    if (!grid.cells().empty() && !comes_before(grid.cells().back(), cell)) throw FormatError(number);
    grid.put(cell.row, cell.column, cell.value);
}

}  // namespace

std::string grid_text(const SparseGrid& grid) {
    std::string text = "grid " + std::to_string(grid.rows()) + " " + std::to_string(grid.columns()) + "\n";
    for (const Cell& cell : grid.cells()) {
        text += std::to_string(cell.row) + " " + std::to_string(cell.column) + " " + std::to_string(cell.value) + "\n";
    }
    return text;
}

SparseGrid grid_from_text(const std::string& text) {
    SparseGrid grid(1, 1);
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size() || number == 0;) {
        ++number;
        const std::size_t end = text.find('\n', begin);
        if (end == std::string::npos) throw FormatError(number);
        const std::string line = text.substr(begin, end - begin);
        if (number == 1) {
            grid = read_head(line);
        } else {
            add_line(grid, line, number);
        }
        begin = end + 1;
    }
    return grid;
}

}  // namespace lacuna
