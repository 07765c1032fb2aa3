// Kernel: a schedule as the backends know it, evaluated into arrays of the caller.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

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

/// A Kernel in float32 and an execution mode, or in float64, which has only the eager mode.
template <template <class, class> class Schedule, class Parameters>
Kernel make(const std::string& dtype, const std::string& execution, const Parameters& parameters) {
  if (dtype == "float64") {
    return {core::AnySchedule<double>(Schedule<double, core::Eager>(parameters))};
  }
  return {core::make_schedule<float, Schedule>(execution_of(execution), parameters)};
}

void register_schedules(py::module_& m) {
  using namespace core;
  m.def(
      "cosine_decay",
      [](const std::string& dtype, const std::string& execution, double initial_learning_rate,
         double decay_steps, double alpha, double one_minus_alpha,
         std::optional<double> warmup_target, double warmup_steps) {
        return make<CosineDecay>(
            dtype, execution,
            CosineDecayParameters{initial_learning_rate, decay_steps, alpha, one_minus_alpha,
                                  warmup_target, warmup_steps});
      },
      py::arg("dtype"), py::arg("execution"), py::arg("initial_learning_rate"),
      py::arg("decay_steps"), py::arg("alpha"), py::arg("one_minus_alpha"),
      py::arg("warmup_target"), py::arg("warmup_steps"));
  m.def(
      "cosine_decay_restarts",
      [](const std::string& dtype, const std::string& execution, double initial_learning_rate,
         double first_decay_steps, double t_mul, double m_mul, double alpha) {
        return make<CosineDecayRestarts>(
            dtype, execution,
            CosineDecayRestartsParameters{initial_learning_rate, first_decay_steps, t_mul, m_mul,
                                          alpha});
      },
      py::arg("dtype"), py::arg("execution"), py::arg("initial_learning_rate"),
      py::arg("first_decay_steps"), py::arg("t_mul"), py::arg("m_mul"), py::arg("alpha"));
  m.def(
      "exponential_decay",
      [](const std::string& dtype, const std::string& execution, double initial_learning_rate,
         double decay_steps, double decay_rate, bool staircase) {
        return make<ExponentialDecay>(
            dtype, execution,
            ExponentialDecayParameters{initial_learning_rate, decay_steps, decay_rate, staircase});
      },
      py::arg("dtype"), py::arg("execution"), py::arg("initial_learning_rate"),
      py::arg("decay_steps"), py::arg("decay_rate"), py::arg("staircase"));
  m.def(
      "inverse_time_decay",
      [](const std::string& dtype, const std::string& execution, double initial_learning_rate,
         double decay_steps, double decay_rate, bool staircase) {
        return make<InverseTimeDecay>(
            dtype, execution,
            InverseTimeDecayParameters{initial_learning_rate, decay_steps, decay_rate, staircase});
      },
      py::arg("dtype"), py::arg("execution"), py::arg("initial_learning_rate"),
      py::arg("decay_steps"), py::arg("decay_rate"), py::arg("staircase"));
  m.def(
      "polynomial_decay",
      [](const std::string& dtype, const std::string& execution, double initial_learning_rate,
         double decay_steps, double end_learning_rate, double power, bool cycle,
         double steps_per_cycle) {
        return make<PolynomialDecay>(
            dtype, execution,
            PolynomialDecayParameters{initial_learning_rate, decay_steps, end_learning_rate, power,
                                      cycle, steps_per_cycle});
      },
      py::arg("dtype"), py::arg("execution"), py::arg("initial_learning_rate"),
      py::arg("decay_steps"), py::arg("end_learning_rate"), py::arg("power"), py::arg("cycle"),
      py::arg("steps_per_cycle"));
  m.def(
      "piecewise_constant_decay",
      [](const std::string& dtype, const std::string&,
         const std::vector<std::int64_t>& integer_boundaries, const std::vector<double>& boundaries,
         const std::vector<double>& values) -> Kernel {
        const PiecewiseConstantDecayParameters parameters{integer_boundaries, boundaries, values};
        if (dtype == "float64") {
          return {AnySchedule<double>(PiecewiseConstantDecay<double>(parameters))};
        }
        return {AnySchedule<float>(PiecewiseConstantDecay<float>(parameters))};
      },
      py::arg("dtype"), py::arg("execution"), py::arg("integer_boundaries"), py::arg("boundaries"),
      py::arg("values"));
}

}  // namespace

/// What pybind11 leaves out: Kernel.__new__(Kernel) would give an object without a value, whose
/// memory is read all the same; and where there is no memory for an object, it does not look.
void make_safe(PyTypeObject* type) {
  type->tp_new = [](PyTypeObject*, PyObject*, PyObject*) -> PyObject* {
    PyErr_SetString(PyExc_TypeError, "kernels are made by the functions of this module");
    return nullptr;
  };
  type->tp_alloc = [](PyTypeObject* of, Py_ssize_t items) -> PyObject* {
    PyObject* made = PyType_GenericAlloc(of, items);
    if (made == nullptr) throw py::error_already_set();  // into pybind11's own handler
    return made;
  };
}

void register_kernel(py::module_& m) {
  auto kernel =
      py::class_<Kernel>(m, "Kernel")
          .def("range", evaluate_range, py::arg("start"), py::arg("step"), py::arg("out"),
               py::arg("threads"))
          .def("array", evaluate_array, py::arg("steps"), py::arg("out"), py::arg("threads"));
  make_safe(reinterpret_cast<PyTypeObject*>(kernel.ptr()));

  register_schedules(m);
  m.def("set_thread_limit", [](int limit) { thread_limit = limit; }, py::arg("limit"));
}

}  // namespace fastlr::bindings
