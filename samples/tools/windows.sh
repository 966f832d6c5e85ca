# Fills an NTFS volume through ntfs-3g and turns it into a disk image; sourced by the recipes of Windows. Needs root (for the mount), ntfs-3g, util-linux, qemu-utils and python3.
# shellcheck shell=bash

TOOLS=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C TZ=UTC

for tool in mkntfs ntfs-3g setfattr sfdisk qemu-img python3; do
  command -v "$tool" >/dev/null || { echo "make.sh: $tool is missing (packages: ntfs-3g attr fdisk qemu-utils python3)" >&2; exit 2; }
done
[ "$(id -u)" = 0 ] || { echo 'make.sh: filling an NTFS volume takes a mount, so root' >&2; exit 2; }

WORK=$(mktemp -d)
C=$WORK/c
trap 'mountpoint -q "$C" && umount "$C"; rm -rf -- "$WORK"' EXIT
mkdir "$C"

# volume MIB: an empty volume C:, mounted at $C; named streams are written as FILE:STREAM.
volume() {
  truncate -s "$1M" "$WORK/volume"
  mkntfs -Q -F -q -s 512 -c 4096 -p 2048 -L System "$WORK/volume" 2>/dev/null
  ntfs-3g "$WORK/volume" "$C" -o streams_interface=windows
}

# put PATH: standard input becomes the file, lines ended as Windows ends them.
put() {
  mkdir -p -- "$C$(dirname -- "$1")"
  sed 's/$/\r/' >"$C$1"
}

# pe PATH [OPTION]...: a harmless program, see pe.py.
pe() {
  local path=$1
  shift
  mkdir -p -- "$C$(dirname -- "$path")"
  python3 "$TOOLS/pe.py" "$C$path" --seed "$path" "$@"
}

# attributes HEX PATH: FILE_ATTRIBUTE_ bits (2 hidden, 4 system).
attributes() { setfattr -n system.ntfs_attrib_be -v "0x$(printf '%08x' "0x$1")" "$C$2"; }

