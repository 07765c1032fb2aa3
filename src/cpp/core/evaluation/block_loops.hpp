// What compositions do with blocks of steps and of rates, once per instruction set.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "../arithmetic/float_order.hpp"
#include "../arithmetic/flush_to_zero.hpp"
#include "partition.hpp"
#include "steps.hpp"

namespace fastlr::core {

/// Loops over steps that are integers, or Reals.
template <class Step, class Real>
struct StepLoops {
  struct Limits {
    Step low, high;
    bool any_nan;
  };
  /// The smallest and the largest step.
  Limits (*limits)(const Step* steps, std::size_t count);
  /// out[i] = steps[i] moved by `distance`.
  void (*move)(const Step* steps, std::size_t count, Step distance, Step* out);
  /// As in partition.hpp, with as much room behind the arrays.
  std::size_t (*split)(const Step* steps, std::size_t count, Step boundary, Step* below,
                       Step* others);
  void (*merge)(const Step* steps, std::size_t count, Step boundary, const Real* below,
                const Real* others, Real* out);
  /// out[i] = rate after the step `boundary`.
  void (*set_above)(const Step* steps, std::size_t count, Step boundary, Real rate, Real* out);
};

template <class Real>
struct BlockLoops {
  StepLoops<std::int64_t, Real> of_integers;
  StepLoops<Real, Real> of_reals;
  void (*scale)(Real factor, Real* rates, std::size_t count);
  void (*clip)(Real minimum, Real maximum, Real* rates, std::size_t count);

  const auto& of(std::int64_t) const { return of_integers; }
  const auto& of(Real) const { return of_reals; }
};

/// One rounding; a subnormal is zero.
template <class Real>
FASTLR_INLINE Real scaled(Real factor, Real rate) {
  return Real(Flushed<Real>(factor) * Flushed<Real>(rate));
}

/// NaN stays NaN.
template <class Real>
FASTLR_INLINE Real clipped(Real minimum, Real maximum, Real rate) {
  const Real raised = rate < minimum ? minimum : rate;
  return raised > maximum ? maximum : raised;
}

template <class Isa, class Real>
struct LoopsIn {
  template <class Step>
  static typename StepLoops<Step, Real>::Limits limits(const Step* steps, std::size_t count) {
    // As integers: GCC vectorises no minimum of floats that honours NaN.
    const auto number_of = [](Step step) {
      if constexpr (std::is_integral_v<Step>) {
        return step;
      } else {
        return ordinal(step);
      }
    };
    using Ordinal = decltype(number_of(Step()));
    Ordinal low = std::numeric_limits<Ordinal>::max(), high = std::numeric_limits<Ordinal>::min();
    int any_nan = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Ordinal position = number_of(steps[i]);
      low = std::min(low, position);
      high = std::max(high, position);
      any_nan |= steps[i] != steps[i];
    }
    if constexpr (std::is_integral_v<Step>) {
      return {low, high, false};
    } else {
      return {from_ordinal(low), from_ordinal(high), any_nan != 0};
    }
  }

  template <class Step>
  static void move(const Step* __restrict steps, std::size_t count, Step distance,
                   Step* __restrict out) {
    for (std::size_t i = 0; i < count; ++i) out[i] = moved(steps[i], distance);
  }

  template <class Step>
  static void set_above(const Step* __restrict steps, std::size_t count, Step boundary, Real rate,
                        Real* __restrict out) {
    for (std::size_t i = 0; i < count; ++i) out[i] = steps[i] > boundary ? rate : out[i];
  }

  static void scale(Real factor, Real* rates, std::size_t count) {
    // As integers, which GCC vectorises: a product that is neither tiny nor the smallest normal
    // number, which may have been rounded to, needs no flush.
    using Bits = std::conditional_t<sizeof(Real) == 4, std::uint32_t, std::uint64_t>;
    constexpr int mantissa = std::numeric_limits<Real>::digits - 1;
    constexpr Bits smallest = Bits{1} << mantissa, sign = Bits{1} << (sizeof(Real) * 8 - 1);
    Bits doubtful = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Real product = factor * rates[i];
      Bits bits;
      std::memcpy(&bits, &product, sizeof bits);
      doubtful |= ((bits & ~sign) - 1 < smallest) ? Bits{1} : Bits{0};
    }
    if (doubtful != 0) {
      for (std::size_t i = 0; i < count; ++i) rates[i] = scaled(factor, rates[i]);
    } else {
      for (std::size_t i = 0; i < count; ++i) rates[i] = factor * rates[i];
    }
  }

  static void clip(Real minimum, Real maximum, Real* rates, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) rates[i] = clipped(minimum, maximum, rates[i]);
  }

  static constexpr BlockLoops<Real> loops{
      {limits<std::int64_t>, move<std::int64_t>, split<Isa, std::int64_t>,
       merge<Isa, std::int64_t, Real>, set_above<std::int64_t>},
      {limits<Real>, move<Real>, split<Isa, Real>, merge<Isa, Real, Real>, set_above<Real>},
      scale,
      clip};
};

/// Those of one instruction set; defined in kernels.cpp.
template <class Isa, class Real>
const BlockLoops<Real>& block_loops_in();

/// Those of the active one; defined in any_schedule.cpp.
template <class Real>
const BlockLoops<Real>& block_loops();

}  // namespace fastlr::core
