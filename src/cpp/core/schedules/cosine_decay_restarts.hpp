// keras.optimizers.schedules.CosineDecayRestarts (Keras 3).
#pragma once

#include <algorithm>
#include <limits>

#include "../arithmetic/constant_division.hpp"
#include "../arithmetic/execution.hpp"
#include "../libm/cosine.hpp"
#include "../libm/power.hpp"
#include "../libm/xla_log.hpp"
#include "argument_checks.hpp"
#include "arguments.hpp"
#include "formulas.hpp"

namespace fastlr::core {

template <class Real, class Execution>
class CosineDecayRestarts;

struct CosineDecayRestartsArguments {
  static constexpr const char* class_name = "CosineDecayRestarts";
  static constexpr const char* module = keras_module;
  template <class Real, class Execution>
  using Schedule = CosineDecayRestarts<Real, Execution>;

  double initial_learning_rate = 0;
  StepCount first_decay_steps;
  double t_mul = 2, m_mul = 1, alpha = 0;
  Name name = "SGDRDecay";

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("initial_learning_rate", self.initial_learning_rate, Given::always);
    visit("first_decay_steps", self.first_decay_steps, Given::always);
    visit("t_mul", self.t_mul, Given::optionally);
    visit("m_mul", self.m_mul, Given::optionally);
    visit("alpha", self.alpha, Given::optionally);
    visit("name", self.name, Given::optionally);
  }
  template <class Visit>
  void each_derived(Visit) {}
};

template <class Real, class Execution>
class CosineDecayRestarts {
 public:
  static constexpr bool vanishes = true;

  explicit CosineDecayRestarts(const CosineDecayRestartsArguments& p) {
    using N = Flushed<Real>;
    const N one = Real(1);
    const N initial = finite<Real>("initial_learning_rate", p.initial_learning_rate);
    const N first_decay_steps = positive<Real>("first_decay_steps", p.first_decay_steps.value);
    const N t_mul = finite<Real>("t_mul", p.t_mul);
    const N alpha = finite<Real>("alpha", p.alpha);
    initial_ = Real(initial);
    first_decay_steps_ = Real(first_decay_steps);
    t_mul_ = Real(t_mul);
    m_mul_ = Real(N(finite<Real>("m_mul", p.m_mul)));
    alpha_ = Real(alpha);
    half_span_ = Real(N(Real(0.5)) * (one - alpha));
    half_initial_ = Real(N(Real(0.5)) * initial);
    reciprocal_ = Real(one / first_decay_steps);
    one_less_t_ = Real(one - t_mul);
    log_t_ = Real(logarithm(t_mul));
    inverse_one_less_t_ = Real(one / N(one_less_t_));
    inverse_log_t_ = Real(one / N(log_t_));
    divisor_ = ConstantDivisor<Real>(first_decay_steps_);
    growth_ = Real(-(N(reciprocal_) * N(one_less_t_)));
    if constexpr (sizeof(Real) == 4) find_pieces();
  }

  template <class Isa, class Number>
  FASTLR_INLINE Number at(Number step) const {
    const Number restarts = restarts_before(step);
    const Period<Number> period(*this, restarts);
    const Number angle = pi * period.fraction(*this, step);
    return rate(period, Real(1) + Number(cosine<Isa>(Real(angle))));
  }

  bool needs_flush() const { return false; }

  // A piece is one quadrant of the cosine in one period: number of the period times 4 plus
  // quadrant. The number of a period is monotone in the step: each operation of its formula is (for
  // the logarithms tests/full/exhaustive looks at every float).
  enum Special : std::int64_t {
    stepwise = std::numeric_limits<std::int64_t>::min(),  // no formula but `at`
  };

  FASTLR_INLINE std::int64_t piece(Real step) const {
    if (!is_known_ || !(step >= Real(0)) || !(step <= last_known_)) return stepwise;
    const Real restarts = restarts_before(step);
    if (!(restarts >= Real(0)) || !(restarts < Real(0x1p40))) return stepwise;
    const Real angle = pi * Period<Real>(*this, restarts).fraction(*this, step);
    if (!cosf::is_proven(angle)) return stepwise;
    return static_cast<std::int64_t>(restarts) * 4 + cosf::quadrant(angle);
  }

  FASTLR_INLINE double end_of_piece(std::int64_t piece, Real) const {
    if (piece == stepwise) return std::numeric_limits<double>::quiet_NaN();
    // Quadrants end where the fraction of the period is 1/4, 3/4 and 1.
    const double quarters[] = {0.25, 0.75, 1.0};
    const double restarts = static_cast<double>(piece >> 2), fraction = quarters[piece & 3];
    if (t_mul_ == Real(1)) return first_decay_steps_ * (restarts + fraction);
    const double t = t_mul_, length = std::pow(t, restarts), start = (length - 1) / (t - 1);
    return first_decay_steps_ * (start + fraction * length);
  }

