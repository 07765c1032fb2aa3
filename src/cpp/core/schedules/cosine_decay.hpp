// keras.optimizers.schedules.CosineDecay (Keras 3), with its optional linear warmup.
#pragma once

#include <array>
#include <limits>
#include <optional>

#include "../arithmetic/constant_division.hpp"
#include "../arithmetic/execution.hpp"
#include "../arithmetic/float_order.hpp"
#include "../libm/cosine.hpp"
#include "argument_checks.hpp"
#include "arguments.hpp"
#include "formulas.hpp"

namespace fastlr::core {

template <class Real, class Execution>
class CosineDecay;

struct CosineDecayArguments {
  static constexpr const char* class_name = "CosineDecay";
  static constexpr const char* module = keras_module;
  template <class Real, class Execution>
  using Schedule = CosineDecay<Real, Execution>;

  double initial_learning_rate = 0;
  StepCount decay_steps;
  double alpha = 0;
  Name name = class_name;
  std::optional<double> warmup_target = std::nullopt;
  StepCount warmup_steps = 0;
  /// As Keras computes it in Python, in the type of alpha, before either becomes a tensor.
  std::optional<double> one_minus_alpha = std::nullopt;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("initial_learning_rate", self.initial_learning_rate, Given::always);
    visit("decay_steps", self.decay_steps, Given::always);
    visit("alpha", self.alpha, Given::optionally);
    visit("name", self.name, Given::optionally);
    visit("warmup_target", self.warmup_target, Given::optionally);
    visit("warmup_steps", self.warmup_steps, Given::optionally);
  }
  template <class Visit>
  void each_derived(Visit visit) {
    visit("one_minus_alpha", one_minus_alpha);
  }
};

template <class Real, class Execution>
class CosineDecay {
 public:
  static constexpr bool vanishes = false;

  explicit CosineDecay(const CosineDecayArguments& p) {
    using N = Flushed<Real>;
    const N initial = finite<Real>("initial_learning_rate", p.initial_learning_rate);
    const N warmup_steps = finite<Real>("warmup_steps", p.warmup_steps.value);
    const N decay_steps = positive<Real>("decay_steps", p.decay_steps.value);
    alpha_ = Real(N(finite<Real>("alpha", p.alpha)));
    // Halving is exact: (1-alpha) * (0.5 * (1+c)) and (0.5 * (1-alpha)) * (1+c) are the same float.
    half_span_ = Real(0.5) * finite<Real>("alpha", p.one_minus_alpha.value_or(1.0 - p.alpha));
    has_warmup_ = p.warmup_target.has_value();
    const N target = has_warmup_ ? N(finite<Real>("warmup_target", *p.warmup_target)) : initial;
    const N one = Real(1);
    initial_ = Real(initial);
    target_ = Real(target);
    rise_ = Real(target - initial);
    decay_steps_ = Real(decay_steps);
    warmup_steps_ = has_warmup_ ? Real(warmup_steps) : Real(0);
    last_ = Real(decay_steps + N(warmup_steps_));
    rise_per_step_ = Real(N(rise_) * (one / N(warmup_steps_)));
    // A warmup shields the division from the graph optimiser, though not from XLA.
    const bool divides = !Execution::folds || (!Execution::contracts && has_warmup_);
    angle_per_step_ = divides ? Real(-1) : Real(N(pi) * (one / decay_steps));
    divisor_ = ConstantDivisor<Real>(decay_steps_);
    // Without an alpha only products are left, and the half meets the rate, which it may flush.
    if (!divides && alpha_ == 0) target_ = Real(Real(2) * (Real(0.5) * target));
    adds_cosine_ = Execution::contracts && half_span_ == Real(1);
    shares_sum_ =
        Execution::contracts && has_warmup_ && !adds_cosine_ &&
        ((target_ == 1 && alpha_ == initial_) || (target_ == 2 && alpha_ == 0 && initial_ == 1));
    if (adds_cosine_) alpha_ = Real(one + N(alpha_));
    if constexpr (sizeof(Real) == 4) find_pieces();
  }

  /// The formula, for any step.
  template <class Isa, class Number>
  FASTLR_INLINE Number at(Number step) const {
    const Number clamped = minimum(step, Number(last_));
    if (has_warmup_ && clamped < Number(warmup_steps_)) {
      return shares_sum_ ? rise_per_step_ * clamped + initial_ : warmup(clamped);
    }
    const Number cosine = core::cosine<Isa>(Real(angle(clamped)));
    if (adds_cosine_) return target_ * (cosine + alpha_);
    const Number raised = Real(1) + cosine;
    return shares_sum_ ? target_ * (half_span_ * raised + alpha_) : decayed(raised);
  }

  bool needs_flush() const {
    const auto below = [](Real x, double limit) { return x != 0 && std::fabs(x) < limit; };
    // Where alpha and the cosine term nearly cancel, a unit in alpha's last place is left.
    const double smallest = 0x1p-26 * (alpha_ != 0 ? std::fabs(alpha_) : std::fabs(half_span_));
    return below(target_, 0x1p-120 / smallest) || below(half_span_, 0x1p-90) ||
           (has_warmup_ &&
            (below(rise_, 0x1p-60) || below(initial_, 0x1p-60) || warmup_steps_ > Real(0x1p40)));
  }

  enum Piece { before_zero, in_warmup, quadrant_0, quadrant_1, quadrant_2, after_end, piece_count };

  FASTLR_INLINE std::int64_t piece(Real step) const {
    std::int64_t piece = before_zero;
    for (const Real start : starts_) piece += step >= start;
    return piece;
  }

