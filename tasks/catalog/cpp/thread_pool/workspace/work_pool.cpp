#include "work_pool.hpp"

namespace loom {

Stage Ticket::stage() const { throw std::runtime_error("not written yet"); }

void Ticket::await() const { throw std::runtime_error("not written yet"); }

Batch::Batch(WorkPool& pool) : core_(pool.core_) {}

void Batch::await_all() const { throw std::runtime_error("not written yet"); }

std::size_t Batch::cancel() const { throw std::runtime_error("not written yet"); }

bool Batch::cancelled() const { throw std::runtime_error("not written yet"); }

WorkPool::WorkPool(std::size_t, std::size_t) { throw std::runtime_error("not written yet"); }

WorkPool::~WorkPool() = default;

Ticket WorkPool::post(std::function<void()>, const Terms&) { throw std::runtime_error("not written yet"); }

void WorkPool::close(Ending) { throw std::runtime_error("not written yet"); }

std::size_t WorkPool::queued() const { throw std::runtime_error("not written yet"); }

std::size_t WorkPool::running() const { throw std::runtime_error("not written yet"); }

}  // namespace loom
