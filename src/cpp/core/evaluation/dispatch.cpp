#include "dispatch.hpp"

#include <atomic>
#include <stdexcept>

namespace fastlr::core {
namespace {

bool runs_here(IsaId isa) {
  switch (isa) {
    case IsaId::baseline:
      return true;
#ifdef FASTLR_HAVE_X86_ISAS
    case IsaId::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case IsaId::avx512:
      return runs_here(IsaId::avx2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl");
#endif
    default:
      return false;
  }
}

// The only mutable global of the library. Every value of it gives the same bits.
std::atomic<IsaId>& active() {
  static std::atomic<IsaId> isa{usable_isas().back()};
  return isa;
}

}  // namespace

const char* isa_name(IsaId isa) {
  constexpr const char* names[isa_count] = {"baseline", "avx2", "avx512"};
  return names[static_cast<std::size_t>(isa)];
}

std::vector<IsaId> usable_isas() {
  std::vector<IsaId> usable;
  for (const IsaId isa : {IsaId::baseline, IsaId::avx2, IsaId::avx512}) {
    if (runs_here(isa)) usable.push_back(isa);
  }
  return usable;
}

IsaId active_isa() { return active().load(std::memory_order_relaxed); }

void set_isa(const std::string& name) {
  const std::vector<IsaId> usable = usable_isas();
  if (name == "auto") return active().store(usable.back());
  std::string accepted = "'auto'";
  for (const IsaId isa : usable) {
    if (name == isa_name(isa)) return active().store(isa);
    accepted += std::string(", '") + isa_name(isa) + "'";
  }
  // Long text is not cut: half a character of UTF-8 makes another error in Python.
  const std::string received =
      name.size() <= 100 ? "'" + name + "'" : "text of " + std::to_string(name.size()) + " bytes";
  throw std::invalid_argument("The instruction set must be one of " + accepted +
                              " on this machine. Received: " + received);
}

}  // namespace fastlr::core
