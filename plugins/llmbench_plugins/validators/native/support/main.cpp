// The main program of C++ tests: Catch2's own, with a listener that says what became of each test on a channel
// that only it knows. Its first function runs before any code of the answer, static initialisers included.
#define CATCH_CONFIG_RUNNER
#include LLMBENCH_CATCH

#include <fcntl.h>
#include <iostream>
#include <string>
#include <unistd.h>

namespace {

char key[128];
int channel = -1;

void begin() {
    std::size_t length = 0;
    for (;;) {
        char next;
        if (read(0, &next, 1) != 1 || next == '\n') break;
        if (length < sizeof key - 1) key[length++] = next;
    }
    channel = fcntl(1, F_DUPFD_CLOEXEC, 100);
    dup2(2, 1);
    int const nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, 0);
    close(nothing);
}

__attribute__((section(".preinit_array"), used)) void (*const first)() = begin;

void say(std::string const& words) {
    std::string const line = std::string("\n") + key + " " + words + "\n";
    std::size_t written = 0;
    while (written < line.size()) {
        ssize_t const count = write(channel, line.data() + written, line.size() - written);
        if (count <= 0) return;
        written += static_cast<std::size_t>(count);
    }
}

std::string hex(std::string const& text) {
    static char const digits[] = "0123456789abcdef";
    std::string coded;
    for (unsigned char const each : text) {
        coded += digits[each >> 4];
        coded += digits[each & 15];
    }
    return coded;
}

struct Listener : Catch::TestEventListenerBase {
    using TestEventListenerBase::TestEventListenerBase;

    void testCaseStarting(Catch::TestCaseInfo const& info) override {
        if (info.name == "llmbench_canary") std::cout << "llmbench_canary begins\n" << std::flush;
    }

    void testCaseEnded(Catch::TestCaseStats const& stats) override {
        bool const passed = stats.totals.assertions.failed == 0 && !stats.aborting;
        if (stats.testInfo.name == "llmbench_canary") std::cout << "\nllmbench_canary ends\n" << std::flush;
        say("case " + hex(stats.testInfo.name) + (passed ? " passed " : " failed "));
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
    say("end");
    // As Catch2's own main would leave, but for the exit code, which says nothing: one test always fails.
    return 0;
}
