// Every schedule that the piece driver evaluates, once: FASTLR_SCHEDULES(X) expands X(name) for
// each. PiecewiseConstantDecay, which has no arithmetic, brings kernels of its own.
#pragma once

#include "cosine_decay.hpp"
#include "cosine_decay_restarts.hpp"
#include "exponential_decay.hpp"
#include "inverse_time_decay.hpp"
#include "piecewise_constant_decay.hpp"
#include "polynomial_decay.hpp"

#define FASTLR_SCHEDULES(X) \
  X(CosineDecay) X(CosineDecayRestarts) X(ExponentialDecay) X(InverseTimeDecay) X(PolynomialDecay)
