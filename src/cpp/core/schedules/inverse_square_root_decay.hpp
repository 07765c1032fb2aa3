// initial / sqrt(1 + step / decay_steps), which Keras does not have: the same in every mode.
#pragma once

#include <limits>

#include "argument_checks.hpp"
#include "arguments.hpp"

namespace fastlr::core {

template <class Real>
class InverseSquareRootDecay;

struct InverseSquareRootDecayArguments {
  static constexpr const char* class_name = "InverseSquareRootDecay";
  static constexpr const char* module = fastlr_module;
  template <class Real, class>
  using Schedule = InverseSquareRootDecay<Real>;

  double initial_learning_rate = 0;
  StepCount decay_steps;
  Name name = class_name;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("initial_learning_rate", self.initial_learning_rate, Given::always);
    visit("decay_steps", self.decay_steps, Given::always);
    visit("name", self.name, Given::optionally);
  }
  template <class Visit>
  void each_derived(Visit) {}
};

template <class Real>
class InverseSquareRootDecay {
 public:
  static constexpr bool vanishes = false;

  explicit InverseSquareRootDecay(const InverseSquareRootDecayArguments& p) {
    initial_ = Real(Flushed<Real>(finite<Real>("initial_learning_rate", p.initial_learning_rate)));
    decay_steps_ = positive<Real>("decay_steps", p.decay_steps.value);
  }

  template <class Isa, class Number>
  FASTLR_INLINE Number at(Number step) const {
    const Number zero = Real(0), one = Real(1);
    return initial_ / square_root(one + (step < zero ? zero : step) / decay_steps_);
  }

  /// The furthest plain step gives the largest divisor.
  bool needs_flush() const {
    const double divisor = std::sqrt(1.0 + 0x1p65 / decay_steps_);
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
    loop([*this](Real step) { return at<Isa>(step); });
  }

  template <class Isa, class Loop>
  FASTLR_INLINE void with_pieces(Real low, Real, Loop loop) const {
    with_piece<Isa>(0, low, loop);
  }

 private:
  Real initial_, decay_steps_;
};

}  // namespace fastlr::core
