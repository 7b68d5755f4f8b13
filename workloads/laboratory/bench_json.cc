#include "workloads/laboratory/bench_json.h"

#include <array>
#include <optional>
#include <string_view>

namespace sweepscope::workloads {

using nlohmann::json;
using namespace telemetry;

namespace {

// Words of enumerators, in their order.
constexpr std::array<std::string_view, 6> kSpanStates{"needs", "sweeping", "swept",
                                                      "stale", "cached",   "illegal"};
constexpr std::array<std::string_view, 7> kPlaces{"free",    "nonempty", "empty", "cache",
                                                  "between", "large",    "manual"};
constexpr std::array<std::string_view, 4> kQueues{"none", "swept", "unswept", "both"};
constexpr std::array<std::string_view, 4> kThreadStates{"can run", "blocked", "must choose", "ended"};
constexpr std::array<std::string_view, 7> kPStatuses{"idle",     "ready",   "running", "blocked",
                                                     "flushing", "stopped", "dead"};
constexpr std::array<std::string_view, 4> kPhases{"off", "sweep termination", "mark", "mark termination"};
constexpr std::array<std::string_view, 10> kOps{"",       "load", "store",  "CAS won", "CAS lost",
                                                "change", "lock", "unlock", "wait",    "choice"};
constexpr std::array<std::string_view, 5> kColours{"none", "white", "grey", "black", "freed"};
constexpr std::array<std::string_view, 3> kRoots{"globals", "stack", "barrier"};
constexpr std::array<std::string_view, 3> kScans{"none", "waiting", "scanned"};
constexpr std::array<std::string_view, 3> kRuleStates{"holds", "noted", "fired"};
constexpr std::array<std::string_view, 3> kRuleModes{"stop", "note", "off"};
constexpr std::array<std::string_view, 3> kOutcomes{"running", "finished", "violation"};
constexpr std::array<std::string_view, 6> kStepKinds{"start", "access", "arc", "run", "choice", "loaded"};
constexpr std::array<std::string_view, 11> kStops{"none",      "access",  "arc",       "blocked",
                                                  "ended",     "choice",  "between",   "breakpoint",
                                                  "violation", "run end", "many steps"};

template <class E, size_t n>
std::string word(const std::array<std::string_view, n>& words, E value) {
  return std::string(words.at(static_cast<size_t>(value)));
}

json or_null(uint32_t number, uint32_t none) { return number == none ? json() : json(number); }
template <class T>
json or_null(const std::optional<T>& number) {
  if (!number) return {};
  if constexpr (sizeof(T) < 8) return *number;
  return std::to_string(*number);
}

// A digit for each slot, slot 0 first. Empty: the span has no bitmap.
std::string bits(const std::vector<uint64_t>& words, uint32_t slots) {
  if (words.empty()) return {};
  std::string text(slots, '0');
  for (uint32_t n = 0; n < slots && n / 64 < words.size(); ++n)
    if (words[n / 64] >> (n % 64) & 1) text[n] = '1';
  return text;
}

json of(const BoardSpan& span) {
  return {{"id", span.id},
          {"status", span.status},
          {"first_page", span.first_page},
          {"pages", span.pages},
          {"sweepgen", span.sweepgen},
          {"distance", span.distance},
          {"state", word(kSpanStates, span.state)},
          {"span_class", span.span_class},
          {"elem_bytes", span.elem_bytes},
          {"nelems", span.nelems},
          {"freeindex", span.freeindex},
          {"alloc_count", span.alloc_count},
          {"alloc", bits(span.alloc_bits, span.nelems)},
          {"mark", bits(span.mark_bits, span.nelems)},
          {"place", word(kPlaces, span.place)},
          {"p", or_null(span.p, kNoP)},
          {"queue", word(kQueues, span.queue)}};
}

json of(const BoardP& p) {
  json cached = json::array();
  for (const BoardCached& c : p.cached) cached.push_back({{"span_class", c.span_class}, {"span", c.span}});
  return {{"id", p.id},
          {"status", word(kPStatuses, p.status)},
          {"thread", or_null(p.thread, kNoThread)},
          {"flush_gen", p.flush_gen},
          {"distance", p.distance},
          {"cached", cached}};
}

json of(const BoardLock& lock) {
  return {{"name", lock.name},
          {"word", lock.word},
          {"object", lock.object},
          {"holder", or_null(lock.holder, kNoThread)},
          {"waiters", lock.waiters}};
}

json of(const BoardObject& object) {
  return {{"number", object.number}, {"span", or_null(object.span, kNoId)},     {"slot", object.slot},
          {"refs", object.refs},     {"colour", word(kColours, object.colour)}, {"marked", object.marked}};
}

json of(const BoardRoot& root) {
  return {{"kind", word(kRoots, root.kind)},
          {"thread", or_null(root.thread, kNoThread)},
          {"scan", word(kScans, root.scan)},
          {"objects", root.objects}};
}

json of(const BenchRule& rule) {
  return {
      {"rule", rule.rule},   {"mode", word(kRuleModes, rule.mode)}, {"state", word(kRuleStates, rule.state)},
      {"times", rule.times}, {"first_step", rule.first_step},       {"text", rule.text}};
}

json of(const BoardPacing& pacing) {
  return {{"concurrent", pacing.concurrent},
          {"heap_live", std::to_string(pacing.heap_live)},
          {"gogc", or_null(pacing.gogc)},
          {"trigger", or_null(pacing.trigger)},
          {"goal", or_null(pacing.goal)},
          {"marked", or_null(pacing.marked)},
          {"credit", or_null(pacing.credit)},
          {"unswept_pages", pacing.unswept_pages},
          {"owed_pages", or_null(pacing.owed_pages)}};
}

json of(const BenchThread& thread) {
  json reads = json::array();
  for (const BenchRead& read : thread.reads)
    reads.push_back({{"text", read.text}, {"value", std::to_string(read.value)}});
  return {{"thread", thread.thread},
          {"name", thread.name},
          {"state", word(kThreadStates, thread.state)},
          {"p", or_null(thread.p, kNoP)},
          {"text", thread.text},
          {"step", thread.step},
          {"op", word(kOps, thread.op)},
          {"word", thread.word},
          {"object", thread.object},
          {"file", thread.file},
          {"line", thread.line},
          {"holder", or_null(thread.holder, kNoThread)},
          {"between", thread.between},
          {"reads", reads},
          {"alternatives", thread.alternatives},
          {"locks", thread.locks},
          {"assist_credit", or_null(thread.assist_credit)}};
}

json of(const BenchRow& row) {
  return {{"step", row.step},     {"thread", row.thread}, {"op", word(kOps, row.op)}, {"word", row.word},
          {"object", row.object}, {"before", row.before}, {"after", row.after},       {"name", row.name},
          {"text", row.text},     {"arc", row.arc},       {"folded", row.folded}};
}

json of(const BenchVerdict& verdict) {
  return {{"outcome", word(kOutcomes, verdict.outcome)},
          {"rule", verdict.rule},
          {"kind", verdict.kind},
          {"text", verdict.text},
          {"step", verdict.step},
          {"thread", or_null(verdict.thread, kNoThread)},
          {"harm", verdict.harm},
          {"harm_text", verdict.harm_text},
          {"harm_step", verdict.harm_step}};
}

}  // namespace

std::string json_word(BoardSpanState state) { return word(kSpanStates, state); }

size_t BenchJson::Pool::place(json item) {
  const auto [at, is_new] = places_.try_emplace(item.dump(), items_.size());
  if (is_new) items_.push_back(std::move(item));
  return at->second;
}

json BenchJson::board(const Board& board) {
  json spans = json::array(), ps = json::array(), locks = json::array(), rules = json::array();
  json objects = json::array(), roots = json::array();
  for (const BoardSpan& span : board.spans) spans.push_back(spans_.place(of(span)));
  for (const BoardP& p : board.ps) ps.push_back(ps_.place(of(p)));
  for (const BoardLock& lock : board.locks) locks.push_back(of(lock));
  for (const BenchRule& rule : board.rules) rules.push_back(of(rule));
  for (const BoardObject& object : board.objects) objects.push_back(objects_.place(of(object)));
  for (const BoardRoot& root : board.roots) roots.push_back(of(root));
  return {{"known", board.known},
          {"sg", board.sg},
          {"phase", word(kPhases, board.phase)},
          {"stopped", board.stopped},
          {"sweep_done", board.sweep_done},
          {"sweepers", board.sweepers},
          {"unflushed", board.unflushed},
          {"spans", spans},
          {"ps", ps},
          {"locks", locks},
          {"rules", rules_.place(rules)},
          {"pacing", board.pacing ? of(*board.pacing) : json()},
          {"objects", objects},
          {"roots", roots}};
}

json BenchJson::view(const BenchView& view) {
  json threads = json::array(), rows = json::array();
  for (const BenchThread& thread : view.threads) threads.push_back(threads_.place(of(thread)));
  for (const BenchRow& row : view.rows) rows.push_back(of(row));
  return {{"steps", view.steps},
          {"threads", threads},
          {"board", board(view.board)},
          {"verdict", of(view.verdict)},
          {"rows", rows}};
}

json BenchJson::shared() const {
  return {{"spans", spans_.items()},
          {"ps", ps_.items()},
          {"threads", threads_.items()},
          {"rules", rules_.items()},
          {"objects", objects_.items()}};
}

json BenchJson::node(const BenchNode& node) {
  return {{"kind", word(kStepKinds, node.kind)},
          {"thread", or_null(node.thread, kNoThread)},
          {"choice", node.choice},
          {"stop", word(kStops, node.stop)},
          {"steps_before", node.steps_before},
          {"steps", node.steps},
          {"outcome", word(kOutcomes, node.outcome)},
          {"text", node.text},
          {"why", node.why},
          {"quiet", node.quiet}};
}

json BenchJson::setup(const BenchSetup& setup) {
  return {{"scenario", setup.scenario}, {"policy", setup.policy}, {"fault", setup.fault},
          {"procs", setup.procs},       {"spans", setup.spans},   {"seed", std::to_string(setup.seed)},
          {"checks", setup.checks}};
}

}  // namespace sweepscope::workloads
