#include "telemetry/wire/bench_view.h"

#include <algorithm>

#include "telemetry/wire/bench_messages.h"
#include "telemetry/wire/utf8.h"

// `put` fills a message of the schema, `get` reads one; both in the order of the schema.
namespace sweepscope::telemetry::wire {
namespace {

static_assert(static_cast<int>(BenchThreadState::kEnded) == v1::BENCH_THREAD_ENDED);
static_assert(static_cast<int>(BoardSpanState::kIllegal) == v1::BOARD_ILLEGAL);
static_assert(static_cast<int>(BoardPlace::kManual) == v1::BOARD_PLACE_MANUAL);
static_assert(static_cast<int>(BoardQueue::kBoth) == v1::BOARD_QUEUE_BOTH);
static_assert(static_cast<int>(BenchRuleState::kFired) == v1::BENCH_RULE_FIRED);
static_assert(static_cast<int>(BenchRuleMode::kOff) == v1::BENCH_RULE_OFF);
static_assert(static_cast<int>(ObjectColour::kFreed) == v1::OBJECT_FREED);
static_assert(static_cast<int>(RootKind::kBarrier) == v1::ROOT_BARRIER);
static_assert(static_cast<int>(RootScan::kScanned) == v1::ROOT_SCAN_SCANNED);

// --- thread ----------------------------------------------------------------------------------------------

void put(v1::BenchThread& to, const BenchThread& from) {
  to.set_thread(from.thread);
  to.set_name(as_utf8(from.name));
  to.set_state(static_cast<v1::BenchThreadState>(from.state));
  to.set_p(p_or_none(from.p));
  to.set_text(as_utf8(from.text));
  to.set_step(as_utf8(from.step));
  to.set_op(static_cast<v1::StepOp>(from.op));
  to.set_word(from.word);
  to.set_object(from.object);
  to.set_file(as_utf8(from.file));
  to.set_line(from.line);
  to.set_holder(or_none(from.holder));
  to.set_between(from.between);
  for (const BenchRead& read : from.reads) {
    v1::BenchRead& out = *to.add_reads();
    out.set_text(as_utf8(read.text));
    out.set_value(read.value);
  }
  for (const std::string& one : from.alternatives) to.add_alternatives(as_utf8(one));
  for (const std::string& one : from.locks) to.add_locks(as_utf8(one));
  if (from.assist_credit) to.set_assist_credit(*from.assist_credit);
}
BenchThread get(const v1::BenchThread& from) {
  BenchThread to{from.thread(),
                 from.name(),
                 enumerator(from.state(), BenchThreadState::kEnded),
                 none_or_p(from.p()),
                 from.text(),
                 from.step(),
                 enumerator(from.op(), StepOp::kChoice),
                 static_cast<uint8_t>(from.word()),
                 from.object(),
                 from.file(),
                 from.line(),
                 none_or(from.holder()),
                 from.between(),
                 {},
                 strings(from.alternatives()),
                 strings(from.locks()),
                 std::nullopt};
  for (const v1::BenchRead& read : from.reads()) to.reads.push_back({read.text(), read.value()});
  if (from.has_assist_credit()) to.assist_credit = from.assist_credit();
  return to;
}

// --- board -----------------------------------------------------------------------------------------------

void put(v1::BoardSpan& to, const BoardSpan& from) {
  to.set_id(from.id);
  to.set_status(static_cast<v1::SpanStatus>(from.status));
  to.set_first_page(from.first_page);
  to.set_pages(from.pages);
  to.set_sweepgen(from.sweepgen);
  to.set_distance(from.distance);
  to.set_state(static_cast<v1::BoardSpanState>(from.state));
  to.set_span_class(from.span_class);
  to.set_elem_bytes(from.elem_bytes);
  to.set_nelems(from.nelems);
  to.set_freeindex(from.freeindex);
  to.set_alloc_count(from.alloc_count);
  for (const uint64_t word : from.alloc_bits) to.add_alloc_bits(word);
  for (const uint64_t word : from.mark_bits) to.add_mark_bits(word);
  to.set_place(static_cast<v1::BoardPlace>(from.place));
  to.set_p(p_or_none(from.p));
  to.set_queue(static_cast<v1::BoardQueue>(from.queue));
}
BoardSpan get(const v1::BoardSpan& from) {
  return {from.id(),
          static_cast<uint8_t>(from.status()),
          from.first_page(),
          from.pages(),
          from.sweepgen(),
          from.distance(),
          enumerator(from.state(), BoardSpanState::kIllegal),
          static_cast<uint8_t>(from.span_class()),
          from.elem_bytes(),
          from.nelems(),
          from.freeindex(),
          from.alloc_count(),
          {from.alloc_bits().begin(), from.alloc_bits().end()},
          {from.mark_bits().begin(), from.mark_bits().end()},
          enumerator(from.place(), BoardPlace::kManual),
          none_or_p(from.p()),
          enumerator(from.queue(), BoardQueue::kBoth)};
}

void put(v1::BoardP& to, const BoardP& from) {
  to.set_id(from.id);
  to.set_status(static_cast<v1::PStatus>(from.status));
  to.set_thread(or_none(from.thread));
  to.set_flush_gen(from.flush_gen);
  to.set_distance(from.distance);
  for (const BoardCached& cached : from.cached) {
    v1::BoardCached& out = *to.add_cached();
    out.set_span_class(cached.span_class);
    out.set_span(cached.span);
  }
}
BoardP get(const v1::BoardP& from) {
  BoardP to{static_cast<uint16_t>(from.id()),
            enumerator(from.status(), PStatus::kDead),
            none_or(from.thread()),
            from.flush_gen(),
            from.distance(),
            {}};
  for (const v1::BoardCached& cached : from.cached())
    to.cached.push_back({static_cast<uint8_t>(cached.span_class()), cached.span()});
  return to;
}

void put(v1::BoardLock& to, const BoardLock& from) {
  to.set_name(as_utf8(from.name));
  to.set_word(from.word);
  to.set_object(from.object);
  to.set_holder(or_none(from.holder));
  for (const uint32_t waiter : from.waiters) to.add_waiters(waiter);
}
BoardLock get(const v1::BoardLock& from) {
  return {from.name(),
          static_cast<uint8_t>(from.word()),
          from.object(),
          none_or(from.holder()),
          {from.waiters().begin(), from.waiters().end()}};
}

void put(v1::BenchRule& to, const BenchRule& from) {
  to.set_rule(as_utf8(from.rule));
  to.set_mode(static_cast<v1::BenchRuleMode>(from.mode));
  to.set_state(static_cast<v1::BenchRuleState>(from.state));
  to.set_times(from.times);
  to.set_first_step(from.first_step);
  to.set_text(as_utf8(from.text));
}
BenchRule get(const v1::BenchRule& from) {
  return {from.rule(),
          enumerator(from.mode(), BenchRuleMode::kOff),
          enumerator(from.state(), BenchRuleState::kFired),
          from.times(),
          from.first_step(),
          from.text()};
}

void put(v1::BoardPacing& to, const BoardPacing& from) {
  to.set_concurrent(from.concurrent);
  to.set_heap_live(from.heap_live);
  if (from.gogc) to.set_gogc(*from.gogc);
  if (from.trigger) to.set_trigger(*from.trigger);
  if (from.goal) to.set_goal(*from.goal);
  if (from.marked) to.set_marked(*from.marked);
  if (from.credit) to.set_credit(*from.credit);
  to.set_unswept_pages(from.unswept_pages);
  if (from.owed_pages) to.set_owed_pages(*from.owed_pages);
}
BoardPacing get(const v1::BoardPacing& from) {
  BoardPacing to;
  to.concurrent = from.concurrent();
  to.heap_live = from.heap_live();
  if (from.has_gogc()) to.gogc = from.gogc();
  if (from.has_trigger()) to.trigger = from.trigger();
  if (from.has_goal()) to.goal = from.goal();
  if (from.has_marked()) to.marked = from.marked();
  if (from.has_credit()) to.credit = from.credit();
  to.unswept_pages = from.unswept_pages();
  if (from.has_owed_pages()) to.owed_pages = from.owed_pages();
  return to;
}

// A number is a byte of a message and four in memory.
template <class List>
std::vector<uint32_t> some_numbers(const List& from) {
  const auto most = std::min<ptrdiff_t>(from.size(), kMaxBenchReferences);
  return {from.begin(), from.begin() + most};
}

void put(v1::BoardObject& to, const BoardObject& from) {
  to.set_number(from.number);
  to.set_span(or_none(from.span));
  to.set_slot(from.slot);
  to.set_colour(static_cast<v1::ObjectColour>(from.colour));
  to.set_marked(from.marked);
  for (const uint32_t number : from.refs) to.add_refs(number);
}
BoardObject get(const v1::BoardObject& from) {
  return {from.number(), none_or(from.span()),
          from.slot(),   enumerator(from.colour(), ObjectColour::kFreed),
          from.marked(), some_numbers(from.refs())};
}

void put(v1::BoardRoot& to, const BoardRoot& from) {
  to.set_kind(static_cast<v1::RootKind>(from.kind));
  to.set_thread(or_none(from.thread));
  to.set_scan(static_cast<v1::RootScan>(from.scan));
  for (const uint32_t number : from.objects) to.add_objects(number);
}
BoardRoot get(const v1::BoardRoot& from) {
  return {enumerator(from.kind(), RootKind::kBarrier), none_or(from.thread()),
          enumerator(from.scan(), RootScan::kScanned), some_numbers(from.objects())};
}

void put(v1::Board& to, const Board& from) {
  to.set_known(from.known);
  to.set_sg(from.sg);
  to.set_phase(static_cast<v1::Phase>(from.phase));
  to.set_stopped(from.stopped);
  to.set_sweep_done(from.sweep_done);
  to.set_sweepers(from.sweepers);
  to.set_unflushed(from.unflushed);
  for (const BoardSpan& span : from.spans) put(*to.add_spans(), span);
  for (const BoardP& p : from.ps) put(*to.add_ps(), p);
  for (const BoardLock& lock : from.locks) put(*to.add_locks(), lock);
  for (const BenchRule& rule : from.rules) put(*to.add_rules(), rule);
  if (from.pacing) put(*to.mutable_pacing(), *from.pacing);
  for (const BoardObject& object : from.objects) put(*to.add_objects(), object);
  for (const BoardRoot& root : from.roots) put(*to.add_roots(), root);
}
Board get(const v1::Board& from) {
  Board to{from.known(),
           from.sg(),
           enumerator(from.phase(), Phase::kMarkTermination),
           from.stopped(),
           from.sweep_done(),
           from.sweepers(),
           from.unflushed(),
           {},
           {},
           {},
           {},
           std::nullopt,
           {},
           {}};
  for (const v1::BoardSpan& span : from.spans()) to.spans.push_back(get(span));
  for (const v1::BoardP& p : from.ps()) to.ps.push_back(get(p));
  for (const v1::BoardLock& lock : from.locks()) to.locks.push_back(get(lock));
  for (const v1::BenchRule& rule : from.rules()) to.rules.push_back(get(rule));
  if (from.has_pacing()) to.pacing = get(from.pacing());
  for (const v1::BoardObject& object : from.objects()) to.objects.push_back(get(object));
  for (const v1::BoardRoot& root : from.roots()) to.roots.push_back(get(root));
  return to;
}

// --- view ------------------------------------------------------------------------------------------------

void put(v1::BenchRow& to, const BenchRow& from) {
  to.set_step(from.step);
  to.set_thread(from.thread);
  to.set_op(static_cast<v1::StepOp>(from.op));
  to.set_word(from.word);
  to.set_object(from.object);
  to.set_before(from.before);
  to.set_after(from.after);
  to.set_name(as_utf8(from.name));
  to.set_text(as_utf8(from.text));
  to.set_arc(as_utf8(from.arc));
  to.set_folded(from.folded);
}
BenchRow get(const v1::BenchRow& from) {
  return {from.step(),
          from.thread(),
          enumerator(from.op(), StepOp::kChoice),
          static_cast<uint8_t>(from.word()),
          from.object(),
          from.before(),
          from.after(),
          from.name(),
          from.text(),
          from.arc(),
          from.folded()};
}

void put(v1::BenchVerdict& to, const BenchVerdict& from) {
  to.set_outcome(static_cast<v1::BenchOutcome>(from.outcome));
  to.set_rule(as_utf8(from.rule));
  to.set_kind(as_utf8(from.kind));
  to.set_text(as_utf8(from.text));
  to.set_step(from.step);
  to.set_thread(or_none(from.thread));
  to.set_harm(as_utf8(from.harm));
  to.set_harm_text(as_utf8(from.harm_text));
  to.set_harm_step(from.harm_step);
}
BenchVerdict get(const v1::BenchVerdict& from) {
  return {enumerator(from.outcome(), BenchOutcome::kViolation),
          from.rule(),
          from.kind(),
          from.text(),
          from.step(),
          none_or(from.thread()),
          from.harm(),
          from.harm_text(),
          from.harm_step()};
}

}  // namespace

void put(v1::BenchView& to, const BenchView& from) {
  to.set_node(from.node);
  to.set_steps(from.steps);
  for (const BenchThread& thread : from.threads) put(*to.add_threads(), thread);
  put(*to.mutable_board(), from.board);
  put(*to.mutable_verdict(), from.verdict);
  for (const BenchRow& row : from.rows) put(*to.add_rows(), row);
}
BenchView get(const v1::BenchView& from) {
  BenchView to{from.node(), from.steps(), {}, get(from.board()), get(from.verdict()), {}};
  for (const v1::BenchThread& thread : from.threads()) to.threads.push_back(get(thread));
  for (const v1::BenchRow& row : from.rows()) to.rows.push_back(get(row));
  return to;
}

}  // namespace sweepscope::telemetry::wire
