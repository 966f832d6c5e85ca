#!/usr/bin/env bash
# Makes a Windows volume as large as those of servers: 300,000 files, hives of 12 and 70 MiB, 200 tasks, 500 prefetch files, 20 MiB of event logs where EVTX names some. Usage: make-windows.sh OUTPUT [EVTX...] (as root)
set -euo pipefail
tools=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../samples/tools" && pwd -P)
output=$1
shift
# shellcheck source=samples/tools/windows.sh
. "$tools/windows.sh"
# shellcheck disable=SC2034 # used by windows.sh
HOST=BENCH PRODUCT='Windows Server 2022 Standard' BUILD=20348 UBR=2113 RELEASE=21H2
volume 2560
windows
subscriptions
for number in $(seq 200); do task "Vendor\\Task $number" 'C:\Windows\System32\cleanmgr.exe' "/sagerun:$number"; done
own=$WORK/own
mkdir "$own"
python3 - "$C" "$own" <<'END'
import os
import sys

root, own = sys.argv[1:]
program = open(root + "/Windows/System32/cmd.exe", "rb").read()
# As Windows spreads them: components in many small directories, few large ones, programs, profiles.
def spread(folder, directories, files, name):
    for directory in range(directories):
        path = "%s/%s/%s%05d" % (root, folder, name, directory)
        os.makedirs(path)
        for number in range(files):
            with open("%s/%s%04d%s" % (path, name, number, (".dll", ".manifest", ".exe", ".mui", ".dat")[number % 5]), "wb") as file:
                file.write(program if number % 5 in (0, 2) else b"x" * 100)
spread("Windows/WinSxS", 15000, 10, "amd64_c")
spread("Windows/servicing/Packages", 3, 5000, "p")
spread("Windows/System32/en", 100, 250, "s")
spread("Program Files/Vendor", 500, 120, "v")
spread("Users/alice/AppData/Local/Cache", 200, 250, "c")
os.makedirs(root + "/Windows/Prefetch")
for number in range(500):
    with open("%s/Windows/Prefetch/PROGRAM%03d.EXE-%08X.pf" % (root, number, number * 7919), "wb") as file:
        file.write(b"MAM\x04" + bytes(4))
with open(own + "/SYSTEM.reg", "w") as file:
    for number in range(10000):
        file.write('[\\ControlSet001\\Services\\Vendor%05d]\n"ImagePath"=str(2):"\\"C:\\\\Program Files\\\\Vendor\\\\v%05d\\\\v%04d.exe\\" -service -instance %05d"\n"DisplayName"="Vendor service %d"\n"Description"="%s"\n"Type"=dword:00000010\n"Start"=dword:00000003\n"ObjectName"="LocalSystem"\n' % (number, number % 500, 2 + number % 20 * 5, number, number, "A service that is of some use. " * 12))
with open(own + "/SOFTWARE.reg", "w") as file:
    for number in range(50000):
        file.write('[\\Classes\\CLSID\\{%08X-0000-4000-8000-000000000000}]\n@="Class %d %s"\n[\\Classes\\CLSID\\{%08X-0000-4000-8000-000000000000}\\InprocServer32]\n@=str(2):"%%SystemRoot%%\\\\system32\\\\shell32.dll"\n"ThreadingModel"="Both"\n"Data"="%s"\n' % (number, number, "words " * 20, number, "text " * 60))
END
mkdir -p "$C/Windows/System32/winevt/Logs"
for file; do cp -- "$file" "$C/Windows/System32/winevt/Logs/"; done
hives "$own" 1780300800
ls -l "$C/Windows/System32/config" >&2
umount "$C"
mv -- "$WORK/volume" "$output"
