#include "telemetry/lessons/lesson_values.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sweepscope::telemetry::lessons {
namespace {

constexpr size_t kLeastChoices = 2, kMostChoices = 6;
constexpr std::string_view kUntil = " until ", kHelp = " with help", kOf = " of ",
                           kInAccesses = " in accesses";

}  // namespace

std::string_view trimmed(std::string_view text) {
  const size_t from = text.find_first_not_of(' ');
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(' ') - from + 1);
}

std::vector<std::string> comma_list(std::string_view text) {
  std::vector<std::string> items;
  while (true) {
    const size_t end = std::min(text.find(','), text.size());
    items.emplace_back(trimmed(text.substr(0, end)));
    if (end == text.size()) return items;
    text.remove_prefix(end + 1);
  }
}

std::string read_goal(std::string_view text, Act& act) {
  if (const size_t help = text.find(kHelp); help != std::string_view::npos) {
    const std::string_view of = text.substr(help + kHelp.size());
    act.help = true;
    if (of.starts_with(kOf))
      act.helpers = comma_list(of.substr(kOf.size()));
    else if (!of.empty())
      return "after 'with help' comes 'of THREAD, THREAD' or nothing, not '" + std::string(trimmed(of)) + "'";
    text = text.substr(0, help);
  }
  if (text.ends_with(kInAccesses)) {
    act.in_accesses = true;
    text.remove_suffix(kInAccesses.size());
  }
  const size_t until = text.find(kUntil);
  if (until == std::string_view::npos)
    return "a goal reads 'THREAD until CONDITION', for example 'mutator 1 until T2 of span 3'";
  act.thread = trimmed(text.substr(0, until));
  ParsedCondition parsed = parse_goal_condition(act.thread, trimmed(text.substr(until + kUntil.size())));
  if (!parsed.condition) return std::move(parsed.error);
  if (parsed.condition->kind == Condition::Kind::kTyped) return "no thread can reach this goal";
  act.until = std::move(*parsed.condition);
  return {};
}

std::string read_choices(std::string_view text, Act& act) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return "choices read 'THREAD: CHOICE, CHOICE', for example 'mutator 1: allocate, collect'";
  act.thread = trimmed(text.substr(0, colon));
  act.choices = comma_list(text.substr(colon + 1));
  const bool unnamed = std::find(act.choices.begin(), act.choices.end(), "") != act.choices.end();
  return unnamed ? "a choice has no name" : std::string();
}

std::optional<Spotlight> read_spotlight(std::string_view text) {
  using On = Spotlight::On;
  constexpr std::array<std::pair<std::string_view, On>, 8> kPlain{{{"sg", On::kSg},
                                                                   {"ruler", On::kRuler},
                                                                   {"threads", On::kThreads},
                                                                   {"source", On::kSource},
                                                                   {"rules", On::kRules},
                                                                   {"queues", On::kQueues},
                                                                   {"lists", On::kLists},
                                                                   {"objects", On::kObjects}}};
  for (const auto& [word, on] : kPlain)
    if (text == word) return Spotlight{on, 0, {}};
  const auto numbered = [&](std::string_view before, On on) -> std::optional<Spotlight> {
    uint32_t number = 0;
    if (!text.starts_with(before) || !read_number(text.substr(before.size()), 0u, 1'000'000u, number))
      return std::nullopt;
    return Spotlight{on, number, {}};
  };
  if (const auto span = numbered("span ", On::kSpan)) return span;
  if (const auto object = numbered("object ", On::kObject)) return object;
  if (const auto cache = numbered("cache of P", On::kCache)) return cache;
  if (text.starts_with("thread ")) return Spotlight{On::kThread, 0, std::string(trimmed(text.substr(7)))};
  return std::nullopt;
}

ReadPrediction read_prediction(const Entry& entry) {
  ReadPrediction read;
  Prediction& prediction = read.prediction;
  const auto refuse = [&](uint32_t line, std::string reason) {
    read.error = LineError{line, std::move(reason)};
    return read;
  };
  uint32_t right = 0;
  for (const Entry::Paragraph& paragraph : entry.paragraphs) {
    const bool is_right = paragraph.text.starts_with("(x)");
    if (!is_right && !paragraph.text.starts_with("( )")) {
      if (!prediction.question.empty() || !prediction.choices.empty())
        return refuse(paragraph.line, "a choice begins with '( )', the right one with '(x)'");
      prediction.question = paragraph.text;
      continue;
    }
    if (is_right) {
      ++right;
      prediction.right = static_cast<uint32_t>(prediction.choices.size());
    }
    prediction.choices.emplace_back(trimmed(std::string_view(paragraph.text).substr(3)));
    if (prediction.choices.back().empty()) return refuse(paragraph.line, "this choice has no text");
  }
  const size_t choices = prediction.choices.size();
  if (prediction.question.empty()) return refuse(entry.line, "the prediction has no question");
  if (choices < kLeastChoices || choices > kMostChoices)
    return refuse(entry.line, "a prediction has " + std::to_string(kLeastChoices) + " to " +
                                  std::to_string(kMostChoices) + " choices, this one " +
                                  std::to_string(choices));
  if (right != 1)
    return refuse(entry.line, "exactly one choice is marked '(x)', here " + std::to_string(right) + " are");
  return read;
}

}  // namespace sweepscope::telemetry::lessons
