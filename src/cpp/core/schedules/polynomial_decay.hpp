// keras.optimizers.schedules.PolynomialDecay (Keras 3).
#pragma once

#include <limits>
#include <optional>

#include "../arithmetic/execution.hpp"
#include "../libm/power.hpp"
#include "argument_checks.hpp"
#include "arguments.hpp"
#include "formulas.hpp"

namespace fastlr::core {

template <class Real, class Execution>
class PolynomialDecay;

struct PolynomialDecayArguments {
  static constexpr const char* class_name = "PolynomialDecay";
  static constexpr const char* module = keras_module;
  template <class Real, class Execution>
  using Schedule = PolynomialDecay<Real, Execution>;

  double initial_learning_rate = 0;
  StepCount decay_steps;
  double end_learning_rate = 0.0001, power = 1;
  bool cycle = false;
  Name name = class_name;
  /// What Keras divides by to count cycles: decay_steps before it is cast. In binary64 the two
  /// differ.
  std::optional<double> steps_per_cycle = std::nullopt;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("initial_learning_rate", self.initial_learning_rate, Given::always);
    visit("decay_steps", self.decay_steps, Given::always);
    visit("end_learning_rate", self.end_learning_rate, Given::optionally);
    visit("power", self.power, Given::optionally);
    visit("cycle", self.cycle, Given::optionally);
    visit("name", self.name, Given::optionally);
  }
  template <class Visit>
  void each_derived(Visit visit) {
    visit("steps_per_cycle", steps_per_cycle);
  }
};

template <class Real, class Execution>
class PolynomialDecay {
 public:
  static constexpr bool vanishes = true;

  explicit PolynomialDecay(const PolynomialDecayArguments& p) {
    using N = Flushed<Real>;
    const N initial = finite<Real>("initial_learning_rate", p.initial_learning_rate);
    const N end = finite<Real>("end_learning_rate", p.end_learning_rate);
    end_ = Real(end);
    range_ = Real(initial - end);
    decay_steps_ = positive<Real>("decay_steps", p.decay_steps.value);
    steps_per_cycle_ =
        positive<Real>("decay_steps", p.steps_per_cycle.value_or(p.decay_steps.value));
    power_ = Real(N(finite<Real>("power", p.power)));
    cycle_ = p.cycle;
    reciprocal_ = Real(N(Real(1)) / N(decay_steps_));
    form_ = form_of(power_);
    if (Execution::folds && std::fabs(range_) == Real(1)) drop_unit_range<N>();
    remaining_after_ = Real(remaining_after_end<N>());
    if constexpr (sizeof(Real) == 4) find_pieces();
  }

  template <class Isa, class Number>
  FASTLR_INLINE Number at(Number step) const {
    return of_remaining(cycle_ ? remaining_of_cycle(step) : remaining(step));
  }

  bool needs_flush() const { return false; }

  // Pieces. Where the power is a product or a root the formula has no branch, up to the end.
  // Otherwise t^power is 2^(power * log2 t), and powf looks up both log2 (by the interval of t) and
  // 2^ (in multiples of 1/32): a piece is the steps of one cycle with the same two entries.
  // Neighbouring floats t differ by more than 2**-25, relatively, which moves log2 by a million
  // times its error: both entries change monotonically with t.
  enum Special : std::int64_t {
    stepwise = std::numeric_limits<std::int64_t>::min(),  // no formula but `at`
    ended,
    at_end,  // the last step under XLA, where the fused operation leaves t at its rounding error
    running  // branch-free
  };

  FASTLR_INLINE std::int64_t piece(Real step) const {
    // Before step 0, t grows without bound, and a negative power of it may vanish.
    if (!is_known_ || ((cycle_ || power_ < Real(0)) && !(step >= Real(0)))) return stepwise;
    if (!cycle_ && step > decay_steps_) return ended;
    if (!cycle_ && Execution::contracts && step == decay_steps_) return at_end;
    if (form_ != general) return running;
    const Real cycle = cycle_ ? cycle_of(step) : Real(0);
    if (!(cycle < Real(0x1p30))) return stepwise;
    const std::int64_t entries = entries_at(remaining_from_zero(step));
    return entries == stepwise ? stepwise : (static_cast<std::int64_t>(cycle) << 32) + entries;
  }

