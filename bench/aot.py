"""The sidecar as Native AOT: measured beside the shipped one, not shipped (its code is compiled once and never optimised by what runs)."""
import os
import shutil
import subprocess


def build(root):
    """The executable's path; needs a linker and zlib (clang, zlib1g-dev)."""
    if not shutil.which("clang"):
        raise SystemExit("error: --aot needs a native linker: apt-get install clang zlib1g-dev, and run again")
    out = os.path.join(root, "out", "aot")
    # Beside the sources' own obj folders: the shipped build must not find files of another kind of build there.
    command = ["dotnet", "publish", "apps/fairlead-proxy", "-c", "Release", "-o", out, "-p:PublishAot=true", "-p:PublishReadyToRun=false",
               "-p:PublishTrimmed=true", "-p:TreatWarningsAsErrors=false", "-p:RestoreLockedMode=false", "-p:NuGetLockFilePath=obj/aot.lock.json",
               "--artifacts-path", os.path.join(root, "out", "aot-build"), "--nologo", "-v", "quiet"]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900)
    if run.returncode != 0:
        raise SystemExit(f"error: the sidecar does not build as Native AOT:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return os.path.join(out, "fairlead-proxy")
