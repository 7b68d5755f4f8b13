#include "workloads/heaptrack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>

#include "tests/support/rounds.h"
#include "workloads/line_source.h"

namespace sweepscope::workloads {
namespace {

using testing::HasSubstr;

constexpr char kHead[] = "v 10400 3\nx d /usr/bin/perl\nI 1000 5e2922\n";

class Heaptrack : public testing::Test {
 protected:
  Heaptrack() {
    std::string pattern = testing::TempDir() + "heaptrack.XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~Heaptrack() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& content) {
    const std::string path = folder_ + "/trace";
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  Expected<AllocationTrace> read(const std::string& content) { return read_heaptrack(file(content)); }
  std::string error_of(const std::string& content) {
    const auto trace = read(content);
    return trace ? "no error" : trace.error();
  }

  std::string folder_;
};

std::string compressed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string gzipped(std::string text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = uInt(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

std::string data(const char* name) { return std::string("tests/data/") + name; }

// Independently checks the trace with a set of live slots.
void expect_consistent(const AllocationTrace& trace) {
  std::set<uint32_t> live;
  uint64_t bytes = 0, births = 0;
  size_t most = 0;
  for (const auto [slot, size] : trace.operations) {
    ASSERT_LT(slot, trace.slots);
    if (size == TraceOperation::kFree) {
      ASSERT_EQ(live.erase(slot), 1u) << "free of a block that is not live";
    } else {
      ASSERT_TRUE(live.insert(slot).second) << "a slot in use was assigned again";
      bytes += size;
      ++births;
    }
    most = std::max(most, live.size());
  }
  EXPECT_EQ(bytes, trace.bytes);
  EXPECT_EQ(births, trace.allocations);
  EXPECT_EQ(trace.operations.size(), trace.allocations + trace.frees - trace.unknown_frees + trace.replaced);
  EXPECT_EQ(most, trace.slots);
}

TEST_F(Heaptrack, GitTraceHasTheCountsOfItsFile) {
  const auto trace = read_heaptrack(data("git.heaptrack.raw.zst"));
  ASSERT_TRUE(trace) << trace.error();
  EXPECT_EQ(trace->allocations, 29'028u);
  EXPECT_EQ(trace->frees, 27'319u);
  EXPECT_EQ(trace->bytes, 119'063'790u);
  EXPECT_EQ(trace->unknown_frees, 0u);
  expect_consistent(*trace);
}

// Not in this repository (3.5 MB): in a folder next to the checkout, if that exists.
TEST_F(Heaptrack, PerlTraceHasTheCountsOfItsFile) {
  const std::string path = "../shared/data/perl.heaptrack.raw.zst";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " does not exist";
  const auto trace = read_heaptrack(path);
  ASSERT_TRUE(trace) << trace.error();
  EXPECT_EQ(trace->allocations, 620'095u);
  EXPECT_EQ(trace->frees, 609'784u);
  EXPECT_EQ(trace->bytes, 58'529'205u);
  EXPECT_EQ(trace->unknown_frees, 0u);
  expect_consistent(*trace);
}

TEST_F(Heaptrack, PlainAndCompressedTextAreTheSameTrace) {
  const std::string text = std::string(kHead) + "+ 10 1 aa0\n+ 20 1 bb0\n- aa0\n+ 30 1 cc0\n";
  for (const std::string& content : {text, compressed(text), gzipped(text)}) {
    const auto trace = read(content);
    ASSERT_TRUE(trace) << trace.error();
    EXPECT_EQ(trace->allocations, 3u);
    EXPECT_EQ(trace->frees, 1u);
    EXPECT_EQ(trace->bytes, 0x60u);
    EXPECT_EQ(trace->peak_bytes, 0x50u);
    EXPECT_EQ(trace->slots, 2u) << "the third block takes the first one's slot";
    expect_consistent(*trace);
  }
}

TEST_F(Heaptrack, ConcatenatedFramesOrMembersAreOneText) {
  for (const auto pack : {compressed, +[](const std::string& text) { return gzipped(text); }}) {
    const auto trace = read(pack(kHead) + pack("+ 10 1 aa0\n") + pack("- aa0\n"));
    ASSERT_TRUE(trace) << trace.error();
    EXPECT_EQ(trace->allocations, 1u);
    EXPECT_EQ(trace->frees, 1u);
  }
}

// Two blocks of 100,000 bytes: all input is read before all output of the second one has been produced.
TEST_F(Heaptrack, OutputAfterTheLastInputByteIsKept) {
  std::string text = kHead;
  std::string packed(1 << 20, '\0');
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_outBuffer out{packed.data(), packed.size(), 0};
  for (const ZSTD_EndDirective end : {ZSTD_e_flush, ZSTD_e_end}) {
    while (text.size() < 100'000) text += "t 2 1\n";
    if (end == ZSTD_e_end) text += "+ 10 1 aa0\n";
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    while (ZSTD_compressStream2(context, &out, &in, end) != 0) {
    }
    text.clear();
  }
  ZSTD_freeCCtx(context);
  const auto trace = read(packed.substr(0, out.pos));
  ASSERT_TRUE(trace) << trace.error();
  EXPECT_EQ(trace->allocations, 1u);
}

// What `heaptrack --raw python3 -c $'print(1)\n- aa0\n\n...'` writes: the command line is not escaped.
TEST_F(Heaptrack, LinesBetweenXAndIBelongToTheCommandLine) {
  const auto trace = read(
      "v 10400 3\nx 10 /usr/bin/python3\nX python3 -c print(1)\n- aa0\n\nI = 1\n+ 1 1\na 1 1\nI 1000 5e2922\n"
      "+ 10 1 aa0\n- aa0\n");
  ASSERT_TRUE(trace) << trace.error();
  EXPECT_EQ(trace->allocations, 1u);
  EXPECT_EQ(trace->frees, 1u);
  EXPECT_EQ(trace->unknown_frees, 0u);
  EXPECT_EQ(trace->unknown_records, 0u);
}

TEST_F(Heaptrack, UnterminatedCommandLineIsRefused) {
  const std::string head = "v 10400 3\nX python3\n";
  EXPECT_THAT(error_of(head + "+ 10 1 aa0\n"), HasSubstr("line 3: the trace is cut off in its command line"));
  std::string text = head;
  for (int i = 0; i < 10'000; ++i) text += "+ 10 1 aa0\n";
  EXPECT_THAT(error_of(text), HasSubstr("the command line does not end"));
}

TEST_F(Heaptrack, UnknownRecordsAreSkippedAndCounted) {
  const auto trace = read(std::string(kHead) + "Z 1 2 three\n+ 10 1 aa0\n?\n- aa0\nZ 4\n");
  ASSERT_TRUE(trace) << trace.error();
  EXPECT_EQ(trace->allocations, 1u);
  EXPECT_EQ(trace->frees, 1u);
  EXPECT_EQ(trace->unknown_records, 3u);
}

// As after a killed program: `- aa` may be the start of a longer address.
TEST_F(Heaptrack, TruncatedLastRecordIsSkippedAndCounted) {
  for (const std::string cut : {"- aa", "- aa0", "+ 10", "+ 10 1 bb", "-", "t 7f"}) {
    const std::string text = std::string(kHead) + "+ 10 1 aa\n+ 10 1 aa0\n" + cut;
    for (const std::string& content : {text, compressed(text), gzipped(text)}) {
      const auto trace = read(content);
      ASSERT_TRUE(trace) << trace.error();
      EXPECT_EQ(trace->allocations, 2u);
      EXPECT_EQ(trace->frees, 0u) << cut;
      EXPECT_EQ(trace->cut_records, 1u) << cut;
    }
  }
}

TEST_F(Heaptrack, FreeOfABlockFromBeforeTheRecordingIsCountedAndSkipped) {
  const auto trace = read(std::string(kHead) + "- dead\n+ 10 1 aa0\n");
  ASSERT_TRUE(trace) << trace.error();
  EXPECT_EQ(trace->frees, 1u);
  EXPECT_EQ(trace->unknown_frees, 1u);
  expect_consistent(*trace);
}

TEST_F(Heaptrack, AllocationAtALiveAddressFreesTheOldBlock) {
  const auto trace = read(std::string(kHead) + "+ 10 1 aa0\n+ 20 1 aa0\n");
  ASSERT_TRUE(trace) << trace.error();
  EXPECT_EQ(trace->replaced, 1u);
  EXPECT_EQ(trace->peak_bytes, 0x20u);
  expect_consistent(*trace);
}

TEST_F(Heaptrack, ErrorsNameFileAndLine) {
  const std::string head = kHead;  // three lines
  EXPECT_EQ(error_of(head + "+ 10 1 aa0\n- zz\n"),
            folder_ + "/trace: line 5: expected `- address` in hexadecimal");
  EXPECT_THAT(error_of(head + "+ 10 1\n"), HasSubstr("line 4: expected `+ size trace address`"));
  EXPECT_THAT(error_of(head + "+ 10 1 aa0 5\n"), HasSubstr("line 4: expected `+ size trace address`"));
  EXPECT_THAT(error_of(head + "+ 1ffffffffffffffff 1 aa0\n"), HasSubstr("line 4: expected"));
  EXPECT_THAT(error_of(head + "+ 100000000 1 aa0\n"), HasSubstr("line 4: an allocation of 4294967296 bytes"));
  EXPECT_THAT(error_of(head + "+ 10 1 aa0\n+10 1 bb0\n"),
              HasSubstr("line 5: expected `+ size trace address`"));
  EXPECT_THAT(error_of(head + "Z1 2\n"), HasSubstr("line 4: damaged: no record begins with 'Z1'"));
  EXPECT_THAT(error_of(head + std::string("\x01\n", 2)),
              HasSubstr("line 4: damaged: no record begins with '\\x01'"));
  EXPECT_THAT(error_of(head + std::string(LineSource::kMostLineBytes + 2, 'x')),
              HasSubstr("line 4: a line is longer"));
}

TEST_F(Heaptrack, OtherFilesAreRefused) {
  EXPECT_THAT(error_of(""), HasSubstr("no heaptrack version line"));
  EXPECT_THAT(error_of("hello\n"), HasSubstr("line 1: no heaptrack version line"));
  EXPECT_THAT(error_of("v 10400 2\n"),
              HasSubstr("line 1: heaptrack file format 2 is not supported, only 3 is"));
  EXPECT_THAT(error_of(std::string(kHead) + "+ 3\n"), HasSubstr("line 4: an interpreted heaptrack file"));
  for (const char* record : {"a 10 1\n", "s 3 foo\n", "i 1 2\n"})
    EXPECT_THAT(error_of(kHead + std::string(record)), HasSubstr("line 4: an interpreted heaptrack file"));
  EXPECT_THAT(error_of(std::string(kHead) + "+ 3\n"), HasSubstr("record the program with `heaptrack --raw`"));
  EXPECT_THAT(read_heaptrack("/nowhere/at/all").error(), HasSubstr("/nowhere/at/all: cannot be opened"));
  EXPECT_THAT(read_heaptrack("/tmp").error(), HasSubstr("is not a regular file"));
}

TEST_F(Heaptrack, TruncatedCompressedFileIsRefusedAtEveryLength) {
  std::string text = kHead;
  for (int i = 0; i < 200; ++i) text += "+ 10 1 " + std::to_string(100000 + i) + "\n";
  for (const std::string& whole : {compressed(text), gzipped(text)}) {
    for (size_t length = 0; length < whole.size(); ++length) {
      const std::string error = error_of(whole.substr(0, length));
      EXPECT_THAT(error, HasSubstr("/trace: line ")) << "cut at " << length << " of " << whole.size();
    }
  }
}

// Damage in the compressed bytes or in the text gives an error or a consistent trace, never a crash.
TEST_F(Heaptrack, DamagedFilesGiveAnErrorOrAConsistentTrace) {
  const char* given = std::getenv("SWEEPSCOPE_TEST_SEED");
  const uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  SCOPED_TRACE("SWEEPSCOPE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::string text = kHead;
  for (int i = 0; i < 100; ++i)
    text += (i % 3 == 2 ? "- " : "+ 10 1 ") + std::to_string(100000 + i / 3) + "\n";
  const std::string forms[] = {text, compressed(text), gzipped(text)};
  int errors = 0;
  for (int round = 0; round < fuzz_rounds(300); ++round) {
    std::string content = forms[round % 3];
    for (uint64_t changes = 1 + random() % 4; changes > 0; --changes) {
      const size_t at = random() % content.size();
      switch (random() % 3) {
        case 0: content[at] = char(random()); break;
        case 1: content.erase(at, 1 + random() % 8); break;
        case 2: content.insert(at, content.substr(random() % content.size(), random() % 16)); break;
      }
      if (content.empty()) content = "v";
    }
    const auto trace = read(content);
    if (trace)
      expect_consistent(*trace);
    else
      ++errors;
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(errors, fuzz_rounds(300) / 4);
}

}  // namespace
}  // namespace sweepscope::workloads
