// Evaluation of a schedule without arithmetic: one that looks a step, in the step's own type, up in
// a list of intervals. It has
//
//   at(step)              the rate at a step that is any integer or float
//   interval(step)        the number of the interval that an integer step is in
//   rate_of(interval)     its rate
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels.hpp"
#include "steps.hpp"

namespace fastlr::core {

template <class Real, class Schedule>
struct LookUpDriver {
  static const Schedule& of(const void* self) { return *static_cast<const Schedule*>(self); }

  static Real scalar(const void* self, std::int64_t step) { return of(self).at(step); }

  static Real scalar_real(const void* self, Real step) { return of(self).at(step); }

  /// Runs of one rate.
  static void range(const void* self, StepRange steps, Real* out) {
    const Schedule& schedule = of(self);
    for (std::int64_t first = 0; first < steps.count;) {
      const std::size_t interval = schedule.interval(steps[first]);
      std::int64_t low = first, high = steps.count;  // in the interval; not, or the end
      while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (schedule.interval(steps[middle]) == interval ? low : high) = middle;
      }
      std::fill(out + first, out + high, schedule.rate_of(interval));
      first = high;
    }
  }

  static void array(const void* self, StepType type, const void* steps, std::size_t count,
                    Real* out) {
    const Schedule& schedule = of(self);
    with_typed(type, steps, [&](auto typed) {
      for (std::size_t i = 0; i < count; ++i) out[i] = schedule.at(typed[i]);
    });
  }

  static constexpr Kernels<Real> kernels{scalar, scalar_real, range, array};
};

}  // namespace fastlr::core
