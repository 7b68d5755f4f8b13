#include "gui/session/ends_with_parent.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <QProcess>

namespace sweepscope::gui {

void endWithParent(QProcess& child) {
  // Runs between fork and exec, where only async-signal-safe calls are allowed. The kernel watches the thread
  // that forked, not the process: that is why the GUI thread must be the one that starts the child.
  child.setChildProcessModifier([parent = getpid()] {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(1);  // it ended before the kernel was asked
  });
}

}  // namespace sweepscope::gui
