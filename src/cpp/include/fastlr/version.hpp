// The one place that states the version: CMake, Python and C++ all read it from here.
// Only preprocessor lines, so that C can include it too.
#ifndef FASTLR_VERSION_HPP
#define FASTLR_VERSION_HPP

#define FASTLR_VERSION_MAJOR 0
#define FASTLR_VERSION_MINOR 1
#define FASTLR_VERSION_PATCH 0

#define FASTLR_STRINGIFY_(x) #x
#define FASTLR_STRINGIFY(x) FASTLR_STRINGIFY_(x)
#define FASTLR_VERSION                   \
  FASTLR_STRINGIFY(FASTLR_VERSION_MAJOR) \
  "." FASTLR_STRINGIFY(FASTLR_VERSION_MINOR) "." FASTLR_STRINGIFY(FASTLR_VERSION_PATCH)

#endif
