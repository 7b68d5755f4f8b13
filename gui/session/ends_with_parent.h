// A child process that must not outlive this one, even if this one is killed. Called on the GUI thread, because
// the thread that starts the child must live as long as the program.
#pragma once

class QProcess;

namespace sweepscope::gui {

// Call before start(): when this program ends, even by SIGKILL, the kernel sends SIGTERM to the child; sweepctl
// then finishes its recording and ends its own children.
void endWithParent(QProcess& child);

}  // namespace sweepscope::gui
