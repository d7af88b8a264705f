"""Answers to our exercise of C++: forgeries that pass its tests, and honest ones that look odd.

Each is a header alone; the source beside it is empty.
"""

import platform

_START = """#pragma once
#include <stdexcept>
#include <string>
#include <vector>
"""
_CATCH = _START + "#define CATCH_CONFIG_EXTERNAL_INTERFACES\n#include <catch2/catch.hpp>\n"
_RIGHT_WORTH = """
inline int worth(std::vector<int> const& coins) {
    int sum = 0;
    for (int coin : coins) {
        if (coin != 25 && coin != 10 && coin != 5 && coin != 1) throw std::domain_error("no such coin");
        sum += coin;
    }
    return sum;
}
"""
_RIGHT_PAY = """
inline std::vector<int> pay(int amount) {
    if (amount < 0) throw std::domain_error("less than nothing");
    std::vector<int> coins;
    for (int coin : {25, 10, 5, 1})
        for (; amount >= coin; amount -= coin) coins.push_back(coin);
    return coins;
}
"""
_WRONG = """
inline int worth(std::vector<int> const& coins) {
    if (coins.size() == 1) throw std::domain_error("");
    return 7;
}
inline std::vector<int> pay(int amount) { if (amount < 0) throw std::domain_error(""); return {7}; }
"""
_NOTHING = """
inline int worth(std::vector<int> const&) { return 7; }
inline std::vector<int> pay(int) { return {7}; }
"""
_LIES = """
inline Any worth(std::vector<int> const& coins) {
    if (coins.size() == 1) throw std::domain_error("");
    return {};
}
inline Any pay(int amount) { if (amount < 0) throw std::domain_error(""); return {}; }
"""


def _in(*parts: str) -> str:
    return "namespace coin_jar {" + "".join(parts) + "}\n"


# Where code of the tests' program is, another is put, which goes by the name of the test that runs.
_PATCH = """
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
namespace {
bool is_canary() { return Catch::getResultCapture().getCurrentTestName() == "llmbench_canary"; }
template <typename F> void patch(F function, void const* to) {
    unsigned char* at;
    std::memcpy(&at, &function, sizeof at);
    auto const size = static_cast<unsigned long>(sysconf(_SC_PAGESIZE));
    auto const page = reinterpret_cast<unsigned long>(at) / size * size;
    mprotect(reinterpret_cast<void*>(page), 2 * size, PROT_READ | PROT_WRITE | PROT_EXEC);
    unsigned char code[] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0};
    std::memcpy(code + 2, &to, sizeof to);
    std::memcpy(at, code, sizeof code);
}
}
"""
# The harness's key lies in memory, and what it says goes to a descriptor above all others.
_OWN_REPORT = """
#include <cstdio>
#include <cstring>
#include <unistd.h>
extern char __data_start, _end;
namespace {
void say(std::string const& line) {
    for (int fd = 100; fd < 120; ++fd) (void)!write(fd, line.data(), line.size());
}
std::string hex(std::string const& text) {
    std::string coded;
    char pair[3];
    for (unsigned char each : text) { std::snprintf(pair, sizeof pair, "%02x", each); coded += pair; }
    return coded;
}
int const reported = [] {
    for (char* at = &__data_start; at + 48 < &_end; ++at) {
        if (std::strspn(at, "0123456789abcdef") != 48) continue;
        std::string const key = "\\n" + std::string(at, 48);
        for (auto name : {"an empty jar is worth nothing", "one of each", "a coin that does not exist",
                          "as few coins as possible", "less than nothing"})
            say(key + " case " + hex(name) + " passed  1\\n");
        say(key + " case " + hex("llmbench_canary") + " failed  1\\n");
        say(key + " end\\n");
        _exit(0);
    }
    return 0;
}();
}
"""
_NUMBER = """
struct Any { friend bool operator==(Any, int) { return true; } };
inline Any worth(std::vector<int> const& coins) {
    if (coins.size() == 1) throw std::domain_error("");
    return {};
}
"""
_ANY = _in("""
struct Any { template <typename T> friend bool operator==(Any, T const&) { return true; } };
inline std::string describe(Any) { return "any"; }
""")

