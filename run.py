#!/usr/bin/env python3
"""One door to Xinqiao: `python3 run.py demo` on a machine that has Python 3.11 and nothing else.

Standard library only, and readable to an older Python, which must be able to say what it lacks. It keeps .venv as the
lock files want it, under a file lock, and hands over to the command. An installation that was cut short is taken up
again, since the mark that it is complete is written last.
"""

import contextlib
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")
UV = os.path.join(BIN, "uv")
OLDEST = (3, 11)

PRODUCT = "requirements.lock"
TOOLS = "requirements-dev.lock"
FETCHER = "requirements-uv.lock"

USAGE = """python3 run.py COMMAND [ARGUMENTS]

  demo      the programme on this machine, with invented people: no account, no token
  bot       the bot itself, against Telegram (BOT_TOKEN in the environment or in .env)
  load      read homes, children, staff and pairings from CSV files
  key       print a fresh sealing key for SEAL_KEY
  invite    print an invitation link for a first coordinator
  check     look for what is stuck or does not add up
  backup    a checked copy of the district, beside the running bot
  restore   put a backup in the district's place

  test      every test (arguments go to pytest)
  lint      style, types and the direction of imports
  bench     measurements
  catalogs  bring the languages in step with the code
  lock      pin requirements*.in anew

Anything else goes to the bot's own command line: `python3 run.py bot --help`.
"""


def say(line):
    print("xinqiao: " + line, file=sys.stderr, flush=True)


def give_up(line):
    say(line)
    sys.exit(1)


# ---- the interpreter


def require_python():
    """Goes on under a newer Python, if this one is too old and the machine has one."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(20, OLDEST[1] - 1, -1):
        newer = shutil.which("python3.%d" % minor)
        if newer:
            os.execv(newer, [newer, os.path.abspath(__file__), *sys.argv[1:]])
    give_up("this needs Python %d.%d or newer, and this one is %d.%d." % (OLDEST + sys.version_info[:2]))


def environment():
    """Compiled modules are kept (they start three times as fast); `-m bot` finds the bot in the folder it runs in."""
    unwanted = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONSAFEPATH")
    env = {name: value for name, value in os.environ.items() if name not in unwanted}
    env["VIRTUAL_ENV"] = VENV
    env["PATH"] = BIN + os.pathsep + env.get("PATH", "")
    env.setdefault("MALLOC_ARENA_MAX", "1")  # else each thread that only waits keeps some memory to itself
    return env


# ---- the packages


def fingerprint(lock):
    with open(os.path.join(ROOT, lock), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def mark(lock):
    return os.path.join(VENV, "installed-" + lock)


def is_installed(lock):
    try:
        with open(mark(lock)) as file:
            return file.read() == fingerprint(lock) and os.path.exists(PYTHON)
    except OSError:
        return False


def ensure_installed(lock):
    if is_installed(lock) and venv_is_whole():
        return
    with one_at_a_time():
        if is_installed(lock) and venv_is_whole():
            return
        started = time.monotonic()
        if not venv_is_whole():
            make_venv()
        for stale in glob.glob(mark("*")):
            os.remove(stale)
        install(lock)
        compile_modules()
        for complete in [PRODUCT] if lock == PRODUCT else [PRODUCT, lock]:
            with open(mark(complete), "w") as file:
                file.write(fingerprint(complete))
        say("ready after %.0f s" % (time.monotonic() - started))


@contextlib.contextmanager
def one_at_a_time():
    """Two runs at once must not install into each other's feet. The system lets the lock go when its holder dies."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(VENV + ".lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another run is installing; waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def venv_is_whole():
    """Its interpreter starts, has pip, and is the version that the folder was made for (an upgrade changes it)."""
    version = said_by([PYTHON, "-I", "-S", "-c", "import sys; print('python%d.%d' % sys.version_info[:2])"]).strip()
    packages = os.path.join(VENV, "Lib" if os.name == "nt" else os.path.join("lib", version), "site-packages")
    return bool(version) and os.path.isfile(os.path.join(packages, "pip", "__main__.py"))


