// The lines of a lesson file as entries: a key with its paragraphs. Called by the parser.
//
//   key: value              an entry; the value continues on the next lines if they are indented
//     more of the value     a blank line in it begins a paragraph
//   == Name of a beat       an entry with the key "=="
//   # comment
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sweepscope::telemetry::lessons {

struct Entry {
  std::string key;
  uint32_t line = 0;
  struct Paragraph {
    std::string text;
    uint32_t line = 0;
  };
  std::vector<Paragraph>
      paragraphs;  // a line that begins with "( )" or "(x)" begins one, too; none: no value

  std::string value() const { return paragraphs.empty() ? std::string() : paragraphs[0].text; }
};

struct LineError {
  uint32_t line;
  std::string reason;
};

struct Entries {
  std::vector<Entry> entries;
  std::vector<LineError> errors;
};
// Checks bytes, sizes and the first line.
Entries read_entries(std::string_view text);

}  // namespace sweepscope::telemetry::lessons
