#include "module.hpp"

namespace fastlr::bindings {

bool is_main_thread() {
  const py::object main = py::module_::import("threading").attr("main_thread")();
  return main.attr("ident").cast<unsigned long>() == PyThread_get_thread_ident();
}

}  // namespace fastlr::bindings

PYBIND11_MODULE(_core, m) {
  m.doc() = "The compiled core of fastlr. Private: use the package `fastlr`.";
  fastlr::bindings::register_kernel(m);
  fastlr::bindings::register_schedule_type(m);
  fastlr::bindings::register_table(m);
  fastlr::bindings::register_info(m);
}
