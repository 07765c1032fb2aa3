// Steps as callers give them: ranges, and arrays of any type.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "../arithmetic/flush_to_zero.hpp"

namespace fastlr::core {

/// The steps start, start + stride, ..., `count` of them; all of them fit std::int64_t.
struct StepRange {
  std::int64_t start;
  std::int64_t stride;
  std::int64_t count;

  /// Wrapping: index * stride alone may be beyond std::int64_t where the step itself is not.
  std::int64_t operator[](std::int64_t index) const {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(start) +
                                     static_cast<std::uint64_t>(index) *
                                         static_cast<std::uint64_t>(stride));
  }
  /// `length` steps from `first` on.
  StepRange slice(std::int64_t first, std::int64_t length) const {
    return {(*this)[first], stride, length};
  }
};

/// The first index that is not within: `within` holds at `low`, and from some index up to `high` on
/// no longer.
template <class Within>
std::int64_t first_outside(std::int64_t low, std::int64_t high, Within within) {
  // At growing distances, since it may be near.
  for (std::int64_t distance = 1; high - low > distance; distance *= 2) {
    if (!within(low + distance)) {
      high = low + distance;
      break;
    }
    low += distance;
  }
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (within(middle) ? low : high) = middle;
  }
  return high;
}

/// Types of step arrays that the core reads; the faces convert others to one of them first.
enum class StepType { int32, int64, uint64, float32, float64 };

constexpr std::size_t size_of(StepType type) {
  return type == StepType::int32 || type == StepType::float32 ? 4 : 8;
}

/// Calls use(pointer) with the pointer to steps in their type.
template <class Use>
FASTLR_INLINE void with_typed(StepType type, const void* steps, Use use) {
  switch (type) {
    case StepType::int32:
      return use(static_cast<const std::int32_t*>(steps));
    case StepType::int64:
      return use(static_cast<const std::int64_t*>(steps));
    case StepType::uint64:
      return use(static_cast<const std::uint64_t*>(steps));
    case StepType::float32:
      return use(static_cast<const float*>(steps));
    case StepType::float64:
      return use(static_cast<const double*>(steps));
  }
}

/// The type of std::int64_t, float and double.
template <class Step>
inline constexpr StepType type_of = std::is_integral_v<Step> ? StepType::int64
                                    : sizeof(Step) == 4      ? StepType::float32
                                                             : StepType::float64;

/// A step as a number of the schedule's type, rounded once; a subnormal counts as zero.
template <class Real, class Step>
FASTLR_INLINE Real as_real(Step step) {
  if constexpr (std::is_same_v<Step, float>) step = flush(step);  // before it is widened
  return flush(static_cast<Real>(step));
}

/// An array in blocks of at most `step_block` steps, which are std::int64_t where they are integers
/// that fit, and otherwise Real: use(block, size, index of the first).
inline constexpr std::size_t step_block = 512;

template <class Real, class Use>
void in_step_blocks(StepType type, const void* steps, std::size_t count, Use use) {
  with_typed(type, steps, [&](auto typed) {
    using Step = std::remove_const_t<std::remove_pointer_t<decltype(typed)>>;
    using Kept = std::conditional_t<std::is_integral_v<Step>, std::int64_t, Real>;
    Kept block[step_block];
    for (std::size_t first = 0; first < count; first += step_block) {
      const std::size_t size = std::min(step_block, count - first);
      if constexpr (std::is_same_v<Step, std::int64_t>) {
        use(typed + first, size, first);
        continue;
      }
      if constexpr (std::is_same_v<Step, std::uint64_t>) {
        constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
        std::uint64_t all = 0;
        for (std::size_t i = 0; i < size; ++i) all |= typed[first + i];
        if (all > largest) {  // step by step: some fit, some do not
          for (std::size_t i = first; i < first + size; ++i) {
            if (typed[i] > largest) {
              const auto real = static_cast<Real>(typed[i]);
              use(&real, 1, i);
            } else {
              const auto integer = static_cast<std::int64_t>(typed[i]);
              use(&integer, 1, i);
            }
          }
          continue;
        }
      }
      for (std::size_t i = 0; i < size; ++i) {
        if constexpr (std::is_integral_v<Step>) {
          block[i] = static_cast<Kept>(typed[first + i]);
        } else {
          block[i] = as_real<Real>(typed[first + i]);
        }
      }
      use(static_cast<const Kept*>(block), size, first);
    }
  });
}

/// step + distance; for integers the nearest one that fits.
FASTLR_INLINE std::int64_t moved(std::int64_t step, std::int64_t distance) {
  using Limits = std::numeric_limits<std::int64_t>;
  return (distance > 0 ? std::min(step, Limits::max() - distance)
                       : std::max(step, Limits::min() - distance)) +
         distance;
}
template <class Real>
FASTLR_INLINE Real moved(Real step, Real distance) {
  return flush(step + distance);
}

/// Whether no step of a range is beyond int64 once it is moved.
inline bool can_move(StepRange steps, std::int64_t distance) {
  const auto is_exact = [&](std::int64_t step) { return moved(step, distance) - distance == step; };
  return steps.count == 0 || (is_exact(steps.start) && is_exact(steps[steps.count - 1]));
}

}  // namespace fastlr::core
