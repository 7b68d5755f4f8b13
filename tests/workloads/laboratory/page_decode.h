// The JSON of an exported page, decoded into the structs of a bench session: independent of workloads/laboratory/bench_json,
// which wrote it.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "telemetry/model/bench.h"

namespace sweepscope::workloads {

class PageDecoder {
 public:
  explicit PageDecoder(const nlohmann::json& page) : page_(page) {}

  telemetry::BenchView view(size_t node) const {
    using namespace telemetry;
    const auto& from = page_.at("nodes").at(node).at("view");
    BenchView to;
    to.steps = from.at("steps");
    for (const size_t place : from.at("threads")) to.threads.push_back(thread(shared("threads", place)));
    to.board = board(from.at("board"));
    const auto& verdict = from.at("verdict");
    to.verdict = {one_of<BenchOutcome>(verdict.at("outcome"), {"running", "finished", "violation"}),
                  verdict.at("rule"),
                  verdict.at("kind"),
                  verdict.at("text"),
                  verdict.at("step"),
                  number(verdict.at("thread"), kNoThread),
                  verdict.at("harm"),
                  verdict.at("harm_text"),
                  verdict.at("harm_step")};
    for (const auto& row : from.at("rows"))
      to.rows.push_back({row.at("step"), row.at("thread"), op(row.at("op")), row.at("word"), row.at("object"),
                         row.at("before"), row.at("after"), row.at("name"), row.at("text"), row.at("arc"),
                         row.at("folded")});
    return to;
  }

  telemetry::BenchNode step(size_t node) const {
    using namespace telemetry;
    const auto& from = page_.at("nodes").at(node).at("step");
    return {
        kNoNode,
        one_of<BenchStepKind>(from.at("kind"), {"start", "access", "arc", "run", "choice", "loaded"}),
        number(from.at("thread"), kNoThread),
        from.at("choice"),
        one_of<BenchStop>(from.at("stop"), {"none", "access", "arc", "blocked", "ended", "choice", "between",
                                            "breakpoint", "violation", "run end", "many steps"}),
        from.at("steps_before"),
        from.at("steps"),
        one_of<BenchOutcome>(from.at("outcome"), {"running", "finished", "violation"}),
        from.at("text"),
        from.at("why"),
        "",
        from.at("quiet")};
  }

 private:
  using Json = nlohmann::json;

  const Json& shared(const char* list, size_t place) const { return page_.at("shared").at(list).at(place); }

  template <class E>
  static E one_of(const std::string& word, const std::vector<std::string>& words) {
    for (size_t i = 0; i < words.size(); ++i)
      if (words[i] == word) return static_cast<E>(i);
    ADD_FAILURE() << "an unknown word: " << word;
    return E{};
  }
  template <class T>
  static T number(const Json& from, T none) {
    return from.is_null() ? none : from.get<T>();
  }
  // A number of 64 bits is a text; none is null.
  template <class T>
  static std::optional<T> text_or_none(const Json& from) {
    if (from.is_null()) return std::nullopt;
    const std::string text = from;
    if constexpr (std::is_signed_v<T>) return std::stoll(text);
    return static_cast<T>(std::stoull(text));
  }
  template <class T>
  static std::optional<T> number_or_none(const Json& from) {
    return from.is_null() ? std::nullopt : std::optional(from.get<T>());
  }
  static telemetry::StepOp op(const std::string& word) {
    return one_of<telemetry::StepOp>(
        word, {"", "load", "store", "CAS won", "CAS lost", "change", "lock", "unlock", "wait", "choice"});
  }
  static std::vector<uint64_t> bits(const std::string& digits) {
    std::vector<uint64_t> words((digits.size() + 63) / 64);
    for (size_t n = 0; n < digits.size(); ++n)
      if (digits[n] == '1') words[n / 64] |= uint64_t{1} << (n % 64);
    return words;
  }

  static telemetry::BenchThread thread(const Json& from) {
    using namespace telemetry;
    BenchThread to;
    to.thread = from.at("thread");
    to.name = from.at("name");
    to.state = one_of<BenchThreadState>(from.at("state"), {"can run", "blocked", "must choose", "ended"});
    to.p = number(from.at("p"), kNoP);
    to.text = from.at("text");
    to.step = from.at("step");
    to.op = op(from.at("op"));
    to.word = from.at("word");
    to.object = from.at("object");
    to.file = from.at("file");
    to.line = from.at("line");
    to.holder = number(from.at("holder"), kNoThread);
    to.between = from.at("between");
    for (const auto& read : from.at("reads"))
      to.reads.push_back({read.at("text"), std::stoull(read.at("value").get<std::string>())});
    to.alternatives = from.at("alternatives").get<std::vector<std::string>>();
    to.locks = from.at("locks").get<std::vector<std::string>>();
    to.assist_credit = text_or_none<int64_t>(from.at("assist_credit"));
    return to;
  }

