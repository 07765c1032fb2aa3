// A schedule whose type is forgotten: what the C ABI and the Python extension hold.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "../arithmetic/execution.hpp"
#include "dispatch.hpp"
#include "kernels.hpp"
#include "threads.hpp"

namespace fastlr::core {

/// An immutable value; copies share the schedule. Every method may be called from many threads.
template <class Real>
class AnySchedule {
 public:
  /// `schedule` is what its kernels take.
  AnySchedule(const KernelTable<Real>& kernels, std::shared_ptr<const void> schedule)
      : kernels_(kernels), schedule_(std::move(schedule)) {}

  Real at(std::int64_t step) const { return kernels().scalar(schedule_.get(), step); }

  /// Single steps without the look for the active instruction set, while this object lives.
  struct Scalar {
    Real (*of_integer)(const void* schedule, std::int64_t step) = nullptr;
    Real (*of_real)(const void* schedule, Real step) = nullptr;
    const void* schedule = nullptr;
    Real operator()(std::int64_t step) const { return of_integer(schedule, step); }
    Real at_real(Real step) const { return of_real(schedule, step); }
  };
  Scalar scalar() const { return {kernels().scalar, kernels().scalar_real, schedule_.get()}; }

  Real at_real(Real step) const { return kernels().scalar_real(schedule_.get(), step); }

  /// Rates of a part of a composition, which is in a chunk already.
  void fill(StepRange steps, Real* out) const { kernels().range(schedule_.get(), steps, out); }
  void fill(StepType type, const void* steps, std::size_t count, Real* out) const {
    kernels().array(schedule_.get(), type, steps, count, out);
  }

  /// False if `stop` asked to stop. threads = 0 chooses by size, at most `thread_limit`.
  bool range(StepRange steps, Real* out, int threads, int thread_limit, StopRequested stop) const {
    return in_chunks(steps.count, thread_count(steps.count, threads, thread_limit), stop,
                     [&, &kernels = kernels()](std::int64_t first, std::int64_t count) {
                       kernels.range(schedule_.get(), steps.slice(first, count), out + first);
                     });
  }

  bool array(StepType type, const void* steps, std::int64_t count, Real* out, int threads,
             int thread_limit, StopRequested stop) const {
    const auto* bytes = static_cast<const std::byte*>(steps);
    return in_chunks(count, thread_count(count, threads, thread_limit), stop,
                     [&, &kernels = kernels()](std::int64_t first, std::int64_t length) {
                       kernels.array(schedule_.get(), type,
                                     bytes + static_cast<std::size_t>(first) * size_of(type),
                                     static_cast<std::size_t>(length), out + first);
                     });
  }

 private:
  const Kernels<Real>& kernels() const { return *kernels_[static_cast<std::size_t>(active_isa())]; }

  KernelTable<Real> kernels_;
  std::shared_ptr<const void> schedule_;
};

/// Many schedules at the same steps.
template <class Real>
using ScheduleList = std::vector<const AnySchedule<Real>*>;

/// Rates of a range from each schedule, in rows of `out` that begin `distance` elements after each
/// other. Chunks go on from one row to the next: neither short rows nor few of them idle a thread.
template <class Real>
bool fill_rows(const ScheduleList<Real>& schedules, StepRange steps, Real* out,
               std::ptrdiff_t distance, int threads, int thread_limit, StopRequested stop) {
  const std::int64_t total = static_cast<std::int64_t>(schedules.size()) * steps.count;
  return in_chunks(total, thread_count(total, threads, thread_limit), stop,
                   [&](std::int64_t first, std::int64_t count) {
                     for (const std::int64_t end = first + count; first < end;) {
                       const std::int64_t row = first / steps.count, column = first % steps.count;
                       const std::int64_t length = std::min(steps.count - column, end - first);
                       schedules[static_cast<std::size_t>(row)]->fill(
                           steps.slice(column, length), out + row * distance + column);
                       first += length;
                     }
                   });
}

/// The arguments of any schedule (../schedules/all.hpp).
struct Arguments;

/// Makes a schedule of its arguments in an execution mode. In binary64 there is the eager mode
/// only.
template <class Real>
AnySchedule<Real> make_schedule(ExecutionId execution, const Arguments& arguments);

}  // namespace fastlr::core
