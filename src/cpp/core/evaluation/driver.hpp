// The generic driver: turns a schedule (schedule_concept.hpp) into scalar, range and array
// evaluation for one instruction set.
//
// Floats rounded from increasing integers do not decrease, so a run of steps is in one piece as
// soon as its smallest and its largest step are.
#pragma once

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include "../arithmetic/flush_to_zero.hpp"
#include "../schedules/formulas.hpp"
#include "cosine_blocks.hpp"
#include "kernels.hpp"
#include "schedule_concept.hpp"
#include "step_loops.hpp"

namespace fastlr::core {

/// Any schedule, any number type, one step after the other. This is the whole driver for `Flushed`
/// and for binary64, whose functions are the C library's own.
template <class Isa, class Schedule, class Number>
struct PlainDriver {
  static_assert(check_formula<Isa, Schedule, Number>());
  using Real = real_of_t<Number>;

  static Real scalar(const void* self, std::int64_t step) {
    if constexpr (std::is_same_v<Number, Flushed<Real>>) {
      return scalar_real(self, static_cast<Real>(step));
    } else {
      const auto& schedule = *static_cast<const Schedule*>(self);
      return Real(schedule.template at<Isa>(Number(static_cast<Real>(step))));
    }
  }

  static Real scalar_real(const void* self, Real step) {
    const auto& schedule = *static_cast<const Schedule*>(self);
    if constexpr (!std::is_same_v<Number, Flushed<Real>>) {
      if (!step_needs_flush(step)) return Real(schedule.template at<Isa>(Number(step)));
    }
    return Real(schedule.template at<Isa>(Flushed<Real>(step)));
  }

  static void range(const void* self, StepRange steps, Real* out) {
    range_in_place<Isa>({self, in_place}, steps, out);
  }

  static void array(const void* self, StepType type, const void* steps, std::size_t count,
                    Real* out) {
    array_in_place<Isa>({self, in_place}, type, steps, count, out);
  }

  /// out[i] = schedule(out[i]).
  static void in_place(const void* self, Real* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] = scalar_real(self, out[i]);
  }

  static constexpr Kernels<Real> kernels{scalar, scalar_real, range, array};
};

/// Vectorised evaluation of a schedule in pieces.
template <class Isa, class Schedule>
struct PieceDriver {
  static_assert(check_pieces<Isa, Schedule>());

  /// Single steps: `Flushed` where even ordinary ones can vanish, as far out in an exponential
  /// decay.
  using Plain =
      PlainDriver<Isa, Schedule, std::conditional_t<Schedule::vanishes, Flushed<float>, float>>;
  using Piece = std::int64_t;

  static float at(StepRange steps, std::int64_t index) { return static_cast<float>(steps[index]); }

  // ---- Ranges: cut where one piece ends and the next begins -----------------------------------

  /// Pieces shorter than this are not worth a loop of their own; this many steps are taken instead.
  static constexpr std::int64_t short_piece = 48, mixed_block = 2048;
  static constexpr std::int64_t widest_vector = 16;

  static void range(const void* self, StepRange steps, float* out) {
    const auto& schedule = *static_cast<const Schedule*>(self);
    for (std::int64_t first = 0; first < steps.count;) {
      const float step = at(steps, first);
      const Piece piece = schedule.piece(step);
      std::int64_t end = end_of_piece(schedule, steps, first, piece);
      const auto part = [&](std::int64_t count) {
        return Target{steps.slice(first, std::min(count, steps.count - first)), out + first, false};
      };
      if (end - first >= short_piece || end == steps.count) {
        // Full vectors: the steps beyond the piece get wrong rates, which the next piece corrects.
        const std::int64_t vectors = (end - first + widest_vector - 1) / widest_vector;
        in_piece(schedule, piece, step, part(vectors * widest_vector));
      } else {
        end = std::min(first + mixed_block, steps.count);
        const float last = at(steps, end - 1);
        in_pieces(schedule, std::min(step, last), std::max(step, last), part(end - first));
      }
      first = end;
    }
  }

