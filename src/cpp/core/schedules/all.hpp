// Every schedule that the piece driver evaluates, once: FASTLR_SCHEDULES(X) expands X(name) for
// each. PiecewiseConstantDecay, which has no arithmetic, is for the look-up driver.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "cosine_decay.hpp"
#include "cosine_decay_restarts.hpp"
#include "exponential_decay.hpp"
#include "inverse_time_decay.hpp"
#include "piecewise_constant_decay.hpp"
#include "polynomial_decay.hpp"

#define FASTLR_SCHEDULES(X) \
  X(CosineDecay) X(CosineDecayRestarts) X(ExponentialDecay) X(InverseTimeDecay) X(PolynomialDecay)

namespace fastlr::core {

/// The arguments of any schedule.
using Arguments = std::variant<CosineDecayArguments, CosineDecayRestartsArguments,
                               ExponentialDecayArguments, InverseTimeDecayArguments,
                               PolynomialDecayArguments, PiecewiseConstantDecayArguments>;

/// The arguments of a class, with its defaults; nothing where no schedule has that name.
template <std::size_t index = 0>
std::optional<Arguments> arguments_of([[maybe_unused]] std::string_view class_name) {
  if constexpr (index == std::variant_size_v<Arguments>) {
    return std::nullopt;
  } else {
    using Candidate = std::variant_alternative_t<index, Arguments>;
    if (class_name == Candidate::class_name) return Candidate();
    return arguments_of<index + 1>(class_name);
  }
}

}  // namespace fastlr::core
