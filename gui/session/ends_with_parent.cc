#include "gui/session/ends_with_parent.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <QProcess>

namespace sweepscope::gui {

void endWithParent(QProcess& child) {
  // Runs between fork and exec, where only async-signal-safe calls are allowed. The kernel watches the thread
  // that forked, not the process, so the GUI thread must start the child.
  child.setChildProcessModifier([parent = getpid()] {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(1);  // the parent ended before prctl
  });
}

}  // namespace sweepscope::gui
