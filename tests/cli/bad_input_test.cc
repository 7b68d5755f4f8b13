// Every kind of bad input: exit code 2, nothing on standard output, one clear line on standard error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/store/mcap_writer.h"
#include "telemetry/store/topics.h"
#include "telemetry/wire/messages.h"
#include "telemetry/wire/schema.h"
#include "tests/cli/program.h"

namespace sweepscope::testing_support {
namespace {

using testing::HasSubstr;

void expect_refused(const std::vector<std::string>& arguments, const std::string& why) {
  const Finished finished = sweepctl(arguments);
  std::string line = "sweepctl";
  for (const std::string& argument : arguments) line += " " + argument;
  SCOPED_TRACE(line);
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_EQ(finished.out, "");
  EXPECT_THAT(finished.err, HasSubstr(why));
  EXPECT_EQ(std::ranges::count(finished.err, '\n'), 1) << finished.err;
  EXPECT_TRUE(finished.err.starts_with("sweepctl: ")) << finished.err;
}

void write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

TEST(Sweepctl, RefusesUnknownNames) {
  expect_refused({}, "A subcommand is required");
  expect_refused({"sing"}, "unknown command 'sing'");
  expect_refused({"run"}, "WORKLOAD is required");
  expect_refused({"run", "nothing"}, "unknown workload 'nothing': there are binary_trees, idle_ps, trace");
  expect_refused({"run", "idle_ps", "--speed", "9"}, "--speed");
  expect_refused({"run", "idle_ps", "--flush", "later"},
                 "unknown flush policy 'later': there are lazy, eager");
  expect_refused({"run", "binary_trees", "--set", "dept=3"}, "no parameter 'dept' (it has depth)");
  expect_refused({"compare", "idle_ps", "--flush", "eager,later"}, "unknown flush policy 'later'");
  expect_refused({"explore", "--fault", "none-such"}, "none-such");
  expect_refused({"explore", "no-scenario"}, "no-scenario");
}

TEST(Sweepctl, RefusesNumbersOutOfRange) {
  expect_refused({"run", "idle_ps", "--procs", "0"}, "--procs 0: expected 1 to 4096");
  expect_refused({"run", "idle_ps", "--procs", "4097"}, "--procs 4097: expected 1 to 4096");
  expect_refused({"run", "idle_ps", "--procs", "-1"}, "--procs");
  expect_refused({"run", "idle_ps", "--procs", "many"}, "--procs");
  expect_refused({"run", "idle_ps", "--procs", "99999999999999999999"}, "--procs");
  expect_refused({"run", "idle_ps", "--threads", "2"}, "--threads 2: workload idle_ps runs 1");
  expect_refused({"run", "binary_trees", "--threads", "0"}, "--threads 0");
  expect_refused({"run", "binary_trees", "--gogc", "-1"}, "--gogc -1: expected 'off' or a percentage");
  expect_refused({"run", "binary_trees", "--gogc", "1000001"},
                 "--gogc 1000001: expected 'off' or 0 to 1000000");
  expect_refused({"run", "binary_trees", "--gogc", "half"}, "--gogc half: expected 'off' or a percentage");
  expect_refused({"run", "binary_trees", "--seconds", "0"}, "--seconds 0");
  expect_refused({"run", "binary_trees", "--seconds", "nan"}, "--seconds");
  expect_refused({"run", "binary_trees", "--heap-limit", "0"}, "--heap-limit 0: expected 1 to 1048576 MiB");
  expect_refused({"run", "binary_trees", "--heap-limit", "2"}, "GiB are available");
  expect_refused({"run", "binary_trees", "--cycles", "0"}, "--cycles 0");
  expect_refused({"run", "binary_trees", "--cycles", "1", "--seconds", "1"}, "exclude each other");
  expect_refused({"run", "binary_trees", "--set", "depth=99"}, "expected an integer from 6 to 26");
  expect_refused({"run", "binary_trees", "--set", "depth"}, "expected KEY=VALUE");
  expect_refused({"run", "binary_trees", "--loss", "some"}, "--loss");
  expect_refused({"compare", "idle_ps", "--procs", "1,x"}, "--procs x");
  expect_refused({"compare", "idle_ps", "--procs", "1,5000"}, "--procs 5000");
  expect_refused({"compare", "idle_ps", "--repeat", "0"}, "--repeat 0");
}

TEST(Sweepctl, RefusesAHeapThatDoesNotFit) {
  expect_refused({"run", "binary_trees", "--set", "depth=26", "--threads", "4096", "--procs", "1"},
                 "GiB of heap");
}

TEST(Sweepctl, RefusesTracesThatCannotBeReplayed) {
  const Folder folder;
  expect_refused({"run", "trace"}, "parameter 'file' is needed");
  expect_refused({"run", "trace", "--set", "file=" + (folder / "none")}, "cannot be opened");
  write(folder / "bad", "v 10400 3\n+ 10 1 aa\n- zz\n");
  expect_refused({"run", "trace", "--set", "file=" + (folder / "bad")}, "bad: line 3: expected `- address`");
}

TEST(Sweepctl, RefusesFilesThatItCannotWrite) {
  const Folder folder;
  expect_refused({"run", "idle_ps", "--json", folder / "no/where.json"}, "cannot be created");
  expect_refused({"run", "idle_ps", "--json", folder / ""}, "is a directory");
  expect_refused({"run", "idle_ps", "--quiet", "--record", folder / "no/where.mcap"}, "where.mcap");
  expect_refused({"compare", "idle_ps", "--csv", folder / "no/where.csv"}, "cannot be created");
  expect_refused({"explore", "--out", folder / "no/where.txt"}, "cannot be created");
}

TEST(Sweepctl, RefusesToOverwriteWhatIsNotARecording) {
  const Folder folder;
  const std::string letter = folder / "letter.txt";
  write(letter, "Dear reader\n");
  expect_refused({"run", "idle_ps", "--cycles", "1", "--record", letter}, "exists and is not a recording");
  std::string kept;
  std::getline(std::ifstream(letter), kept);
  EXPECT_EQ(kept, "Dear reader");
  EXPECT_EQ(sweepctl({"run", "idle_ps", "--cycles", "1", "--record", letter, "--force"}).exit_code, 0);
  EXPECT_EQ(sweepctl({"run", "idle_ps", "--cycles", "1", "--record", letter}).exit_code, 0)
      << "now it is one";
}

TEST(Sweepctl, RefusesRecordingsThatAreNone) {
  const Folder folder;
  const std::string good = folder / "good.mcap";
  ASSERT_EQ(sweepctl({"run", "idle_ps", "--cycles", "2", "--record", good}).exit_code, 0);
  write(folder / "text", "hello\n");
  write(folder / "empty", "");
  write(folder / "magic", "\x89MCAP0\r\n");
  for (const char* command : {"info", "check"}) {
    for (const char* name : {"text", "empty", "magic", "missing"})
      expect_refused({command, folder / name}, name);
    expect_refused({command, folder / ""}, "");
  }
  expect_refused({"info", good, "--at", "noon"}, "expected cycle=N, seq=N or end");
  expect_refused({"info", good, "--at", "cycle=77"}, "cycles 1 to 2");
  expect_refused({"info", good, "--at", "seq=999999999"}, "the recording holds events 0 to");
  expect_refused({"step", folder / "missing"}, "missing");
  expect_refused({"step", folder / "text"}, "text");
}

TEST(Sweepctl, RefusesRecordingsOfAnotherRelease) {
  const Folder folder;
  const std::string file = folder / "newer.mcap";
  v1::Hello hello;
  ASSERT_TRUE(hello.ParseFromString(telemetry::encode_hello({})));
  hello.set_schema_version(telemetry::kSchemaVersion + 1);
  telemetry::McapWriter writer;
  ASSERT_TRUE(writer.open(file));
  const uint16_t channel =
      writer.add_channel(telemetry::topics::kHello, "sweepscope.v1.Hello", telemetry::schema_descriptors());
  writer.add_channel(telemetry::topics::kBatch, "sweepscope.v1.Batch", telemetry::schema_descriptors());
  ASSERT_TRUE(writer.message(channel, 0, hello.SerializeAsString()));
  ASSERT_TRUE(writer.finish());
  for (const char* command : {"info", "check"})
    expect_refused({command, file}, "this program is older; use two of one release");
}

// Cut off anywhere, a recording is read as far as it goes and says so; before its first chunk ended there is
// nothing to read.
TEST(Sweepctl, ReadsTruncatedRecordingsAsFarAsTheyGo) {
  const Folder folder;
  const std::string file = folder / "run.mcap", cut = folder / "cut.mcap";
  ASSERT_EQ(sweepctl({"run", "idle_ps", "--procs", "4", "--cycles", "3", "--record", file}).exit_code, 0);
  const uintmax_t size = std::filesystem::file_size(file);
  std::filesystem::copy_file(file, cut);
  std::filesystem::resize_file(cut, size - size / 3);
  const Finished info = sweepctl({"info", cut, "--json"});
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_THAT(info.out, HasSubstr("\"complete\": false"));
  const Finished check = sweepctl({"check", cut});
  EXPECT_EQ(check.exit_code, 0) << check.out << check.err;
  EXPECT_THAT(check.out, HasSubstr("not finished by its recorder"));
  std::filesystem::resize_file(cut, 300);
  for (const char* command : {"info", "check"}) expect_refused({command, cut}, "cut.mcap");
}

TEST(Sweepctl, RefusesASocketInUse) {
  const Folder folder;
  const std::string address = folder / "live.sock";
  Program first({"run", "binary_trees", "--set", "depth=6", "--seconds", "1000", "--serve", address});
  ASSERT_TRUE(first.wait_for_error_output("serving at " + address));
  expect_refused({"run", "idle_ps", "--cycles", "1", "--serve", address, "--quiet"}, address);
}

}  // namespace
}  // namespace sweepscope::testing_support
