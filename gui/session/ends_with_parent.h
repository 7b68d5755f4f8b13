// A child program that must not outlive this one, however this one ends. Any thread that starts the child and
// lives as long as the program: the GUI thread.
#pragma once

class QProcess;

namespace sweepscope::gui {

// Call before start(): when this program ends, also by SIGKILL, the kernel sends the child SIGTERM, on which
// sweepctl finishes its recording and ends what it started itself.
void endWithParent(QProcess& child);

}  // namespace sweepscope::gui
