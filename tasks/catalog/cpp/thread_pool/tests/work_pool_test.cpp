#include <catch2/catch.hpp>

#include "work_pool.hpp"

#include <atomic>
#include <chrono>
#include <climits>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

using loom::Batch;
using loom::Ending;
using loom::Stage;
using loom::Terms;
using loom::Ticket;
using loom::WorkPool;

namespace {

// How long something may take that has to happen. Once something has not happened, the rest need not wait as long.
std::atomic<int> patience_ms{6000};

// Opened once, and then open for good.
class Gate {
public:
    void open() {
        std::lock_guard<std::mutex> lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

    bool pass() {
        std::unique_lock<std::mutex> lock(mutex_);
        if (changed_.wait_for(lock, std::chrono::milliseconds(patience_ms), [&] { return open_; })) return true;
        patience_ms = 500;
        return false;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

class Log {
public:
    void add(const std::string& word) {
        std::lock_guard<std::mutex> lock(mutex_);
        words_ += (words_.empty() ? "" : " ") + word;
    }

    std::string words() {
        std::lock_guard<std::mutex> lock(mutex_);
        return words_;
    }

private:
    std::mutex mutex_;
    std::string words_;
};

using GateRef = std::shared_ptr<Gate>;
using LogRef = std::shared_ptr<Log>;
using PoolRef = std::shared_ptr<WorkPool>;

GateRef gate() { return std::make_shared<Gate>(); }

// Something that is done in a thread of its own, so that what hangs fails one test only.
class Aside {
public:
    explicit Aside(std::function<void()> step) : state_(std::make_shared<State>()) {
        std::thread([state = state_, step = std::move(step)] {
            try {
                step();
            } catch (...) {
                state->failure = std::current_exception();
            }
            state->over.open();
        }).detach();
    }

    bool ends() { return state_->over.pass(); }

    // The kind of exception that came of it.
    std::string outcome() {
        if (!ends()) return "hangs";
        try {
            if (state_->failure) std::rethrow_exception(state_->failure);
        } catch (const loom::Dropped&) {
            return "Dropped";
        } catch (const loom::Stopped&) {
            return "Stopped";
        } catch (const std::invalid_argument&) {
            return "invalid_argument";
        } catch (const std::logic_error&) {
            return "logic_error";
        } catch (const std::exception& error) {
            return error.what();
        } catch (int number) {
            return std::to_string(number);
        }
        return "fine";
    }

private:
    struct State {
        Gate over;
        std::exception_ptr failure;
    };
    std::shared_ptr<State> state_;
};

std::string outcome(std::function<void()> step) { return Aside(std::move(step)).outcome(); }

std::string awaited(const Ticket& ticket) {
    return outcome([ticket] { ticket.await(); });
}

std::string awaited(const Batch& batch) {
    return outcome([batch] { batch.await_all(); });
}

std::string closed(const PoolRef& pool, Ending ending) {
    return outcome([pool, ending] { pool->close(ending); });
}

// A pool whose end can't hang a test.
PoolRef make_pool(std::size_t workers, std::size_t aging = 0) {
    return PoolRef(new WorkPool(workers, aging), [](WorkPool* pool) { Aside([pool] { delete pool; }).ends(); });
}

bool soon(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) {
            patience_ms = 500;
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

// Gives what must not happen the time to happen.
bool never(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(40);
    while (std::chrono::steady_clock::now() < until) {
        if (condition()) return false;
        std::this_thread::yield();
    }
    return true;
}

Terms priority(int value) {
    Terms terms;
    terms.priority = value;
    return terms;
}

Terms lane(const std::string& name, int value = 0) {
    Terms terms;
    terms.priority = value;
    terms.lane = name;
    return terms;
}

Terms in(const Batch& batch, int value = 0) {
    Terms terms;
    terms.priority = value;
    terms.batch = batch;
    return terms;
}

// A job that runs until it is let go.
struct Held {
    GateRef begun = gate();
    GateRef go = gate();
    Ticket ticket;

    Held(const PoolRef& pool, const Terms& terms = {}) {
        ticket = pool->post([begun = begun, go = go] {
            begun->open();
            go->pass();
        }, terms);
    }

    ~Held() { go->open(); }

    bool runs() const { return begun->pass(); }
};

// Stands below all that jobs refer to, so that no job outlives it.
struct Closing {
    PoolRef pool;

    ~Closing() { closed(pool, Ending::drain); }
};

// Says when it is destroyed, and takes its time for that.
struct Farewell {
    std::function<void()> last;

    explicit Farewell(std::function<void()> said) : last(std::move(said)) {}

    ~Farewell() {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        last();
    }
};

void gives(const char* what, const std::string& got, const std::string& wanted) {
    INFO(what);
    CHECK(got == wanted);
}

// Compiled in much less time than as many CHECKs.
#define GIVES(operation, wanted) gives(#operation, operation, wanted)

}  // namespace

TEST_CASE("A ticket tells the stage of its job") {
    const PoolRef pool = make_pool(1);
    Held held(pool);
    REQUIRE(held.runs());
    const Ticket second = pool->post([] {});
    const Ticket copy = second;
    CHECK(held.ticket.stage() == Stage::running);
    CHECK(copy.stage() == Stage::queued);
    CHECK(pool->running() == 1);
    CHECK(pool->queued() == 1);
    held.go->open();
    GIVES(awaited(copy), "fine");
    CHECK(second.stage() == Stage::done);
    CHECK(held.ticket.stage() == Stage::done);
    GIVES(awaited(second), "fine");
    CHECK(pool->running() == 0);
    CHECK(pool->queued() == 0);
}

TEST_CASE("An exception reaches all who wait for the job") {
    const PoolRef pool = make_pool(1);
    Held held(pool);
    const Ticket broken = pool->post([] { throw std::runtime_error("out of ink"); });
    Aside first([broken] { broken.await(); });
    Aside second([broken] { broken.await(); });
    REQUIRE(never([&] { return broken.stage() != Stage::queued; }));
    held.go->open();
    GIVES(first.outcome(), "out of ink");
    GIVES(second.outcome(), "out of ink");
    GIVES(awaited(broken), "out of ink");
    CHECK(broken.stage() == Stage::failed);
    GIVES(awaited(pool->post([] { throw 42; })), "42");
    GIVES(awaited(pool->post([] {})), "fine");
}

TEST_CASE("Wrong arguments are refused") {
    GIVES(outcome([] { WorkPool none(0, 1); }), "invalid_argument");
    const PoolRef pool = make_pool(1);
    const PoolRef other = make_pool(1);
    GIVES(outcome([pool] { pool->post(nullptr); }), "invalid_argument");
    GIVES(outcome([pool, other] { pool->post([] {}, in(Batch(*other))); }), "invalid_argument");
    const Batch cancelled(*pool);
    cancelled.cancel();
    GIVES(outcome([pool, cancelled] { pool->post(nullptr, in(cancelled)); }), "invalid_argument");
    GIVES(closed(pool, Ending::drain), "fine");
    GIVES(outcome([pool, cancelled] { pool->post([] {}, in(cancelled)); }), "Stopped");
    GIVES(outcome([pool] { pool->post(nullptr); }), "invalid_argument");
    GIVES(outcome([pool, other] { pool->post([] {}, in(Batch(*other))); }), "invalid_argument");
}

TEST_CASE("The highest priority is first and ties go by posting") {
    const PoolRef pool = make_pool(1);
    const LogRef log = std::make_shared<Log>();
    Held held(pool);
    REQUIRE(held.runs());
    const Batch all(*pool);
    const std::vector<std::pair<std::string, int>> jobs = {
        {"a", 0}, {"b", -1}, {"c", 7}, {"d", INT_MIN}, {"e", INT_MAX}, {"f", 0}, {"g", 7}, {"h", 0}, {"i", INT_MAX}};
    for (const auto& job : jobs) pool->post([log, name = job.first] { log->add(name); }, in(all, job.second));
    CHECK(pool->queued() == 9);
    held.go->open();
    GIVES(awaited(all), "fine");
    CHECK(log->words() == "e i c g a f h b d");
}

TEST_CASE("Waiting jobs age by the jobs that are started") {
    const PoolRef pool = make_pool(1, 3);
    const LogRef log = std::make_shared<Log>();
    const Batch all(*pool);
    std::function<void(int)> chain = [&, pool = pool.get()](int number) {
        log->add("h" + std::to_string(number));
        if (number < 9) pool->post([&chain, number] { chain(number + 1); }, in(all, 2));
    };
    const Closing closing{pool};
    Held held(pool);
    REQUIRE(held.runs());
    pool->post([log] { log->add("low"); }, in(all, 0));
    pool->post([log] { log->add("later"); }, in(all, 0));
    pool->post([log] { log->add("lowest"); }, in(all, -1));
    pool->post([&chain] { chain(1); }, in(all, 2));
    held.go->open();
    GIVES(awaited(all), "fine");
    // h7 is posted when the two others have aged by 6: they are as high then, and were posted before.
    CHECK(log->words() == "h1 h2 h3 h4 h5 h6 low later h7 lowest h8 h9");
}

TEST_CASE("Aging never overflows and can be switched off") {
    const LogRef log = std::make_shared<Log>();
    const PoolRef ageing = make_pool(1, 1);
    Held held(ageing);
    REQUIRE(held.runs());
    const Batch all(*ageing);
    for (const char* name : {"a", "b", "c"}) ageing->post([log, name] { log->add(name); }, in(all, INT_MAX));
    ageing->post([log] { log->add("d"); }, in(all, INT_MAX - 1));
    held.go->open();
    GIVES(awaited(all), "fine");
    CHECK(log->words() == "a b c d");

    const LogRef other = std::make_shared<Log>();
    const PoolRef ageless = make_pool(1, 0);
    const Batch rest(*ageless);
    std::function<void(int)> chain = [&, pool = ageless.get()](int number) {
        if (number < 30) pool->post([&chain, number] { chain(number + 1); }, in(rest, 1));
        if (number == 30) other->add("high");
    };
    const Closing closing{ageless};
    Held again(ageless);
    REQUIRE(again.runs());
    ageless->post([other] { other->add("low"); }, in(rest, 0));
    ageless->post([&chain] { chain(1); }, in(rest, 1));
    again.go->open();
    GIVES(awaited(rest), "fine");
    CHECK(other->words() == "high low");
}

TEST_CASE("The jobs of a lane run one after the other as they were posted") {
    const PoolRef pool = make_pool(2);
    const LogRef log = std::make_shared<Log>();
    Held first(pool, lane("x"));
    REQUIRE(first.runs());
    const Ticket second = pool->post([log] { log->add("second"); }, lane("x", 1));
    const Ticket third = pool->post([log] { log->add("third"); }, lane("x", 2));
    GIVES(awaited(pool->post([log] { log->add("other lane"); }, lane("y"))), "fine");
    GIVES(awaited(pool->post([log] { log->add("no lane"); })), "fine");
    CHECK(second.stage() == Stage::queued);
    CHECK(third.stage() == Stage::queued);
    first.go->open();
    GIVES(awaited(third), "fine");
    CHECK(log->words() == "other lane no lane second third");
}

TEST_CASE("A lane is free again when the function of its job is destroyed") {
    const PoolRef pool = make_pool(2);
    const LogRef log = std::make_shared<Log>();
    Held held(pool, lane("x"));
    REQUIRE(held.runs());
    {
        auto farewell = std::make_shared<Farewell>([log] { log->add("destroyed"); });
        pool->post([log, farewell] { log->add("runs"); throw 1; }, lane("x"));
    }
    const Ticket next = pool->post([log] { log->add("next"); }, lane("x"));
    held.go->open();
    GIVES(awaited(next), "fine");
    CHECK(log->words() == "runs destroyed next");
}

TEST_CASE("The first of a lane counts with the highest priority in its lane") {
    const PoolRef pool = make_pool(1);
    const LogRef log = std::make_shared<Log>();
    const auto adds = [log](const std::string& word) { return [log, word] { log->add(word); }; };
    Held held(pool);
    REQUIRE(held.runs());
    const Batch gone(*pool);
    pool->post(adds("w1"), lane("w", 0));
    pool->post(adds("plain"), priority(3));
    pool->post(adds("x1"), lane("x", 0));
    pool->post(adds("x2"), lane("x", 5));
    pool->post(adds("x3"), lane("x", 1));
    pool->post(adds("y1"), lane("y", 2));
    Terms terms = lane("y", 9);
    terms.batch = gone;
    pool->post(adds("y2"), terms);
    pool->post(adds("z1"), lane("z", -1));
    pool->post(adds("z2"), lane("z", 3));
    pool->post(adds("w2"), lane("w", 1));
    CHECK(gone.cancel() == 1);
    held.go->open();
    GIVES(closed(pool, Ending::drain), "fine");
    CHECK(log->words() == "x1 x2 plain z1 z2 y1 w1 x3 w2");
}

TEST_CASE("The jobs of a lane age each for itself") {
    const PoolRef pool = make_pool(1, 1);
    const LogRef log = std::make_shared<Log>();
    const auto adds = [log](const std::string& word) { return [log, word] { log->add(word); }; };
    Held held(pool);
    REQUIRE(held.runs());
    pool->post(adds("x1"), lane("x", 0));
    for (int i = 0; i < 3; ++i) pool->post([] {}, priority(100));
    Held second(pool, priority(100));
    held.go->open();
    REQUIRE(second.runs());
    // x1 has aged by 4 and x2 not at all: the lane counts with 5.
    pool->post(adds("x2"), lane("x", 5));
    pool->post(adds("plain"), priority(7));
    second.go->open();
    GIVES(closed(pool, Ending::drain), "fine");
    CHECK(log->words() == "plain x1 x2");
}

TEST_CASE("A free worker takes what it may though others have to wait") {
    const PoolRef pool = make_pool(3);
    Held first(pool, lane("x"));
    REQUIRE(first.runs());
    const Ticket waits = pool->post([] {}, lane("x", 9));
    REQUIRE(never([&] { return waits.stage() != Stage::queued; }));
    Held second(pool);
    CHECK(second.runs());
    Held third(pool);
    CHECK(third.runs());
    CHECK(pool->running() == 3);
    CHECK(pool->queued() == 1);
    for (const Held* each : {&first, &second, &third}) each->go->open();
    GIVES(awaited(waits), "fine");
}

TEST_CASE("As many jobs run as there are workers and no more") {
    const PoolRef pool = make_pool(3);
    std::vector<Held> held;
    held.reserve(5);
    for (int i = 0; i < 5; ++i) held.emplace_back(pool);
    for (int i = 0; i < 3; ++i) REQUIRE(held[i].runs());
    CHECK(never([&] { return pool->running() != 3 || pool->queued() != 2; }));
    CHECK(held[3].ticket.stage() == Stage::queued);
    held[1].go->open();
    CHECK(held[3].runs());
    CHECK(held[4].ticket.stage() == Stage::queued);
    for (const Held& each : held) each.go->open();
    GIVES(awaited(held[4].ticket), "fine");
}

TEST_CASE("A job can wait for jobs that it posts with a single worker") {
    const PoolRef pool = make_pool(1);
    std::atomic<int> depth{0};
    std::function<void(int)> nest = [&, pool = pool.get()](int left) {
        ++depth;
        if (left == 0) throw std::runtime_error("bottom");
        const Batch below(*pool);
        pool->post([&nest, left] { nest(left - 1); }, in(below));
        pool->post([] {}, in(below)).await();
        below.await_all();
    };
    const Closing closing{pool};
    GIVES(awaited(pool->post([&nest] { nest(99); })), "bottom");
    CHECK(depth == 100);
    CHECK(pool->running() == 0);
}

TEST_CASE("A waiting job is no obstacle to a job that waits for it") {
    const PoolRef pool = make_pool(1);
    const LogRef log = std::make_shared<Log>();
    Ticket low, middle;
    const Closing closing{pool};
    Held held(pool);
    REQUIRE(held.runs());
    middle = pool->post([&] {
        low.await();
        log->add("middle");
    }, priority(1));
    low = pool->post([log] { log->add("low"); }, priority(-1));
    const Ticket high = pool->post([&] {
        middle.await();
        log->add("high");
    });
    held.go->open();
    GIVES(awaited(high), "fine");
    CHECK(log->words() == "low middle high");
    CHECK(middle.stage() == Stage::done);
}

TEST_CASE("A job whose wait is over goes on before queued jobs and needs a place") {
    const PoolRef pool = make_pool(1);
    const GateRef on = gate();
    const GateRef goes = gate();
    const Batch both(*pool);
    std::atomic<int> now{0};
    std::atomic<int> most{0};
    Ticket last;
    const auto waits = [&] {
        last.await();
        if (++now > most) most = now.load();
        never([] { return false; });
        --now;
    };
    const Closing closing{pool};
    const Ticket outer = pool->post([&, pool = pool.get()] {
        const Ticket inner = pool->post([] {}, priority(9));
        pool->post([] {}, priority(8));
        inner.await();
        on->open();
        goes->pass();
        inner.await();
    });
    REQUIRE(on->pass());
    CHECK(never([&] { return pool->running() != 1 || pool->queued() != 1; }));
    CHECK(outer.stage() == Stage::running);
    goes->open();
    GIVES(awaited(outer), "fine");

    // Those that wait are no job that runs, and when their wait is over, only one can go on.
    Held held(pool, priority(-1));
    REQUIRE(held.runs());
    pool->post(waits, in(both));
    pool->post(waits, in(both));
    last = pool->post([] {}, priority(-2));
    held.go->open();
    GIVES(awaited(both), "fine");
    CHECK(most == 1);
}

TEST_CASE("A job whose wait is over goes on before queued jobs beside others that run") {
    const PoolRef pool = make_pool(2);
    const GateRef on = gate();
    const GateRef goes = gate();
    Held held(pool);
    REQUIRE(held.runs());
    const Ticket outer = pool->post([on, goes, pool = pool.get()] {
        const Ticket inner = pool->post([] {}, priority(9));
        pool->post([] {}, priority(8));
        inner.await();
        on->open();
        goes->pass();
    });
    REQUIRE(on->pass());
    CHECK(pool->running() == 2);
    CHECK(pool->queued() == 1);
    goes->open();
    GIVES(awaited(outer), "fine");
    held.go->open();
}

TEST_CASE("A job that waits counts as waiting only while it waits") {
    const PoolRef pool = make_pool(2);
    Held held(pool);
    REQUIRE(held.runs());
    const GateRef waits = gate();
    const Ticket waiting = pool->post([&] {
        waits->open();
        held.ticket.await();
    });
    REQUIRE(waits->pass());
    CHECK(soon([&] { return pool->running() == 1; }));
    CHECK(waiting.stage() == Stage::running);
    Held second(pool);
    CHECK(second.runs());
    CHECK(pool->running() == 2);
    const Ticket queued = pool->post([] {});
    held.go->open();
    GIVES(awaited(waiting), "fine");
    GIVES(awaited(queued), "fine");
    second.go->open();
}

TEST_CASE("Cancelling drops what is queued and nothing else") {
    const PoolRef pool = make_pool(1);
    const LogRef log = std::make_shared<Log>();
    const Batch batch(*pool);
    Terms first = lane("x");
    first.batch = batch;
    Held held(pool, in(batch));
    REQUIRE(held.runs());
    const Ticket front = pool->post([log] { log->add("front"); }, first);
    const Ticket behind = pool->post([log] { log->add("behind"); }, lane("x"));
    const Ticket other = pool->post([log] { log->add("other"); }, in(batch, 4));
    CHECK_FALSE(batch.cancelled());
    CHECK(batch.cancel() == 2);
    CHECK(batch.cancelled());
    CHECK(batch.cancel() == 0);
    CHECK(front.stage() == Stage::dropped);
    GIVES(awaited(front), "Dropped");
    GIVES(awaited(other), "Dropped");
    CHECK(held.ticket.stage() == Stage::running);
    CHECK(pool->queued() == 1);
    const Ticket late = pool->post([log] { log->add("late"); }, in(batch));
    CHECK(late.stage() == Stage::dropped);
    GIVES(awaited(late), "Dropped");
    CHECK(pool->queued() == 1);
    held.go->open();
    GIVES(awaited(batch), "fine");
    CHECK(held.ticket.stage() == Stage::done);
    GIVES(awaited(behind), "fine");
    GIVES(awaited(pool->post([log] { log->add("later"); }, in(batch))), "Dropped");
    CHECK(log->words() == "behind");
}

TEST_CASE("A waiting job learns that what it waits for was cancelled") {
    const PoolRef pool = make_pool(2);
    const Batch batch(*pool);
    Held held(pool);
    REQUIRE(held.runs());
    Held lane_holder(pool, lane("x"));
    REQUIRE(lane_holder.runs());
    Terms terms = lane("x");
    terms.batch = batch;
    const Ticket queued = pool->post([] {}, terms);
    const Ticket waits = pool->post([queued] { queued.await(); });
    const Ticket canceller = pool->post([batch] { batch.cancel(); });
    held.go->open();
    GIVES(awaited(canceller), "fine");
    GIVES(awaited(waits), "Dropped");
    CHECK(waits.stage() == Stage::failed);
    lane_holder.go->open();
}

TEST_CASE("A batch is awaited with what its jobs add to it") {
    const PoolRef pool = make_pool(2);
    const Batch batch(*pool);
    GIVES(awaited(batch), "fine");
    std::atomic<int> ended{0};
    std::function<void(int)> grow = [&, pool = pool.get()](int left) {
        if (left) pool->post([&grow, left] { grow(left - 1); }, in(batch));
        if (left) pool->post([&grow, left] { grow(left - 1); }, in(batch));
        ++ended;
    };
    const Closing closing{pool};
    Held held(pool);
    pool->post([&grow] { grow(6); }, in(batch));
    GIVES(awaited(batch), "fine");
    CHECK(ended == 127);
    CHECK(held.ticket.stage() != Stage::done);
    held.go->open();
    pool->post([&ended] { ++ended; }, in(batch));
    GIVES(awaited(batch), "fine");
    CHECK(ended == 128);
}

TEST_CASE("A batch throws the failure of the job that was posted first and forgets all") {
    const PoolRef pool = make_pool(1);
    const Batch batch(*pool);
    Held held(pool);
    REQUIRE(held.runs());
    const auto fails = [](const std::string& words) { return [words] { throw std::runtime_error(words); }; };
    pool->post([] {}, in(batch, 9));
    pool->post(fails("posted first"), in(batch, 1));
    pool->post(fails("run first"), in(batch, 5));
    const Ticket third = pool->post(fails("run last"), in(batch, 0));
    held.go->open();
    GIVES(awaited(batch), "posted first");
    GIVES(awaited(batch), "fine");
    GIVES(awaited(third), "run last");
    pool->post(fails("new"), in(batch));
    GIVES(awaited(batch), "new");
}

TEST_CASE("Waiting for oneself is refused") {
    const PoolRef pool = make_pool(1);
    const Batch batch(*pool);
    const GateRef ready = gate();
    Ticket self;
    const Closing closing{pool};
    self = pool->post([&] {
        ready->pass();
        self.await();
    });
    ready->open();
    GIVES(awaited(self), "logic_error");
    GIVES(awaited(pool->post([batch] { batch.await_all(); }, in(batch))), "logic_error");
    GIVES(awaited(pool->post([self] { self.await(); })), "logic_error");
}

TEST_CASE("The function of a job is destroyed before its end is told and may use the pool then") {
    const PoolRef pool = make_pool(2);
    std::atomic<int> destroyed{0};
    const auto held_by = [&](const std::function<void()>& work) {
        auto farewell = std::make_shared<Farewell>([&, pool = pool.get()] {
            pool->queued();
            ++destroyed;
        });
        return [work, farewell] { work(); };
    };
    const Batch batch(*pool);
    const Closing closing{pool};
    SECTION("after it has run") {
        GIVES(awaited(pool->post(held_by([] {}))), "fine");
    }
    SECTION("after it has thrown") {
        pool->post(held_by([] { throw std::runtime_error("broken"); }), in(batch));
        GIVES(awaited(batch), "broken");
    }
    SECTION("when it is cancelled") {
        Held first(pool), second(pool);
        REQUIRE(first.runs());
        REQUIRE(second.runs());
        const Ticket cancelled = pool->post(held_by([] {}), in(batch));
        Aside waiting([batch] { batch.await_all(); });
        std::thread([batch] { batch.cancel(); }).detach();
        GIVES(waiting.outcome(), "fine");
        CHECK(destroyed == 1);
        GIVES(awaited(cancelled), "Dropped");
        first.go->open();
        second.go->open();
    }
    SECTION("when it is discarded") {
        Held first(pool), second(pool);
        REQUIRE(first.runs());
        REQUIRE(second.runs());
        const Ticket discarded = pool->post(held_by([] {}));
        Aside ending([pool] { pool->close(Ending::discard); });
        GIVES(awaited(discarded), "Dropped");
        CHECK(destroyed == 1);
        first.go->open();
        second.go->open();
        GIVES(ending.outcome(), "fine");
    }
    SECTION("when its batch was cancelled before") {
        batch.cancel();
        GIVES(outcome([&] { pool->post(held_by([] {}), in(batch)); }), "fine");
    }
    CHECK(destroyed == 1);
}

TEST_CASE("Draining runs all that is queued and what jobs still post") {
    const PoolRef pool = make_pool(1);
    const LogRef log = std::make_shared<Log>();
    const GateRef on = gate();
    pool->post([&, pool = pool.get()] {
        on->pass();
        pool->post([log, pool] {
            pool->post([log] { log->add("third"); });
            log->add("second");
        }).await();
        log->add("first");
    });
    pool->post([log] { log->add("queued"); });
    Aside closing([pool] { pool->close(Ending::drain); });
    CHECK(soon([&] { return outcome([pool] { pool->post([] {}); }) == "Stopped"; }));
    on->open();
    GIVES(closing.outcome(), "fine");
    CHECK(log->words().substr(0, 6) == "queued");
    CHECK(log->words().size() == std::string("queued second first third").size());
    GIVES(outcome([pool] { pool->post([] {}); }), "Stopped");
    GIVES(closed(pool, Ending::drain), "fine");
}

TEST_CASE("Discarding drops all that is queued and lets running jobs end") {
    const PoolRef pool = make_pool(1);
    const LogRef log = std::make_shared<Log>();
    const GateRef begun = gate();
    const GateRef go = gate();
    const Ticket runs = pool->post([&, pool = pool.get()] {
        begun->open();
        go->pass();
        pool->post([log] { log->add("too late"); });
    });
    REQUIRE(begun->pass());
    const Batch batch(*pool);
    const Ticket queued = pool->post([log] { log->add("queued"); });
    pool->post([log] { log->add("batch"); }, in(batch));
    Aside closing([pool] { pool->close(Ending::discard); });
    GIVES(awaited(queued), "Dropped");
    GIVES(awaited(batch), "fine");
    CHECK(runs.stage() == Stage::running);
    go->open();
    GIVES(closing.outcome(), "fine");
    GIVES(awaited(runs), "Stopped");
    CHECK(pool->running() == 0);
    CHECK(log->words().empty());
}

TEST_CASE("Discarding cuts a draining short") {
    const PoolRef pool = make_pool(1);
    Held held(pool);
    REQUIRE(held.runs());
    const Ticket queued = pool->post([] {});
    Aside draining([pool] { pool->close(Ending::drain); });
    CHECK(soon([&] { return outcome([pool] { pool->post([] {}); }) == "Stopped"; }));
    Aside discarding([pool] { pool->close(Ending::discard); });
    GIVES(awaited(queued), "Dropped");
    Aside again([pool] { pool->close(Ending::drain); });
    CHECK(never([&] { return held.ticket.stage() != Stage::running; }));
    held.go->open();
    GIVES(draining.outcome(), "fine");
    GIVES(discarding.outcome(), "fine");
    GIVES(again.outcome(), "fine");
}

TEST_CASE("A job can not close its pool") {
    const PoolRef pool = make_pool(2);
    const auto closes = [pool = pool.get()](Ending ending) { return [pool, ending] { pool->close(ending); }; };
    GIVES(awaited(pool->post(closes(Ending::drain))), "logic_error");
    GIVES(awaited(pool->post(closes(Ending::discard))), "logic_error");
    GIVES(awaited(pool->post([] {})), "fine");
    const PoolRef other = make_pool(1);
    GIVES(awaited(other->post(closes(Ending::drain))), "fine");
}

TEST_CASE("No thread of the pool is left when closing returns") {
    static std::atomic<int> threads;
    struct Mark {
        Mark() { ++threads; }
        ~Mark() {
            std::this_thread::sleep_for(std::chrono::milliseconds(80));
            --threads;
        }
        void touch() {}
    };
    threads = 0;
    const auto touch = [] {
        thread_local Mark mark;
        mark.touch();
    };
    const PoolRef pool = make_pool(2);
    const Ticket nested = pool->post([&, pool = pool.get()] {
        touch();
        pool->post([&, pool] {
            touch();
            pool->post(touch).await();
        }).await();
    });
    GIVES(awaited(nested), "fine");
    CHECK(threads >= 1);
    Aside one([pool] {
        pool->close(Ending::drain);
        if (threads) throw std::runtime_error("threads are left");
    });
    Aside other([pool] {
        pool->close(Ending::discard);
        if (threads) throw std::runtime_error("threads are left");
    });
    GIVES(one.outcome(), "fine");
    GIVES(other.outcome(), "fine");
}

TEST_CASE("The destructor drains and handles outlive the pool") {
    std::atomic<int> ran{0};
    std::vector<Ticket> tickets;
    auto batch = std::make_shared<std::vector<Batch>>();
    const bool ended = Aside([&, batch] {
        WorkPool pool(1, 0);
        batch->emplace_back(pool);
        for (int i = 0; i < 20; ++i) tickets.push_back(pool.post([&ran] { ++ran; }, in(batch->front())));
        tickets.push_back(pool.post([] { throw std::runtime_error("kept"); }));
    }).ends();
    REQUIRE(ended);
    CHECK(ran == 20);
    CHECK(tickets[0].stage() == Stage::done);
    GIVES(awaited(tickets[20]), "kept");
    GIVES(awaited(batch->front()), "fine");
    CHECK(batch->front().cancel() == 0);
}

TEST_CASE("Many threads may use the pool at once") {
    constexpr int posters = 4, each = 300, lanes = 5;
    const PoolRef pool = make_pool(4, 7);
    const Batch all(*pool);
    std::atomic<int> overlaps{0}, disorder{0}, ran{0}, cancelled{0};
    std::atomic<bool> busy[lanes] = {};
    int last[posters][lanes] = {};
    const Closing closing{pool};
    std::vector<std::thread> threads;
    for (int poster = 0; poster < posters; ++poster) {
        threads.emplace_back([&, poster, pool = pool.get()] {
            for (int i = 1; i <= each; ++i) {
                const int which = i % lanes;
                Terms terms = lane("lane " + std::to_string(which), i % 3);
                terms.batch = all;
                pool->post([&, pool, poster, which, i] {
                    if (busy[which].exchange(true)) ++overlaps;
                    if (last[poster][which] >= i) ++disorder;
                    last[poster][which] = i;
                    pool->post([&] { ++ran; }, in(all)).await();
                    busy[which] = false;
                }, terms);
                const Batch few(*pool);
                const Ticket kept = pool->post([&] { ++ran; }, in(few));
                pool->post([&] { ++ran; }, in(few, -1));
                cancelled += static_cast<int>(few.cancel());
                few.await_all();
            }
        });
    }
    GIVES(outcome([&] { for (std::thread& thread : threads) thread.join(); }), "fine");
    GIVES(awaited(all), "fine");
    CHECK(overlaps == 0);
    CHECK(disorder == 0);
    CHECK(ran + cancelled == posters * each * 3);
    CHECK(pool->running() == 0);
    CHECK(pool->queued() == 0);
}