  FASTLR_INLINE double end_of_piece(std::int64_t piece, Real step) const {
    if (piece <= running) return piece == running && !cycle_ ? double{decay_steps_} : infinity;
    const Real t = remaining_from_zero(step);
    if (!(t > Real(0))) return infinity;
    // The next entry of 2^ or the next interval of log2, whichever comes first, as a t.
    const double half_entry = (power_ > 0 ? -0.5 : 0.5) / powf::exp2_entries;
    const double next_exponent = powf::nearest_exp2_multiple(exponent_of(t)) + half_entry;
    const double end_of_entry = std::exp2(next_exponent / power_);
    const double end_of_interval = powf::start_of_log2_interval(powf::log2_interval(t));
    const double passed = 1.0 - std::max(end_of_entry, end_of_interval);
    const double cycles = cycle_ ? double{cycle_of(step)} : 1.0;
    return passed * static_cast<double>(decay_steps_) * cycles;
  }

  template <class Isa, class Loop>
  FASTLR_INLINE void with_piece(std::int64_t piece, Real first, Loop loop) const {
    if (piece == ended) return loop(OneRate{after_});
    if (piece == at_end) return loop(OneRate{at_end_});
    if (piece == running) {
      return with_form<Isa>([&](auto rate_of) {
        if (!cycle_) return loop([*this, rate_of](Real step) { return rate_of(remaining(step)); });
        loop([*this, rate_of](Real step) { return rate_of(remaining_of_cycle_from_zero(step)); });
      });
    }
    const Real t = remaining_from_zero(first);
    if (piece == stepwise || !(t > Real(0)) || !Isa::fma) {
      return loop(Stepwise<Isa, PolynomialDecay>{*this});
    }
    if (!cycle_) {
      return with_entries<Isa>(t, loop, [*this](Real step) { return remaining(step); });
    }
    const Real steps_of_cycles = decay_steps_ * cycle_of(first);
    with_entries<Isa>(t, loop,
                      [steps_of_cycles](Real step) { return Real(1) - step / steps_of_cycles; });
  }

  template <class Isa, class Loop>
  FASTLR_INLINE void with_pieces(Real low, Real high, Loop loop) const {
    const std::int64_t first = piece(low), last = piece(high);
    if (first == stepwise || last == stepwise) {
      return loop(Stepwise<Isa, PolynomialDecay>{*this});
    }
    with_form<Isa>([&](auto rate_of) {
      if (cycle_) {
        return loop(Gathering{
            [*this, rate_of](Real step) { return rate_of(remaining_of_cycle_from_zero(step)); }});
      }
      loop(Gathering{[*this, rate_of](Real step) {
        const Real rate = rate_of(remaining(step));
        const Real until_end = Execution::contracts && step == decay_steps_ ? at_end_ : rate;
        return step > decay_steps_ ? after_ : until_end;
      }});
    });
  }

 private:
  /// What becomes of t^power. Graph and XLA rewrite some powers.
  enum Form {
    general,
    linear,
    squared,
    cubed,
    rooted,
    inverted,
    inverse_rooted,
    squared_into_end,
    cubed_into_end
  };
  static constexpr double largest_exponent = 96;
  static constexpr double infinity = std::numeric_limits<double>::infinity();

  static Form form_of(Real power) {
    if (power == Real(1)) return linear;  // powf(t, 1) is t, for every float
    if (!Execution::folds) return general;
    if (power == Real(2)) return squared;
    if (power == Real(3)) return cubed;
    if (power == Real(0.5)) return rooted;
    if (!Execution::contracts && power == Real(-1)) return inverted;
    if (!Execution::contracts && power == Real(-0.5)) return inverse_rooted;
    return general;
  }

  /// Grappler and XLA drop a multiplication by 1 (XLA also by -1), and what it kept apart grows
  /// together: constants, 1 * (1 - q) + end = (1 + end) - q, and under XLA a product and a sum,
  /// 1 * (t * t) + end.
  template <class N>
  void drop_unit_range() {
    if (form_ == linear && range_ == Real(1)) {
      remaining_at_start_ = Real(N(remaining_at_start_) + N(end_));
      end_ = Real(0);
    } else if (Execution::contracts && form_ == squared) {
      form_ = squared_into_end;
    } else if (Execution::contracts && form_ == cubed) {
      form_ = cubed_into_end;
    }
  }

