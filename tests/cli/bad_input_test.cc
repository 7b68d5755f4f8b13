// Bad input of every kind: exit code 2, no standard output, one line on standard error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

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
  expect_refused({"run", "nothing"},
                 "unknown workload 'nothing': expected one of binary_trees, idle_ps, trace");
  expect_refused({"run", "idle_ps", "--speed", "9"}, "--speed");
  expect_refused({"run", "idle_ps", "--flush", "later"},
                 "unknown flush policy 'later': expected one of lazy, eager");
  expect_refused({"run", "binary_trees", "--set", "dept=3"}, "no parameter 'dept' (it has depth)");
  for (const char* command : {"run", "compare"})
    expect_refused({command, "idle_ps", "--stw-mark", "--concurrent-mark"},
                   "--stw-mark and --concurrent-mark exclude each other");
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
  expect_refused({"run", "binary_trees", "--heap-limit", "2"},
                 "--heap-limit 2: workload binary_trees needs at least ");
  expect_refused({"run", "binary_trees", "--heap-limit", "2"}, " MiB of heap: expected ");
  expect_refused({"run", "binary_trees", "--cycles", "0"}, "--cycles 0");
  expect_refused({"run", "binary_trees", "--cycles", "1", "--seconds", "1"}, "exclude each other");
  expect_refused({"run", "binary_trees", "--set", "depth=99"}, "expected an integer from 6 to 26");
  expect_refused({"run", "binary_trees", "--set", "depth"}, "expected KEY=VALUE");
  expect_refused({"run", "binary_trees", "--loss", "some"}, "--loss");
  expect_refused({"compare", "idle_ps", "--procs", "1,x"}, "--procs x");
  expect_refused({"compare", "idle_ps", "--procs", "1,5000"}, "--procs 5000");
  expect_refused({"compare", "idle_ps", "--repeat", "0"}, "--repeat 0");
  EXPECT_EQ(sweepctl({"run", "idle_ps", "--cycles", "0x1", "--seed", "0xBEEF", "--quiet"}).exit_code, 0);
}

TEST(Sweepctl, RefusesAHeapThatDoesNotFit) {
  expect_refused({"run", "binary_trees", "--set", "depth=26", "--threads", "4096", "--procs", "1"},
                 "iB of heap");
}