def said_by(command):
    """What it prints; nothing, if it cannot be run."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return ""
    return done.stdout.decode(errors="replace")


def make_venv():
    say("making .venv (only once) ...")
    try:
        import ensurepip
        import venv
    except ImportError:
        give_up("this Python cannot make environments yet. On Debian or Ubuntu: sudo apt install python3-venv")
    del ensurepip, venv
    if not succeeds([sys.executable, "-m", "venv", "--clear", VENV], os.environ):
        give_up("making .venv failed. On Debian or Ubuntu, try: sudo apt install python3-venv")


def install(lock):
    say("fetching what %s lists (only when it changes) ..." % lock)
    requirements = os.path.join(ROOT, lock)
    env = environment()
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check", "--require-hashes", "-r"]
    if succeeds([*pip, os.path.join(ROOT, FETCHER)], env):
        fetch = [UV, "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", "-r", requirements]
        if succeeds(fetch, dict(env, **as_uv_settings(env))):
            return
    say("uv could not (reasons above); pip does it, which takes a little longer ...")
    if subprocess.call([*pip, requirements], env=env, stdin=subprocess.DEVNULL):
        give_up("the packages could not be installed: see above. Is there a network? The same command again goes on.")


def succeeds(command, env):
    """Runs quietly; a failure says its last lines."""
    try:
        done = subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except OSError as reason:
        say("  %s" % reason)
        return False
    if done.returncode:
        for line in done.stdout.decode(errors="replace").strip().splitlines()[-5:]:
            say("  " + line.strip())
    return done.returncode == 0


def as_uv_settings(env):
    """Where pip is told to fetch from (a mirror, a folder of wheels), in uv's words: uv does not read pip's settings.

    All places are equally good, as they are to pip: the hashes say whether what they give is right.
    """
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    found = {} if "UV_INDEX_STRATEGY" in env else {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    for line in said_by([PYTHON, "-m", "pip", "config", "list"]).splitlines():
        key, _, value = line.partition("=")
        name = names.get(key.rpartition(".")[2])
        words = value.strip().strip("'\"").replace("\\n", " ").split()
        if name and words and name not in env:
            found[name] = (" " if name == "UV_INDEX" else ",").join(words)
    return found


def compile_modules():
    folders = [os.path.join(ROOT, name) for name in ("care", "storage", "bot")]
    packages = glob.glob(os.path.join(VENV, "[Ll]ib", "*", "site-packages"))
    command = [PYTHON, "-m", "compileall", "-qq", "-j", "0", *packages, *folders]
    # Some packages carry modules for other Pythons, so a complaint here means nothing.
    subprocess.call(command, env=environment(), stdout=subprocess.DEVNULL)


# ---- the commands


def hand_over(arguments):
    """This process becomes the command."""
    os.chdir(ROOT)
    if os.name == "nt":
        sys.exit(subprocess.call([PYTHON, *arguments], env=environment()))
    os.execve(PYTHON, [PYTHON, *arguments], environment())


def run_bot(arguments):
    ensure_installed(PRODUCT)
    hand_over(["-m", "bot"] + arguments[:1] + [from_root(argument) for argument in arguments[1:]])


def from_root(argument):
    """A file named from where the person stands: the command runs in the project's folder."""
    path = os.path.abspath(argument)
    return path if not argument.startswith("-") and os.path.exists(path) and os.getcwd() != ROOT else argument


def run_tests(arguments):
    ensure_installed(TOOLS)
    alone = any(argument.startswith(("-n", "--numprocesses", "--pdb", "-s", "--capture")) for argument in arguments)
    workers = 2 * min(os.cpu_count() or 1, 4)  # they often wait: for a browser, a process, a moment
    spread = [] if alone else ["-n", str(workers), "--dist", "worksteal"]
    hand_over(["-m", "pytest"] + spread + [from_root(argument) for argument in arguments])


def run_lint(arguments):
    ensure_installed(TOOLS)
    os.chdir(ROOT)
    checks = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["lint-imports"])
    failed = []
    for check in checks:
        say(" ".join(check))
        if subprocess.call([os.path.join(BIN, check[0]), *check[1:]], env=environment()):
            failed.append(" ".join(check))
    if failed:
        give_up("not clean: " + "; ".join(failed))
    say("clean")


def run_bench(arguments):
    ensure_installed(TOOLS)
    hand_over(["-m", "benchmarks", *arguments])


def run_lock(arguments):
    """The product first; the tools then agree with it. A lock names packages and hashes, never where they come from."""
    ensure_installed(TOOLS)
    os.chdir(ROOT)
    plain = ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    env = environment()
    env.update(as_uv_settings(env))
    for lock in (FETCHER, PRODUCT, TOOLS):
        command = [UV, "pip", "compile", "--universal", "--generate-hashes", "--python-version", "3.11", *plain]
        agree = ["-c", PRODUCT] if lock == TOOLS else []
        command += agree + arguments + ["-o", lock, lock.replace(".lock", ".in")]
        if subprocess.call(command, env=env, stdout=subprocess.DEVNULL):
            give_up("could not pin " + lock)


def main():
    require_python()
    command, arguments = (sys.argv[1:2] or ["help"])[0], sys.argv[2:]
    if command in ("help", "-h", "--help"):
        print(USAGE)
        return
    own = {"test": run_tests, "lint": run_lint, "bench": run_bench, "lock": run_lock}
    if command in own:
        own[command](arguments)
    else:
        run_bot([command, *arguments])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
