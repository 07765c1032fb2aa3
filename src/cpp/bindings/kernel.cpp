// Kernel: a schedule as the backends know it, evaluated into arrays of the caller.
#include <pybind11/numpy.h>

#include <optional>
#include <string>
#include <vector>

#include "module.hpp"

namespace fastlr::bindings {
namespace {

template <class Real>
Real* data_of(py::array& out) {
  const auto flags = py::array::c_style;
  if (!py::isinstance<py::array_t<Real, flags>>(out) || !out.writeable()) {
    throw py::value_error("`out` must be a writable, C-contiguous array of the schedule's dtype");
  }
  return static_cast<Real*>(out.mutable_data());
}

core::StepType step_type(const py::array& steps) {
  using core::StepType;
  const auto is = [&](auto example) {
    return py::isinstance<py::array_t<decltype(example), py::array::c_style>>(steps);
  };
  if (is(std::int64_t{})) return StepType::int64;
  if (is(std::int32_t{})) return StepType::int32;
  if (is(std::uint64_t{})) return StepType::uint64;
  if (is(float{})) return StepType::float32;
  if (is(double{})) return StepType::float64;
  throw py::value_error("`steps` must be C-contiguous int32, int64, uint64, float32 or float64");
}

void evaluate_range(const Kernel& kernel, std::int64_t start, std::int64_t step, py::array out,
                    int threads) {
  std::visit(
      [&](const auto& schedule) {
        using Real = decltype(schedule.at(0));
        Real* data = data_of<Real>(out);
        const core::StepRange steps{start, step, out.size()};
        run(steps.count, [&](core::StopRequested stop) {
          return schedule.range(steps, data, threads, thread_limit, stop);
        });
      },
      kernel.schedule);
}

void evaluate_array(const Kernel& kernel, const py::array& steps, py::array out, int threads) {
  std::visit(
      [&](const auto& schedule) {
        using Real = decltype(schedule.at(0));
        Real* data = data_of<Real>(out);
        const core::StepType type = step_type(steps);
        if (steps.size() != out.size()) throw py::value_error("`steps` and `out` differ in size");
        run(steps.size(), [&](core::StopRequested stop) {
          return schedule.array(type, steps.data(), steps.size(), data, threads, thread_limit,
                                stop);
        });
      },
      kernel.schedule);
}

core::ExecutionId execution_of(const std::string& name) {
  if (name == "graph") return core::ExecutionId::graph;
  return name == "xla" ? core::ExecutionId::xla : core::ExecutionId::eager;
}

double number(py::handle value) {
  const double read = PyFloat_AsDouble(value.ptr());
  if (read == -1 && PyErr_Occurred() != nullptr) throw py::error_already_set();
  return read;
}

void read(py::handle value, double& argument) { argument = number(value); }
void read(py::handle value, core::StepCount& argument) { argument = number(value); }
void read(py::handle value, bool& argument) { argument = value.cast<bool>(); }
void read(py::handle value, std::int64_t& argument) { argument = value.cast<std::int64_t>(); }
void read(py::handle value, std::string& argument) { argument = value.cast<std::string>(); }
template <class Value>
void read(py::handle values, std::vector<Value>& argument) {
  for (const py::handle value : values) read(value, argument.emplace_back());
}
template <class Value>
void read(py::handle value, std::optional<Value>& argument) {
  if (value.is_none()) return argument.reset();
  read(value, argument.emplace());
}

/// Fills in what `given` has. TypeError for a missing argument or one that there is not.
template <class Arguments>
void read_arguments(const py::dict& given, Arguments& arguments) {
  const auto fail = [](const char* what, const std::string& name) {
    throw py::type_error(std::string(Arguments::class_name) + what + "`" + name + "`");
  };
  std::size_t found = 0;
  const auto take = [&](const char* name, auto& argument, core::Given needed) {
    PyObject* value = PyDict_GetItemString(given.ptr(), name);
    if (value != nullptr) {
      ++found;
      read(value, argument);
    } else if (needed == core::Given::always) {
      fail(" needs the argument ", name);
    }
  };
  Arguments::each(arguments, take);
  arguments.each_derived(
      [&](const char* name, auto& argument) { take(name, argument, core::Given::optionally); });
  if (found != given.size()) fail(" has not all of the arguments ", py::str(py::list(given)));
}

/// A Kernel in float32 and an execution mode, or in float64, which has only the eager mode.
Kernel make_kernel(const std::string& class_name, const std::string& dtype,
                   const std::string& execution, const py::dict& given) {
  std::optional<core::Arguments> arguments = core::arguments_of(class_name);
  if (!arguments) throw py::value_error("there is no schedule " + class_name);
  return std::visit(
      [&](auto& each) -> Kernel {
        read_arguments(given, each);
        if (dtype == "float64") {
          return {core::make_schedule<double>(core::ExecutionId::eager, each)};
        }
        return {core::make_schedule<float>(execution_of(execution), each)};
      },
      *arguments);
}

}  // namespace

void register_kernel(py::module_& m) {
  py::class_<Kernel>(m, "Kernel")
      .def("range", evaluate_range, py::arg("start"), py::arg("step"), py::arg("out"),
           py::arg("threads"))
      .def("array", evaluate_array, py::arg("steps"), py::arg("out"), py::arg("threads"));
  m.def("make_kernel", make_kernel, py::arg("class_name"), py::arg("dtype"), py::arg("execution"),
        py::arg("arguments"));
  m.def("set_thread_limit", [](int limit) { thread_limit = limit; }, py::arg("limit"));
}

}  // namespace fastlr::bindings
