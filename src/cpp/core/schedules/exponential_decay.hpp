// keras.optimizers.schedules.ExponentialDecay (Keras 3).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <type_traits>

#include "../arithmetic/execution.hpp"
#include "../libm/power.hpp"
#include "argument_checks.hpp"
#include "arguments.hpp"
#include "formulas.hpp"

namespace fastlr::core {

template <class Real, class Execution>
class ExponentialDecay;

struct ExponentialDecayArguments {
  static constexpr const char* class_name = "ExponentialDecay";
  static constexpr const char* module = keras_module;
  /// XLA's arithmetic is that of graphs, with other arguments at times.
  template <class Real, class Execution>
  using Schedule = ExponentialDecay<Real, std::conditional_t<Execution::folds, Graph, Eager>>;

  double initial_learning_rate = 0;
  StepCount decay_steps;
  double decay_rate = 0;
  bool staircase = false;
  Name name = class_name;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("initial_learning_rate", self.initial_learning_rate, Given::always);
    visit("decay_steps", self.decay_steps, Given::always);
    visit("decay_rate", self.decay_rate, Given::always);
    visit("staircase", self.staircase, Given::optionally);
    visit("name", self.name, Given::optionally);
  }
  template <class Visit>
  void each_derived(Visit) {}
};

template <class Real, class Execution>
class ExponentialDecay {
 public:
  static constexpr bool vanishes = true;

  ExponentialDecay(const ExponentialDecayArguments& p, ExecutionId execution) {
    using N = Flushed<Real>;
    initial_ = Real(N(finite<Real>("initial_learning_rate", p.initial_learning_rate)));
    decay_steps_ = positive<Real>("decay_steps", p.decay_steps.value);
    decay_rate_ = Real(N(finite<Real>("decay_rate", p.decay_rate)));
    staircase_ = p.staircase;
    reciprocal_ = Real(N(Real(1)) / N(decay_steps_));
    if (execution == ExecutionId::xla) take_power_of_two();
    if constexpr (sizeof(Real) == 4) find_pieces();
  }

  template <class Isa, class Number>
  FASTLR_INLINE Number at(Number step) const {
    const Number p = quotient<Execution>(step, decay_steps_, reciprocal_);
    return initial_ * power(Number(decay_rate_), times_ * (staircase_ ? floored(p) : p));
  }

  bool needs_flush() const { return false; }

  // The rate is initial * 2^x with x = p * log2(decay_rate), and powf looks up the multiple of 1/32
  // nearest to x. A piece is the steps with one such multiple, or one stair: inside it only powf's
  // cubic is left. Pieces with negative numbers are those without a formula of their own.
  enum Special : std::int64_t {
    stepwise = std::numeric_limits<std::int64_t>::min(),  // no formula but `at`
    above,                                                // x too large for a plain product
    vanished,                                             // the product is zero
    vanishing  // in between: powf or the product is subnormal, or nearly
  };

  FASTLR_INLINE std::int64_t piece(Real step) const {
    if (!is_known_) return stepwise;
    const Real p = stair(step);
    const double x = exponent(p);
    if (!(x < highest_)) return above;
    if (x < zero_below_) return vanished;
    if (x < lowest_) return vanishing;
    if (staircase_) return std::fabs(p) < Real(0x1p60) ? static_cast<std::int64_t>(p) : above;
    return static_cast<std::int64_t>(powf::nearest_exp2_multiple(x) * powf::exp2_entries);
  }

  FASTLR_INLINE double end_of_piece(std::int64_t piece, Real) const {
    const double steps = decay_steps_, number = static_cast<double>(piece);
    if (piece <= vanishing) return std::numeric_limits<double>::quiet_NaN();
    if (staircase_) return (number + 1) * steps;
    return (number + (log2_rate_ < 0 ? -0.5 : 0.5)) / powf::exp2_entries / log2_rate_ * steps;
  }

  template <class Isa, class Loop>
  FASTLR_INLINE void with_piece(std::int64_t piece, Real first, Loop loop) const {
    if (piece <= vanishing) {
      if (piece == vanished) return loop(OneRate{initial_ * Real(0)});
      return loop(Stepwise<Isa, ExponentialDecay>{*this});
    }
    if (staircase_) return loop(OneRate{Stepwise<Isa, ExponentialDecay>{*this}(first)});
    if constexpr (Isa::fma) {
      const double multiple = static_cast<double>(piece) / powf::exp2_entries;
      const double scale = powf::exp2_of_multiple(multiple);
      loop([*this, multiple, scale](Real step) {
        const Real p = quotient<Execution>(step, decay_steps_, reciprocal_);
        return initial_ * powf::exp2_near(exponent(p), multiple, scale);
      });
    } else {
      loop(Stepwise<Isa, ExponentialDecay>{*this});
    }
  }

  template <class Isa, class Loop>
  FASTLR_INLINE void with_pieces(Real low, Real high, Loop loop) const {
    if constexpr (Isa::fma) {
      if (piece(low) > vanishing && piece(high) > vanishing) {
        if (staircase_) {
          return loop([*this](Real step) {
            const Real p = quotient<Execution>(step, decay_steps_, reciprocal_);
            return initial_ * powf::exp2(exponent(std::floor(p)));
          });
        }
        return loop([*this](Real step) {
          const Real p = quotient<Execution>(step, decay_steps_, reciprocal_);
          return initial_ * powf::exp2(exponent(p));
        });
      }
    }
    loop(Stepwise<Isa, ExponentialDecay>{*this});
  }

 private:
  /// LLVM makes exp2(n * p) of pow(2^n, p), up to n = 62 and with a rounding of n * p, which is
  /// exact where n is a power of two.
  void take_power_of_two() {
    int exponent, unused;
    const bool is_power = std::frexp(decay_rate_, &exponent) == Real(0.5);
    const int n = exponent - 1;
    if (!is_power || n == 0 || std::abs(n) > 62 || std::frexp(std::abs(n), &unused) == 0.5) return;
    decay_rate_ = Real(2);
    times_ = static_cast<Real>(n);
  }

  FASTLR_INLINE Real stair(Real step) const {
    const Real p = quotient<Execution>(step, decay_steps_, reciprocal_);
    return staircase_ ? std::floor(p) : p;
  }

  /// log2 of the power, as powf computes it.
  FASTLR_INLINE double exponent(Real p) const { return static_cast<double>(p) * log2_rate_; }

  void find_pieces() {
    is_known_ = decay_rate_ >= std::numeric_limits<Real>::min() && initial_ != 0 &&
                decay_steps_ < Real(0x1p60) && times_ == Real(1) && powf::library_power_is_fused();
    if (!is_known_) return;
    log2_rate_ = powf::log2(decay_rate_);
    const double size = std::log2(std::fabs(static_cast<double>(initial_)));
    lowest_ = std::max(-120.0, -120.0 - size);
    highest_ = std::min(120.0, 120.0 - size);
    zero_below_ = std::max(-128.0, -128.0 - size);
  }

  Real initial_, decay_steps_, decay_rate_, reciprocal_;
  Real times_ = 1;  // by which XLA multiplies the exponent
  bool staircase_, is_known_ = false;
  double log2_rate_ = 0, lowest_ = 0, highest_ = 0, zero_below_ = 0;
};

}  // namespace fastlr::core
