# cmake -DOUTPUT=FILE.cc -DFILES="a.lesson;b.lesson" -P embed.cmake: the lessons as a source, as bytes and not as string
# literals: a lesson may contain anything.
set(arrays "")
set(rows "")
set(n 0)
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(APPEND arrays "constexpr char kText${n}[] = {${bytes}'\\0'};\n")
  string(APPEND rows "    {\"${name}\", {kText${n}, sizeof kText${n} - 1}},\n")
  math(EXPR n "${n} + 1")
endforeach()
file(WRITE ${OUTPUT}.new "// Generated from telemetry/lessons/*.lesson.
#include \"telemetry/lessons/catalogue.h\"

namespace sweepscope::telemetry::lessons {
namespace {

${arrays}
constexpr LessonFile kFiles[] = {
${rows}};

}  // namespace

std::span<const LessonFile> lesson_files() { return kFiles; }

}  // namespace sweepscope::telemetry::lessons
")
file(COPY_FILE ${OUTPUT}.new ${OUTPUT})