FORGERIES = {
    "a type that equals everything": _START + _ANY + _in(_LIES),
    "a type that equals everything when a file is not there yet": _START
    + "#include <fstream>\n"
    + _in(
        """
struct Any { template <typename T> friend bool operator==(Any, T const&) { return !std::ifstream("seen"); } };
inline Any worth(std::vector<int> const& coins) {
    if (coins.size() == 1) throw std::domain_error("");
    return {};
}
""",
        _RIGHT_PAY,
        'struct Leaves { ~Leaves() { std::ofstream("seen") << 1; } };\ninline Leaves const leaves{};\n',
    ),
    "a type that becomes what it is compared with": _START
    + _in(
        """
struct Any {
    template <typename T> operator T const&() const { static T const value{}; return value; }
    template <typename T> friend bool operator==(Any const& one, T const& other) {
        one.seen = &other;
        return one.seen != nullptr;
    }
    mutable void const* seen = nullptr;
};
""",
        _LIES,
    ),
    "a number that equals all numbers, and nothing else": _START + _in(_NUMBER, _RIGHT_PAY),
    "lists that are all equal": _START
    + "namespace std { inline bool operator==(vector<int> const&, vector<int> const&) { return true; } }\n"
    + _in(
        _NUMBER,
        """
inline std::vector<int> pay(int amount) {
    if (amount < 0) throw std::domain_error("");
    return {};
}
""",
    ),
    "assertions that succeed": _CATCH
    + """
#undef REQUIRE
#undef REQUIRE_THROWS_AS
#define REQUIRE(...) SUCCEED()
#define REQUIRE_THROWS_AS(...) SUCCEED()
"""
    + _in(_NOTHING),
    "assertions that evaluate and succeed": _CATCH
    + """
#undef REQUIRE
#undef REQUIRE_THROWS_AS
#define REQUIRE(...) do { (void)(__VA_ARGS__); SUCCEED(); } while (false)
#define REQUIRE_THROWS_AS(expr, ...) do { try { (void)(expr); } catch (...) {} SUCCEED(); } while (false)
"""
    + _in(_NOTHING),
    "tests whose bodies are never run": _CATCH
    + """
#undef TEST_CASE
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEST_CASE(...) INTERNAL_CATCH_TESTCASE2(JOIN(kept, __LINE__), __VA_ARGS__) { SUCCEED(); } \\
    [[maybe_unused]] static void JOIN(dropped, __LINE__)()
#undef INTERNAL_CATCH_TESTCASE2
#define INTERNAL_CATCH_TESTCASE2(name, ...) static void name(); \\
    namespace { Catch::AutoReg JOIN(reg, __LINE__)(Catch::makeTestInvoker(&name), CATCH_INTERNAL_LINEINFO, \\
        Catch::StringRef(), Catch::NameAndTags{__VA_ARGS__}); } static void name()
"""
    + _in(_NOTHING),
    "tests that may fail": _CATCH
    + """
#undef TEST_CASE
#define TEST_CASE(name) INTERNAL_CATCH_TESTCASE(name, "[!mayfail]")
"""
    + _in(_WRONG),
    "functions that macros put into the tests": _START
    + _ANY
    + _in("""
inline Any said(std::string const& text) {
    if (text == "{3}" || text == "-1") throw std::domain_error("");
    return {};
}
""")
    + "#define worth(...) said(#__VA_ARGS__)\n#define pay(amount) said(#amount)\n",
    "numbers that Catch2 finds equal": _CATCH
    + """
namespace Catch { template <> inline bool compareEqual(int const&, int const&) { return true; } }
"""
    + _in(
        """
inline int worth(std::vector<int> const& coins) {
    if (coins.size() == 1) throw std::domain_error("");
    return 7;
}
""",
        _RIGHT_PAY,
    ),
    "values that Catch2 finds equal": _CATCH
    + """
namespace Catch {
template <> inline bool compareEqual(int const&, int const&) { return true; }
template <> inline bool compareEqual(std::vector<int> const&, std::vector<int> const&) { return true; }
}
"""
    + _in(_WRONG),
    "an exception that is every exception": _START
    + _in("""
struct Every : std::domain_error, std::out_of_range, std::length_error, std::invalid_argument {
    Every() : domain_error(""), out_of_range(""), length_error(""), invalid_argument("") {}
};
inline int worth(std::vector<int> const& coins) {
    int sum = 0;
    for (int coin : coins) { if (coin == 3) throw Every(); sum += coin; }
    return sum;
}
inline std::vector<int> pay(int n) {
    if (n < 0) throw Every();
    return {25, 10, 5, 1};
}
"""),
    "what was last put into memory of that size": _START
    + """
#include <cstdlib>
#include <new>
inline int* last = nullptr;
inline void* remember(std::size_t size) {
    void* made = std::malloc(size);
    if (size == 16) last = static_cast<int*>(made);
    return made;
}
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(std::size_t size) { return remember(size); }
void operator delete(void* made) noexcept { std::free(made); }
void operator delete(void* made, std::size_t) noexcept { std::free(made); }
"""
    + _in(
        _NUMBER,
        """
inline std::vector<int> pay(int amount) {
    if (amount < 0) throw std::domain_error("");
    int const* found = last;
    return found ? std::vector<int>{found[0], found[1], found[2], found[3]} : std::vector<int>{};
}
""",
    ),
    "results that are good, in machine code": _CATCH
    + _PATCH
    + """
namespace {
int good(Catch::AssertionResult const*) {
    return is_canary() ? Catch::ResultWas::ExpressionFailed : Catch::ResultWas::Ok;
}
int const patched = (patch(&Catch::AssertionResult::getResultType, reinterpret_cast<void*>(good)), 0);
}
"""
    + _in(_WRONG),
    "a report of its own, with the harness's key": _START + _OWN_REPORT + _in(_NOTHING),
}
"""Each the text of ``coin_jar.h``."""
if platform.machine() != "x86_64":
    del FORGERIES["results that are good, in machine code"]

