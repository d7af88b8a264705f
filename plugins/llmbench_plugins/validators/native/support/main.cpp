// The main program of C++ tests: Catch2's own, with a listener that says what became of each test on a channel
// that only it knows. Its first function runs before any code of the answer, static initialisers included.
#define CATCH_CONFIG_RUNNER
#include LLMBENCH_CATCH

#include <cerrno>
#include <fcntl.h>
#include <iostream>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

char key[128];
std::size_t key_length = 0;
int channel = -1;

// The kernel itself, as functions of libraries and the heap may be the answer's own.
long ask(long number, long first, long second, long third) {
#if defined(__x86_64__)
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(first), "S"(second), "d"(third)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = first;
    register long x1 __asm__("x1") = second;
    register long x2 __asm__("x2") = third;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
#else
    long const result = syscall(number, first, second, third);
    return result < 0 ? -errno : result;
#endif
}

long address(void const* what) { return reinterpret_cast<long>(what); }

void begin() {
    for (;;) {
        char next;
        if (ask(SYS_read, 0, address(&next), 1) != 1 || next == '\n') break;
        if (key_length < sizeof key) key[key_length++] = next;
    }
    channel = static_cast<int>(ask(SYS_fcntl, 1, F_DUPFD_CLOEXEC, 100));
    ask(SYS_dup3, 2, 1, 0);
    long const nothing = ask(SYS_openat, AT_FDCWD, address("/dev/null"), O_RDONLY);
    ask(SYS_dup3, nothing, 0, 0);
    ask(SYS_close, nothing, 0, 0);
}

__attribute__((section(".preinit_array"), used)) void (*const first)() = begin;

// A line of the report, written at once: nobody's words come between its own.
struct Line {
    char text[4096];
    std::size_t length = 0;

    Line() {
        add("\n", 1);
        add(key, key_length);
    }

    void add(char const* more, std::size_t count) {
        for (std::size_t at = 0; at < count && length < sizeof text; ++at) text[length++] = more[at];
    }

    void word(char const* more) { add(more, __builtin_strlen(more)); }

    void hex(char const* more, std::size_t count) {
        static char const digits[] = "0123456789abcdef";
        for (std::size_t at = 0; at < count && at < 1800; ++at) {
            unsigned char const each = static_cast<unsigned char>(more[at]);
            char const coded[] = {digits[each >> 4], digits[each & 15]};
            add(coded, 2);
        }
    }

    void number(unsigned long value) {
        char digits[24];
        std::size_t at = sizeof digits;
        do digits[--at] = static_cast<char>('0' + value % 10);
        while (value /= 10);
        add(digits + at, sizeof digits - at);
    }

    void say() {
        add("\n", 1);
        for (std::size_t written = 0; written < length;) {
            long const count = ask(SYS_write, channel, address(text + written), static_cast<long>(length - written));
            if (count == -EINTR) continue;
            if (count <= 0) return;
            written += static_cast<std::size_t>(count);
        }
    }
};

struct Listener : Catch::TestEventListenerBase {
    using TestEventListenerBase::TestEventListenerBase;

    void testCaseStarting(Catch::TestCaseInfo const& info) override {
        if (info.name == "llmbench_canary") std::cout << "llmbench_canary begins\n" << std::flush;
    }

    void testCaseEnded(Catch::TestCaseStats const& stats) override {
        bool const passed = stats.totals.assertions.failed == 0 && !stats.aborting;
        if (stats.testInfo.name == "llmbench_canary") std::cout << "\nllmbench_canary ends\n" << std::flush;
        Line line;
        line.word(" case ");
        line.hex(stats.testInfo.name.data(), stats.testInfo.name.size());
        line.word(passed ? " passed " : " failed ");
        line.word(" ");
        line.number(stats.totals.assertions.total());
        line.say();
    }
};

CATCH_REGISTER_LISTENER(Listener)

TEST_CASE("llmbench_canary") {
    volatile int one = 1;
    REQUIRE(one == 2);
}

}  // namespace

int main() {
    char const* const arguments[] = {"tests"};
    Catch::Session session;
    session.run(1, arguments);
    Line line;
    line.word(" end");
    line.say();
    // As Catch2's own main would leave, but for the exit code, which says nothing: one test always fails.
    return 0;
}
