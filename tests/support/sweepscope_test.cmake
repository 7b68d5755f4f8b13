# sweepscope_test(name
#   SOURCES a_test.cc b_test.cc   sources of the GoogleTest program `name`
#   [LIBS libraries]              libraries under test (gtest, gmock and sweepscope_options are linked too)
#   [LABELS labels]               ctest labels; none given = unit
#   [ENVIRONMENT VAR=value ...]   for every test of the program
#   [TIMEOUT seconds]             per test; default 120
#   [NO_MAIN])                    the sources define main(), for example to create a QApplication
#
# Each TEST() becomes a ctest test named Suite.Sentence, discovered when ctest runs (PRE_TEST), so that a program that
# cannot start fails its tests and not the build. The program is build/<preset>/tests/<name>.
#
# Sanitizer builds compile the test sources without optimisation and with GoogleTest precompiled, which halves their
# compile time (UBSan's checks at -O1 double it); the code under test keeps the preset's -O1.
include(GoogleTest)
find_package(GTest REQUIRED)

if(SWEEPSCOPE_SANITIZE)
  file(WRITE ${PROJECT_BINARY_DIR}/tests/precompiled.cc "")
  add_library(sweepscope_test_precompiled OBJECT ${PROJECT_BINARY_DIR}/tests/precompiled.cc)
  target_link_libraries(sweepscope_test_precompiled PRIVATE sweepscope_options GTest::gtest)
  target_compile_options(sweepscope_test_precompiled PRIVATE -O0)
  target_precompile_headers(sweepscope_test_precompiled PRIVATE <gtest/gtest.h> <algorithm> <array> <atomic> <functional>
    <map> <memory> <optional> <random> <set> <span> <string> <thread> <vector>)
endif()

function(sweepscope_test name)
  cmake_parse_arguments(PARSE_ARGV 1 TEST "NO_MAIN" "TIMEOUT" "SOURCES;LIBS;LABELS;ENVIRONMENT")
  if(NOT TEST_SOURCES)
    message(FATAL_ERROR "sweepscope_test(${name}): no SOURCES")
  endif()
  if(TEST_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sweepscope_test(${name}): unknown arguments ${TEST_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT TEST_LABELS)
    set(TEST_LABELS unit)
  endif()
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  add_executable(${name} ${TEST_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE sweepscope_options ${TEST_LIBS} GTest::gtest GTest::gmock)
  if(SWEEPSCOPE_SANITIZE)
    target_compile_options(${name} PRIVATE -O0)
    target_precompile_headers(${name} REUSE_FROM sweepscope_test_precompiled)
  endif()
  if(NOT TEST_NO_MAIN)
    target_link_libraries(${name} PRIVATE GTest::gmock_main)
  endif()
  gtest_discover_tests(${name}
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    TEST_LIST ${name}_all)
  # Not through PROPERTIES above: that splits lists, so a program could have only one label.
  set(properties ${CMAKE_CURRENT_BINARY_DIR}/${name}_properties.cmake)
  file(WRITE ${properties} "if(${name}_all)
  set_tests_properties(\${${name}_all} PROPERTIES
    LABELS \"${TEST_LABELS}\" TIMEOUT ${TEST_TIMEOUT} ENVIRONMENT \"${TEST_ENVIRONMENT}\")
endif()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${properties})
endfunction()
