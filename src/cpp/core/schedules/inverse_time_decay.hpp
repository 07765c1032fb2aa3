// keras.optimizers.schedules.InverseTimeDecay (Keras 3).
#pragma once

#include <limits>

#include "../arithmetic/execution.hpp"
#include "argument_checks.hpp"
#include "arguments.hpp"

namespace fastlr::core {

template <class Real, class Execution>
class InverseTimeDecay;

struct InverseTimeDecayArguments {
  static constexpr const char* class_name = "InverseTimeDecay";
  static constexpr const char* module = keras_module;
  template <class Real, class Execution>
  using Schedule = InverseTimeDecay<Real, Execution>;

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
class InverseTimeDecay {
 public:
  static constexpr bool vanishes = false;

  explicit InverseTimeDecay(const InverseTimeDecayArguments& p) {
    using N = Flushed<Real>;
    initial_ = Real(N(finite<Real>("initial_learning_rate", p.initial_learning_rate)));
    decay_steps_ = positive<Real>("decay_steps", p.decay_steps.value);
    decay_rate_ = Real(N(finite<Real>("decay_rate", p.decay_rate)));
    staircase_ = p.staircase;
    reciprocal_ = Real(N(Real(1)) / N(decay_steps_));
    rate_per_step_ = Real(N(decay_rate_) * N(reciprocal_));
  }

  template <class Isa, class Number>
  FASTLR_INLINE Number at(Number step) const {
    return initial_ / (staircase_ ? divisor<true>(step) : divisor<false>(step));
  }

  /// The furthest plain step gives the largest divisor.
  bool needs_flush() const {
    const double divisor = 1.0 + std::fabs(decay_rate_) * (0x1p65 / decay_steps_);
    const bool quotient_vanishes = decay_steps_ > Real(0x1p60);
    return quotient_vanishes || (initial_ != 0 && !(std::fabs(initial_) / divisor > 0x1p-120));
  }

  // One piece, without a branch.
  FASTLR_INLINE std::int64_t piece(Real) const { return 0; }
  FASTLR_INLINE double end_of_piece(std::int64_t, Real) const {
    return std::numeric_limits<double>::infinity();
  }

  template <class Isa, class Loop>
  FASTLR_INLINE void with_piece(std::int64_t, Real, Loop loop) const {
    if (staircase_) {
      loop([*this](Real step) { return initial_ / divisor<true>(step); });
    } else {
      loop([*this](Real step) { return initial_ / divisor<false>(step); });
    }
  }

  template <class Isa, class Loop>
  FASTLR_INLINE void with_pieces(Real low, Real, Loop loop) const {
    with_piece<Isa>(0, low, loop);
  }

 private:
  template <bool Staircase, class Number>
  FASTLR_INLINE Number divisor(Number step) const {
    const Number one = Real(1);
    if constexpr (Staircase) {
      const Number p = floored(quotient<Execution>(step, decay_steps_, reciprocal_));
      return contracted<Execution>(Number(decay_rate_), p, one);
    } else if constexpr (Execution::folds) {
      return contracted<Execution>(step, Number(rate_per_step_), one);
    } else {
      return one + decay_rate_ * (step / decay_steps_);
    }
  }

  Real initial_, decay_steps_, decay_rate_;
  Real reciprocal_, rate_per_step_;  // 1 / decay_steps, decay_rate / decay_steps as folded
  bool staircase_;
};

}  // namespace fastlr::core
