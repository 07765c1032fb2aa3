// Evaluation of a schedule that is made of other schedules, or of values: it has
//
//   at(step), at_real(step)               the rate at a step that is an integer, or a Real
//   range(steps, out)                     rates of a range
//   array(type, steps, count, out)        rates of an array
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels.hpp"

namespace fastlr::core {

template <class Real, class Schedule>
struct MemberDriver {
  static const Schedule& of(const void* self) { return *static_cast<const Schedule*>(self); }

  static Real scalar(const void* self, std::int64_t step) { return of(self).at(step); }
  static Real scalar_real(const void* self, Real step) { return of(self).at_real(step); }
  static void range(const void* self, StepRange steps, Real* out) { of(self).range(steps, out); }
  static void array(const void* self, StepType type, const void* steps, std::size_t count,
                    Real* out) {
    of(self).array(type, steps, count, out);
  }

  static constexpr Kernels<Real> kernels{scalar, scalar_real, range, array};
};

}  // namespace fastlr::core
