#include "self_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "../arithmetic/float_order.hpp"
#include "../libm/cosine.hpp"
#include "../libm/power.hpp"
#include "../libm/xla_log.hpp"

namespace fastlr::core {
namespace {

constexpr std::size_t block = 4096;
using Block = std::array<float, block>;

/// Calls check(arguments, size, proof) with all floats of [first, last] in blocks, on all
/// processors.
template <class Check>
Proof for_all_floats(float first, float last, StopRequested stop, Check check) {
  std::mutex mutex;
  Proof proof;
  // The ordinals of consecutive floats are consecutive.
  const std::int64_t lowest = ordinal(first), floats = ordinal(last) - lowest + 1;
  const auto work = [&](std::int64_t from, std::int64_t count) {
    Block arguments;
    Proof part;
    for (std::int64_t start = from; start < from + count; start += block) {
      const auto size =
          static_cast<std::size_t>(std::min<std::int64_t>(block, from + count - start));
      for (std::size_t i = 0; i < size; ++i) {
        const std::int64_t position = lowest + start + static_cast<std::int64_t>(i);
        arguments[i] = from_ordinal(static_cast<std::int32_t>(position));
      }
      check(arguments, size, part);
    }
    const std::lock_guard<std::mutex> lock(mutex);
    proof.compared += part.compared;
    if (part.different != 0 &&
        (proof.different == 0 || part.first_difference < proof.first_difference)) {
      proof.first_difference = part.first_difference;
    }
    proof.different += part.different;
  };
  proof.stopped = !in_chunks(floats, usable_processors(), stop, work);
  return proof;
}

void count(bool same, float argument, Proof& proof) {
  ++proof.compared;
  if (!same && proof.different++ == 0) proof.first_difference = argument;
}

bool same_bits(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0; }

/// Compares bulk(arguments, size, out) with library(argument), where `applies` to the argument.
template <class Bulk, class Library, class Applies>
Proof compare(float first, float last, StopRequested stop, Bulk bulk, Library library,
              Applies applies) {
  return for_all_floats(first, last, stop,
                        [&](const Block& arguments, std::size_t size, Proof& proof) {
                          Block ours;
                          bulk(arguments.data(), size, ours.data());
                          for (std::size_t i = 0; i < size; ++i) {
                            const float x = arguments[i];
                            if (applies(x)) count(same_bits(ours[i], library(x)), x, proof);
                          }
                        });
}

/// Calls use(tag) with the tag of an instruction set.
template <class Use>
auto with_isa(IsaId isa, Use use) {
  switch (isa) {
#ifdef FASTLR_HAVE_X86_ISAS
    case IsaId::avx2:
      return use(Avx2{});
    case IsaId::avx512:
      return use(Avx512{});
#endif
    default:
      return use(Baseline{});
  }
}

/// Powers within these exponents of two are what the kernels compute themselves.
bool is_plain(double log2_of_power) { return std::fabs(log2_of_power) < 120; }

bool is_normal(float x) { return x >= std::numeric_limits<float>::min() && std::isfinite(x); }

}  // namespace

Proof prove_cosine(IsaId isa, CosineForm form, float first, float last, StopRequested stop) {
  const auto cosines = with_isa(isa, [](auto tag) { return cosine_in_bulk<decltype(tag)>; });
  return compare(
      first, last, stop,
      [&](const float* angles, std::size_t size, float* out) { cosines(form, angles, size, out); },
      [](float angle) { return std::cos(angle); }, [](float) { return true; });
}

Proof prove_power_of(float base, IsaId isa, float first, float last, StopRequested stop) {
  const auto powers = with_isa(isa, [](auto tag) { return power_of_in_bulk<decltype(tag)>; });
  if (!is_normal(base)) throw std::invalid_argument("Argument `base` must be positive and normal.");
  const double log2_base = powf::log2(base);
  return compare(
      first, last, stop,
      [&](const float* exponents, std::size_t size, float* out) {
        powers(log2_base, exponents, size, out);
      },
      [&](float exponent) { return std::pow(base, exponent); },
      [&](float exponent) { return is_plain(static_cast<double>(exponent) * log2_base); });
}

Proof prove_power_to(float exponent, IsaId isa, float first, float last, StopRequested stop) {
  const auto powers = with_isa(isa, [](auto tag) { return power_to_in_bulk<decltype(tag)>; });
  return compare(
      first, last, stop,
      [&](const float* bases, std::size_t size, float* out) {
        powers(static_cast<double>(exponent), bases, size, out);
      },
      [&](float base) { return std::pow(base, exponent); },
      [&](float base) {
        return is_normal(base) && is_plain(static_cast<double>(exponent) * powf::log2(base));
      });
}

Proof prove_monotone_logarithm(bool of_xla, float first, float last, StopRequested stop) {
  const auto logarithm = [&](float x) { return of_xla ? xla_logarithm(x) : std::log(x); };
  return for_all_floats(first, last, stop,
                        [&](const Block& arguments, std::size_t size, Proof& proof) {
                          float before = logarithm(from_ordinal(ordinal(arguments[0]) - 1));
                          for (std::size_t i = 0; i < size; ++i) {
                            const float now = logarithm(arguments[i]);
                            count(now >= before, arguments[i], proof);
                            before = now;
                          }
                        });
}

}  // namespace fastlr::core
