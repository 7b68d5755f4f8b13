#include "telemetry/lessons/lesson_lines.h"

#include <algorithm>
#include <bit>

#include "telemetry/lessons/lesson_parser.h"

namespace sweepscope::telemetry::lessons {
namespace {

// The code point at text[i] and its length; length 0: not UTF-8.
struct Decoded {
  uint32_t code = 0;
  size_t length = 0;
};

Decoded decode(std::string_view text, size_t i) {
  const auto byte = [text](size_t at) { return static_cast<uint8_t>(text[at]); };
  if (byte(i) < 0x80) return {byte(i), 1};
  const auto length = static_cast<size_t>(std::countl_one(byte(i)));
  if (length < 2 || length > 4 || i + length > text.size()) return {};
  uint32_t code = byte(i) & (0x7Fu >> length);
  for (size_t at = i + 1; at < i + length; ++at) {
    if ((byte(at) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(at) & 0x3F);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // a longer form than needed is no UTF-8
  if (code < kLeast[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length};
}

// Characters that a reader of the file cannot see, or that change the order in which it shows others.
bool is_hidden(uint32_t code) {
  return (code < 0x20 && code != '\t') || (code >= 0x7F && code < 0xA0) || code == 0xFEFF ||
         (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code >= 0xE0000;
}

// Why the line cannot be part of a lesson; empty: it can.
std::string problem_with(std::string_view line) {
  if (line.size() > kMostLineBytes)
    return "the line has " + std::to_string(line.size()) + " bytes, the limit is " +
           std::to_string(kMostLineBytes);
  for (size_t i = 0; i < line.size();) {
    const Decoded at = decode(line, i);
    if (at.length == 0) return "byte " + std::to_string(i + 1) + " is not UTF-8; save the file as UTF-8";
    if (is_hidden(at.code))
      return "byte " + std::to_string(i + 1) + " is a control or invisible character; remove it";
    i += at.length;
  }
  return {};
}

std::string_view trimmed(std::string_view text) {
  const size_t from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

class Reader {
 public:
  Entries take(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // as Windows' editors begin a file
    if (text.size() > kMostLessonBytes) {
      error(1, "the file has " + std::to_string(text.size()) + " bytes, the limit is " +
                   std::to_string(kMostLessonBytes));
      return std::move(entries_);
    }
    while (!text.empty() && !full()) {
      const size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      ++line_;
      if (std::string problem = problem_with(line); !problem.empty())
        error(line_, std::move(problem));
      else
        take_line(line);
    }
    if (line_ == 0) error(1, "the file is empty; its first line is '" + std::string(kLessonMagic) + "'");
    return std::move(entries_);
  }

 private:
  bool full() const { return entries_.errors.size() >= kMostErrors; }
  void error(uint32_t line, std::string reason) { entries_.errors.push_back({line, std::move(reason)}); }

  void take_line(std::string_view line) {
    if (line_ == 1) {
      if (trimmed(line) != kLessonMagic)
        error(1, "the first line must be '" + std::string(kLessonMagic) + "'");
      return;
    }
    if (line.starts_with('#')) return;
    const std::string_view words = trimmed(line);
    if (words.empty()) {
      paragraph_ends_ = true;
    } else if (line[0] == ' ' || line[0] == '\t') {
      continue_value(words);
    } else if (line.starts_with("==")) {
      begin("==", trimmed(line.substr(2)));
    } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
      begin(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    } else {
      error(line_, "expected 'key: value', '== NAME OF A BEAT', or more of the value above, indented");
    }
  }

  void begin(std::string_view key, std::string_view value) {
    entries_.entries.push_back({std::string(key), line_, {}});
    paragraph_ends_ = false;
    if (!value.empty()) add_paragraph(value);
  }

  void continue_value(std::string_view words) {
    if (entries_.entries.empty()) return error(line_, "there is no key above that this line continues");
    const bool choice = words.starts_with("( )") || words.starts_with("(x)");
    auto& paragraphs = entries_.entries.back().paragraphs;
    if (paragraphs.empty() || paragraph_ends_ || choice) return add_paragraph(words);
    std::string& text = paragraphs.back().text;
    text.append(" ").append(words);
    if (text.size() > kMostTextBytes) {
      error(line_, "this text has more than " + std::to_string(kMostTextBytes) + " bytes; begin a paragraph");
      text.clear();
    }
  }

  void add_paragraph(std::string_view words) {
    entries_.entries.back().paragraphs.push_back({std::string(words), line_});
    paragraph_ends_ = false;
  }

  Entries entries_;
  uint32_t line_ = 0;
  bool paragraph_ends_ = false;
};

}  // namespace

Entries read_entries(std::string_view text) { return Reader().take(text); }

}  // namespace sweepscope::telemetry::lessons
