// What this build is and what it proves about itself.
#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "fastlr/version.hpp"
#include "libm/power.hpp"
#include "module.hpp"
#include "self_check/self_check.hpp"

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

namespace fastlr::bindings {
namespace {

std::string libm() {
#ifdef __GLIBC__
  return std::string("glibc ") + gnu_get_libc_version();
#else
  return "unknown";
#endif
}

std::vector<std::string> isas() {
  std::vector<std::string> usable;
  for (const core::IsaId isa : core::usable_isas()) usable.emplace_back(core::isa_name(isa));
  return usable;
}

/// Runs prove(stop), one of self_check.hpp, as a call that releases the GIL and can be stopped.
template <class Prove>
py::dict proof_of(Prove prove) {
  core::Proof proof;
  run(std::int64_t{1} << 30, [&](core::StopRequested stop) {
    proof = prove(stop);
    return !proof.stopped;
  });
  using namespace py::literals;
  return py::dict("compared"_a = proof.compared, "different"_a = proof.different,
                  "first_difference"_a = proof.first_difference);
}

py::dict prove_cosine(const std::string& form, float first, float last) {
  if (form != "by_quadrant" && form != "selected") {
    throw py::value_error("`form` must be 'by_quadrant' or 'selected'. Received: '" + form + "'");
  }
  const auto which =
      form == "selected" ? core::CosineForm::selected : core::CosineForm::by_quadrant;
  return proof_of([&](core::StopRequested stop) {
    return core::prove_cosine(core::active_isa(), which, first, last, stop);
  });
}

void require_own_power() {
  if (core::active_isa() == core::IsaId::baseline) {
    throw py::value_error("the baseline kernels have no power of their own");
  }
}

py::dict prove_power_of(float base, float first, float last) {
  require_own_power();
  return proof_of([&](core::StopRequested stop) {
    return core::prove_power_of(base, core::active_isa(), first, last, stop);
  });
}

py::dict prove_power_to(float exponent, float first, float last) {
  require_own_power();
  return proof_of([&](core::StopRequested stop) {
    return core::prove_power_to(exponent, core::active_isa(), first, last, stop);
  });
}

py::dict prove_monotone_logarithm(bool of_xla, float first, float last) {
  return proof_of([&](core::StopRequested stop) {
    return core::prove_monotone_logarithm(of_xla, first, last, stop);
  });
}

}  // namespace

void register_info(py::module_& m) {
  m.attr("version") = FASTLR_VERSION;
  m.attr("compiler") = FASTLR_COMPILER;
  m.def("libm", libm);
  m.def("isas", isas);
  m.def("active_isa", [] { return core::isa_name(core::active_isa()); });
  m.def("set_isa", core::set_isa, py::arg("name"));
  m.def("usable_processors", core::usable_processors);
  m.def("prove_cosine", prove_cosine, py::arg("form"), py::arg("first"), py::arg("last"));
  m.def("prove_power_of", prove_power_of, py::arg("base"), py::arg("first"), py::arg("last"));
  m.def("prove_power_to", prove_power_to, py::arg("exponent"), py::arg("first"), py::arg("last"));
  m.def("prove_monotone_logarithm", prove_monotone_logarithm, py::arg("of_xla"), py::arg("first"),
        py::arg("last"));
  m.def("library_power_is_fused", core::powf::library_power_is_fused);
}

}  // namespace fastlr::bindings