  template <class Isa, class Loop>
  FASTLR_INLINE void with_piece(std::int64_t piece, Real first, Loop loop) const {
    const Period<Real> period(*this, piece == stepwise ? Real(0) : restarts_before(first));
    if (piece == stepwise || period.needs_flush(*this)) {
      return loop(Stepwise<Isa, CosineDecayRestarts>{*this});
    }
    const std::int64_t quadrant = piece & 3;
    if (quadrant == 1) return loop(in_quadrant<Isa>(cosf::quadrant_1, period));
    loop(in_quadrant<Isa>(quadrant == 0 ? cosf::quadrant_0 : cosf::quadrant_2, period));
  }

  /// Periods of one length, t_mul = 1, have a formula for steps in any of them.
  template <class Isa, class Loop>
  FASTLR_INLINE void with_pieces(Real low, Real high, Loop loop) const {
    const std::int64_t first = piece(low), last = piece(high);
    const bool is_regular = t_mul_ == Real(1) && first != stepwise && last != stepwise;
    const Period<Real> early(*this, is_regular ? restarts_before(low) : Real(0));
    const Period<Real> late(*this, is_regular ? restarts_before(high) : Real(0));
    if (!is_regular || early.needs_flush(*this) || late.needs_flush(*this)) {
      return loop(Stepwise<Isa, CosineDecayRestarts>{*this});
    }
    // Of a negative m_mul, vanished heights alternate in sign.
    const bool vanished = m_mul_ > Real(0) && early.height == 0 && late.height == 0;
    if (m_mul_ == Real(1) || vanished) {
      return loop([*this, early](Real step) {
        const Real periods = quotient<Execution>(step, first_decay_steps_, reciprocal_);
        return rate(early, raised_at<Isa>(periods - std::floor(periods)));
      });
    }
    if constexpr (Isa::fma) {
      // Between the two every height is a normal float, so powf's own formula has its bits.
      if (has_power_ && early.height != 0 && late.height != 0) {
        return loop(Gathering{[*this, early](Real step) {
          const Real periods = quotient<Execution>(step, first_decay_steps_, reciprocal_);
          const Real restarts = std::floor(periods);
          Period<Real> period = early;
          period.height = powf::exp2(static_cast<double>(restarts) * log2_m_);
          return rate(period, raised_at<Isa>(periods - restarts));
        }});
      }
    }
    loop(Stepwise<Isa, CosineDecayRestarts>{*this});
  }

 private:
  static constexpr auto pi = static_cast<Real>(pi_double);
  // The first floats that cosf counts to its second and third quadrant.
  static constexpr auto quadrant_1_angle = static_cast<Real>(0x1.921fb6p-1f);
  static constexpr auto quadrant_2_angle = static_cast<Real>(0x1.2d97c8p+1f);

  /// What is constant from one restart to the next.
  template <class Number>
  struct Period {
    Number start, length, inverse_length, height;

    FASTLR_INLINE Period(const CosineDecayRestarts& s, Number restarts) {
      const Number one = Real(1);
      height = power(Number(s.m_mul_), restarts);
      if (s.t_mul_ == Real(1)) {
        start = restarts;
        length = inverse_length = one;
        return;
      }
      length = power(Number(s.t_mul_), restarts);
      if constexpr (Execution::contracts) {
        start = (one - length) * Number(-s.inverse_one_less_t_);
        inverse_length = power(Number(s.t_mul_), -restarts);
      } else {
        start = quotient<Execution>(one - length, s.one_less_t_, s.inverse_one_less_t_);
      }
    }

    /// How much of the period has passed at a step.
    FASTLR_INLINE Number fraction(const CosineDecayRestarts& s, Number step) const {
      const Number periods = quotient<Execution>(step, s.first_decay_steps_, s.reciprocal_);
      if (s.t_mul_ == Real(1)) return periods - start;
      if constexpr (Execution::contracts) {
        // Where XLA drops the multiplication by 1, it fuses the product of `start` instead.
        const bool drops_periods = s.reciprocal_ == Real(1);
        const Number passed =
            drops_periods ? fused(Number(Real(1)) - length, Number(-s.inverse_one_less_t_), step)
                          : fused(step, Number(s.reciprocal_), start);
        return passed * inverse_length;
      } else {
        return (periods - start) / length;
      }
    }

    /// The same, where both divisors are proven.
    template <class Isa>
    FASTLR_INLINE Real fast_fraction(const CosineDecayRestarts& s,
                                     const ConstantDivisor<Real>& length_, Real step) const {
      if constexpr (Execution::folds) return fraction(s, step);
      const Real passed = s.divisor_.template quotient<Isa>(step) - start;
      return s.t_mul_ == Real(1) ? passed : length_.template quotient<Isa>(passed);
    }