// Every flag with a value, with invalid values. The error line contains `expected`.
TEST(Sweepctl, RefusesInvalidFlagValues) {
  const Folder folder;
  struct Flag {
    std::vector<std::string> command;
    std::string name;
    std::vector<std::string> values;
    std::string expected;
  };
  const std::vector<std::string> no_numbers{
      "", "many", "nan", "inf", "-1", "1x", "0xG", "1e3", "1.5", " 1", "99999999999999999999999"};
  const std::vector<std::string> no_times{"", "long", "nan", "-nan", "inf", "-inf", "0", "-1", "1e300", "1s"};
  const auto with = [](std::vector<std::string> values, std::vector<std::string> more) {
    values.insert(values.end(), more.begin(), more.end());
    return values;
  };
  const std::vector<std::string> run{"run", "binary_trees"}, compare{"compare", "binary_trees"},
      explore{"explore"};
  const std::string seeds = "expected 0 to 18446744073709551615",
                    times = "expected more than 0 and at most 10000000 seconds";
  const std::vector<std::string> no_files{"", folder / "", folder / "no/where"};
  const std::vector<Flag> flags{
      {run, "--procs", with(no_numbers, {"0", "4097"}), "expected 1 to 4096"},
      {run, "--threads", with(no_numbers, {"0", "4097"}), "expected 1 to 4096"},
      {run, "--seed", no_numbers, seeds},
      {run, "--seconds", no_times, times},
      {run, "--cycles", with(no_numbers, {"0", "1000000001"}), "expected 1 to 1000000000"},
      {run, "--heap-limit", with(no_numbers, {"0", "1048577"}), "expected 1 to 1048576 MiB"},
      {run, "--set", {"", "=", "depth", "depth="}, ""},
      {run, "--set", {"depth=nan", "depth=-1", "depth=1e3", "depth=0"}, "expected an integer from 6 to 26"},
      {run, "--flush", {"", "LAZY"}, "unknown flush policy"},
      {run, "--loss", {"", "some"}, "--loss"},
      {run, "--record", with(no_files, {"-"}), ""},
      {run, "--json", no_files, ""},
      {compare, "--procs", {"0", "4097", "1,nan", "-1"}, "--procs"},
      {compare, "--procs", {"", ",", ",1"}, "item 1 is empty"},
      {compare, "--procs", {"1,", "1,,2", "[1,]", "[1,,2]"}, "item 2 is empty"},
      {compare, "--procs", {"[]", "[,1]"}, "item 1 is empty"},
      {compare, "--flush", {"", ",", ",lazy"}, "item 1 is empty"},
      {compare, "--gogc", {"off,100,", "off,100,,50"}, "item 3 is empty"},
      {compare, "--repeat", with(no_numbers, {"0", "10001"}), "expected 1 to 10000"},
      {compare, "--threads", with(no_numbers, {"0", "4097"}), "expected 1 to 4096"},
      {compare, "--seconds", no_times, times},
      {compare, "--cycles", with(no_numbers, {"0"}), "expected 1 to 1000000000"},
      {compare, "--seed", no_numbers, seeds},
      {compare, "--set", {"depth", "depth=nan"}, ""},
      {compare, "--json", no_files, ""},
      {compare, "--csv", no_files, ""},
      {explore, "--schedules", with(no_numbers, {"0"}), "expected 1 to 1000000000000"},
      {explore, "--seconds", no_times, times},
      {explore, "--procs", with(no_numbers, {"0", "4097"}), "expected 1 to 4096"},
      {explore, "--spans", with(no_numbers, {"0"}), "expected 1 to 1000000"},
      {explore, "--seed", no_numbers, seeds},
      {explore, "--flush", {"", "later"}, "unknown flush policy"},
      {explore, "--fault", {"none-such"}, "unknown fault"},
      {explore, "--strategy", {"", "luck"}, "unknown strategy"},
      {explore, "--preemptions", {"", "-1", "1001", "nan"}, "--preemptions takes 0 to 1000 or none"},
      {explore, "--preemptions", {"0", "2", "none"}, "--preemptions is a bound of --strategy dfs"},
      {{"explore", "--strategy", "dfs"}, "--seed", {"1"}, "--seed is for the random strategies"},
      {explore, "--check", {"", "I1", "I1=", "I1=maybe", "=off"}, ""},
      {explore, "--out", with(no_files, {"-"}), ""},
      {explore, "--record", with(no_files, {"-"}), ""},
      {explore, "--json", no_files, ""},
      {{"info"}, "--at", {"", "noon"}, ""},
  };
  for (const Flag& flag : flags)
    for (const std::string& value : flag.values) {
      std::vector<std::string> arguments = flag.command;
      if (flag.name == "--at")
        arguments.push_back(SWEEPCTL_PATH);  // an existing file that is not a recording
      arguments.push_back(flag.name + "=" + value);
      if (value.empty()) {  // after a bare '=' the parser takes the next argument
        arguments.back() = flag.name;
        arguments.push_back(value);
      }
      expect_refused(arguments, flag.expected);
    }
}

TEST(Sweepctl, RefusesAFlagGivenTwice) {
  for (const std::vector<std::string>& flag : {std::vector<std::string>{"--procs", "1"},
                                               {"--seed", "1"},
                                               {"--seconds", "1"},
                                               {"--flush", "lazy"},
                                               {"--record", "a.mcap"},
                                               {"--json", "-"}}) {
    std::vector<std::string> arguments{"run", "idle_ps"};
    for (int i = 0; i < 2; ++i) arguments.insert(arguments.end(), flag.begin(), flag.end());
    expect_refused(arguments, flag[0]);
  }
  expect_refused({"run", "idle_ps", "--record", "same", "--json", "same"},
                 "--record and --json name the same file same");
}

