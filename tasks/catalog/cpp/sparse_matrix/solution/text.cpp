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

struct Run {
    std::uint64_t row = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::int64_t value = 0;
};

bool read_columns(const std::string& word, Run& run) {
    const std::size_t dots = word.find("..");
    if (dots == std::string::npos) {
        if (!read_number(word, run.first)) return false;
        run.last = run.first;
        return true;
    }
    return read_number(word.substr(0, dots), run.first) && read_number(word.substr(dots + 2), run.last) &&
           run.first < run.last;
}

bool read_run(const std::string& line, Run& run) {
    const std::vector<std::string> words = words_of(line);
    return words.size() == 3 && read_number(words[0], run.row) && read_columns(words[1], run) &&
           read_number(words[2], run.value);
}

void add_line(SparseGrid& grid, const std::string& line, std::size_t number) {
    Run run;
    if (!read_run(line, run) || run.value == 0) throw FormatError(number);
    if (run.row >= grid.rows() || run.last >= grid.columns()) throw FormatError(number);
    if (!grid.cells().empty() && !comes_before(grid.cells().back(), {run.row, run.first, 0})) throw FormatError(number);
    if (grid.cells().size() + (run.last - run.first + 1) > most_cells) throw FormatError(number);
    for (std::uint64_t column = run.first; column <= run.last; ++column) grid.put(run.row, column, run.value);
}

bool continues(const Cell& before, const Cell& cell) {
    return cell.row == before.row && cell.column == before.column + 1 && cell.value == before.value;
}

std::string line_of(const Cell& first, std::uint64_t last) {
    const std::string columns = std::to_string(first.column) + (last > first.column ? ".." + std::to_string(last) : "");
    return std::to_string(first.row) + " " + columns + " " + std::to_string(first.value) + "\n";
}

}  // namespace

std::string grid_text(const SparseGrid& grid) {
    std::string text = "grid " + std::to_string(grid.rows()) + " " + std::to_string(grid.columns()) + "\n";
    const std::vector<Cell>& cells = grid.cells();
    for (std::size_t begin = 0; begin < cells.size();) {
        std::size_t end = begin + 1;
        while (end < cells.size() && continues(cells[end - 1], cells[end])) ++end;
        if (end - begin < 3) end = begin + 1;
        text += line_of(cells[begin], cells[end - 1].column);
        begin = end;
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