    /// Whether a rate of this period may be subnormal on the way, or nearly: 1 + cos is 0 or at
    /// least 2**-24.
    bool needs_flush(const CosineDecayRestarts& s) const {
      const double h = std::fabs(static_cast<double>(height)) * 0x1p-26;
      const double span = std::fabs(static_cast<double>(s.half_span_));
      const double initial = std::fabs(static_cast<double>(s.initial_));
      const double alpha = std::fabs(static_cast<double>(s.alpha_));
      const auto is_low = [](double x, double exact_zero) {
        return exact_zero != 0 && !(x > 0x1p-110);
      };
      if (is_low(alpha * initial * 0x1p-26, alpha * initial)) return true;
      if (h == 0) return false;
      return !std::isfinite(h) || is_low(h, 1) || is_low(h * span, span) ||
             is_low(h * span * initial, span * initial) || is_low(h * initial, initial);
    }
  };

  template <class Number>
  FASTLR_INLINE Number restarts_before(Number step) const {
    const Number one = Real(1);
    const Number periods = quotient<Execution>(step, first_decay_steps_, reciprocal_);
    if (t_mul_ == Real(1)) return floored(periods);
    if constexpr (Execution::contracts) {
      const Number grown = fused(step, Number(growth_), one);
      return floored(Number(Real(xla_logarithm(Real(grown)))) * Number(inverse_log_t_));
    } else {
      return floored(
          quotient<Execution>(logarithm(one - periods * one_less_t_), log_t_, inverse_log_t_));
    }
  }

  /// The rate from 1 + cos; the graph optimiser moves constants through the products.
  template <class Number>
  FASTLR_INLINE Number rate(const Period<Number>& period, Number raised) const {
    if constexpr (Execution::folds && !Execution::contracts) {
      if (alpha_ == Real(0)) return (period.height * half_initial_) * raised;
      return initial_ * (((period.height * half_span_) * raised) + alpha_);
    } else {
      // Halving (1 - alpha) is exact, and undone here.
      const Number span = half_span_ + half_span_, half = Real(0.5) * period.height;
      if constexpr (Execution::contracts) {
        // XLA drops a multiplication by 1 or -1, and fuses the one before it with the sum.
        // Asked of floats: GCC 12 vectorises no loop with a flag among its constants.
        const bool drops_span = std::fabs(half_span_) == Real(0.5);
        const Number inner = drops_span ? Number(Real(1)) : half;
        const Number outer = drops_span ? span * half : span;
        return initial_ * fused(outer, inner * raised, Number(alpha_));
      } else {
        return initial_ * (span * (half * raised) + alpha_);
      }
    }
  }

  /// 1 + cos at a fraction of a period.
  template <class Isa>
  FASTLR_INLINE Real raised_at(Real fraction) const {
    const Real angle = pi * fraction;
    return Real(1) +
           cosf::in_any_quadrant<Isa>(angle, angle >= quadrant_1_angle, angle >= quadrant_2_angle);
  }

  template <class Isa, class Quadrant>
  FASTLR_INLINE auto in_quadrant(Quadrant quadrant, const Period<Real>& period) const {
    const ConstantDivisor<Real> length(period.length);
    const bool divides_fast = divisor_.is_proven() && (t_mul_ == Real(1) || length.is_proven());
    return cosine_formula<Isa>(
        quadrant, [*this, period](Real step) { return pi * period.fraction(*this, step); },
        [*this, period, length](Real step) {
          return pi * period.template fast_fraction<Isa>(*this, length, step);
        },
        [*this, period](Real raised) { return rate(period, raised); },
        !Execution::folds && !divides_fast);
  }

  // t_mul < 1 has a last restart and then the logarithm of a negative number; it is left to `at`.
  void find_pieces() {
    is_known_ = t_mul_ >= Real(1) && first_decay_steps_ < Real(0x1p60) &&
                std::fabs(alpha_) < Real(0x1p30) && std::fabs(initial_) < Real(0x1p30);
    // The logarithms are proven monotone up to 1e30.
    if (growth_ > Real(0)) last_known_ = std::min(last_known_, Real(0x1p99) / growth_);
    has_power_ = m_mul_ >= std::numeric_limits<Real>::min() && powf::library_power_is_fused();
    if (has_power_) log2_m_ = powf::log2(m_mul_);
  }

  Real initial_, half_initial_, first_decay_steps_, t_mul_, m_mul_;
  Real alpha_, half_span_;  // half_span = (1 - alpha) / 2
  Real one_less_t_, log_t_;
  ConstantDivisor<Real> divisor_;                         // first_decay_steps
  Real reciprocal_, inverse_one_less_t_, inverse_log_t_;  // what graph and XLA fold divisions into
  Real growth_;                                           // (t_mul - 1) / first_decay_steps, folded
  Real last_known_ = 0x1p62;  // the last step whose period is found by bisection
  bool is_known_ = false, has_power_ = false;
  double log2_m_ = 0;
};

}  // namespace fastlr::core
