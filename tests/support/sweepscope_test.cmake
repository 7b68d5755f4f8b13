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
# GoogleTest is precompiled. Sanitizer builds compile the test sources without optimisation: UBSan's checks at -O1 take
# twice as long to compile, and the code under test keeps the preset's -O1.
include(GoogleTest)
find_package(GTest REQUIRED)
set(test_options "")
if(SWEEPSCOPE_SANITIZE)
  set(test_options -O0)
endif()
sweepscope_precompiled(sweepscope_test_precompiled OPTIONS ${test_options} LIBS GTest::gtest
  HEADERS <gtest/gtest.h> ${SWEEPSCOPE_STD_HEADERS})

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
  if(SWEEPSCOPE_SANITIZE)
    math(EXPR TEST_TIMEOUT "4 * ${TEST_TIMEOUT}")  # a test then takes up to ten times as long, on a busy machine more
  endif()
  add_executable(${name} ${TEST_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE sweepscope_options ${TEST_LIBS} GTest::gtest GTest::gmock)
  target_compile_options(${name} PRIVATE ${test_options})
  if(NOT "gui" IN_LIST TEST_LABELS)  # Qt's sources are position-independent, which a precompiled header is not
    sweepscope_reuse(${name} sweepscope_test_precompiled)
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
