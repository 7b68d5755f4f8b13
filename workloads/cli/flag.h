// Flags whose values are checked while the command line is parsed: a number in a range, a list, a file name.
// An error names the flag, the value and the expected values. `into` outlives the parsing.
#pragma once

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

// An integer, decimal or hexadecimal ("0x..."). Throws CLI::ValidationError.
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

// A duration in seconds: positive and finite. Throws CLI::ValidationError.
inline double parse_seconds(const std::string& flag, const std::string& text, double most) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (whole && seconds > 0 && seconds <= most) return seconds;  // false for a NaN
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

// The items of a comma-separated list, also in brackets. Throws CLI::ValidationError for an empty item, which
// CLI11's own delimiter() and its own reading of brackets would drop.
inline std::vector<std::string> parse_list(const std::string& flag, std::string text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  std::vector<std::string> items;
  for (size_t begin = 0;;) {
    const size_t comma = text.find(',', begin);
    items.push_back(text.substr(begin, comma - begin));
    if (items.back().empty())
      throw CLI::ValidationError(fmt::format("{} {}: item {} is empty; expected values separated by commas",
                                             flag, text.empty() ? "''" : text, items.size()));
    if (comma == std::string::npos) return items;
    begin = comma + 1;
  }
}

inline CLI::Option* add_value_list(CLI::App* command, const std::string& flag, std::vector<std::string>& into,
                                   const std::string& meaning) {
  return command
      ->add_option_function<std::vector<std::string>>(
          flag,
          [flag, &into](const std::vector<std::string>& lists) {
            into.clear();
            for (const std::string& list : lists)
              for (std::string& item : parse_list(flag, list)) into.push_back(std::move(item));
          },
          meaning)
      ->allow_extra_args(false)
      ->type_name("LIST");
}

// For the name of an input file: its own message for an empty name.
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
              throw CLI::ValidationError(flag + " -: cannot be written to standard output; name a file");
            into = name;
          },
          meaning)
      ->type_name("FILE");
}

}  // namespace sweepscope::workloads