TEST(Sweepctl, RefusesCombinationsOfFlags) {
  const Folder folder;
  for (const std::vector<std::string>& more : {std::vector<std::string>{"sweep"},
                                               {"--fault", "acquirep-no-flush"},
                                               {"--flush", "lazy"},
                                               {"--check", "I1=off"},
                                               {"--procs", "2"},
                                               {"--spans", "2"},
                                               {"--seconds", "1"},
                                               {"--record", folder / "a.mcap"},
                                               {"--json", "-"}}) {
    std::vector<std::string> arguments{"explore", "--matrix"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_refused(arguments,
                   "--matrix searches for every fault under every policy; it cannot be combined with " +
                       (more.size() == 1 ? "SCENARIO" : more[0]) + "\n");
  }
  expect_refused({"explore", "--matrix", "--flush", "lazy", "--json", "-"},
                 "combined with --flush, --json\n");
  expect_refused({"compare", "idle_ps", "--json", "-", "--csv", "-"}, "--json - and --csv - both write to");
  expect_refused({"run", "idle_ps", "--flush", "eager,lazy"}, "sweepctl compare runs several");
}

TEST(Sweepctl, RefusesAFlagBeforeTheCommand) {
  for (const char* flag : {"--bogus", "-x", "--quiet", "--procs=2", "--", "-"}) {
    expect_refused({flag, "run", "idle_ps"}, std::string("'") + flag + "'");
    expect_refused({flag, "run", "idle_ps"}, "see sweepctl --help");
  }
  EXPECT_EQ(sweepctl({"--version"}).exit_code, 0);
  EXPECT_EQ(sweepctl({"-h"}).exit_code, 0);
  EXPECT_EQ(sweepctl({"--help"}).exit_code, 0);
}

TEST(Sweepctl, RefusesUnreadableFiles) {
  const Folder folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const char* command : {"info", "check"}) {
    expect_refused({command, pipe}, "pipe is a pipe, not a recording");
    expect_refused({command, folder / ""}, "is a directory, not a recording");
    expect_refused({command, "/dev/null"}, "/dev/null is not a file");
    expect_refused({command, ""}, "expected the name of a file");
    expect_refused({command, folder / "none"},
                   "sweepctl: Cannot open " + (folder / "none") + ": No such file or directory.\n");
  }
  expect_refused({"step", folder / "none"},
                 "sweepctl: Cannot open " + (folder / "none") + ": No such file or directory.\n");
  expect_refused({"step", folder / ""}, "Is a directory");
  expect_refused({"step", ""}, "expected the name of a file");
  expect_refused({"step"}, "SCHEDULE");
  expect_refused({"step", "--save", folder / "x"}, "--serve");
  expect_refused({"step", "--serve", folder / "s.sock", "--record", folder / "x"}, "--record");
  for (const std::string subcommand : {"step", "lesson"}) {  // a reader would wait, deaf to Ctrl-C
    std::vector<std::string> arguments{subcommand, pipe};
    if (subcommand == "lesson") arguments.insert(arguments.begin() + 1, "check");
    expect_refused(arguments, "pipe: not a regular file");
  }
  expect_refused({"lesson", "check", "no\nsuch\x1b[31mlesson"}, "no lesson 'no?such?[31mlesson'");
  write(folder / "short.txt",
        "sweepscope-schedule 1\nscenario sweep\npolicy lazy\nprocs 2\nspans 2\nsteps 0\n");
  expect_refused({"step", folder / "short.txt"}, "does not fit at step 1");  // before the engine is made
}

// What a user has is not overwritten.
TEST(Sweepctl, SavesNoSessionOverAnotherFile) {
  const Folder folder;
  write(folder / "mine.txt", "precious\n");
  expect_refused({"step", "--serve", folder / "s.sock", "--save", folder / "mine.txt"},
                 "mine.txt exists already");
  expect_refused({"step", "--serve", folder / "s.sock", "--save", "-"}, "not standard output");
  // A folder that others may enter: the session cannot be served.
  expect_refused({"step", "--serve", "/tmp/s.sock", "--save", folder / "new.txt"}, "/tmp");
  EXPECT_FALSE(std::filesystem::exists(folder / "new.txt"));
  std::ifstream kept(folder / "mine.txt");
  std::string word;
  kept >> word;
  EXPECT_EQ(word, "precious");
}

