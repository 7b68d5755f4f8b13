// A recorded lesson or schedule as one HTML page that needs no network, no engine and no other file. Pure.
//
// The page's Content-Security-Policy allows only the embedded scripts and styles, by their hashes. What was recorded
// stands in the page as JSON, with every < and every character beyond ASCII escaped; the scripts insert it as text. So a
// hostile lesson file can neither run a script nor load a file.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/laboratory/recorded_page.h"

namespace sweepscope::workloads {

inline constexpr size_t kMostPageBytes = 3u << 20;
// How each page begins: a file that begins otherwise was not made by this command.
inline constexpr std::string_view kPageBegins =
    "<!DOCTYPE html>\n<!-- Made by sweepctl export --to html. -->\n";

// What the page's scripts read: page/recording.js decodes it.
nlohmann::json page_json(const RecordedPage& page, std::string_view made_by);

struct PageOrError {
  std::string html;
  std::string error;  // one line; empty: done
};
// made_by: name and version of the program.
PageOrError html_page(const RecordedPage& page, std::string_view made_by);

// The page that lists the pages of a folder, with links to them.
struct IndexEntry {
  std::string file;  // of the page, in the same folder
  std::string title, summary;
  uint32_t minutes = 0;  // 0: not a lesson
};
std::string index_page(const std::vector<IndexEntry>& entries, std::string_view made_by);

std::string html_escaped(std::string_view text);
// The bytes of a hexadecimal number in base64, as a hash of a Content-Security-Policy.
std::string base64_of_hex(std::string_view hex);

}  // namespace sweepscope::workloads
