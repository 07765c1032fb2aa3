// Loops over steps, whatever the schedule: ranges, and arrays of any type as ranges or floats.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "../arithmetic/float_order.hpp"
#include "../arithmetic/flush_to_zero.hpp"
#include "steps.hpp"

namespace fastlr::core {

/// Whether steps, and the distance between any two, are at most `limit`: an index times the
/// stride must be exact too.
template <std::int64_t limit>
FASTLR_INLINE bool is_within(StepRange steps) {
  const std::int64_t last = steps[steps.count - 1];
  const std::int64_t low = std::min(steps.start, last), high = std::max(steps.start, last);
  return low >= -limit && high <= limit && high - low <= limit;
}

/// out[i] = formula(step i). Counter is a type in which every step, and the distance between any
/// two, is exact. Converting 32-bit indices is a vector instruction everywhere; converting int64
/// steps is not.
template <class Isa, class Counter, class Formula>
FASTLR_NOINLINE FASTLR_FLATTEN void fill_from(Formula formula, StepRange steps,
                                              float* __restrict out) {
  const auto start = static_cast<Counter>(steps.start), stride = static_cast<Counter>(steps.stride);
  const auto count = static_cast<std::int32_t>(steps.count);
  for (std::int32_t i = 0; i < count; ++i) {
    out[i] = formula(static_cast<float>(start + static_cast<Counter>(i) * stride));
  }
}

/// A step as it is.
struct Itself {
  FASTLR_INLINE float operator()(float step) const { return step; }
};

/// out[i] = step i, for at most as many steps as `fill_from` takes.
template <class Isa>
FASTLR_NOINLINE void write_steps(StepRange steps, float* out) {
  if (is_within<std::int64_t{1} << 24>(steps)) return fill_from<Isa, float>(Itself{}, steps, out);
  if (is_within<std::int64_t{1} << 51>(steps)) return fill_from<Isa, double>(Itself{}, steps, out);
  for (std::int64_t i = 0; i < steps.count; ++i) out[i] = static_cast<float>(steps[i]);
}

/// The smallest and the largest of some steps.
struct Extent {
  float low, high;
  bool any_needs_flush;
};

template <class Isa>
FASTLR_NOINLINE Extent extent_of(const float* steps, std::size_t count) {
  // As integers: GCC vectorises no minimum of floats that honours NaN.
  std::int32_t lowest = std::numeric_limits<std::int32_t>::max(), highest = ~lowest;
  int needs_flush = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t position = ordinal(steps[i]);
    lowest = std::min(lowest, position);
    highest = std::max(highest, position);
    needs_flush |= step_needs_flush(steps[i]);
  }
  return {from_ordinal(lowest), from_ordinal(highest), needs_flush != 0};
}

template <class Isa, class Step>
void convert(const Step* __restrict steps, std::size_t count, float* __restrict out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<float>(steps[i]);
}

/// AVX2 and the baseline have no conversion of 64-bit integers. Below 2**50 the integer can be
/// put into the mantissa of a double, which converts exactly (1.5 against 4.2 ns an element).
template <class Isa>
void convert(const std::int64_t* __restrict steps, std::size_t count, float* __restrict out) {
  std::uint64_t large = 0;
  for (std::size_t i = 0; i < count; ++i) {
    large |= (static_cast<std::uint64_t>(steps[i]) + (std::uint64_t{1} << 50)) >> 51;
  }
  if (large != 0) return convert<Isa, std::int64_t>(steps, count, out);
  for (std::size_t i = 0; i < count; ++i) {
    constexpr double magic = 0x1.8p52;
    const std::int64_t bits = steps[i] + 0x4338000000000000;
    double shifted;
    std::memcpy(&shifted, &bits, sizeof shifted);
    out[i] = static_cast<float>(shifted - magic);
  }
}

inline constexpr std::size_t range_block = 4096, array_block = 512;

/// What evaluates one schedule at the steps that `out` holds.
template <class Real>
struct InPlace {
  const void* self;
  void (*evaluate)(const void* self, Real* out, std::size_t count);
  void operator()(Real* out, std::size_t count) const { evaluate(self, out, count); }
};

// Steps are converted block by block, by code that all schedules share.

template <class Isa, class Real>
FASTLR_NOINLINE void range_in_place(InPlace<Real> evaluate, StepRange steps, Real* out) {
  const auto count = static_cast<std::size_t>(steps.count);
  for (std::size_t i = 0; i < count; i += array_block) {
    const std::size_t few = std::min(array_block, count - i);
    for (std::size_t j = i; j < i + few; ++j) {
      out[j] = static_cast<Real>(steps[static_cast<std::int64_t>(j)]);
    }
    evaluate(out + i, few);
  }
}

template <class Isa, class Real>
FASTLR_NOINLINE void array_in_place(InPlace<Real> evaluate, StepType type, const void* steps,
                                    std::size_t count, Real* out) {
  with_typed(type, steps, [&](auto typed) {
    for (std::size_t i = 0; i < count; i += array_block) {
      const std::size_t few = std::min(array_block, count - i);
      for (std::size_t j = i; j < i + few; ++j) out[j] = as_real<Real>(typed[j]);
      evaluate(out + i, few);
    }
  });
}

/// Detects arrays with a constant stride, to be evaluated as ranges: the difference of neighbours
/// where it is the same throughout, not 0 and of modest size, or else 0. Other arrays fail at the
/// first test.
template <class Isa, class Step>
std::int64_t common_difference(const Step* steps, std::size_t count) {
  if constexpr (std::is_integral_v<Step> && std::is_signed_v<Step>) {
    if (count < array_block) return 0;
    const auto at_index = [steps](std::size_t i) { return static_cast<std::int64_t>(steps[i]); };
    const std::int64_t first = at_index(0), last = at_index(count - 1);
    constexpr std::int64_t limit = std::int64_t{1} << 40;
    if (first < -limit || first > limit || last < -limit || last > limit) return 0;
    const std::int64_t stride = (last - first) / static_cast<std::int64_t>(count - 1);
    if (stride == 0 || at_index(1) != first + stride) return 0;
    std::uint64_t differences = 0;
    for (std::size_t i = 0; i < count; ++i) {
      differences |= static_cast<std::uint64_t>(at_index(i)) ^
                     (static_cast<std::uint64_t>(first) + i * static_cast<std::uint64_t>(stride));
    }
    return differences == 0 ? stride : 0;
  }
  return 0;
}

/// What evaluates one schedule: a range, or the steps that `out` holds.
struct Evaluator {
  const void* self;
  void (*range)(const void* self, StepRange steps, float* out);
  void (*in_place)(const void* self, float* out, std::size_t count);
};

/// An array of any type: block by block, a range or converted in place.
template <class Isa>
FASTLR_NOINLINE void in_blocks(Evaluator evaluate, StepType type, const void* steps,
                               std::size_t count, float* out) {
  with_typed(type, steps, [&](auto typed) {
    for (std::size_t i = 0; i < count; i += range_block) {
      const std::size_t length = std::min(range_block, count - i);
      if (const std::int64_t stride = common_difference<Isa>(typed + i, length)) {
        const auto start = static_cast<std::int64_t>(typed[i]);
        evaluate.range(evaluate.self, {start, stride, static_cast<std::int64_t>(length)}, out + i);
        continue;
      }
      for (std::size_t j = i; j < i + length; j += array_block) {
        const std::size_t few = std::min(array_block, i + length - j);
        convert<Isa>(typed + j, few, out + j);
        evaluate.in_place(evaluate.self, out + j, few);
      }
    }
  });
}

}  // namespace fastlr::core
