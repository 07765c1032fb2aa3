// Formulas, as schedules hand them to the driver: functions of one step, whose types say how the
// driver's loops may go about them. A lambda may be evaluated in any way.
#pragma once

#include "../arithmetic/flush_to_zero.hpp"
#include "../libm/cosine.hpp"

namespace fastlr::core {

/// A formula with table look-ups that depend on the step. GCC 12 vectorises such a loop only over
/// steps that it reads from memory (0.9 against 8 ns).
template <class Formula>
struct Gathering {
  Formula formula;
  FASTLR_INLINE float operator()(float step) const { return formula(step); }
};
template <class Formula>
Gathering(Formula) -> Gathering<Formula>;

/// The formula for any step, one after the other.
template <class Isa, class Schedule>
struct Stepwise {
  const Schedule& schedule;
  FASTLR_INLINE float operator()(float step) const {
    return float(schedule.template at<Isa>(Flushed<float>(step)));
  }
};

/// The same rate at every step.
struct OneRate {
  float rate;
  FASTLR_INLINE float operator()(float) const { return rate; }
};

/// rate(1 + cosf(angle(step))), where the angle is in one quadrant. For integer steps of at most
/// 2**24 `fast_angle` has the bits of `angle`, unless the formula is declared `stepwise`.
template <class Isa, class Quadrant, class Angle, class FastAngle, class Rate>
struct CosineFormula {
  Quadrant quadrant;
  Angle angle;
  FastAngle fast_angle;
  Rate rate;
  bool stepwise;

  FASTLR_INLINE float operator()(float step) const {
    return rate(1.0f + cosf::in_quadrant<Isa>(angle(step), quadrant));
  }
  FASTLR_INLINE float fast(float step) const {
    return rate(1.0f + cosf::in_quadrant<Isa>(fast_angle(step), quadrant));
  }
};

template <class Isa, class Quadrant, class Angle, class FastAngle, class Rate>
FASTLR_INLINE CosineFormula<Isa, Quadrant, Angle, FastAngle, Rate> cosine_formula(
    Quadrant quadrant, Angle angle, FastAngle fast_angle, Rate rate, bool stepwise) {
  return {quadrant, angle, fast_angle, rate, stepwise};
}

/// Whether a range must be written to memory before the formula is applied to it.
template <class Formula>
inline constexpr bool reads_steps = false;
template <class Formula>
inline constexpr bool reads_steps<Gathering<Formula>> = true;
template <class Isa, class Schedule>
inline constexpr bool reads_steps<Stepwise<Isa, Schedule>> = true;

}  // namespace fastlr::core