  /// The first index whose step is in another piece than that of index `first`.
  static std::int64_t end_of_piece(const Schedule& schedule, StepRange steps, std::int64_t first,
                                   Piece piece) {
    const auto within = [&](std::int64_t index) {
      return schedule.piece(at(steps, index)) == piece;
    };
    if (within(steps.count - 1)) return steps.count;
    // From here on: within(low), not within(high).
    std::int64_t low = first, high = steps.count - 1;
    if (steps.stride > 0) {
      const double guess =
          (schedule.end_of_piece(piece, at(steps, first)) - static_cast<double>(steps.start)) /
          static_cast<double>(steps.stride);
      if (guess > static_cast<double>(low) && guess < static_cast<double>(high)) {
        // Around the guess, at growing distances: the first probes decide almost always.
        auto probe = static_cast<std::int64_t>(std::ceil(guess));
        for (std::int64_t distance = 1; probe > low && probe < high; distance *= 2) {
          if (within(probe)) {
            low = probe;
            probe += distance;
          } else {
            high = probe;
            probe -= distance;
          }
        }
      }
    }
    return first_outside(low, high, within);
  }

  /// Few enough steps that an index times the stride stays exact in `fill_from`.
  static constexpr std::int64_t block = 4096;

  /// Where rates go, and for which steps: those of a range, or as many as `out` holds. Ranges and
  /// arrays share one type, so that a schedule hands its formulas to one set of loops.
  struct Target {
    StepRange steps;
    float* out;
    bool holds_steps;

    template <class Formula>
    void operator()(const Formula& formula) const {
      for (std::int64_t i = 0; i < steps.count; i += block) {
        const StepRange part = steps.slice(i, std::min(block, steps.count - i));
        if (!holds_steps) {
          if constexpr (!reads_steps<Formula>) {
            if (is_within<std::int64_t{1} << 24>(part)) {
              fill_exact(formula, part, out + i);
              continue;
            }
          }
          write_steps<Isa>(part, out + i);
        }
        apply_in_place(formula, out + i, static_cast<std::size_t>(part.count));
      }
    }
  };

  // Compiled once each, for ranges and arrays.

  static void in_piece(const Schedule& schedule, Piece piece, float step, const Target& target) {
    schedule.template with_piece<Isa>(piece, step, target);
  }

  static void in_pieces(const Schedule& schedule, float low, float high, const Target& target) {
    schedule.template with_pieces<Isa>(low, high, target);
  }

  /// Integer steps of at most 2**24, which floats hold exactly.
  template <class Formula>
  static void fill_exact(const Formula& formula, StepRange steps, float* out) {
    fill_from<Isa, float>(formula, steps, out);
  }

  template <class Quadrant, class Angle, class FastAngle, class Rate>
  static void fill_exact(const CosineFormula<Isa, Quadrant, Angle, FastAngle, Rate>& formula,
                         StepRange steps, float* out) {
    if (formula.stepwise) {
      write_steps<Isa>(steps, out);
      return apply_in_place(formula, out, static_cast<std::size_t>(steps.count));
    }
    const std::int32_t filled = cosf::fill_in_blocks<block>(
        formula, static_cast<float>(steps.start), static_cast<float>(steps.stride),
        static_cast<std::int32_t>(steps.count), out);
    if (filled == steps.count) return;
    fill_from<Isa, float>([formula](float step) { return formula.fast(step); },
                          steps.slice(filled, steps.count - filled), out + filled);
  }

  // ---- Arrays ---------------------------------------------------------------------------------

  static void array(const void* self, StepType type, const void* steps, std::size_t count,
                    float* out) {
    in_blocks<Isa>({self, range, in_place}, type, steps, count, out);
  }

  /// out[i] = schedule(out[i]).
  static void in_place(const void* self, float* __restrict out, std::size_t count) {
    const auto& schedule = *static_cast<const Schedule*>(self);
    const Extent extent = extent_of<Isa>(out, count);
    const Target target{{0, 0, static_cast<std::int64_t>(count)}, out, true};
    if (extent.any_needs_flush) return target(Stepwise<Isa, Schedule>{schedule});
    const Piece piece = schedule.piece(extent.low);
    if (piece == schedule.piece(extent.high)) {
      in_piece(schedule, piece, extent.low, target);
    } else {
      in_pieces(schedule, extent.low, extent.high, target);
    }
  }

  /// The formula by value: what is behind a reference could be what `out` points to, and no loop
  /// would be vectorised.
  template <class Formula>
  FASTLR_NOINLINE FASTLR_FLATTEN static void apply_in_place(Formula formula, float* __restrict out,
                                                            std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] = formula(out[i]);
  }

  static constexpr Kernels<float> kernels{Plain::scalar, Plain::scalar_real, range, array};
};

}  // namespace fastlr::core