# task NAME COMMAND ARGUMENTS [USER [AUTHOR [HIDDEN [ENABLED [INTERVAL]]]]]: a scheduled task as the service stores it, in UTF-16. AUTHOR - means none.
task() {
  local path="$C/Windows/System32/Tasks/${1//\\//}"
  mkdir -p -- "$(dirname -- "$path")"
  python3 - "$path" "$WORK/tasks.reg" "$@" <<'END'
import hashlib
import struct
import sys
import uuid
from xml.sax.saxutils import escape
path, cache, name, command, arguments, user, author, hidden, enabled, interval = (sys.argv[1:] + [""] * 8)[:10]
trigger = ("<TimeTrigger><Repetition><Interval>%s</Interval></Repetition><StartBoundary>2026-01-01T00:00:00</StartBoundary></TimeTrigger>" % interval if interval
           else "<CalendarTrigger><StartBoundary>2026-01-01T03:00:00</StartBoundary><ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay></CalendarTrigger>")
action = ("<ComHandler><ClassId>%s</ClassId></ComHandler>" % command if command.startswith("{")
          else "<Exec><Command>%s</Command>%s</Exec>" % (escape(command), "<Arguments>%s</Arguments>" % escape(arguments) if arguments else ""))
text = """<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>%s<URI>\\%s</URI></RegistrationInfo>
  <Triggers>%s</Triggers>
  <Principals><Principal id="Author"><UserId>%s</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>
  <Settings><Enabled>%s</Enabled><Hidden>%s</Hidden></Settings>
  <Actions Context="Author">%s</Actions>
</Task>
""" % ("" if author == "-" else "<Author>%s</Author>" % escape(author or "Microsoft Corporation"), escape(name), trigger, escape(user or "S-1-5-18"), enabled or "true", hidden or "false", action)
xml = b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le")
with open(path, "wb") as file:
    file.write(xml)

# The cache decides what runs: version 3, the context, then actions. https://cyber.wtf/2022/06/01/windows-registry-analysis-todays-episode-tasks/
def counted(text):
    return struct.pack("<I", len(text) * 2) + text.encode("utf-16-le")

def value(name, data):
    return '"%s"=hex(3):%s\n' % (name, ",".join("%02x" % byte for byte in data))

def quoted(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')

identifier = "{%s}" % str(uuid.uuid5(uuid.NAMESPACE_URL, "task:" + name)).upper()
actions = struct.pack("<H", 3) + counted("Author")
if command.startswith("{"):
    actions += struct.pack("<H", 0x7777) + counted("") + uuid.UUID(command).bytes_le + counted("")
else:
    actions += struct.pack("<H", 0x6666) + counted("") + counted(command) + counted(arguments) + counted("") + struct.pack("<H", 0)
administrators, system = bytes.fromhex("01020000000000052000000020020000"), bytes.fromhex("010100000000000512000000")
# O:BAG:SYD:(A;;FA;;;SY), self-relative.
descriptor = struct.pack("<BBHIIII", 1, 0, 0x8004, 48, 64, 0, 20) + struct.pack("<BBHHHBBHI", 2, 0, 28, 1, 0, 0, 0, 20, 0x1F01FF) + system + administrators + system
registered = 134169156000000000
schedule = r"\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache"
with open(cache, "a", encoding="utf-8") as file:
    file.write('[%s\\Tree\\%s]\n"Id"=%s\n"Index"=dword:00000003\n%s' % (schedule, name, quoted(identifier), value("SD", descriptor)))
    file.write('[%s\\Tasks\\%s]\n"Path"=%s\n"Author"=%s\n' % (schedule, identifier, quoted("\\" + name), quoted("" if author == "-" else author or "Microsoft Corporation")))
    file.write(value("Hash", hashlib.sha256(xml).digest()) + value("Actions", actions) + value("DynamicInfo", struct.pack("<IQQIIQ", 3, registered, registered + 36000000000, 0, 0, registered + 36000000000)))
    file.write("[%s\\Plain\\%s]\n" % (schedule, identifier))
END
}

# hide NAME: makes a task a hidden one: no descriptor in the tree, index 0, no file; the scheduler still runs it.
hide() {
  rm -- "$C/Windows/System32/Tasks/${1//\\//}"
  # shellcheck disable=SC1003
  printf '[%s\\%s]\n"SD"=-\n"Index"=dword:00000000\n' '\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree' "$1" >>"$WORK/tasks.reg"
}

# account NAME:RID:FLAGS[:GROUPS[:COMMENT]]: an account of the machine, see sam.py.
account() { ACCOUNTS+=("$1"); }
ACCOUNTS=()

# hives DIRECTORY SECONDS: the hives, from the stock texts, the tasks and what DIRECTORY has beside the recipe (SYSTEM.reg, SOFTWARE.reg, NTUSER.reg), last written at SECONDS.
hives() {
  local name words own
  words=(--set "HOST=$HOST" --set "DOMAIN=${DOMAIN-}" --set "PRODUCT=$PRODUCT" --set "BUILD=$BUILD" --set "UBR=$(printf %08x "$UBR")" --set "RELEASE=$RELEASE" --time 1772442000)
  python3 "$TOOLS/sam.py" Administrator:500:211:220:'Built-in account for administering the computer/domain' Guest:501:215:222 DefaultAccount:503:215 WDAGUtilityAccount:504:11 "${ACCOUNTS[@]}" >"$WORK/SAM.reg"
  for name in SYSTEM SOFTWARE SECURITY DEFAULT; do
    own=()
    [ "$name" != SOFTWARE ] || own=(--time "$2" "$WORK/tasks.reg")
    [ ! -e "$1/$name.reg" ] || own+=(--time "$2" "$1/$name.reg")
    python3 "$TOOLS/hive.py" "$C/Windows/System32/config/$name" '\SystemRoot\System32\Config\'"$name" "${words[@]}" "$TOOLS/windows/$name.reg" "${own[@]}"
  done
  python3 "$TOOLS/hive.py" "$C/Windows/System32/config/SAM" '\SystemRoot\System32\Config\SAM' --time 1772442000 "$WORK/SAM.reg"
  own=()
  [ ! -e "$1/NTUSER.reg" ] || own=(--time "$2" "$1/NTUSER.reg")
  python3 "$TOOLS/hive.py" "$C/Users/alice/NTUSER.DAT" '\??\C:\Users\alice\ntuser.dat' --time 1772442000 "$TOOLS/windows/NTUSER.reg" "${own[@]}"
}

# subscriptions OPTION...: the WMI repository, stock subscriptions and those given, see wmi.py.
subscriptions() {
  python3 "$TOOLS/wmi.py" "$C/Windows/System32/wbem/Repository" --filter 'SCM Event Log Filter' 'select * from MSFT_SCMEventLogEvent' --bind 'SCM Event Log Filter' NTEventLogEventConsumer 'SCM Event Log Consumer' "$@"
}

# windows: what a small stock server has. HOST, PRODUCT, BUILD, UBR, RELEASE and (optional) DOMAIN say which one; "hives" writes them down.
windows() {
  local name
  for name in ntoskrnl.exe cmd.exe svchost.exe lsass.exe csrss.exe smss.exe wininit.exe winlogon.exe services.exe rundll32.exe regsvr32.exe mshta.exe wscript.exe cscript.exe msiexec.exe schtasks.exe certutil.exe sc.exe net.exe conhost.exe \
    taskhostw.exe defrag.exe forfiles.exe cleanmgr.exe usoclient.exe spoolsv.exe sethc.exe utilman.exe osk.exe wbem/WMIC.exe wbem/WmiPrvSE.exe userinit.exe autochk.exe SecurityHealthSystray.exe scrnsave.scr rdpclip.exe notepad.exe WindowsPowerShell/v1.0/powershell.exe drivers/{tcpip,ntfs,disk,volmgr,afd}.sys drivers/wd/WdFilter.sys; do
    pe "/Windows/System32/$name"
  done
  for name in ntdll.dll user32.dll shell32.dll advapi32.dll dfdts.dll invagent.dll scrobj.dll ole32.dll ws2_32.dll mshtml.dll; do
    pe "/Windows/System32/$name" --dll
    pe "/Windows/SysWOW64/$name" --dll
  done
  for name in schedsvc qmgr wuaueng termsrv wevtsvc dhcpcore dnsrslvr srvsvc wkssvc mpssvc wbem/WMIsvc cryptsvc w32time gpsvc profsvc localspl tcpmon ntlanman rasadhlp ifmon rasmontr msv1_0 rassfm scecli kerberos schannel wdigest tspkg pku2u lsasrv credssp; do
    pe "/Windows/System32/$name.dll" --dll
  done
  pe /Windows/System32/kernel32.dll --dll --version "10.0.$BUILD.$UBR"
  pe /Windows/SysWOW64/svchost.exe
  pe /Windows/SysWOW64/cmd.exe
  pe /Windows/explorer.exe
  pe '/Program Files/Windows Defender/MpCmdRun.exe' --signed
  pe '/Program Files/Windows Defender/MsMpEng.exe' --signed
  pe '/Program Files (x86)/Microsoft/EdgeUpdate/MicrosoftEdgeUpdate.exe' --signed
  pe /Users/alice/AppData/Local/Microsoft/OneDrive/OneDriveStandaloneUpdater.exe --signed
  pe /Users/alice/AppData/Local/Microsoft/OneDrive/OneDrive.exe --signed
  mkdir -p "$C/Windows/System32/config"
  put /Users/Public/desktop.ini <<<'[.ShellClassInfo]'
  put '/ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/desktop.ini' <<<'[.ShellClassInfo]'
  put '/Users/alice/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/Send to OneNote.lnk' <<<'L'
  put /Windows/System32/drivers/etc/hosts <<'END'
# Copyright (c) 1993-2009 Microsoft Corp.
#
# This is a sample HOSTS file used by Microsoft TCP/IP for Windows.
#
#      102.54.94.97     rhino.acme.com          # source server
# localhost name resolution is handled within DNS itself.
#	127.0.0.1       localhost
END
  task 'Microsoft\Windows\Defrag\ScheduledDefrag' '%windir%\system32\defrag.exe' '-c -h -o -$'
  task 'Microsoft\Windows\DiskCleanup\SilentCleanup' '%windir%\system32\cleanmgr.exe' '/autoclean /d %systemdrive%' S-1-5-32-545
  task 'Microsoft\Windows\DiskDiagnostic\Microsoft-Windows-DiskDiagnosticDataCollector' '%windir%\system32\rundll32.exe' 'dfdts.dll,DfdGetDefaultPolicyAndSMART' S-1-5-18 - true
  task 'Microsoft\Windows\Application Experience\ProgramDataUpdater' '%windir%\system32\rundll32.exe' 'invagent.dll,RunUpdate -noappraiser' S-1-5-18 -
  task 'Microsoft\Windows\Windows Defender\Windows Defender Scheduled Scan' 'C:\Program Files\Windows Defender\MpCmdRun.exe' 'Scan -ScheduleJob -ScanTrigger 55' S-1-5-18 - true
  task 'Microsoft\Windows\UpdateOrchestrator\Schedule Scan' '%systemroot%\system32\usoclient.exe' StartScan
  task 'Microsoft\Windows\AppID\PolicyConverter' '{A6BA00FE-40E8-477C-B713-C64A14F18ADB}' '' S-1-5-19 - true false
  task MicrosoftEdgeUpdateTaskMachineUA 'C:\Program Files (x86)\Microsoft\EdgeUpdate\MicrosoftEdgeUpdate.exe' '/ua /installsource scheduler' S-1-5-18 - false true PT1H
  task 'OneDrive Standalone Update Task-S-1-5-21-1-2-3-1001' '%localappdata%\Microsoft\OneDrive\OneDriveStandaloneUpdater.exe' '' alice
}

# disk OUTPUT: an MBR disk with the volume in its only partition, as compressed qcow2.
disk() {
  local mib
  umount "$C"
  mib=$(($(stat -c %s "$WORK/volume") / 1048576))
  truncate -s "$((mib + 2))M" "$WORK/disk"
  printf 'label: dos\nlabel-id: 0xdeadb0c5\nstart=2048, size=%d, type=7, bootable\n' "$((mib * 2048))" | sfdisk -q "$WORK/disk"
  dd if="$WORK/volume" of="$WORK/disk" bs=1M seek=1 conv=notrunc,sparse status=none
  qemu-img convert -f raw -O qcow2 -c "$WORK/disk" "$1"
}