  FASTLR_INLINE double end_of_piece(std::int64_t piece, Real) const {
    return piece == after_end ? std::numeric_limits<double>::infinity()
                              : static_cast<double>(starts_[static_cast<std::size_t>(piece)]);
  }

  template <class Isa, class Loop>
  FASTLR_INLINE void with_piece(std::int64_t piece, Real, Loop loop) const {
    switch (piece) {
      case before_zero:
        return loop(Stepwise<Isa, CosineDecay>{*this});
      case in_warmup:
        return loop([*this](Real step) { return warmup(step); });
      case quadrant_1:
        return loop(in_quadrant<Isa>(cosf::quadrant_1));
      case quadrant_0:
      case quadrant_2:
        return loop(in_quadrant<Isa>(piece == quadrant_0 ? cosf::quadrant_0 : cosf::quadrant_2));
      default:
        return loop(OneRate{after_});
    }
  }

  template <class Isa, class Loop>
  FASTLR_INLINE void with_pieces(Real low, Real, Loop loop) const {
    const std::int64_t first = piece(low);
    if (first == before_zero) {
      loop(Stepwise<Isa, CosineDecay>{*this});
    } else if (first == in_warmup) {
      loop([*this](Real step) {
        const Real late = after_warmup<Isa>(step);
        const Real early = warmup(step);
        return step < starts_[quadrant_0 - 1] ? early : late;
      });
    } else {
      loop([*this](Real step) { return after_warmup<Isa>(step); });
    }
  }

 private:
  static constexpr auto pi = static_cast<Real>(pi_double);

  template <class Number>
  FASTLR_INLINE Number warmup(Number step) const {
    if constexpr (Execution::contracts) {
      return fused(step, Number(rise_per_step_), Number(initial_));
    } else {
      return rise_ * (step / warmup_steps_) + initial_;
    }
  }

  /// By a comparison of floats: GCC 12 vectorises no loop with a flag among its constants.
  FASTLR_INLINE bool divides() const { return !Execution::folds || angle_per_step_ < Real(0); }

  template <class Number>
  FASTLR_INLINE Number angle(Number step) const {
    const Number decaying = step - warmup_steps_;
    return divides() ? pi * (decaying / decay_steps_) : decaying * angle_per_step_;
  }

  /// The same, where the divisor is proven.
  template <class Isa>
  FASTLR_INLINE Real fast_angle(Real step) const {
    const Real decaying = step - warmup_steps_;
    return divides() ? pi * divisor_.template quotient<Isa>(decaying) : decaying * angle_per_step_;
  }

  /// The rate from 1 + cos.
  template <class Number>
  FASTLR_INLINE Number decayed(Number raised) const {
    return target_ * contracted<Execution>(Number(half_span_), raised, Number(alpha_));
  }

  template <class Isa, class Quadrant>
  FASTLR_INLINE auto in_quadrant(Quadrant quadrant) const {
    return cosine_formula<Isa>(
        quadrant, [*this](Real step) { return angle(step); },
        [*this](Real step) { return fast_angle<Isa>(step); },
        [*this](Real raised) { return decayed(raised); }, divides() && !divisor_.is_proven());
  }

  template <class Isa>
  FASTLR_INLINE Real after_warmup(Real step) const {
    const Real cosine =
        cosf::in_any_quadrant<Isa>(angle(minimum(step, last_)), step >= starts_[quadrant_1 - 1],
                                   step >= starts_[quadrant_2 - 1]);
    return step >= last_ ? after_ : decayed(Real(1) + cosine);
  }

  // Between warmup and end, s < fl(D + W) implies s - W <= D, and the angle is at most a few units
  // in the last place above pi, within cosf's third quadrant. The angle at the end itself may be
  // far beyond, where D + W is rounded up, so `after_` comes from `at`.
  void find_pieces() {
    const Real first = has_warmup_ ? warmup_steps_ : Real(0);
    const auto reaches = [this](int quadrant) {
      return [this, quadrant](Real step) { return cosf::quadrant(angle(step)) >= quadrant; };
    };
    starts_[in_warmup - 1] = has_warmup_ ? -std::numeric_limits<Real>::infinity() : Real(0);
    starts_[quadrant_0 - 1] = first;
    starts_[quadrant_1 - 1] = first_float(first, last_, reaches(1));
    starts_[quadrant_2 - 1] = first_float(first, last_, reaches(2));
    starts_[after_end - 1] = last_;
    if (adds_cosine_ || shares_sum_) starts_.fill(last_);  // only `at` has these formulas
    after_ = at<Baseline>(last_);
  }

  Real initial_, target_, rise_;            // rates; rise = target - initial
  Real decay_steps_, warmup_steps_, last_;  // steps; last = warmup + decay
  Real half_span_, alpha_;                  // (1 - alpha) / 2, alpha
  // What graph and XLA fold the divisions into; below zero where they do not.
  Real rise_per_step_, angle_per_step_;
  ConstantDivisor<Real> divisor_;  // decay_steps
  bool has_warmup_;
  /// XLA drops a multiplication by (1 - alpha) / 2 = 1, and adds the constants that then meet:
  /// (1 + cos) + alpha is cos + (1 + alpha), which `alpha_` then holds.
  bool adds_cosine_;
  /// Warmup and decay end with a sum, whose branches LLVM merges where both add the same constant:
  /// (is_warmup ? product : product) + constant, of which neither product is fused with the sum.
  /// The constants are lr and alpha where XLA drops a multiplication by target = 1, lr and the 1
  /// of 1 + cos where it drops target * 0.5 = 1.
  bool shares_sum_;
  std::array<Real, piece_count - 1> starts_{};  // first steps of in_warmup, ..., after_end
  Real after_{};
};

}  // namespace fastlr::core