  static telemetry::BoardSpan span(const Json& from) {
    using namespace telemetry;
    return {from.at("id"),
            from.at("status"),
            from.at("first_page"),
            from.at("pages"),
            from.at("sweepgen"),
            from.at("distance"),
            one_of<BoardSpanState>(from.at("state"),
                                   {"needs", "sweeping", "swept", "stale", "cached", "illegal"}),
            from.at("span_class"),
            from.at("elem_bytes"),
            from.at("nelems"),
            from.at("freeindex"),
            from.at("alloc_count"),
            bits(from.at("alloc")),
            bits(from.at("mark")),
            one_of<BoardPlace>(from.at("place"),
                               {"free", "nonempty", "empty", "cache", "between", "large", "manual"}),
            number(from.at("p"), kNoP),
            one_of<BoardQueue>(from.at("queue"), {"none", "swept", "unswept", "both"})};
  }

  telemetry::Board board(const Json& from) const {
    using namespace telemetry;
    Board to;
    to.known = from.at("known");
    to.sg = from.at("sg");
    to.phase = one_of<Phase>(from.at("phase"), {"off", "sweep termination", "mark", "mark termination"});
    to.stopped = from.at("stopped");
    to.sweep_done = from.at("sweep_done");
    to.sweepers = from.at("sweepers");
    to.unflushed = from.at("unflushed");
    for (const size_t place : from.at("spans")) to.spans.push_back(span(shared("spans", place)));
    for (const size_t place : from.at("ps")) {
      const Json& p = shared("ps", place);
      to.ps.push_back({p.at("id"),
                       one_of<PStatus>(p.at("status"), {"idle", "ready", "running", "blocked", "flushing",
                                                        "stopped", "dead"}),
                       number(p.at("thread"), kNoThread),
                       p.at("flush_gen"),
                       p.at("distance"),
                       {}});
      for (const auto& c : p.at("cached")) to.ps.back().cached.push_back({c.at("span_class"), c.at("span")});
    }
    for (const auto& lock : from.at("locks"))
      to.locks.push_back({lock.at("name"), lock.at("word"), lock.at("object"),
                          number(lock.at("holder"), kNoThread),
                          lock.at("waiters").get<std::vector<uint32_t>>()});
    for (const auto& rule : shared("rules", from.at("rules")))
      to.rules.push_back({rule.at("rule"), one_of<BenchRuleMode>(rule.at("mode"), {"stop", "note", "off"}),
                          one_of<BenchRuleState>(rule.at("state"), {"holds", "noted", "fired"}),
                          rule.at("times"), rule.at("first_step"), rule.at("text")});
    if (const Json& pacing = from.at("pacing"); !pacing.is_null())
      to.pacing = BoardPacing{pacing.at("concurrent"),
                              std::stoull(pacing.at("heap_live").get<std::string>()),
                              number_or_none<uint32_t>(pacing.at("gogc")),
                              text_or_none<uint64_t>(pacing.at("trigger")),
                              text_or_none<uint64_t>(pacing.at("goal")),
                              text_or_none<uint64_t>(pacing.at("marked")),
                              text_or_none<int64_t>(pacing.at("credit")),
                              pacing.at("unswept_pages"),
                              number_or_none<uint32_t>(pacing.at("owed_pages"))};
    for (const size_t place : from.at("objects")) {
      const Json& o = shared("objects", place);
      to.objects.push_back({o.at("number"), number(o.at("span"), kNoId), o.at("slot"),
                            one_of<ObjectColour>(o.at("colour"), {"none", "white", "grey", "black", "freed"}),
                            o.at("marked"), o.at("refs").get<std::vector<uint32_t>>()});
    }
    for (const auto& root : from.at("roots"))
      to.roots.push_back({one_of<RootKind>(root.at("kind"), {"globals", "stack", "barrier"}),
                          number(root.at("thread"), kNoThread),
                          one_of<RootScan>(root.at("scan"), {"none", "waiting", "scanned"}),
                          root.at("objects").get<std::vector<uint32_t>>()});
    return to;
  }

  const Json& page_;
};

}  // namespace sweepscope::workloads