TEST(Sweepctl, RefusesTracesThatCannotBeReplayed) {
  const Folder folder;
  expect_refused({"run", "trace"}, "parameter 'file' is required");
  expect_refused({"run", "trace", "--set", "file=" + (folder / "none")}, "cannot be opened");
  write(folder / "bad", "v 10400 3\n+ 10 1 aa\n- zz\n");
  expect_refused({"run", "trace", "--set", "file=" + (folder / "bad")}, "bad: line 3: expected `- address`");
}

// One wording for every flag and command.
TEST(Sweepctl, RefusesUnwritableFiles) {
  const Folder folder;
  const auto where_is_missing = [&](const std::string& type) {
    return "sweepctl: Cannot write " + (folder / "no/where.") + type + ": No such file or directory.\n";
  };
  expect_refused({"run", "idle_ps", "--json", folder / "no/where.json"}, where_is_missing("json"));
  expect_refused({"run", "idle_ps", "--quiet", "--record", folder / "no/where.mcap"},
                 where_is_missing("mcap"));
  expect_refused({"compare", "idle_ps", "--csv", folder / "no/where.csv"}, where_is_missing("csv"));
  expect_refused({"explore", "--out", folder / "no/where.txt"}, where_is_missing("txt"));
  expect_refused({"explore", "--record", folder / "no/where.mcap"}, where_is_missing("mcap"));
  for (const char* flag : {"--json", "--record"})
    expect_refused({"run", "idle_ps", flag, folder / ""},
                   "sweepctl: Cannot write " + (folder / "") + ": Is a directory.\n");
}

TEST(Sweepctl, OverwritesOnlyRecordings) {
  const Folder folder;
  const std::string letter = folder / "letter.txt";
  write(letter, "Dear reader\n");
  expect_refused({"run", "idle_ps", "--cycles", "1", "--record", letter}, "exists and is not a recording");
  std::string kept;
  std::getline(std::ifstream(letter), kept);
  EXPECT_EQ(kept, "Dear reader");
  EXPECT_EQ(sweepctl({"run", "idle_ps", "--cycles", "1", "--record", letter, "--force"}).exit_code, 0);
  EXPECT_EQ(sweepctl({"run", "idle_ps", "--cycles", "1", "--record", letter}).exit_code, 0)
      << "now a recording";
}

TEST(Sweepctl, RefusesFilesThatAreNotRecordings) {
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
  for (const uint32_t version : {telemetry::kOldestSchemaVersion - 1, telemetry::kSchemaVersion + 1}) {
    const std::string file = folder / ("schema_" + std::to_string(version) + ".mcap");
    v1::Hello hello;
    ASSERT_TRUE(hello.ParseFromString(telemetry::encode_hello({})));
    hello.set_schema_version(version);
    telemetry::McapWriter writer;
    ASSERT_TRUE(writer.open(file));
    const uint16_t channel =
        writer.add_channel(telemetry::topics::kHello, "sweepscope.v1.Hello", telemetry::schema_descriptors());
    writer.add_channel(telemetry::topics::kBatch, "sweepscope.v1.Batch", telemetry::schema_descriptors());
    ASSERT_TRUE(writer.message(channel, 0, hello.SerializeAsString()));
    ASSERT_TRUE(writer.finish());
    for (const char* command : {"info", "check"})
      expect_refused({command, file}, "the recording has telemetry schema " + std::to_string(version) + ", ");
  }
}

// A truncated recording is read up to the cut and reported as incomplete; one cut before the end of its first
// chunk is refused.
TEST(Sweepctl, ReadsTruncatedRecordingsUpToTheCut) {
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