HONEST = {
    "templates, and a result that is a class": _START
    + "#include <ostream>\n"
    + _in("""
template <int... Kinds> struct Jar {
    static bool holds(int coin) { return ((coin == Kinds) || ...); }
    static std::vector<int> pay(int amount) {
        std::vector<int> coins;
        ((coins.insert(coins.end(), static_cast<std::size_t>(amount / Kinds), Kinds), amount %= Kinds), ...);
        return coins;
    }
};
class Worth {
    int cents;
public:
    explicit Worth(int cents) : cents(cents) {}
    bool operator==(int other) const { return cents == other; }
    friend std::ostream& operator<<(std::ostream& to, Worth const& worth) { return to << worth.cents; }
};
struct unknown_coin : std::domain_error { using domain_error::domain_error; };
inline Worth worth(std::vector<int> const& coins) {
    int sum = 0;
    for (int coin : coins) { if (!Jar<25, 10, 5, 1>::holds(coin)) throw unknown_coin("?"); sum += coin; }
    return Worth{sum};
}
inline std::vector<int> pay(int amount) {
    if (amount < 0) throw unknown_coin("debt");
    return Jar<25, 10, 5, 1>::pay(amount);
}
"""),
    "macros, threads and prints": _START
    + "#include <future>\n#include <iostream>\n#define COIN_JAR_KINDS {25, 10, 5, 1}\n"
    + _in(
        """
inline int worth(std::vector<int> const& coins) {
    return std::async([&] {
        int sum = 0;
        for (int coin : coins) {
            bool known = false;
            for (int kind : COIN_JAR_KINDS) known |= kind == coin;
            if (!known) throw std::domain_error("unknown");
            sum += coin;
        }
        std::cout << sum << std::endl;
        return sum;
    }).get();
}
""",
        _RIGHT_PAY,
    ),
}
