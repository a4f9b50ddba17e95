"""Runs scripts, each in a process of its own: forked from one that has imported torch, which takes
the time.

    python forking.py OUT MODE=FOLDER...

A mode is "alone" (no IPython is there), "IPython", or "plain": the loops of the second edition are
those of benchmarks/textbook_ch11.py. Of a script FOLDER/NAME.py remain in OUT/MODE/FOLDER the files
NAME.out, NAME.err and NAME.code, and the folder NAME that it ran in.
"""

import os
import runpy
import sys
import traceback
from pathlib import Path

import matplotlib.pyplot as plt
import torch


def forked(function, *arguments):
    """Call a function in a child; the child's exit status."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            function(*arguments)
            code = 0
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def run_one(script, out, shell):
    for number, end in ((1, "out"), (2, "err")):
        os.dup2(os.open(out / f"{script.stem}.{end}", os.O_WRONLY | os.O_CREAT), number)
    os.chdir(out / script.stem)
    if shell:
        shell.safe_execfile(str(script), {"__name__": "__main__"}, raise_exceptions=True)
    else:
        runpy.run_path(str(script), run_name="__main__")


def run_all(mode, folder, out):
    out.mkdir(parents=True)
    shell = PREPARE[mode](out)
    for script in sorted(folder.glob("*.py")):
        (out / script.stem).mkdir()
        code = forked(run_one, script, out, shell)
        (out / f"{script.stem}.code").write_text(str(code))


def alone(out):
    for name in ("IPython", "matplotlib_inline", "ipykernel", "tqdm"):
        sys.modules[name] = None


def ipython(out):
    from IPython.terminal.ipapp import TerminalIPythonApp

    (out / "profile").mkdir()
    app = TerminalIPythonApp.instance()
    app.initialize(["--ipython-dir", str(out / "profile"), "--HistoryManager.enabled=False"])
    return app.shell


def plain(out):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
    import textbook_ch11 as textbook

    import d2l_ch7.ch11 as d2l

    def shown(train):
        def trained(*args, **kwargs):
            run = train(*args, **kwargs)
            print(f"loss: {run.losses[-1]:.3f}, 0.000 sec/epoch")
            return run.seconds, run.losses

        return trained

    d2l.get_data_ch11 = textbook.make_loader
    d2l.train_ch11 = shown(textbook.train_scratch)
    d2l.train_concise_ch11 = shown(textbook.train_concise)


PREPARE = {"alone": alone, "IPython": ipython, "plain": plain}


def main(out, *jobs):
    torch.optim.SGD([torch.zeros(1)], lr=1.0)  # torch imports more at its first use
    plt.subplots()[0].canvas.draw()  # reads the fonts
    plt.close()
    assert not {"d2l_ch7", "IPython"} & set(sys.modules)
    for job in jobs:
        mode, _, folder = job.partition("=")
        assert forked(run_all, mode, Path(folder), Path(out, mode, Path(folder).name)) == 0, job


if __name__ == "__main__":
    main(*sys.argv[1:])
