#include "telemetry/transport/address.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/telemetry/support/private_directory.h"

namespace sweepscope::telemetry {
namespace {

using testing::PrivateDirectory;

mode_t mode_of(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0);
  return info.st_mode & 0777;
}
std::string refusal(const std::string& path) {
  const auto listener = Listener::open(path);
  return listener ? "accepted" : listener.error().message;
}

TEST(Listener, AcceptsAConnectionOfTheSameUser) {
  PrivateDirectory directory;
  auto listener = Listener::open(directory / "s");
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_FALSE(listener->accept());
  auto client = connect_to(directory / "s");
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_TRUE(listener->accept());
}

TEST(Listener, SocketAndDirectoryAreAccessibleToTheOwnerOnly) {
  PrivateDirectory directory;
  const mode_t before = ::umask(0);
  auto listener = Listener::open(directory / "new/s");
  ::umask(before);
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_EQ(mode_of(directory / "new/s"), 0600u);
  EXPECT_EQ(mode_of(directory / "new"), 0700u);
}

TEST(Listener, RefusesADirectoryAccessibleToOthers) {
  PrivateDirectory directory;
  ASSERT_EQ(::mkdir((directory / "open").c_str(), 0700), 0);
  ASSERT_EQ(::chmod((directory / "open").c_str(), 0750), 0);
  EXPECT_EQ(refusal(directory / "open/s"),
            "directory " + (directory / "open") +
                " is accessible to other users; a socket needs a private directory (chmod 700)");
}

TEST(Listener, RefusesADirectoryThatIsASymbolicLink) {
  PrivateDirectory directory;
  ASSERT_EQ(::mkdir((directory / "real").c_str(), 0700), 0);
  ASSERT_EQ(::symlink((directory / "real").c_str(), (directory / "link").c_str()), 0);
  EXPECT_EQ(refusal(directory / "link/s"), (directory / "link") + " is not a directory");
}

TEST(Listener, RefusesAnAddressInUse) {
  PrivateDirectory directory;
  auto first = Listener::open(directory / "s");
  ASSERT_TRUE(first);
  EXPECT_EQ(refusal(directory / "s"), "socket in use: another engine listens at " + (directory / "s"));
  EXPECT_TRUE(connect_to(directory / "s"));  // the first one still works
}

TEST(Listener, ReplacesAStaleSocket) {
  PrivateDirectory directory;
  {
    // A killed engine leaves the file, because its listener did not remove it.
    auto dead = Listener::open(directory / "s");
    ASSERT_TRUE(dead);
    ASSERT_EQ(::rename((directory / "s").c_str(), (directory / "kept").c_str()), 0);
  }
  ASSERT_EQ(::rename((directory / "kept").c_str(), (directory / "s").c_str()), 0);
  auto listener = Listener::open(directory / "s");
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_TRUE(connect_to(directory / "s"));
}

TEST(Listener, NeverRemovesAFileThatIsNoSocket) {
  PrivateDirectory directory;
  std::ofstream(directory / "s") << "precious";
  EXPECT_EQ(refusal(directory / "s"), (directory / "s") + " exists and is not a socket");
  EXPECT_EQ(::access((directory / "s").c_str(), F_OK), 0);
}

TEST(Listener, DestructorRemovesTheSocket) {
  PrivateDirectory directory;
  ASSERT_TRUE(Listener::open(directory / "s"));
  EXPECT_NE(::access((directory / "s").c_str(), F_OK), 0);
}

TEST(Listener, APathThatIsTooLongGivesAClearError) {
  PrivateDirectory directory;
  const std::string path = directory / std::string(200, 'x');
  EXPECT_NE(refusal(path).find(" bytes, the limit is 107"), std::string::npos);
  EXPECT_FALSE(connect_to(path));
}

TEST(Address, ConnectingWithoutAnEngineExplainsHowToStartOne) {
  PrivateDirectory directory;
  const auto fd = connect_to(directory / "none");
  ASSERT_FALSE(fd);
  EXPECT_EQ(fd.error().message, "no engine listens at " + (directory / "none") +
                                    " (start one with sweepctl run WORKLOAD --serve)");
}

TEST(Address, AnInheritedSocketIsTakenOver) {
  auto fds = socket_pair();
  ASSERT_TRUE(fds);
  auto fd = connect_to("fd:" + std::to_string(fds->second.release()));
  ASSERT_TRUE(fd) << fd.error().message;
  Socket a(std::move(fds->first)), b(std::move(*fd));
  ASSERT_TRUE(a.send_frame("x"));
  EXPECT_EQ(b.receive_frame()->value(), "x");
}

TEST(Address, RejectsDescriptorsThatAreNoSockets) {
  EXPECT_FALSE(connect_to("fd:"));
  EXPECT_FALSE(connect_to("fd:-1"));
  EXPECT_FALSE(connect_to("fd:1x"));
  EXPECT_FALSE(connect_to("fd:99999"));
  const int file = ::open("/dev/null", O_RDONLY);
  EXPECT_FALSE(connect_to("fd:" + std::to_string(file)));
}

TEST(Address, DefaultIsInTheRuntimeDirectoryOfTheUser) {
  PrivateDirectory directory;
  ::setenv("XDG_RUNTIME_DIR", (directory / "").c_str(), 1);
  EXPECT_EQ(default_address(), (directory / "") + "/sweepscope/live.sock");
  ::unsetenv("XDG_RUNTIME_DIR");
  EXPECT_EQ(default_address(), "/tmp/sweepscope-" + std::to_string(::geteuid()) + "/live.sock");
}

}  // namespace
}  // namespace sweepscope::telemetry
