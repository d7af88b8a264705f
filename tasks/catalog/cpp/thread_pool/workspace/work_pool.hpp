#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace loom {

/// Thrown by post() when the pool takes no more jobs.
struct Stopped : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Thrown by await() for a job that never ran.
struct Dropped : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class Stage { queued, running, done, failed, dropped };
enum class Ending { drain, discard };

class WorkPool;
struct Core;
struct Job;
struct BatchState;

/// One job that was posted. Copies stand for the same job.
class Ticket {
public:
    Stage stage() const;
    void await() const;

private:
    friend class WorkPool;
    std::shared_ptr<Core> core_;
    std::shared_ptr<Job> job_;
};

/// Jobs that are waited for or cancelled together. Copies stand for the same batch.
class Batch {
public:
    explicit Batch(WorkPool& pool);
    void await_all() const;
    std::size_t cancel() const;
    bool cancelled() const;

private:
    friend class WorkPool;
    std::shared_ptr<Core> core_;
    std::shared_ptr<BatchState> state_;
};

struct Terms {
    int priority = 0;
    std::string lane;
    std::optional<Batch> batch;
};

class WorkPool {
public:
    WorkPool(std::size_t workers, std::size_t aging);
    ~WorkPool();
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;

    Ticket post(std::function<void()> work, const Terms& terms = {});
    void close(Ending ending);
    std::size_t queued() const;
    std::size_t running() const;

private:
    friend class Batch;
    std::shared_ptr<Core> core_;
};

}  // namespace loom
