"""Runs the processes of a section, interleaved, and collects what they print, with their peak memory."""
import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading

from programs import Missing


class Failed(Exception):
    """One process gave no figures; the text is the reason."""


def run_command(command, program, seconds):
    """The figures of one process and `rss_mib`, its peak. Ends the whole process group on timeout or interrupt."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child, late = None, threading.Event()

        def kill():
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.killpg(child.pid, signal.SIGKILL)

        def stop():
            late.set()
            kill()

        timer = threading.Timer(seconds, stop)
        try:
            # Blocked until `child` is known: an interrupt in between would leave it running.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
            try:
                # A session of its own: Ctrl-C reaches the driver alone, which then ends the child and keeps the figures.
                child = subprocess.Popen([program, *command.arguments], stdout=out, stderr=err, stdin=subprocess.DEVNULL,
                                         env={**os.environ, **command.environment}, start_new_session=True)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            timer.start()
            # By wait4, as only that returns the usage of this one child.
            _, status, usage = os.wait4(child.pid, 0)
        except OSError as error:
            raise Failed(f"could not be started: {error.strerror}") from error
        except BaseException:
            if child is not None:
                kill()
                child.wait()
            raise
        finally:
            timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        printed, errors = out.read().decode(errors="replace"), err.read().decode(errors="replace").strip()
    if late.is_set():
        raise Failed(f"no result after {seconds} s")
    if child.returncode != 0:
        how = f"exit code {child.returncode}" if child.returncode > 0 else f"signal {-child.returncode}"
        raise Failed(f"{how}: {errors.splitlines()[-1]}" if errors else how)
    try:
        figures = command.parse(printed) if command.parse else json.loads(printed)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Failed(f"its output could not be read: {error!r}") from error
    return {"rss_mib": usage.ru_maxrss / 1024, **figures}


def measure(section, programs, rounds, results, seconds=600, report=lambda text: None):
    """Adds `rounds` rounds to `results`: in each one every contender of every case runs once, in an order that moves on
    by one from round to round. KeyboardInterrupt passes through; what was measured is in `results`."""
    for number in range(rounds):
        for case in section.cases:
            contenders = list(case.commands)
            shift = number % len(contenders)
            for contender in contenders[shift:] + contenders[:shift]:
                if (case.name, contender) in results.reasons:
                    continue
                command = case.commands[contender]
                program = programs.get(command.program)
                if isinstance(program, Missing):
                    results.lack(case.name, contender, program.reason)
                    continue
                report(f"{section.name}: round {number + 1} of {rounds}, {case.name}, {contender}")
                try:
                    results.add(case.name, contender, run_command(command, program, seconds))
                except Failed as failed:
                    results.lack(case.name, contender, f"{case.name}: {failed}")
                    report(f"{section.name}: {case.name}, {contender}: {failed}")
