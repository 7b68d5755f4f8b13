#include "engine/laboratory/search/schedule.h"

#include <algorithm>
#include <charconv>

namespace sweepscope::laboratory {
namespace {

constexpr std::string_view kMagic = "sweepscope-schedule 1";
constexpr size_t kMaxLine = 512;

template <class Number>
bool parse_number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::string_view cut_word(
    std::string_view& line) {  // the text up to the first space; the rest stays in `line`
  const size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line = space == std::string_view::npos ? std::string_view{} : line.substr(space + 1);
  return word;
}

std::string quoted(std::string_view text) {  // for messages: short, and no control characters from outside
  std::string out = "'";
  for (const char c : text.substr(0, 40)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > 40 ? "...'" : "'");
}

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 127; });
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  ParsedSchedule parse() {
    if (text_.size() > kMaxScheduleBytes) return {std::nullopt, "the schedule is larger than 64 MiB"};
    std::string_view line;
    if (!next_line(line) || line != kMagic) {
      number_ = 1;
      return failed("this is not a schedule: the first line must be '" + std::string(kMagic) + "'");
    }
    while (next_line(line)) {
      if (line.size() > kMaxLine) return failed("the line is longer than 512 characters");
      if (!printable(line)) return failed("the line contains control characters");
      if (line.empty() || line[0] == '#') continue;
      std::string problem = line[0] >= '0' && line[0] <= '9' ? step_line(line) : header_line(line);
      if (!problem.empty()) return failed(problem);
    }
    return finish();
  }

 private:
  bool next_line(std::string_view& line) {
    if (position_ >= text_.size()) return false;
    const size_t end = std::min(text_.find('\n', position_), text_.size());
    line = text_.substr(position_, end - position_);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    position_ = end + 1;
    ++number_;
    return true;
  }

  ParsedSchedule failed(const std::string& problem) const {
    return {std::nullopt, "line " + std::to_string(number_) + ": " + problem};
  }

  std::string header_line(std::string_view line) {
    if (!schedule_.steps.empty()) return "expected a step ('fiber step-name'), found " + quoted(line);
    const std::string_view key = cut_word(line);
    if (key == "fiber") return fiber_line(line);
    if (line.empty()) return quoted(key) + " has no value";
    if (key == "check") return schedule_.checks.emplace_back(line), "";
    if (std::find(seen_.begin(), seen_.end(), key) != seen_.end()) return quoted(key) + " is given twice";
    seen_.push_back(key);
    if (key == "scenario") return schedule_.scenario = line, "";
    if (key == "policy") return schedule_.policy = line, "";
    if (key == "fault") return schedule_.fault = line, "";
    if (key == "violation") return schedule_.violation = line, "";
    if (key == "procs") return number(line, schedule_.procs);
    if (key == "spans") return number(line, schedule_.spans);
    if (key == "seed") return number(line, schedule_.seed);
    if (key == "steps") return number(line, declared_steps_);
    return "unknown header " + quoted(key);
  }

  template <class Number>
  static std::string number(std::string_view text, Number& value) {
    return parse_number(text, value) ? "" : "expected a number, found " + quoted(text);
  }

  std::string fiber_line(std::string_view line) {
    uint32_t fiber = 0;
    const std::string_view digits = cut_word(line);
    if (!parse_number(digits, fiber) || fiber != schedule_.fibers.size() || fiber >= kMaxScheduleFibers ||
        line.empty())
      return "expected 'fiber " + std::to_string(schedule_.fibers.size()) + " name'";
    schedule_.fibers.emplace_back(line);
    return {};
  }

  std::string step_line(std::string_view line) {
    if (schedule_.steps.size() == kMaxScheduleSteps) return "more than 1,000,000 steps";
    ScheduledStep step;
    const std::string_view digits = cut_word(line);
    if (!parse_number(digits, step.fiber) || step.fiber >= kMaxScheduleFibers)
      return "expected a fiber's number, found " + quoted(digits);
    if (line.ends_with(']')) {
      const size_t open = line.rfind(" [");
      uint32_t value = 0;
      if (open == std::string_view::npos ||
          !parse_number(line.substr(open + 2, line.size() - open - 3), value))
        return "expected a choice '[value]' at the end of the step";
      step.choice = value;
      line = line.substr(0, open);
    }
    if (line.empty()) return "the step has no name";
    step.name = line;
    schedule_.steps.push_back(std::move(step));
    return {};
  }

  ParsedSchedule finish() {
    for (const std::string_view key : {"scenario", "policy", "procs", "spans", "steps"})
      if (std::find(seen_.begin(), seen_.end(), key) == seen_.end())
        return {std::nullopt, "the header '" + std::string(key) + "' is missing"};
    if (declared_steps_ != schedule_.steps.size())
      return {std::nullopt, "the header has 'steps " + std::to_string(declared_steps_) +
                                "', the file contains " + std::to_string(schedule_.steps.size()) +
                                ": it is truncated or edited"};
    return {std::move(schedule_), {}};
  }

  std::string_view text_;
  size_t position_ = 0;
  size_t number_ = 0;  // of the current line, from 1
  std::vector<std::string_view> seen_;
  uint64_t declared_steps_ = 0;
  Schedule schedule_;
};

}  // namespace

std::string format_schedule(const Schedule& schedule) {
  std::string text;
  auto header = [&text](std::string_view key, std::string_view value) {
    if (!value.empty()) text.append(key).append(" ").append(value).append("\n");
  };
  text.append(kMagic).append("\n");
  header("scenario", schedule.scenario);
  header("policy", schedule.policy);
  header("fault", schedule.fault);
  for (const std::string& setting : schedule.checks) header("check", setting);
  header("procs", std::to_string(schedule.procs));
  header("spans", std::to_string(schedule.spans));
  header("seed", std::to_string(schedule.seed));
  header("violation", schedule.violation);
  header("steps", std::to_string(schedule.steps.size()));
  for (size_t i = 0; i < schedule.fibers.size(); ++i)
    header("fiber " + std::to_string(i), schedule.fibers[i]);
  text += "\n";
  for (const ScheduledStep& step : schedule.steps) {
    text.append(std::to_string(step.fiber)).append(" ").append(step.name);
    if (step.choice) text.append(" [").append(std::to_string(*step.choice)).append("]");
    text += "\n";
  }
  return text;
}

ParsedSchedule parse_schedule(std::string_view text) { return Parser(text).parse(); }

uint32_t step_id(std::string_view name) {
  uint32_t id = 2166136261u;
  for (const char c : name) id = (id ^ static_cast<uint8_t>(c)) * 16777619u;
  return id;
}

}  // namespace sweepscope::laboratory
