#include "work_pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace loom {

using JobPointer = std::shared_ptr<Job>;
using Lock = std::unique_lock<std::mutex>;

struct BatchState {
    bool cancelled = false;
    std::size_t open = 0;  // jobs that have not ended
    std::uint64_t failed = 0;
    std::exception_ptr failure;  // of the job with the number above
};

struct Job {
    std::function<void()> work;
    std::int64_t priority = 0;
    std::string lane;
    std::shared_ptr<BatchState> batch;
    std::uint64_t number = 0;
    std::uint64_t starts = 0;  // of others, when it was posted
    Stage stage = Stage::queued;
    std::exception_ptr failure;

    bool ended() const { return stage != Stage::queued && stage != Stage::running; }
};

namespace {

// Somebody who waits for a job or for a batch.
struct Waiter {
    const Job* job = nullptr;
    const BatchState* batch = nullptr;
    bool inside = false;  // is a job itself
    bool over = false;
};

thread_local const Core* home = nullptr;
thread_local const Job* current = nullptr;

}  // namespace

struct Core : std::enable_shared_from_this<Core> {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t limit = 0;
    std::size_t aging = 0;
    std::vector<JobPointer> queue;  // in the order of posting
    std::set<std::string> busy;     // lanes
    std::vector<Waiter*> waiters;
    std::vector<std::thread> threads;
    std::uint64_t posted = 0;
    std::uint64_t starts = 0;
    std::size_t open = 0;      // jobs that have not ended
    std::size_t running = 0;   // without those that wait
    std::size_t blocked = 0;   // jobs that wait, or want to go on
    std::size_t resuming = 0;  // jobs whose wait is over and that want to go on
    bool draining = false;
    bool discarding = false;
    bool leaving = false;  // threads have nothing more to do
    bool left = false;

    void spawn() {
        threads.emplace_back([core = shared_from_this()] { core->serve(); });
    }

    void serve() {
        home = this;
        Lock lock(mutex);
        for (;;) {
            JobPointer job;
            changed.wait(lock, [&] { return (job = next()) || leaving; });
            if (!job) return;
            start(job);
            lock.unlock();
            std::exception_ptr failure = run(*job);
            lock.lock();
            --running;
            busy.erase(job->lane);
            finish(*job, failure ? Stage::failed : Stage::done, failure);
        }
    }

    JobPointer next() const {
        if (running + resuming >= limit) return nullptr;
        JobPointer best;
        std::int64_t highest = 0;
        for (const JobPointer& job : queue) {
            if (busy.count(job->lane)) continue;
            const JobPointer& first = job;
            const std::int64_t own = rank(*job);
            if (!best || own > highest || (own == highest && first->number < best->number)) {
                best = first;
                highest = own;
            }
        }
        return best;
    }

    const JobPointer& first_of(const std::string& lane) const {
        return *std::find_if(queue.begin(), queue.end(), [&](const JobPointer& job) { return job->lane == lane; });
    }

    std::int64_t rank(const Job& job) const {
        return job.priority + (aging ? static_cast<std::int64_t>((starts - job.starts) / aging) : 0);
    }

    void start(const JobPointer& job) {
        queue.erase(std::find(queue.begin(), queue.end(), job));
        job->stage = Stage::running;
        ++starts;
        ++running;
        if (!job->lane.empty()) busy.insert(job->lane);
        changed.notify_all();
    }

    static std::exception_ptr run(Job& job) {
        std::exception_ptr failure;
        current = &job;
        try {
            job.work();
        } catch (...) {
            failure = std::current_exception();
        }
        job.work = nullptr;
        current = nullptr;
        return failure;
    }

    void finish(Job& job, Stage stage, const std::exception_ptr& failure) {
        job.stage = stage;
        job.failure = failure;
        --open;
        if (BatchState* batch = job.batch.get()) {
            --batch->open;
            if (failure && (!batch->failure || job.number < batch->failed)) {
                batch->failed = job.number;
                batch->failure = failure;
            }
        }
        release(job);
        changed.notify_all();
    }

    // Those whose wait is over get their places before a queued job can.
    void release(const Job& job) {
        const auto is_over = [&](const Waiter* waiter) {
            return waiter->job == &job || (waiter->batch && waiter->batch == job.batch.get() && !waiter->batch->open);
        };
        for (Waiter* waiter : waiters) {
            if (!is_over(waiter)) continue;
            waiter->over = true;
            if (waiter->inside) ++resuming;
        }
        waiters.erase(std::remove_if(waiters.begin(), waiters.end(), is_over), waiters.end());
    }

