// What the driver asks of a schedule, and a check that a class has it. ScheduleModel is the
// shortest one; the schedules of ../schedules follow it.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "../arithmetic/flush_to_zero.hpp"

namespace fastlr::core {

/// Rates of 0.1, written as a schedule: an immutable value.
struct ScheduleModel {
  /// Whether single steps need `Flushed` arithmetic since rates may vanish, however plain step and
  /// parameters are, as far out in an exponential decay.
  static constexpr bool vanishes = false;

  /// The formula, for any step, in any of the number types of flush_to_zero.hpp.
  template <class Isa, class Number>
  FASTLR_INLINE Number at(Number) const {
    return 0.1f;
  }

  /// Whether, with these parameters, every step needs `Flushed` arithmetic: one by one, by `at`.
  bool needs_flush() const { return false; }

  // All others serve speed, in binary32 only. The line of steps is cut into pieces, where the
  // formula changes or a part of it can be computed once.

  /// The piece a step is in: a number that is the same for all steps between two of the same piece.
  FASTLR_INLINE std::int64_t piece(float) const { return 0; }

  /// About where the piece of `step` ends: a guess, which the driver corrects.
  FASTLR_INLINE double end_of_piece(std::int64_t, float /*step*/) const {
    return std::numeric_limits<double>::infinity();
  }

  /// Calls loop(formula), once, with a formula (../schedules/formulas.hpp) that is free of branches
  /// and has the bits of `at` for all steps of the piece of `step`.
  template <class Isa, class Loop>
  FASTLR_INLINE void with_piece(std::int64_t, float /*step*/, Loop loop) const {
    loop([](float) { return 0.1f; });
  }

  /// The same for all steps from low to high.
  template <class Isa, class Loop>
  FASTLR_INLINE void with_pieces(float low, float /*high*/, Loop loop) const {
    with_piece<Isa>(0, low, loop);
  }
};

namespace schedule_concept {

/// A loop that takes any formula.
struct AnyLoop {
  template <class Formula>
  void operator()(const Formula&) const {}
};

// The type that each member gives.
template <class S>
using Vanishes = decltype(S::vanishes);
template <class S, class Isa, class Number>
using At = decltype(std::declval<const S&>().template at<Isa>(std::declval<Number>()));
template <class S>
using NeedsFlush = decltype(std::declval<const S&>().needs_flush());
template <class S>
using Piece = decltype(std::declval<const S&>().piece(0.0f));
template <class S>
using EndOfPiece = decltype(std::declval<const S&>().end_of_piece(std::int64_t{}, 0.0f));
template <class S, class Isa>
using WithPiece =
    decltype(std::declval<const S&>().template with_piece<Isa>(std::int64_t{}, 0.0f, AnyLoop()));
template <class S, class Isa>
using WithPieces =
    decltype(std::declval<const S&>().template with_pieces<Isa>(0.0f, 0.0f, AnyLoop()));

template <class Type, class Void, template <class...> class Member, class... Arguments>
struct Gives : std::false_type {};
template <class Type, template <class...> class Member, class... Arguments>
struct Gives<Type, std::void_t<Member<Arguments...>>, Member, Arguments...>
    : std::is_same<Type, Member<Arguments...>> {};
/// Whether Member<Arguments...> exists and is Type.
template <class Type, template <class...> class Member, class... Arguments>
inline constexpr bool gives = Gives<Type, void, Member, Arguments...>::value;

}  // namespace schedule_concept

/// What evaluation one step after the other asks of a schedule.
template <class Isa, class Schedule, class Number>
constexpr bool check_formula() {
  namespace member = schedule_concept;
  static_assert(member::gives<const bool, member::Vanishes, Schedule>,
                "a schedule needs `static constexpr bool vanishes`: see ScheduleModel");
  static_assert(member::gives<bool, member::NeedsFlush, Schedule>,
                "a schedule needs `bool needs_flush() const`: see ScheduleModel");
  static_assert(
      member::gives<Number, member::At, Schedule, Isa, Number>,
      "a schedule needs `template <class Isa, class Number> Number at(Number step) const`: "
      "see ScheduleModel");
  return true;
}

/// What vectorised evaluation asks of it.
template <class Isa, class Schedule>
constexpr bool check_pieces() {
  namespace member = schedule_concept;
  static_assert(member::gives<std::int64_t, member::Piece, Schedule>,
                "a schedule needs `std::int64_t piece(float step) const`: see ScheduleModel");
  static_assert(member::gives<double, member::EndOfPiece, Schedule>,
                "a schedule needs `double end_of_piece(std::int64_t piece, float step) const`: see "
                "ScheduleModel");
  static_assert(member::gives<void, member::WithPiece, Schedule, Isa>,
                "a schedule needs `template <class Isa, class Loop> void with_piece(std::int64_t "
                "piece, float step, Loop loop) const`: see ScheduleModel");
  static_assert(
      member::gives<void, member::WithPieces, Schedule, Isa>,
      "a schedule needs `template <class Isa, class Loop> void with_pieces(float low, float "
      "high, Loop loop) const`: see ScheduleModel");
  return true;
}

}  // namespace fastlr::core