  /// t beyond the end under XLA. LLVM (TensorFlow 2.21) compares the step as an integer where D is
  /// an exact one, below 2**24; then step > D is a branch of its own, folded before it is fused.
  template <class Number>
  Number remaining_after_end() const {
    const Number start = remaining_at_start_, steps = decay_steps_, reciprocal = reciprocal_;
    return decay_steps_ < Real(0x1p24) ? start - steps * reciprocal
                                       : fused(-steps, reciprocal, start);
  }

  /// t = 1 - min(step, D) / D.
  template <class Number>
  FASTLR_INLINE Number remaining(Number step) const {
    const Number start = remaining_at_start_;
    if constexpr (Execution::contracts) {
      const Number within = fused(-step, Number(reciprocal_), start);
      return Number(decay_steps_) < step ? Number(remaining_after_) : within;
    } else {
      return start -
             quotient<Execution>(minimum(step, Number(decay_steps_)), decay_steps_, reciprocal_);
    }
  }

  template <class Number>
  FASTLR_INLINE Number remaining_of_cycle(Number step) const {
    const Number one = Real(1);
    const Number cycles = ceiled(quotient<Execution>(step, steps_per_cycle_, reciprocal_));
    const Number multiplier = Real(step) == Real(0) ? one : cycles;
    return Number(remaining_at_start_) - step / (decay_steps_ * multiplier);
  }

  /// The same for steps that are not negative, without a branch: only step 0 is in no cycle.
  FASTLR_INLINE Real remaining_of_cycle_from_zero(Real step) const {
    return remaining_at_start_ - step / (decay_steps_ * cycle_of(step));
  }

  FASTLR_INLINE Real cycle_of(Real step) const {
    const Real cycles = std::ceil(quotient<Execution>(step, steps_per_cycle_, reciprocal_));
    return cycles < Real(1) ? Real(1) : cycles;
  }

  /// t; with cycles for steps that are not negative.
  FASTLR_INLINE Real remaining_from_zero(Real step) const {
    return cycle_ ? remaining_of_cycle_from_zero(step) : remaining(step);
  }

  /// log2 of t^power, for a positive t, as powf computes it.
  FASTLR_INLINE double exponent_of(Real t) const {
    return static_cast<double>(power_) * powf::log2(t);
  }

  /// Which entries of powf's tables t^power takes, as one number below 2**32: the interval of log2
  /// above the entry of 2^, each moved beyond zero. 0 where t is not above zero.
  FASTLR_INLINE std::int64_t entries_at(Real t) const {
    if (!(t > Real(0))) return 0;
    if (!(t < Real(0x1p64))) return stepwise;
    const double exponent = exponent_of(t);
    if (!(std::fabs(exponent) < largest_exponent)) return stepwise;
    const auto entry =
        static_cast<std::int64_t>(powf::nearest_exp2_multiple(exponent) * powf::exp2_entries);
    constexpr int entry_bits = 14, interval_bits = 15;
    const std::int64_t interval = powf::log2_interval(t) + (1 << (interval_bits - 1));
    return (interval << entry_bits) + entry + (1 << (entry_bits - 1));
  }

  template <class Number>
  FASTLR_INLINE Number product(Number factor) const {
    return contracted<Execution>(Number(range_), factor, Number(end_));
  }

  /// What LLVM makes of pow(t, 0.5): a square root but for -inf, which cycles have before step 0.
  template <class Number>
  FASTLR_INLINE Number root(Number t) const {
    constexpr auto infinite = std::numeric_limits<Real>::infinity();
    return Real(t) == -infinite ? Number(infinite) : square_root(t);
  }

  template <class Number>
  FASTLR_INLINE Number graph_cube(Number t) const {
    return (range_ * t) * (t * t) + end_;
  }

  template <class Number>
  FASTLR_INLINE Number of_remaining(Number t) const {
    const Number one = Real(1);
    switch (form_) {
      case linear:
        return product(t);
      case squared:
        return product(t * t);
      case cubed:
        return Execution::contracts ? product((t * t) * t) : graph_cube(t);
      case rooted:
        return product(Execution::contracts ? root(t) : square_root(t));
      case inverted:
        return product(one / t);
      case inverse_rooted:
        return product(one / square_root(t));
      case squared_into_end:
        return fused(range_ * t, t, Number(end_));
      case cubed_into_end:
        return fused(range_ * (t * t), t, Number(end_));
      default:
        return product(powered(t));
    }
  }

