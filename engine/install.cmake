# Installs the production engine for find_package(Sweepscope): target Sweepscope::engine. The component `engine` has the
# library, the headers that engine.h includes, directly or through others, and the package files.
#   cmake --install build/release --prefix PREFIX --component engine
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(headers engine/engine.h)
set(next 0)
list(LENGTH headers count)
while(next LESS count)
  list(GET headers ${next} header)
  file(STRINGS ${PROJECT_SOURCE_DIR}/${header} includes REGEX "^#include \"engine/")
  foreach(line ${includes})
    string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" included "${line}")
    list(APPEND headers ${included})
  endforeach()
  list(REMOVE_DUPLICATES headers)  # keeps the first of each, so that `next` stays right
  list(LENGTH headers count)
  math(EXPR next "${next} + 1")
endwhile()

foreach(header ${headers})
  # A header that changes its includes changes the list.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${header})
  cmake_path(GET header PARENT_PATH folder)
  install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sweepscope/${folder}
          COMPONENT engine)
endforeach()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Sweepscope)
target_include_directories(engine INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/sweepscope>)
target_compile_features(engine PUBLIC cxx_std_20)
if(SWEEPSCOPE_SANITIZE)
  target_compile_options(engine INTERFACE $<INSTALL_INTERFACE:-fsanitize=${SWEEPSCOPE_SANITIZE}>)
  target_link_options(engine INTERFACE $<INSTALL_INTERFACE:-fsanitize=${SWEEPSCOPE_SANITIZE}>)
endif()
install(TARGETS engine EXPORT SweepscopeTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/sweepscope COMPONENT engine)
install(EXPORT SweepscopeTargets NAMESPACE Sweepscope:: DESTINATION ${package_folder} COMPONENT engine)

file(CONFIGURE OUTPUT SweepscopeConfig.cmake @ONLY CONTENT [[
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/SweepscopeTargets.cmake)
]])
# Before version 1.0 a new minor version may change the API.
write_basic_package_version_file(SweepscopeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/SweepscopeConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/SweepscopeConfigVersion.cmake
        DESTINATION ${package_folder} COMPONENT engine)
