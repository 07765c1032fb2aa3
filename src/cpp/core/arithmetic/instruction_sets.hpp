// The instruction sets that kernels are compiled for. evaluation/kernels.cpp and
// self_check/loops.cpp are compiled once for each, with FASTLR_ISA naming the tag. No variant may
// share a symbol with another, or the linker could give AVX-512 code to a machine without it:
// functions there are templates over a tag that only the file knows, or FASTLR_INLINE.
// tests/full/packaging looks at the objects' symbol tables.
#pragma once

#include <cmath>
#include <cstddef>

#if defined(_MSC_VER)
#define FASTLR_INLINE __forceinline
#define FASTLR_FLATTEN
#define FASTLR_NOINLINE __declspec(noinline)
#else
#define FASTLR_INLINE __attribute__((always_inline)) inline
// Everything that is called inside becomes part of the function, lambdas too: a loop around a call
// is not vectorised, and GCC stops inlining where a function has many instantiations.
#define FASTLR_FLATTEN __attribute__((flatten))
// One copy of what many callers share, or the build takes twice as long.
#if defined(__clang__)
#define FASTLR_NOINLINE __attribute__((noinline))
#else
#define FASTLR_NOINLINE __attribute__((noinline, noclone))
#endif
#endif

namespace fastlr::core {

struct Baseline {
  static constexpr bool fma = false;
};
struct Avx2 {
  static constexpr bool fma = true;
};
struct Avx512 {
  static constexpr bool fma = true;
};

enum class IsaId { baseline, avx2, avx512 };
inline constexpr std::size_t isa_count = 3;

/// a * b + c, fused where the instruction set has it. Only for code whose results are proven to be
/// the same either way; what needs one or the other says std::fma or writes the two operations.
template <class Isa, class Real>
FASTLR_INLINE Real multiply_add(Real a, Real b, Real c) {
  if constexpr (Isa::fma) {
    return std::fma(a, b, c);
  } else {
    return a * b + c;
  }
}

}  // namespace fastlr::core