    void block(Lock& lock, Waiter waiter) {
        waiter.inside = home == this && current;
        waiters.push_back(&waiter);
        if (waiter.inside) {
            --running;
            ++blocked;
            if (threads.size() < limit + blocked) spawn();
            changed.notify_all();
        }
        changed.wait(lock, [&] { return waiter.over; });
        if (!waiter.inside) return;
        changed.wait(lock, [&] { return running < limit; });
        --resuming;
        --blocked;
        ++running;
    }

    // Functions are destroyed without the lock: their destructors may call the pool.
    template <class Chosen>
    std::size_t drop(Lock& lock, Chosen chosen) {
        std::vector<JobPointer> dropped;
        std::copy_if(queue.begin(), queue.end(), std::back_inserter(dropped), chosen);
        queue.erase(std::remove_if(queue.begin(), queue.end(), chosen), queue.end());
        lock.unlock();
        for (const JobPointer& job : dropped) job->work = nullptr;
        lock.lock();
        for (const JobPointer& job : dropped) finish(*job, Stage::dropped, nullptr);
        return dropped.size();
    }

    void leave(Lock& lock) {
        changed.wait(lock, [&] { return open == 0; });
        if (!leaving) {
            leaving = true;
            changed.notify_all();
            std::vector<std::thread> all = std::move(threads);
            lock.unlock();
            for (std::thread& each : all) each.join();
            lock.lock();
            left = true;
            changed.notify_all();
        }
        changed.wait(lock, [&] { return left; });
    }
};

Stage Ticket::stage() const {
    Lock lock(core_->mutex);
    return job_->stage;
}

void Ticket::await() const {
    Lock lock(core_->mutex);
    if (current == job_.get()) throw std::logic_error("a job waits for itself");
    if (!job_->ended()) core_->block(lock, {job_.get(), nullptr});
    if (job_->stage == Stage::dropped) throw Dropped("the job was dropped");
    std::exception_ptr failure = job_->failure;
    lock.unlock();
    if (failure) std::rethrow_exception(failure);
}

Batch::Batch(WorkPool& pool) : core_(pool.core_), state_(std::make_shared<BatchState>()) {}

void Batch::await_all() const {
    Lock lock(core_->mutex);
    if (current && current->batch == state_) throw std::logic_error("a job waits for its own batch");
    if (state_->open) core_->block(lock, {nullptr, state_.get()});
    std::exception_ptr failure = std::exchange(state_->failure, nullptr);
    lock.unlock();
    if (failure) std::rethrow_exception(failure);
}

std::size_t Batch::cancel() const {
    Lock lock(core_->mutex);
    state_->cancelled = true;
    return core_->drop(lock, [&](const JobPointer& job) { return job->batch == state_; });
}

bool Batch::cancelled() const {
    Lock lock(core_->mutex);
    return state_->cancelled;
}

WorkPool::WorkPool(std::size_t workers, std::size_t aging) : core_(std::make_shared<Core>()) {
    if (workers == 0) throw std::invalid_argument("a pool needs a worker");
    core_->limit = workers;
    core_->aging = aging;
    Lock lock(core_->mutex);
    for (std::size_t i = 0; i < workers; ++i) core_->spawn();
}

WorkPool::~WorkPool() { close(Ending::drain); }

Ticket WorkPool::post(std::function<void()> work, const Terms& terms) {
    if (!work) throw std::invalid_argument("a job needs a function");
    if (terms.batch && terms.batch->core_ != core_) throw std::invalid_argument("the batch is another pool's");
    Ticket ticket;
    ticket.core_ = core_;
    ticket.job_ = std::make_shared<Job>();
    Job& job = *ticket.job_;
    job.priority = terms.priority;
    job.lane = terms.lane;
    job.batch = terms.batch ? terms.batch->state_ : nullptr;
    Lock lock(core_->mutex);
    const bool inside = home == core_.get() && current;
    if (core_->discarding || (core_->draining && !inside)) throw Stopped("the pool takes no more jobs");
    if (job.batch && job.batch->cancelled) {
        job.stage = Stage::dropped;
        lock.unlock();
        work = nullptr;
        return ticket;
    }
    job.work = std::move(work);
    job.number = core_->posted++;
    job.starts = core_->starts;
    ++core_->open;
    if (job.batch) ++job.batch->open;
    core_->queue.push_back(ticket.job_);
    core_->changed.notify_all();
    return ticket;
}

void WorkPool::close(Ending ending) {
    Lock lock(core_->mutex);
    if (home == core_.get() && current) throw std::logic_error("a job closes its own pool");
    core_->draining = true;
    if (ending == Ending::discard) {
        core_->discarding = true;
        core_->drop(lock, [](const JobPointer&) { return true; });
    }
    core_->leave(lock);
}

std::size_t WorkPool::queued() const {
    Lock lock(core_->mutex);
    return core_->queue.size();
}

std::size_t WorkPool::running() const {
    Lock lock(core_->mutex);
    return core_->running;
}

}  // namespace loom
