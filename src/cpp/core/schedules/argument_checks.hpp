// Checks of the arguments that C and C++ callers give. The Python layer checks its own, with the
// messages of Python; these are the last line of defence for every face.
#pragma once

#include <cmath>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>

#include "../arithmetic/flush_to_zero.hpp"

namespace fastlr::core {

[[noreturn]] inline void refuse(const char* name, const char* accepted, double received) {
  std::ostringstream message;
  message << "Argument `" << name << "` must be " << accepted << ". Received: " << name << "="
          << received;
  throw std::invalid_argument(message.str());
}

/// `value` rounded once to Real; std::invalid_argument where that is not finite.
template <class Real>
Real finite(const char* name, double value) {
  const auto rounded = static_cast<Real>(value);
  if (!std::isfinite(rounded)) {
    refuse(name, sizeof(Real) == 4 ? "a finite float32 number" : "a finite number", value);
  }
  return rounded;
}

/// As `finite`, for a number that must be above zero, once subnormals are flushed too.
template <class Real>
Real positive(const char* name, double value) {
  const Real rounded = flush(finite<Real>(name, value));
  if (rounded <= 0) refuse(name, "> 0", value);
  return rounded;
}

/// A step that a schedule is cut or moved at. Distances up to here are exact in binary64, too.
inline void check_step(const char* name, std::int64_t step) {
  constexpr std::int64_t largest = std::int64_t{1} << 53;
  if (step >= -largest && step <= largest) return;
  throw std::invalid_argument(std::string("Argument `") + name +
                              "` must be within -2**53 and 2**53. Received: " + name + "=" +
                              std::to_string(step));
}

}  // namespace fastlr::core
