// Flags whose values are checked while the line is parsed: a number of a range, the name of a file. What is
// refused is named with the flag, the value and what is expected. `into` outlives the parsing.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace sweepscope::workloads {

template <class T>
struct Range {
  T least, most;
};

inline constexpr Range<uint64_t> kSeeds{0, ~uint64_t{0}};

// Whole numbers, also in hexadecimal after "0x". Throws CLI::ValidationError.
template <std::unsigned_integral T>
T parse_number(const std::string& flag, const std::string& text, Range<T> range, std::string_view unit = "") {
  const bool hexadecimal = text.starts_with("0x");
  const char* const last = text.data() + text.size();
  T number{};
  const auto [end, error] =
      std::from_chars(text.data() + (hexadecimal ? 2 : 0), last, number, hexadecimal ? 16 : 10);
  if (error == std::errc() && end == last && number >= range.least && number <= range.most) return number;
  throw CLI::ValidationError(fmt::format("{} {}: expected {} to {}{}{}", flag, text.empty() ? "''" : text,
                                         range.least, range.most, unit.empty() ? "" : " ", unit));
}

// A duration in seconds: more than none, and an end.
inline double parse_seconds(const std::string& flag, const std::string& text, double most) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (whole && seconds > 0 && seconds <= most) return seconds;  // a NaN is neither
  throw CLI::ValidationError(fmt::format("{} {}: expected more than 0 and at most {} seconds", flag,
                                         text.empty() ? "''" : text, most));
}

template <class T, class Into>
CLI::Option* add_number(CLI::App* command, const std::string& flag, Into& into, Range<T> range,
                        const std::string& meaning, const std::string& unit = "") {
  return command
      ->add_option_function<std::string>(
          flag,
          [flag, &into, range, unit](const std::string& text) {
            into = parse_number(flag, text, range, unit);
          },
          meaning)
      ->type_name("N");
}

template <class Into>
CLI::Option* add_seconds(CLI::App* command, const std::string& flag, Into& into, double most,
                         const std::string& meaning) {
  return command
      ->add_option_function<std::string>(
          flag, [flag, &into, most](const std::string& text) { into = parse_seconds(flag, text, most); },
          meaning)
      ->type_name("SECONDS");
}

// A list A,B,... in one argument, without empty items.
inline CLI::Option* add_list(CLI::App* command, const std::string& flag, std::vector<std::string>& into,
                             const std::string& meaning) {
  return command->add_option(flag, into, meaning)
      ->check([](const std::string& list) {
        const bool empty_item =
            list.starts_with(',') || list.ends_with(',') || list.find(",,") != std::string::npos;
        return list.empty() || empty_item ? "'" + list + "': an item of the list is empty" : std::string();
      })
      ->type_name("A,B,...")
      ->expected(1);
}
inline std::vector<std::string> items_of(const std::vector<std::string>& lists) {
  std::vector<std::string> items;
  for (const std::string& list : lists)
    for (size_t begin = 0; begin <= list.size();) {
      const size_t end = std::min(list.find(',', begin), list.size());
      items.push_back(list.substr(begin, end - begin));
      begin = end + 1;
    }
  return items;
}

// For a file that is read: an empty name is refused before the system reports a missing file.
inline std::string not_empty(const std::string& name) {
  return name.empty() ? "expected the name of a file, not ''" : "";
}

enum class Dash : bool { kRefused, kStandardOutput };

inline CLI::Option* add_file(CLI::App* command, const std::string& flag, std::string& into,
                             const std::string& meaning, Dash dash = Dash::kRefused) {
  return command
      ->add_option_function<std::string>(
          flag,
          [flag, &into, dash](const std::string& name) {
            if (name.empty()) throw CLI::ValidationError(flag + " '': expected the name of a file");
            if (name == "-" && dash == Dash::kRefused)
              throw CLI::ValidationError(flag + " -: is not written to standard output; name a file");
            into = name;
          },
          meaning)
      ->type_name("FILE");
}

}  // namespace sweepscope::workloads