  template <class Number>
  FASTLR_INLINE Number powered(Number t) const {
    return power(t, Number(power_));
  }

  /// Calls use(rate as a function of t), without branches, for t in [0, 1]. Only the forms that a
  /// mode has are compiled for it.
  template <class Isa, class Use>
  FASTLR_INLINE void with_form(Use use) const {
    if (form_ == linear) return use([*this](Real t) { return product(t); });
    if constexpr (Execution::folds) {
      if (form_ == squared) return use([*this](Real t) { return product(t * t); });
      if (form_ == rooted) return use([*this](Real t) { return product(std::sqrt(t)); });
    }
    if constexpr (Execution::contracts) {
      if (form_ == cubed) return use([*this](Real t) { return product((t * t) * t); });
      if (form_ == squared_into_end)
        return use([*this](Real t) { return fused(range_ * t, t, end_); });
      if (form_ == cubed_into_end)
        return use([*this](Real t) { return fused(range_ * (t * t), t, end_); });
    } else if constexpr (Execution::folds) {
      if (form_ == cubed) return use([*this](Real t) { return graph_cube(t); });
      if (form_ == inverted) return use([*this](Real t) { return product(Real(1) / t); });
      if (form_ == inverse_rooted)
        return use([*this](Real t) { return product(Real(1) / std::sqrt(t)); });
    }
    if constexpr (Isa::fma) {
      // t is 0, or a multiple of 2**-24, or through rounding one such multiple below 0.
      use([*this](Real t) {
        const Real magnitude = powf::exp2(exponent_of(std::fabs(t)));
        const Real power = t < Real(0) ? sign_below_zero_ * magnitude : magnitude;
        return product(t == Real(0) ? zero_powered_ : power);
      });
    } else {
      use([*this](Real t) { return Real(of_remaining(Flushed<Real>(t))); });
    }
  }

  /// The formula for steps with the same table entries as one with this t.
  template <class Isa, class Loop, class Remaining>
  FASTLR_INLINE void with_entries(Real first, Loop loop, Remaining remaining) const {
    if constexpr (Isa::fma) {
      const powf::Log2Entry log2_entry(first);
      const double multiple = powf::nearest_exp2_multiple(exponent_of(first));
      const double scale = powf::exp2_of_multiple(multiple);
      loop([*this, remaining, log2_entry, multiple, scale](Real step) {
        const double exponent = static_cast<double>(power_) * log2_entry.log2(remaining(step));
        return product(powf::exp2_near(exponent, multiple, scale));
      });
    }
  }

  void find_pieces() {
    using N = Flushed<Real>;
    after_ = Real(at<Baseline>(N(std::numeric_limits<Real>::max())));
    at_end_ = Real(at<Baseline>(N(decay_steps_)));
    zero_powered_ = Real(powered(N(Real(0))));
    const bool is_integer = std::floor(power_) == power_;
    const bool is_odd = is_integer && std::fmod(power_, Real(2)) != 0;
    sign_below_zero_ = is_integer ? Real(is_odd ? -1 : 1) : std::numeric_limits<Real>::quiet_NaN();
    // The smallest t is about 2**-24; products with its power must not be subnormal.
    const double smallest = std::exp2(-26 * std::fabs(static_cast<double>(power_)) - 24);
    const auto is_safe = [](Real x, double limit) { return x == 0 || std::fabs(x) > limit; };
    is_known_ = std::fabs(power_) <= Real(3.6) && is_safe(range_, 0x1p-120 / smallest) &&
                std::fabs(range_) < Real(0x1p30) && is_safe(end_, 0x1p-60) &&
                decay_steps_ < Real(0x1p60) && (form_ != general || powf::library_power_is_fused());
  }

  Real range_, end_;  // range = initial - end
  Real decay_steps_, steps_per_cycle_, power_, reciprocal_;
  Real remaining_at_start_ = 1;  // t at step 0
  Real remaining_after_;         // t beyond the end, under XLA
  bool cycle_, is_known_ = false;
  Form form_;
  Real after_{}, at_end_{};                  // rates beyond the end, and at it
  Real zero_powered_{}, sign_below_zero_{};  // 0^power; what (-t)^power is times t^power
};

}  // namespace fastlr::core
